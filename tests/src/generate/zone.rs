//! A whole zone: names, groups that lead to each other, delegations, collections, tables, resources.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::builder::{Builder, Kind, RESOURCES, ZONE_ID, kind, usual_kind};
use super::names::{self, Name};
use super::network::Network;
use super::rng::Rng;
use super::{checks, client, group};

/// Groups in a chain of aliases (1.6.8 documents three; deeper ones are accepted, 10.23).
const DEPTH: usize = 4;
/// A group that aliases may lead to.
#[derive(Debug)]
struct Group {
    name: Name,
    kind: Kind,
    depth: usize,
}

/// A zone with what is needed to ask about it.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) document: Value,
    pub(super) apex: Name,
    pub(super) groups: Vec<(Name, Kind)>,
    pub(super) networks: Vec<Network>,
    pub(super) private: bool,
    pub(super) checks: Vec<Value>,
    pub(super) resources: Vec<&'static str>,
}

/// A zone that Route 53 would store.
pub(super) fn zone(rng: &mut Rng) -> Zone {
    let apex = names::apex(rng);
    let checks = checks::checks(rng);
    let mut builder = Builder {
        private: rng.percent(15),
        knows_id: rng.percent(90),
        check_ids: checks.iter().filter_map(|check| Some(check["Id"].as_str()?.to_owned())).collect(),
        collections: Vec::new(),
        networks: Vec::new(),
    };
    // Without a HostedZone document nothing says that a zone is private.
    builder.knows_id |= builder.private;
    let mut document = Map::new();
    if builder.knows_id {
        let id = format!("{}{ZONE_ID}", if rng.percent(50) { "/hostedzone/" } else { "" });
        let config = json!({"PrivateZone": builder.private});
        document.insert("HostedZone".into(), json!({"Id": id, "Name": names::spelled(rng, &apex), "Config": config}));
    }
    if !builder.private && rng.percent(70) {
        document.insert("CidrCollections".into(), builder.cidr_collections(rng));
    }
    if rng.percent(50) {
        document.insert("LatencyTable".into(), builder.latency_table(rng));
    }
    let (mut records, groups) = builder.groups(rng, &apex);
    builder.apex_records(rng, &apex, &mut records);
    builder.delegations(rng, &apex, &groups, &mut records);
    // Some listings are in order, most are not.
    let shuffled = if rng.percent(80) { rng.some_of(&records, records.len()) } else { records };
    document.insert("ResourceRecordSets".into(), shuffled.into());
    if rng.percent(95) {
        document.insert("HealthChecks".into(), checks.clone().into());
    }
    if rng.percent(60) {
        document.insert("AliasTargets".into(), alias_targets(rng));
    }
    Zone {
        document: Value::Object(document),
        apex,
        groups,
        networks: builder.networks,
        private: builder.private,
        checks,
        resources: RESOURCES.iter().map(|(_, name)| *name).collect(),
    }
}

impl Builder {
    /// Groups, those that lead nowhere first; a later one may lead to an earlier one, so that there are no loops but
    /// many ways to one group.
    fn groups(&self, rng: &mut Rng, apex: &Name) -> (Vec<Value>, Vec<(Name, Kind)>) {
        let mut groups: Vec<Group> = Vec::new();
        let mut records = Vec::new();
        let mut taken = BTreeSet::new();
        let usual = usual_kind(rng);
        for _ in 0..rng.between(1, 16) {
            let kind = kind(rng, usual);
            let depth = rng.between(0, 3);
            let name = names::below(rng, apex, depth);
            let beside = groups.iter().filter(|group| group.name == name);
            let conflicts = |group: &Group| group.kind == "CNAME" || kind == "CNAME";
            if (kind == "CNAME" && name == *apex)
                || beside.clone().any(conflicts)
                || !taken.insert((name.clone(), kind))
            {
                continue;
            }
            let shallow = groups.iter().filter(|group| group.kind == kind && group.depth < DEPTH);
            let targets: Vec<_> = shallow.map(|group| (names::spelled(rng, &group.name), group.depth)).collect();
            let sets = group::members(rng, self, kind, &targets);
            let leads_to = |set: &Value| {
                let name = set["AliasTarget"]["DNSName"].as_str()?;
                targets.iter().find(|(target, _)| target == name).map(|(_, depth)| *depth)
            };
            let depth = 1 + sets.iter().filter_map(leads_to).max().unwrap_or(0);
            for mut set in sets {
                set["Name"] = names::spelled(rng, &name).into();
                set["Type"] = kind.into();
                records.push(set);
            }
            groups.push(Group { name, kind, depth });
        }
        (records, groups.into_iter().map(|group| (group.name, group.kind)).collect())
    }

    /// NS and SOA of the apex. A zone whose documents name it may come without them.
    fn apex_records(&self, rng: &mut Rng, apex: &Name, records: &mut Vec<Value>) {
        if self.knows_id && rng.percent(10) {
            return;
        }
        let name = names::spelled(rng, apex);
        let (ttl, minimum) = (*rng.one_of(&[0, 60, 900, 100_000]), *rng.one_of(&[0, 300, 86_400]));
        let soa = format!("ns-1.example.net. hostmaster.example.net. 1 7200 900 1209600 {minimum}");
        records.push(json!({"Name": name, "Type": "SOA", "TTL": ttl, "ResourceRecords": [{"Value": soa}]}));
        let servers = json!([{"Value": "ns-1.example.net."}, {"Value": "ns-2.example.org."}]);
        records.push(json!({"Name": name, "Type": "NS", "TTL": 172_800, "ResourceRecords": servers}));
    }

