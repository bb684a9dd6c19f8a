//! A zone to an image.

use alloc::vec::Vec;

use super::{ENTRY_BYTES, HEADER_BYTES, IMAGE_FORMAT, IMAGE_MAGIC, Section, image_digest};
use crate::compile::bytes::Writer;
use crate::compile::prefix::PrefixTable;
use crate::compile::records::{CheckKind, LatencyIndex, NONE, Place, RoutingValue, Target};
use crate::compile::zone::Zone;
use crate::model::SEMANTICS_VERSION;
use crate::model::cidr::Family;
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::model::routing::PolicyKind;
use crate::model::{Failover, GeoLocation, IpNetwork, Latencies, RecordType, Region};

impl Zone {
    /// The zone as an image, for [`from_image`](Self::from_image). Equal zones give equal images on every machine.
    ///
    /// ```
    /// # use pointsman_core::{compile::{Zone, compile}, parse::parse, validate::{Options, validate}};
    /// # let text = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
    /// # let zone = compile(&validate(&[parse(0, text)], &Options::default()).zone.unwrap());
    /// let image = zone.to_image();
    /// let opened = Zone::from_image(&image)?;
    /// assert_eq!(opened.record_set_count(), zone.record_set_count());
    /// assert_eq!(opened.to_image(), image);
    /// # Ok::<(), pointsman_core::compile::ImageError>(())
    /// ```
    #[must_use]
    pub fn to_image(&self) -> Vec<u8> {
        let sections = Section::ALL.map(|section| {
            let mut writer = Writer::default();
            self.write_section(section, &mut writer);
            (section, writer.0)
        });
        let mut body = Writer::default();
        let mut offset = HEADER_BYTES.saturating_add(ENTRY_BYTES.saturating_mul(sections.len()));
        for (section, bytes) in &sections {
            body.u32(*section as u32);
            body.u32(0);
            body.u64(offset as u64);
            body.u64(bytes.len() as u64);
            offset = offset.saturating_add(bytes.len().next_multiple_of(8));
        }
        for (_, bytes) in &sections {
            body.0.extend_from_slice(bytes);
            body.0.resize(body.0.len().next_multiple_of(8), 0);
        }
        let mut image = Writer(Vec::with_capacity(offset));
        image.0.extend_from_slice(&IMAGE_MAGIC);
        image.u16(IMAGE_FORMAT);
        image.u16(SEMANTICS_VERSION);
        image.count(sections.len());
        image.u64(offset as u64);
        image.0.extend_from_slice(&image_digest(&body.0));
        image.0.resize(HEADER_BYTES, 0);
        image.0.append(&mut body.0);
        image.0
    }

    fn write_section(&self, section: Section, out: &mut Writer) {
        match section {
            Section::Zone => {
                out.sized(self.name.as_ref().wire());
                out.u8(u8::from(self.private));
                out.u32(self.negative_ttl);
            }
            Section::Names => self.names.write(out),
            Section::Groups => {
                out.count(self.groups.len());
                for group in &self.groups {
                    out.u32(group.node);
                    out.u32(group.count);
                    out.u32(group.default_member);
                    out.u32(group.height);
                    out.u8(type_number(group.record_type));
                    out.u8(policy_number(group.policy));
                    out.u8(u8::from(group.conditional != NONE));
                    out.u8(0);
                }
            }
            Section::Records => self.write_records(out),
            Section::Texts => self.texts.write(out),
            Section::Checks => self.write_checks(out),
            Section::Resources => self.write_resources(out),
            Section::Places => self.write_places(out),
            Section::Locations => {
                out.count(self.locations.len());
                for locations in &self.locations {
                    write_table(&locations.table, out);
                    out.count(locations.members.len());
                    for (group, location, member) in &locations.members {
                        out.u32(*group);
                        out.u32(*location);
                        out.u32(*member);
                    }
                }
            }
            Section::Quarantine => {
                out.count(self.quarantined.len());
                self.quarantined.iter().for_each(|code| out.sized(code.as_bytes()));
            }
            Section::Latency => {
                out.u8(u8::from(self.latency.is_some()));
                if let Some(latency) = &self.latency {
                    write_latency(latency, out);
                }
            }
        }
    }

    fn write_records(&self, out: &mut Writer) {
        out.count(self.records.len());
        for record in &self.records {
            out.u32(record.check);
            out.u32(record.set_identifier);
            let (kind, small, value) = match record.routing {
                RoutingValue::None => (0, 0, 0),
                RoutingValue::Weight { weight, .. } => (1, weight, 0),
                RoutingValue::Region(region) => (2, region_number(Some(region)), 0),
                RoutingValue::Role(Failover::Primary) => (3, 0, 0),
                RoutingValue::Role(Failover::Secondary) => (3, 1, 0),
                RoutingValue::Place(place) => (4, 0, place),
                RoutingValue::Location(text) => (5, 0, text),
            };
            let (target, a, b, c) = match record.target {
                Target::Values { ttl, first, count } => (0, ttl, first, count),
                Target::Group { group, evaluate_target_health } => (2 | u8::from(evaluate_target_health), group, 0, 0),
                Target::Resource { resource, evaluate_target_health } => {
                    (4 | u8::from(evaluate_target_health), resource, 0, 0)
                }
                Target::Quarantined { reason } => (6, reason, 0, 0),
            };
            for byte in [kind, small, target, 0] {
                out.u8(byte);
            }
            for number in [value, a, b, c] {
                out.u32(number);
            }
        }
    }

