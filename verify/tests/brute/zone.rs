//! Small random zones, as what they are meant to be and as Route 53's JSON.

use pointsman_core::model::HostedZone;
use pointsman_core::parse::parse;
use pointsman_core::split_mix::SplitMix64;
use pointsman_core::validate::{Options, validate};
use serde_json::{Value, json};

/// A zone: groups lead only to groups of larger numbers.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    pub(crate) groups: Vec<Group>,
    pub(crate) checks: Vec<Check>,
    /// Addresses `192.0.2.N` and resources; what can die.
    pub(crate) addresses: u8,
    pub(crate) resources: u8,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) cname: bool,
    pub(crate) sets: Vec<Set>,
}

#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) part: Part,
    pub(crate) content: Content,
    pub(crate) check: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Simple,
    Weight(u8),
    Primary,
    Secondary,
    /// An index into [`PLACES`].
    Place(usize),
    /// An index into [`REGIONS`].
    Region(usize),
    Multivalue,
}

#[derive(Debug)]
pub(crate) enum Content {
    Addresses(Vec<u8>),
    Resource(u8, bool),
    /// An alias, or the value of a CNAME, for which health never counts.
    Group(usize, bool),
}

#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) kind: Kind,
    /// Whether it asks for a path of its own, which a load balancer may answer while it counts as unhealthy.
    pub(crate) has_path: bool,
    pub(crate) disabled: bool,
    pub(crate) inverted: bool,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Reads `192.0.2.N`.
    Address(u8),
    /// Reads a group's name.
    Name(usize),
    /// Reads a host that nobody knows.
    Unknown,
    /// An alarm.
    Alarm,
    Calculated(u8, Vec<usize>),
}

/// Places of geolocation members: a continent, two countries, the default.
pub(crate) const PLACES: [&str; 4] = ["EU", "DE", "US", "*"];
pub(crate) const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-1"];

/// Uniform numbers from a seed.
pub(crate) struct Dice(SplitMix64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.0.number() >> 33) as usize % n.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

