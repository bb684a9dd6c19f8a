//! A sample zone as the AWS CLI prints it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use super::sample::{
    COLLECTION, Content, Group, LatencyRow, Member, Near, RoutingValue, SampleZone, location_name, resource_name,
    resource_zone_id,
};
use crate::model::GeoLocation;
use crate::model::routing::PolicyKind;
use crate::proptest::checks;
use crate::proptest::json::{Json, number, object, word};

/// The id of every sample zone.
const ZONE_ID: &str = "Z0123456789SAMPLE";

impl SampleZone {
    /// The documents, one a text, as the AWS CLI prints them: get-hosted-zone, list-resource-record-sets, and as the
    /// zone has them list-health-checks, CIDR collections, a latency table and alias targets.
    #[must_use]
    pub fn documents(&self) -> Vec<String> {
        self.parts().into_iter().map(|part| object(vec![part]).pretty()).collect()
    }

    /// All documents as one object, which is a document too.
    #[must_use]
    pub fn to_json(&self) -> String {
        object(self.parts()).pretty()
    }

    fn parts(&self) -> Vec<(&'static str, Json)> {
        let hosted_zone = object(vec![
            ("Id", word(format!("/hostedzone/{ZONE_ID}"))),
            ("Name", word(&self.apex)),
            ("Config", object(vec![("PrivateZone", Json::Bool(self.private))])),
        ]);
        let mut record_sets = self.apex_records();
        for group in &self.groups {
            record_sets.extend(group.members.iter().map(|member| self.record_set(group, member)));
        }
        let mut parts = vec![("HostedZone", hosted_zone), ("ResourceRecordSets", Json::List(record_sets))];
        if !self.checks.is_empty() {
            parts.push(("HealthChecks", checks::json(&self.checks)));
        }
        if !self.locations.is_empty() {
            parts.push(("CidrCollections", Json::List(vec![self.collection()])));
        }
        parts.extend(self.latency_table().map(|table| ("LatencyTable", table)));
        parts.extend(self.alias_targets().map(|targets| ("AliasTargets", targets)));
        parts
    }

    /// The SOA record of the apex and a delegation's NS record.
    fn apex_records(&self) -> Vec<Json> {
        let mut records = Vec::new();
        let mut plain = |name: &str, kind: &'static str, ttl: u32, value: String| {
            records.push(object(vec![
                ("Name", word(name)),
                ("Type", word(kind)),
                ("TTL", number(ttl)),
                ("ResourceRecords", Json::List(vec![object(vec![("Value", word(value))])])),
            ]));
        };
        if let Some((ttl, minimum)) = self.soa {
            let value = format!("ns-1.example.net. hostmaster.example.net. 1 7200 900 1209600 {minimum}");
            plain(&self.apex, "SOA", ttl, value);
        }
        if let Some(cut) = &self.delegation {
            plain(&self.full_name(cut), "NS", 172_800, "ns-1.example.org.".into());
        }
        records
    }

    fn record_set(&self, group: &Group, member: &Member) -> Json {
        let mut fields = vec![("Name", word(self.full_name(&group.name))), ("Type", word(group.record_type.as_str()))];
        if group.policy != PolicyKind::Simple {
            fields.push(("SetIdentifier", word(&member.set_identifier)));
        }
        fields.extend(part(member.part));
        if group.policy == PolicyKind::MultivalueAnswer {
            fields.push(("MultiValueAnswer", Json::Bool(true)));
        }
        match member.content {
            Content::Values { ttl, .. } => {
                let values = member.values(group.record_type);
                fields.push(("TTL", number(ttl)));
                let values = values.into_iter().map(|value| object(vec![("Value", word(value))]));
                fields.push(("ResourceRecords", Json::List(values.collect())));
            }
            Content::Alias { group, evaluate } => {
                let name = self.group(group).map(|target| self.full_name(&target.name)).unwrap_or_default();
                fields.push(("AliasTarget", alias(ZONE_ID, name, evaluate)));
            }
            Content::Resource { key, evaluate } => {
                fields.push(("AliasTarget", alias(resource_zone_id(key), resource_name(key), evaluate)));
            }
        }
        fields.extend(member.check.map(|key| ("HealthCheckId", word(checks::check_id(key)))));
        object(fields)
    }

    fn collection(&self) -> Json {
        let blocks = self.locations.iter().flat_map(|location| {
            location.blocks.iter().map(|block| {
                let name = word(location_name(location.key));
                object(vec![("CidrBlock", word(block.to_string())), ("LocationName", name)])
            })
        });
        object(vec![("Id", word(COLLECTION)), ("Name", word("sample")), ("CidrBlocks", Json::List(blocks.collect()))])
    }

    fn latency_table(&self) -> Option<Json> {
        let table = self.latency.as_ref()?;
        let mut parts = Vec::new();
        if !table.networks.is_empty() {
            let rows = table.networks.iter().map(|(network, row)| (network.to_string(), latency_row(row)));
            parts.push(("Networks", Json::Object(rows.collect())));
        }
        if !table.countries.is_empty() {
            let rows = table.countries.iter().map(|(country, row)| (country.to_string(), latency_row(row)));
            parts.push(("Countries", Json::Object(rows.collect())));
        }
        parts.extend(table.default.as_ref().map(|row| ("Default", latency_row(row))));
        Some(object(parts))
    }

    fn alias_targets(&self) -> Option<Json> {
        let entries = self.resources.iter().map(|key| {
            let [high, low] = key.to_be_bytes();
            let list = |value: String| Json::List(vec![word(value)]);
            let addresses = object(vec![
                ("A", list(format!("172.16.{high}.{low}"))),
                ("AAAA", list(format!("2001:db8:ffff::{key:x}"))),
            ]);
            (resource_name(*key), addresses)
        });
        (!self.resources.is_empty()).then(|| Json::Object(entries.collect()))
    }
}