    fn write_checks(&self, out: &mut Writer) {
        out.count(self.checks.len());
        for check in &self.checks {
            out.sized(check.id.as_bytes());
            out.u8(u8::from(check.inverted) | u8::from(check.disabled) << 1);
            match &check.kind {
                CheckKind::Reported(word) => {
                    out.u8(0);
                    out.sized(word.as_bytes());
                }
                CheckKind::CloudwatchMetric(insufficient) => out.u8(match insufficient {
                    InsufficientDataHealthStatus::Healthy => 1,
                    InsufficientDataHealthStatus::Unhealthy => 2,
                    InsufficientDataHealthStatus::LastKnownStatus => 3,
                }),
                CheckKind::Calculated { threshold, children } => {
                    out.u8(4);
                    out.u32(*threshold);
                    out.count(children.len());
                    children.iter().for_each(|child| out.u32(*child));
                }
            }
        }
    }

    fn write_resources(&self, out: &mut Writer) {
        out.count(self.resources.len());
        for resource in &self.resources {
            out.sized(resource.name.as_ref().wire());
            out.u32(resource.ttl);
            out.u8(u8::from(resource.addresses.is_some()));
            if let Some((a, aaaa)) = &resource.addresses {
                for number in [a.start, a.end, aaaa.start, aaaa.end] {
                    out.u32(number);
                }
            }
        }
    }

    fn write_places(&self, out: &mut Writer) {
        out.count(self.places.len());
        for place in &self.places {
            match place {
                Place::Geolocation(location) => write_location(*location, out),
                Place::Geoproximity { position, bias, name, region } => {
                    out.u8(4);
                    let (latitude, longitude) = position.e4();
                    out.u32(latitude.cast_unsigned());
                    out.u32(longitude.cast_unsigned());
                    out.u8(bias.cast_unsigned());
                    out.u8(region_number(*region));
                    out.sized(name.as_bytes());
                }
            }
        }
        out.count(self.place_index.len());
        self.place_index.iter().for_each(|(_, _, member)| out.u32(*member));
    }
}

fn write_location(location: GeoLocation, out: &mut Writer) {
    match location {
        GeoLocation::Default => out.u8(0),
        GeoLocation::Continent(continent) => {
            out.u8(1);
            out.sized(continent.as_str().as_bytes());
        }
        GeoLocation::Country(country) => {
            out.u8(2);
            out.sized(country.as_str().as_bytes());
        }
        GeoLocation::Subdivision(country, subdivision) => {
            out.u8(3);
            out.sized(country.as_str().as_bytes());
            out.sized(subdivision.as_str().as_bytes());
        }
    }
}

fn write_network(network: IpNetwork, out: &mut Writer) {
    out.u8(if network.family() == Family::V4 { 4 } else { 6 });
    out.u8(network.prefix_length());
    out.0.extend_from_slice(&network.first().to_le_bytes());
}

fn write_table(table: &PrefixTable, out: &mut Writer) {
    out.count(table.blocks().len());
    for (network, value) in table.blocks() {
        write_network(network, out);
        out.u32(value);
    }
}

fn write_latency(latency: &LatencyIndex, out: &mut Writer) {
    out.count(latency.rows.len());
    latency.rows.iter().for_each(|row| write_row(row, out));
    write_table(&latency.networks, out);
    out.count(latency.countries.len());
    for (country, row) in &latency.countries {
        out.sized(country.as_str().as_bytes());
        out.u32(*row);
    }
    out.count(latency.continents.len());
    for (continent, row) in &latency.continents {
        out.sized(continent.as_str().as_bytes());
        out.u32(*row);
    }
    out.u32(latency.default.unwrap_or(u32::MAX));
}

fn write_row(row: &Latencies, out: &mut Writer) {
    let known = || Region::all().filter_map(|region| Some((region, row.microseconds(region)?)));
    out.count(known().count());
    for (region, microseconds) in known() {
        out.u8(region_number(Some(region)));
        out.u32(microseconds);
    }
}

/// A type's place in the API's list (1.4.1).
fn type_number(record_type: RecordType) -> u8 {
    let at = RecordType::ALL.iter().position(|other| *other == record_type);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// A policy's place in section 4 of the semantics.
pub(super) const fn policy_number(policy: PolicyKind) -> u8 {
    match policy {
        PolicyKind::Simple => 1,
        PolicyKind::Failover => 2,
        PolicyKind::Weighted => 3,
        PolicyKind::Latency => 4,
        PolicyKind::Geolocation => 5,
        PolicyKind::Geoproximity => 6,
        PolicyKind::IpBased => 7,
        PolicyKind::MultivalueAnswer => 8,
    }
}

/// A Region's place in the list of docs/image.md, which only grows at its end; 255 for none.
fn region_number(region: Option<Region>) -> u8 {
    region.and_then(|region| u8::try_from(region.index()).ok()).unwrap_or(u8::MAX)
}
