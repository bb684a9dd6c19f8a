//! Images of zones. A checksum or a length that a fuzzer cannot find is not in the way: images have none that it needs.

use std::sync::Arc;

use anyhow::Result;
use pointsman_core::compile::Zone;
use pointsman_core::parse::HealthReport;

use super::{Target, seeds, zones};

pub(super) const TARGET: Target = Target { name: "image", reads: "images of zones", run, seeds };

fn run(bytes: &[u8]) {
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
