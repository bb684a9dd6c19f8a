//! Images of zones: as they stand, and again with the length and the digest that would let them in.

use std::sync::Arc;

use anyhow::Result;
use pointsman_core::compile::{Zone, image_digest};
use pointsman_core::parse::HealthReport;

use super::target::Target;
use super::{seeds, zones};

pub(super) const TARGET: Target = Target { name: "image", reads: "images of zones", run, seeds };

/// Where the header has the length and the digest, and where it ends.
const LENGTH: std::ops::Range<usize> = 16..24;
const DIGEST: std::ops::Range<usize> = 24..40;
const HEADER: usize = 64;

fn run(bytes: &[u8]) {
    open(bytes);
    let mut sealed = bytes.to_vec();
    let Some((header, body)) = sealed.split_at_mut_checked(HEADER) else { return };
    let digest = image_digest(body);
    for (field, value) in [(LENGTH, &(bytes.len() as u64).to_le_bytes()[..]), (DIGEST, &digest)] {
        header.get_mut(field).into_iter().for_each(|field| field.copy_from_slice(value));
    }
    open(&sealed);
}

fn open(bytes: &[u8]) {
    if let Ok(zone) = Zone::from_image(bytes) {
        let zone = Arc::new(zone);
        zones::ask(&zone, &HealthReport::default());
        let again = zone.to_image();
        assert_eq!(Zone::from_image(&again).map(|zone| zone.to_image()).ok(), Some(again));
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for case in seeds::documented()? {
        let texts = case.documents();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        all.extend(zones::load(&texts).map(|zone| zone.to_image()));
    }
    all.extend(zones::EXAMPLES.iter().filter_map(|text| Some(zones::load(&[text])?.to_image())));
    Ok(all)
}
