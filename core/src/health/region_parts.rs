//! What of a zone is in a Region: record sets by Region or AWSRegion, AWS resources by their DNS name.

use alloc::vec::Vec;

use crate::compile::{Place, Record, RoutingValue, Zone};
use crate::model::{NameRef, Region};

/// Record sets whose Region it is, and the alias targets with the Region as a label of their DNS name; `None` where there are
/// none of both.
pub(super) fn region_parts(zone: &Zone, region: Region) -> Option<(Vec<u32>, Vec<u32>)> {
    let records: Vec<u32> =
        regions_of_records(zone).filter(|(of, _)| *of == region).map(|(_, number)| number).collect();
    let bears = |(number, name): (u32, NameRef<'_>)| (region_of_name(name) == Some(region)).then_some(number);
    let named: Vec<u32> = (0_u32..).zip(zone.alias_targets()).filter_map(bears).collect();
    (!records.is_empty() || !named.is_empty()).then_some((records, named))
}

/// Record sets that are in a Region, with it.
pub(super) fn regions_of_records(zone: &Zone) -> impl Iterator<Item = (Region, u32)> {
    (0_u32..).zip(zone.records()).filter_map(|(number, record)| Some((region_of_record(zone, record)?, number)))
}

/// The Region that a record set is in.
pub(super) fn region_of_record(zone: &Zone, record: &Record) -> Option<Region> {
    match record.routing {
        RoutingValue::Region(region) => Some(region),
        RoutingValue::Place(place) => match zone.place(place)? {
            Place::Geoproximity { region, .. } => *region,
            Place::Geolocation(_) => None,
        },
        RoutingValue::None | RoutingValue::Weight { .. } | RoutingValue::Role(_) | RoutingValue::Location(_) => None,
    }
}

/// The Region that is a label of a DNS name, or the end of one as in `s3-website-us-east-1.amazonaws.com`.
pub(super) fn region_of_name(name: NameRef<'_>) -> Option<Region> {
    name.labels().find_map(|label| {
        let label = core::str::from_utf8(label).ok()?;
        Region::parse(label.strip_prefix("s3-website-").unwrap_or(label))
    })
}