/// The fields of a member's part.
fn part(part: RoutingValue) -> Vec<(&'static str, Json)> {
    let field = |name, value| vec![(name, value)];
    match part {
        RoutingValue::None => Vec::new(),
        RoutingValue::Weight(weight) => field("Weight", number(weight)),
        RoutingValue::Region(region) => field("Region", word(region.as_str())),
        RoutingValue::Role(role) => field("Failover", word(role.as_str())),
        RoutingValue::Geo(place) => field("GeoLocation", object(geo_location(place))),
        RoutingValue::Near(near, bias) => {
            let mut fields = match near {
                Near::Region(region) => vec![("AWSRegion", word(region.as_str()))],
                Near::LocalZone(group) => vec![("LocalZoneGroup", word(group))],
                Near::At(latitude, longitude) => {
                    let (latitude, longitude) = (word(hundredths(latitude)), word(hundredths(longitude)));
                    vec![("Coordinates", object(vec![("Latitude", latitude), ("Longitude", longitude)]))]
                }
            };
            fields.push(("Bias", number(bias)));
            field("GeoProximityLocation", object(fields))
        }
        RoutingValue::Location(location) => {
            let name = location.map_or_else(|| "*".into(), location_name);
            field("CidrRoutingConfig", object(vec![("CollectionId", word(COLLECTION)), ("LocationName", word(name))]))
        }
    }
}

fn geo_location(place: GeoLocation) -> Vec<(&'static str, Json)> {
    match place {
        GeoLocation::Default => vec![("CountryCode", word("*"))],
        GeoLocation::Continent(continent) => vec![("ContinentCode", word(continent.as_str()))],
        GeoLocation::Country(country) => vec![("CountryCode", word(country.as_str()))],
        GeoLocation::Subdivision(country, subdivision) => {
            vec![("CountryCode", word(country.as_str())), ("SubdivisionCode", word(subdivision.as_str()))]
        }
    }
}

/// `-12.05`, as Route 53 takes coordinates.
pub(super) fn hundredths(number: i32) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, part) = (number.unsigned_abs() / 100, number.unsigned_abs() % 100);
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:02}") }
}

fn alias(zone_id: &str, name: String, evaluate: bool) -> Json {
    object(vec![
        ("HostedZoneId", word(zone_id)),
        ("DNSName", word(name)),
        ("EvaluateTargetHealth", Json::Bool(evaluate)),
    ])
}

fn latency_row(row: &LatencyRow) -> Json {
    Json::Object(row.iter().map(|(region, ms)| (region.to_string(), number(*ms))).collect())
}