    /// Delegated names, some above or at names with records of their own (2.4).
    fn delegations(&self, rng: &mut Rng, apex: &Name, groups: &[(Name, Kind)], records: &mut Vec<Value>) {
        if !rng.percent(25) {
            return;
        }
        let depth = rng.between(1, 2);
        let cut = match groups {
            [_, ..] if rng.percent(50) => rng.one_of(groups).0.clone(),
            _ => names::below(rng, apex, depth),
        };
        let is_alias_at_cut = groups.iter().any(|(name, kind)| *name == cut && *kind == "CNAME");
        if cut == *apex || is_alias_at_cut || cut.first().is_some_and(|label| label == b"*") {
            return;
        }
        let name = names::spelled(rng, &cut);
        let servers = json!([{"Value": "ns-1.example.edu."}, {"Value": "ns-2.example.edu."}]);
        records.push(json!({"Name": name, "Type": "NS", "TTL": 3600, "ResourceRecords": servers}));
        if rng.percent(40) {
            let value = "12345 3 1 123456789abcdef67890123456789abcdef67890";
            records.push(json!({"Name": name, "Type": "DS", "TTL": 300, "ResourceRecords": [{"Value": value}]}));
        }
    }

    /// Collections whose blocks nest (10.10); no block twice in one collection.
    fn cidr_collections(&mut self, rng: &mut Rng) -> Value {
        let mut collections = Vec::new();
        for number in 0..rng.between(1, 2) {
            let id = format!("c8c02a84-aaaa-bbbb-e0d2-d833a2f8010{number}");
            let all = ["ams", "bos", "c-3", "D_4", "5"];
            let mut used = BTreeSet::new();
            let mut blocks: Vec<Value> = Vec::new();
            let mut seen: Vec<Network> = Vec::new();
            for _ in 0..rng.between(1, 12) {
                let is_v6 = rng.percent(25);
                let longest = if is_v6 { 48 } else { 24 };
                let network = match seen.last() {
                    Some(last) if rng.percent(50) => last.inside(rng, if last.is_v6 { 48 } else { 24 }),
                    _ => Network::any(rng, is_v6, 1, longest),
                };
                if seen.contains(&network) {
                    continue;
                }
                seen.push(network);
                let location = *rng.one_of(&all);
                used.insert(location.to_owned());
                blocks.push(json!({"CidrBlock": network.to_string(), "LocationName": location}));
            }
            self.networks.extend(seen);
            collections.push(json!({"Id": id, "Name": format!("collection-{number}"), "CidrBlocks": blocks}));
            self.collections.push((id, used.into_iter().collect()));
        }
        collections.into()
    }

    /// A latency table with rows that nest.
    fn latency_table(&mut self, rng: &mut Rng) -> Value {
        let mut table = Map::new();
        let mut networks = Map::new();
        for _ in 0..rng.between(0, 5) {
            let is_v6 = rng.percent(25);
            let network = match self.networks.last() {
                Some(last) if rng.percent(50) => last.inside(rng, 32),
                _ => Network::any(rng, is_v6, 0, 32),
            };
            networks.insert(network.to_string(), client::latencies(rng));
            self.networks.push(network);
        }
        table.insert("Networks".into(), Value::Object(networks));
        let mut rows = |rng: &mut Rng, field: &str, places: &[&str]| {
            if rng.percent(60) {
                let chosen = rng.some_of(places, 2);
                let rows = chosen.into_iter().map(|place| (place.to_owned(), client::latencies(rng)));
                table.insert(field.into(), rows.collect::<Map<_, _>>().into());
            }
        };
        rows(rng, "Countries", &["US", "DE", "CN", "SG"]);
        rows(rng, "Continents", &["EU", "AS", "NA", "SA"]);
        if rng.percent(50) {
            table.insert("Default".into(), client::latencies(rng));
        }
        Value::Object(table)
    }
}

/// What some of the resources resolve to.
fn alias_targets(rng: &mut Rng) -> Value {
    let mut targets = Map::new();
    for (_, name) in RESOURCES {
        if rng.percent(30) {
            continue;
        }
        let mut addresses = Map::new();
        if rng.percent(85) {
            addresses.insert("A".into(), json!(["198.51.100.1", "198.51.100.2"]));
        }
        if rng.percent(70) {
            addresses.insert("AAAA".into(), json!(["2001:db8:1::1"]));
        }
        if rng.percent(70) {
            addresses.insert("TTL".into(), json!(*rng.one_of(&[0, 5, 60, 300])));
        }
        let name = if rng.percent(20) { name.to_uppercase() } else { name.trim_end_matches('.').to_owned() };
        targets.insert(name, Value::Object(addresses));
    }
    Value::Object(targets)
}
