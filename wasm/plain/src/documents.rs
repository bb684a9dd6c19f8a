//! Bundles of documents as a host writes them, and a zone's description.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use pointsman_core::compile::Zone;
use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::health::HealthView;
use pointsman_core::model::GeoLocation;
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::parse::{Document, parse};
use pointsman_core::validate::Options;
use serde_json::json;

use crate::convert;
use crate::findings;

/// Stands where a text's length would, for "no text".
const NO_TEXT: u32 = u32::MAX;

/// The documents of a zone: a zone name or none, then for each document its name, the id of its CIDR collection or
/// none, and its text. Each is a length of four bytes and so many bytes.
pub(crate) struct Bundle<'a> {
    zone_name: Option<&'a str>,
    pub(crate) documents: Vec<(&'a str, Option<&'a str>, &'a str)>,
}

impl<'a> Bundle<'a> {
    /// Reads a bundle; `None` when the bytes are not one.
    pub(crate) fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let zone_name = take(&mut bytes)?;
        let mut documents = Vec::new();
        while !bytes.is_empty() {
            documents.push((take(&mut bytes)??, take(&mut bytes)?, take(&mut bytes)??));
        }
        Some(Self { zone_name, documents })
    }

    pub(crate) fn options(&self) -> Options<'a> {
        Options { zone_name: self.zone_name }
    }

    pub(crate) fn texts(&self) -> Vec<&'a str> {
        self.documents.iter().map(|document| document.2).collect()
    }

    pub(crate) fn parsed(&self) -> Vec<Document<'a>> {
        let parsed = self.documents.iter().enumerate().map(|(number, (_, collection, text))| {
            let mut parsed = parse(number, text);
            parsed.cidr_collection_id = collection.map(Into::into);
            parsed
        });
        parsed.collect()
    }

    /// Findings as lines of JSON.
    pub(crate) fn findings(&self, found: &[Diagnostic]) -> String {
        let texts: Vec<(&str, &str)> = self.documents.iter().map(|(name, _, text)| (*name, *text)).collect();
        findings::lines(found, &texts)
    }
}

/// One text, `Some(None)` for none; the outer `None` when the bytes end too early or are not UTF-8.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a str>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length);
    *bytes = rest;
    if length == NO_TEXT {
        return Some(None);
    }
    let (text, rest) = rest.split_at_checked(length as usize)?;
    *bytes = rest;
    Some(Some(core::str::from_utf8(text).ok()?))
}

/// What a host may know of a zone, as JSON.
pub(crate) fn zone_json(zone: &Zone) -> String {
    let record_sets = u32::try_from(zone.record_set_count()).unwrap_or(u32::MAX);
    let has = |policies: &[PolicyKind]| {
        (0..record_sets).any(|number| zone.policy(number).is_some_and(|policy| policies.contains(&policy)))
    };
    json!({
        "name": zone.name().to_string(),
        "private": zone.is_private(),
        "record_sets": zone.record_set_count(),
        "asks_place": zone.choices_by_place().contains(&true),
        "asks_position": has(&[PolicyKind::Latency, PolicyKind::Geoproximity]),
        "geolocations": zone.geolocations().filter_map(geolocation_json).collect::<Vec<_>>(),
        "asks_network": has(&[PolicyKind::IpBased]),
        "asks_draw": has(&[PolicyKind::Weighted, PolicyKind::MultivalueAnswer]),
        "health_checks": zone.health_check_ids().collect::<Vec<_>>(),
        "alias_targets": zone.alias_targets().map(|name| name.to_string()).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A place as the client's facts say it; none for the default.
fn geolocation_json(location: GeoLocation) -> Option<serde_json::Value> {
    match location {
        GeoLocation::Default => None,
        GeoLocation::Continent(continent) => Some(json!({"continent": continent.as_str()})),
        GeoLocation::Country(country) => Some(json!({"country": country.as_str()})),
        GeoLocation::Subdivision(country, code) => {
            Some(json!({"country": country.as_str(), "subdivision": code.as_str()}))
        }
    }
}

/// Each health check of a view's zone, and whether it counts as healthy, as JSON.
pub(crate) fn health_checks_json(view: &HealthView) -> String {
    let checks: serde_json::Map<String, serde_json::Value> =
        view.health_checks().map(|(id, healthy)| (id.into(), healthy.into())).collect();
    serde_json::Value::Object(checks).to_string()
}

/// What a host may know of a record set, as JSON.
pub(crate) fn record_set_json(zone: &Zone, number: u32) -> Option<String> {
    let record_set = zone.record_set(number)?;
    let text = json!({
        "name": record_set.name.to_string(),
        "type": convert::type_number(record_set.record_type),
        "policy": convert::policy_number(record_set.policy),
        "set_identifier": record_set.set_identifier(),
        "ttl": record_set.ttl,
        "values": record_set.values().collect::<Vec<_>>(),
    });
    Some(text.to_string())
}
