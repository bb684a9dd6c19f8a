//! Documents of a zone: any number of them, then everything that is done with a zone that they make.

use std::sync::Arc;

use anyhow::Result;
use pointsman_core::compile::{Zone, compile};
use pointsman_core::parse::{Document, HealthReport, parse};
use pointsman_core::validate::{Options, validate};

use super::target::Target;
use super::{parts, seeds, zones};

pub(super) const TARGET: Target =
    Target { name: "documents", reads: "Route 53's documents, up to answers and the image", run, seeds };

fn run(bytes: &[u8]) {
    let texts = parts::texts(bytes);
    let documents: Vec<Document<'_>> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let validated = validate(&documents, &Options { zone_name: None });
    zones::tell(&validated.diagnostics, &texts);
    let Some(zone) = validated.zone else { return };
    let zone = Arc::new(compile(&zone));
    zones::ask(&zone, &HealthReport::default());
    let image = zone.to_image();
    let opened = Zone::from_image(&image).map(|opened| opened.to_image());
    assert!(opened.as_ref() == Ok(&image), "the image of a zone does not give the zone: {:?}", opened.err());
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = seeds::documented()?.into_iter().map(|case| parts::join(&case.documents())).collect();
    all.extend(seeds::contents("host-examples/zones", ".json")?);
    Ok(all)
}
