//! The zone that a strategy makes: always valid, always printable.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};

use super::options::Zones;
use crate::compile::{Zone, compile};
use crate::model::routing::PolicyKind;
use crate::model::{Country, Failover, GeoLocation, HostedZone, IpNetwork, RecordType, Region};
use crate::parse::parse;
use crate::proptest::checks::Check;
use crate::validate::{Options, validate};

/// A zone made by [`zones`](crate::proptest::zones): a value without errors, in Route 53's own JSON.
///
/// [`Debug`](core::fmt::Debug) and [`Display`](core::fmt::Display) print it for people:
///
/// ```text
/// example.com. (public)
///   www.example.com. A, failover
///     a PRIMARY -> eu.example.com. (evaluates its health)
///     b SECONDARY -> 10.0.2.1, TTL 60
/// ...
/// ```
///
/// ```
/// use pointsman_core::proptest::zones;
/// use proptest::prelude::*;
///
/// proptest!(|(sample in zones())| {
///     let zone = sample.compile();
///     prop_assert!(zone.record_set_count() > 0);
/// });
/// ```
#[derive(Clone, PartialEq)]
pub struct SampleZone {
    /// With the final dot.
    pub(in crate::proptest) apex: String,
    pub(in crate::proptest) private: bool,
    /// An alias leads to a group that stands after its own, so that there are no loops.
    pub(in crate::proptest) groups: Vec<Group>,
    pub(in crate::proptest) checks: Vec<Check>,
    /// The locations of the one CIDR collection.
    pub(in crate::proptest) locations: Vec<Location>,
    pub(in crate::proptest) latency: Option<LatencyRows>,
    /// What AWS resources resolve to, by key; those that are not here are not described.
    pub(in crate::proptest) resources: Vec<u16>,
    /// TTL and minimum of the apex SOA record.
    pub(in crate::proptest) soa: Option<(u32, u32)>,
    /// A delegated name, relative to the apex.
    pub(in crate::proptest) delegation: Option<String>,
    /// What the zone may hold, so that it never shrinks to anything else.
    pub(in crate::proptest) options: Arc<Zones>,
}

/// All record sets of one name and type.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::proptest) struct Group {
    pub(in crate::proptest) key: u16,
    /// Relative to the apex, which is empty.
    pub(in crate::proptest) name: String,
    pub(in crate::proptest) record_type: RecordType,
    pub(in crate::proptest) policy: PolicyKind,
    pub(in crate::proptest) members: Vec<Member>,
}

/// A record set.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::proptest) struct Member {
    /// Unique in the zone: the values follow from it.
    pub(in crate::proptest) key: u16,
    pub(in crate::proptest) set_identifier: String,
    pub(in crate::proptest) part: RoutingValue,
    /// The key of its health check.
    pub(in crate::proptest) check: Option<u16>,
    pub(in crate::proptest) content: Content,
}

/// A member's part in its group's policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::proptest) enum RoutingValue {
    None,
    Weight(u8),
    Region(Region),
    Role(Failover),
    Geo(GeoLocation),
    Near(Near, i8),
    /// The key of a location; `None` is `*`.
    Location(Option<u16>),
}

/// Where a geoproximity member is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::proptest) enum Near {
    Region(Region),
    LocalZone(&'static str),
    /// Latitude and longitude in hundredths of a degree.
    At(i32, i32),
}

/// What a record set answers with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::proptest) enum Content {
    Values {
        ttl: u32,
        count: u8,
    },
    /// A group by its key.
    Alias {
        group: u16,
        evaluate: bool,
    },
    /// An AWS resource by its key.
    Resource {
        key: u16,
        evaluate: bool,
    },
}

/// A location of the CIDR collection.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::proptest) struct Location {
    pub(in crate::proptest) key: u16,
    pub(in crate::proptest) blocks: Vec<IpNetwork>,
}

/// A latency table: rows of milliseconds by Region.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::proptest) struct LatencyRows {
    pub(in crate::proptest) networks: Vec<(IpNetwork, LatencyRow)>,
    pub(in crate::proptest) countries: Vec<(Country, LatencyRow)>,
    pub(in crate::proptest) default: Option<LatencyRow>,
}

/// Milliseconds by Region.
pub(in crate::proptest) type LatencyRow = Vec<(Region, u16)>;