impl Zone {
    pub(crate) fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut zone = Self { addresses: 2 + dice.below(4) as u8, resources: dice.below(2) as u8, ..Self::default() };
        let checks = dice.below(4);
        let calculated = if checks > 1 { dice.below(2) } else { 0 };
        let groups = 1 + dice.below(4);
        for group in 0..groups {
            let is_last = group + 1 == groups;
            let cname = !is_last && dice.one_in(6);
            let mut sets = Vec::new();
            for part in parts(&mut dice) {
                let leads_on = !is_last && (cname || dice.one_in(2)) && part != Part::Multivalue;
                let content = match leads_on {
                    true => Content::Group(group + 1 + dice.below(groups - group - 1), !cname && !dice.one_in(4)),
                    false if zone.resources > 0 && part != Part::Multivalue && dice.one_in(4) => {
                        Content::Resource(0, dice.one_in(2))
                    }
                    false => {
                        let mut all = vec![dice.below(zone.addresses as usize) as u8];
                        if dice.one_in(6) {
                            let other = dice.below(zone.addresses as usize) as u8;
                            if other != all[0] {
                                all.push(other);
                            }
                        }
                        Content::Addresses(all)
                    }
                };
                let total = checks + calculated;
                let must =
                    part == Part::Primary && !matches!(content, Content::Group(_, true) | Content::Resource(_, true));
                let may = part != Part::Simple && total > 0 && !dice.one_in(4);
                let check = ((may || must) && total > 0).then(|| dice.below(total));
                sets.push(Set { part, content, check });
            }
            // A CNAME group leads on with each of its members, or none of them could be told from an address.
            if cname && sets.iter().any(|set| set.part == Part::Multivalue) {
                sets.retain(|_| false);
                let next = group + 1 + dice.below(groups - group - 1);
                sets.push(Set { part: Part::Simple, content: Content::Group(next, false), check: None });
            }
            zone.groups.push(Group { cname, sets });
        }
        for _ in 0..checks {
            let kind = match dice.below(6) {
                0..=2 => Kind::Address(dice.below(zone.addresses as usize) as u8),
                3 => Kind::Name(dice.below(groups)),
                4 => Kind::Unknown,
                _ if dice.one_in(2) => Kind::Alarm,
                // An address that no record set has.
                _ => Kind::Address(200),
            };
            let has_path = matches!(kind, Kind::Name(_)) && dice.one_in(2);
            zone.checks.push(Check { kind, has_path, disabled: dice.one_in(9), inverted: dice.one_in(9) });
        }
        for _ in 0..calculated {
            let children: Vec<usize> = (0..checks).filter(|_| !dice.one_in(3)).collect();
            let kind = Kind::Calculated(dice.below(children.len() + 2) as u8, children);
            zone.checks.push(Check { kind, has_path: false, disabled: dice.one_in(9), inverted: dice.one_in(9) });
        }
        zone
    }

    /// The zone as the product reads it; `None` where Route 53's rules do not let it be evaluated.
    pub(crate) fn hosted(&self) -> Option<HostedZone> {
        let zone = validate(&[parse(0, &self.json().to_string())], &Options::default()).zone;
        // The brute force knows nothing of record sets that cannot be evaluated (10.51).
        zone.filter(|zone| zone.quarantined.is_empty())
    }

    pub(crate) fn name(group: usize) -> String {
        format!("g{group}.example.com.")
    }

    pub(crate) fn address(number: u8) -> String {
        format!("192.0.2.{}", number + 1)
    }

    pub(crate) fn resource(number: u8) -> String {
        format!("lb-{number}.us-east-1.elb.amazonaws.com.")
    }

    pub(crate) fn json(&self) -> Value {
        let mut sets = vec![json!({"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [
            {"Value": "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}]})];
        for (number, group) in self.groups.iter().enumerate() {
            for (at, set) in group.sets.iter().enumerate() {
                sets.push(self.set_json(number, at, group.cname, set));
            }
        }
        let checks: Vec<Value> = self.checks.iter().enumerate().map(|(at, check)| check.json(at)).collect();
        json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "HealthChecks": checks})
    }

    fn set_json(&self, group: usize, at: usize, cname: bool, set: &Set) -> Value {
        let mut value = json!({"Name": Self::name(group), "Type": if cname { "CNAME" } else { "A" }});
        if set.part != Part::Simple {
            value["SetIdentifier"] = format!("m{at}").into();
        }
        match set.part {
            Part::Simple => {}
            Part::Weight(weight) => value["Weight"] = weight.into(),
            Part::Primary => value["Failover"] = "PRIMARY".into(),
            Part::Secondary => value["Failover"] = "SECONDARY".into(),
            Part::Place(0) => value["GeoLocation"] = json!({"ContinentCode": PLACES[0]}),
            Part::Place(place) => value["GeoLocation"] = json!({"CountryCode": PLACES[place]}),
            Part::Region(region) => value["Region"] = REGIONS[region].into(),
            Part::Multivalue => value["MultiValueAnswer"] = true.into(),
        }
        if let Some(check) = set.check {
            value["HealthCheckId"] = format!("hc-{check}").into();
        }
        let values = |list: Vec<String>| list.into_iter().map(|value| json!({"Value": value})).collect::<Vec<_>>();
        match &set.content {
            Content::Addresses(list) => {
                value["TTL"] = 60.into();
                value["ResourceRecords"] = values(list.iter().map(|one| Self::address(*one)).collect()).into();
            }
            Content::Group(next, _) if cname => {
                value["TTL"] = 60.into();
                value["ResourceRecords"] = values(vec![Self::name(*next)]).into();
            }
            Content::Group(next, counts) => {
                value["AliasTarget"] =
                    json!({"HostedZoneId": "Z1", "DNSName": Self::name(*next), "EvaluateTargetHealth": counts});
            }
            Content::Resource(number, counts) => {
                value["AliasTarget"] = json!({"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": Self::resource(*number),
                    "EvaluateTargetHealth": counts});
            }
        }
        value
    }
}

impl Check {
    fn json(&self, at: usize) -> Value {
        let mut config = match &self.kind {
            Kind::Address(number) => json!({"Type": "TCP", "IPAddress": Zone::address(*number), "Port": 443}),
            Kind::Name(group) => {
                json!({"Type": "HTTPS", "FullyQualifiedDomainName": Zone::name(*group).trim_end_matches('.')})
            }
            Kind::Unknown => json!({"Type": "HTTPS", "FullyQualifiedDomainName": format!("probe-{at}.example.org")}),
            Kind::Alarm => json!({"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": "a", "Region": "us-east-1"},
                "InsufficientDataHealthStatus": "Healthy"}),
            Kind::Calculated(threshold, children) => {
                let children: Vec<String> = children.iter().map(|child| format!("hc-{child}")).collect();
                json!({"Type": "CALCULATED", "HealthThreshold": threshold, "ChildHealthChecks": children})
            }
        };
        if self.has_path {
            config["ResourcePath"] = "/healthz".into();
        }
        config["Disabled"] = self.disabled.into();
        config["Inverted"] = self.inverted.into();
        json!({"Id": format!("hc-{at}"), "HealthCheckConfig": config})
    }
}

/// The parts of a group's members.
fn parts(dice: &mut Dice) -> Vec<Part> {
    match dice.below(8) {
        0 => vec![Part::Simple],
        1 | 2 => (0..1 + dice.below(3)).map(|_| Part::Weight([0, 1, 1, 3][dice.below(4)])).collect(),
        3 | 4 if dice.one_in(8) => vec![Part::Secondary],
        3 | 4 => vec![Part::Primary, Part::Secondary],
        5 => {
            let some: Vec<Part> = (0..PLACES.len()).filter(|_| !dice.one_in(2)).map(Part::Place).collect();
            if some.is_empty() { vec![Part::Place(3)] } else { some }
        }
        6 => {
            let some: Vec<Part> = (0..REGIONS.len()).filter(|_| !dice.one_in(3)).map(Part::Region).collect();
            if some.is_empty() { vec![Part::Region(0)] } else { some }
        }
        _ => (0..1 + dice.below(3)).map(|_| Part::Multivalue).collect(),
    }
}
