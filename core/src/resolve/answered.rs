//! Which questions have an answer, and for whom: what a host holds the next version of a zone against, before it puts a
//! name in the dark.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Scratch;
use crate::compile::{Group, Target, Zone};
use crate::health::HealthView;
use crate::model::GeoLocation;
use crate::model::routing::PolicyKind;
use crate::parse::parse_query;
use crate::query::Query;

impl HealthView {
    /// Every question of the zone that has an answer, as lines of query JSON: once for a client of whom nothing is known,
    /// and where a geolocation or IP-based group lies below, once for each place and once for a block of each CIDR location
    /// that such groups of the zone name. Other clients, and what an AWS resource answers, are not looked at.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
    /// # let load = |text| HealthView::new(Arc::new(compile(&validate(&[parse(0, text)], &Options::default()).zone.unwrap())), &HealthReport::default()).0;
    /// let before = load(r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    ///     {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#);
    /// let after = load(r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": []}"#);
    /// assert_eq!(after.unanswered(&before.answered()), "{\"name\":\"www.example.com.\",\"type\":\"A\"}\n");
    /// assert_eq!(before.unanswered(&before.answered()), "");
    /// ```
    #[must_use]
    pub fn answered(&self) -> String {
        let zone = &**self.zone();
        let (by_client, clients) = (groups_by_client(zone), clients(zone));
        let mut scratch = Scratch::new(zone);
        let mut lines = String::new();
        for ((name, record_type), by_client) in zone.questions().zip(by_client) {
            let question = format!("\"name\":{},\"type\":\"{}\"", quoted(&format!("{name}")), record_type.as_str());
            let mut put = |line: String| {
                if parse_query(&line).is_ok_and(|query| self.has_answer(&query, &mut scratch)) {
                    lines.push_str(&line);
                    lines.push('\n');
                }
            };
            put(format!("{{{question}}}"));
            if by_client {
                clients.iter().for_each(|client| put(format!("{{{question},\"client\":{{{client}}}}}")));
            }
        }
        lines
    }

    /// Those of some lines of query JSON, as [`answered`](Self::answered) gives them, that have no answer here. A line that
    /// is no query has none.
    #[must_use]
    pub fn unanswered(&self, lines: &str) -> String {
        let mut scratch = Scratch::new(self.zone());
        let mut without = String::new();
        for line in lines.lines() {
            if !parse_query(line).is_ok_and(|query| self.has_answer(&query, &mut scratch)) {
                without.push_str(line);
                without.push('\n');
            }
        }
        without
    }

    fn has_answer(&self, query: &Query, scratch: &mut Scratch) -> bool {
        let answer = self.resolve(query, scratch);
        answer.values().next().is_some() || answer.alias_target().is_some() || answer.referral().is_some()
    }
}

/// For each group, whether geolocation or an IP-based group has a part in its answers.
fn groups_by_client(zone: &Zone) -> Vec<bool> {
    let mut by_client: Vec<bool> = Vec::new();
    let mut groups: Vec<(u32, &Group)> = Vec::new();
    for number in 0_u32.. {
        let Some(group) = zone.group(number) else { break };
        by_client.push(matches!(group.policy, PolicyKind::Geolocation | PolicyKind::IpBased));
        groups.push((number, group));
    }
    // What an alias leads to stands lower.
    groups.sort_by_key(|(_, group)| group.height);
    for (number, group) in groups {
        let below = group.members().any(|member| match zone.record(member).map(|record| record.target) {
            Some(Target::Group { group, .. }) => by_client.get(group as usize) == Some(&true),
            _ => false,
        });
        if let Some(slot) = by_client.get_mut(number as usize) {
            *slot |= below;
        }
    }
    by_client
}

/// A client of each place and of each CIDR location that the zone names, as a member of query JSON.
fn clients(zone: &Zone) -> Vec<String> {
    let mut clients = vec![];
    for location in zone.geolocations() {
        clients.push(match location {
            GeoLocation::Default => continue,
            GeoLocation::Continent(continent) => format!("\"continent\":\"{}\"", continent.as_str()),
            GeoLocation::Country(country) => format!("\"country\":\"{country}\""),
            GeoLocation::Subdivision(country, code) => format!("\"subdivision\":\"{country}-{code}\""),
        });
    }
    clients.extend(zone.location_blocks().into_iter().map(|block| format!("\"ecs\":\"{block}\"")));
    clients.sort_unstable();
    clients.dedup();
    clients
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use super::*;
    use crate::compile::compile;
    use crate::parse::{HealthReport, parse};
    use crate::validate::{Options, validate};

    fn view(record_sets: &str) -> HealthView {
        let text = format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "CidrCollections": [{{"Id": "c-1", "Name": "c",
                "Locations": [{{"LocationName": "office", "CidrBlocks": ["192.0.2.0/24"]}}]}}],
                "ResourceRecordSets": [{record_sets}]}}"#
        );
        let validated = validate(&[parse(0, &text)], &Options::default());
        let zone = validated.zone.unwrap_or_else(|| panic!("{:?}", validated.diagnostics));
        HealthView::new(Arc::new(compile(&zone)), &HealthReport::default()).0
    }

    const GERMANY: &str = r#"{"Name": "geo.example.com.", "Type": "A", "TTL": 60, "SetIdentifier": "de",
        "GeoLocation": {"CountryCode": "DE"}, "ResourceRecords": [{"Value": "192.0.2.1"}]}"#;
    const FRANCE: &str = r#"{"Name": "geo.example.com.", "Type": "A", "TTL": 60, "SetIdentifier": "fr",
        "GeoLocation": {"CountryCode": "FR"}, "ResourceRecords": [{"Value": "192.0.2.2"}]}"#;
    const ALIAS: &str = r#"{"Name": "www.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z1",
        "DNSName": "geo.example.com.", "EvaluateTargetHealth": false}}"#;

    #[test]
    fn a_place_that_goes_dark_is_found_through_an_alias() {
        let before = view(&[GERMANY, FRANCE, ALIAS].join(","));
        let after = view(&[GERMANY, ALIAS].join(","));
        let dark = after.unanswered(&before.answered());
        assert_eq!(
            dark.lines().collect::<Vec<_>>(),
            [
                r#"{"name":"geo.example.com.","type":"A","client":{"country":"FR"}}"#,
                r#"{"name":"www.example.com.","type":"A","client":{"country":"FR"}}"#
            ]
        );
        assert_eq!(before.unanswered(&after.answered()), "");
    }

    #[test]
    fn a_default_takes_over_what_a_place_loses() {
        let everybody = GERMANY.replace("DE", "*").replace("\"de\"", "\"all\"");
        let before = view(&[GERMANY, FRANCE].join(","));
        let after = view(&everybody);
        assert_eq!(after.unanswered(&before.answered()), "");
    }
}