impl SampleZone {
    /// The zone's name with its final dot.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.apex
    }

    /// How many record sets there are, besides those of the apex and of a delegation.
    #[must_use]
    pub fn record_set_count(&self) -> usize {
        self.groups.iter().map(|group| group.members.len()).sum()
    }

    /// How many health checks there are.
    #[must_use]
    pub fn health_check_count(&self) -> usize {
        self.checks.len()
    }

    /// The policies of its groups, group by group.
    pub fn policies(&self) -> impl Iterator<Item = PolicyKind> + '_ {
        self.groups.iter().map(|group| group.policy)
    }

    /// Every name and type that routes, with the final dot.
    pub fn questions(&self) -> impl Iterator<Item = (String, RecordType)> + '_ {
        self.groups.iter().map(|group| (self.full_name(&group.name), group.record_type))
    }

    /// How many groups an alias path passes at most; 1 without aliases.
    #[must_use]
    pub fn depth(&self) -> usize {
        // Targets stand after the groups that lead to them.
        let mut depths: Vec<(u16, usize)> = Vec::new();
        for group in self.groups.iter().rev() {
            let below =
                group.targets().filter_map(|key| depths.iter().find(|(of, _)| *of == key)).map(|(_, depth)| *depth);
            let depth = below.max().unwrap_or(0).saturating_add(1);
            depths.push((group.key, depth));
        }
        depths.iter().map(|(_, depth)| *depth).max().unwrap_or(0)
    }

    /// The checked zone, stage 2 of a query's way.
    ///
    /// # Panics
    /// If the zone is not valid, which would be this module's own fault.
    #[must_use]
    #[expect(clippy::panic, reason = "a strategy that makes an invalid zone must stop the test that uses it")]
    pub fn hosted_zone(&self) -> HostedZone {
        let text = self.to_json();
        let validated = validate(&[parse(0, &text)], &Options::default());
        match validated.zone {
            Some(zone) => zone,
            None => panic!("the strategy made an invalid zone: {:#?}\n{text}", validated.diagnostics),
        }
    }

    /// The zone ready to be asked, stage 3.
    ///
    /// # Panics
    /// If the zone is not valid, which would be this module's own fault.
    #[must_use]
    pub fn compile(&self) -> Arc<Zone> {
        Arc::new(compile(&self.hosted_zone()))
    }

    /// A name below the apex in full.
    pub(in crate::proptest) fn full_name(&self, relative: &str) -> String {
        match relative {
            "" => self.apex.to_string(),
            _ => format!("{relative}.{}", self.apex),
        }
    }

    pub(in crate::proptest) fn group(&self, key: u16) -> Option<&Group> {
        self.groups.iter().find(|group| group.key == key)
    }

    pub(in crate::proptest) fn group_mut(&mut self, key: u16) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.key == key)
    }

    /// The groups that a group leads to, itself first.
    pub(in crate::proptest) fn reachable(&self, key: u16) -> Vec<u16> {
        let mut found = vec![key];
        let mut at = 0;
        while let Some(key) = found.get(at).copied() {
            for target in self.group(key).into_iter().flat_map(Group::targets) {
                if !found.contains(&target) {
                    found.push(target);
                }
            }
            at = at.saturating_add(1);
        }
        found
    }

    /// Whether a name may be given to a group of a type: not taken, and no CNAME beside another type (1.4.3).
    pub(in crate::proptest) fn is_free(&self, name: &str, record_type: RecordType) -> bool {
        let is_cname = |kind| kind == RecordType::Cname;
        let at_apex = is_cname(record_type) && name.is_empty();
        let taken = self.groups.iter().any(|group| {
            group.name == name
                && (group.record_type == record_type || is_cname(group.record_type) || is_cname(record_type))
        });
        let delegated = self
            .delegation
            .as_deref()
            .is_some_and(|cut| name == cut || name.strip_suffix(cut).is_some_and(|above| above.ends_with('.')));
        !at_apex && !taken && !delegated
    }
}

impl Group {
    /// The groups that members lead to.
    pub(in crate::proptest) fn targets(&self) -> impl Iterator<Item = u16> + '_ {
        self.members.iter().filter_map(|member| match member.content {
            Content::Alias { group, .. } => Some(group),
            _ => None,
        })
    }
}

impl Member {
    /// The values of a plain record set of a type.
    pub(in crate::proptest) fn values(&self, record_type: RecordType) -> Vec<String> {
        let Content::Values { count, .. } = self.content else { return Vec::new() };
        let [high, low] = self.key.to_be_bytes();
        let key = self.key;
        let one = |number: u8| match record_type {
            RecordType::A => format!("10.{high}.{low}.{number}"),
            RecordType::Aaaa => format!("2001:db8::{key:x}:{number:x}"),
            RecordType::Cname => format!("target-{key}.example.net."),
            RecordType::Mx => format!("{number} mail-{key}.example.net."),
            _ => format!("\"text {key} {number}\""),
        };
        (1..=count.max(1)).map(one).collect()
    }
}

/// The DNS name of an AWS resource.
pub(in crate::proptest) fn resource_name(key: u16) -> String {
    format!("dualstack.lb-{key}.{}.elb.amazonaws.com.", load_balancers(key).0)
}

/// The hosted zone that an AWS resource's name lies in.
pub(in crate::proptest) fn resource_zone_id(key: u16) -> &'static str {
    load_balancers(key).1
}

/// A Region, and the hosted zone of its load balancers.
fn load_balancers(key: u16) -> (&'static str, &'static str) {
    const REGIONS: [(&str, &str); 3] =
        [("us-east-1", "Z35SXDOTRQ7X7K"), ("eu-west-1", "Z32O12XQLNTSW2"), ("ap-southeast-1", "Z1LMS91P8CMLE5")];
    REGIONS.get(usize::from(key).checked_rem(REGIONS.len()).unwrap_or(0)).copied().unwrap_or_default()
}

/// The name of a location.
pub(in crate::proptest) fn location_name(key: u16) -> String {
    format!("loc-{key}")
}

/// The id of the CIDR collection.
pub(in crate::proptest) const COLLECTION: &str = "c8c02a84-aaaa-bbbb-cccc-0123456789ab";
