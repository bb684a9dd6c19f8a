//! What generated zones may hold.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::model::RecordType;
use crate::model::routing::PolicyKind;
use crate::proptest::checks::CheckType;

/// Zones of any policy, depth and alias shape. None of them has an error: what Route 53 would refuse is never made.
///
/// They shrink to fewer names, fewer record sets, fewer checks and simpler policies, and stay valid all the way; the
/// smallest is one simple record set `a` of type A.
///
/// ```
/// use pointsman_core::model::routing::PolicyKind;
/// use pointsman_core::proptest::zones;
/// use proptest::prelude::*;
///
/// let strategy = zones().max_depth(3).policies([PolicyKind::Weighted, PolicyKind::Failover]).names(["www", "api"]);
/// proptest!(|(sample in strategy)| {
///     prop_assert!(sample.depth() <= 3);
///     prop_assert!(sample.compile().record_set_count() >= sample.record_set_count());
/// });
/// ```
#[must_use]
pub fn zones() -> Zones {
    Zones {
        apex: "example.com.".into(),
        names: None,
        policies: PolicyKind::ALL.into(),
        types: vec![RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Mx, RecordType::Txt],
        check_types: CheckType::ALL.into(),
        max_depth: 3,
        max_members: 4,
        max_trees: 3,
        private: None,
    }
}

/// Strategy of [`zones`]: what the zones may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Zones {
    pub(super) apex: String,
    /// Names of the trees' tops; `None` for names of every shape.
    pub(super) names: Option<Vec<String>>,
    pub(super) policies: Vec<PolicyKind>,
    pub(super) types: Vec<RecordType>,
    pub(super) check_types: Vec<CheckType>,
    pub(super) max_depth: usize,
    pub(super) max_members: usize,
    pub(super) max_trees: usize,
    pub(super) private: Option<bool>,
}

/// Names of every shape, relative to the apex.
pub(super) const NAMES: [&str; 14] = [
    "www",
    "api",
    "app",
    "eu.app",
    "us.app",
    "a.b.c",
    "*",
    "*.wild",
    "x.wild",
    "_sip._tcp",
    "",
    "xn--bcher-kva",
    "odd\\056dot",
    "under.*.star",
];

impl Zones {
    /// The zone's name; the default is `example.com.`.
    pub fn apex(mut self, name: &str) -> Self {
        self.apex = format!("{}.", name.trim_end_matches('.'));
        self
    }

    /// Names relative to the apex that the zone's trees may have, the one to shrink to first; the default is names of
    /// every shape. Groups that find no free name stand below the first one.
    pub fn names<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.names = Some(names.into_iter().map(ToString::to_string).collect());
        self
    }

    /// The policies of groups; the default is all eight. IP-based routing is left out of private zones, multivalue
    /// answer out of CNAME groups, which may not have it.
    pub fn policies(mut self, policies: impl IntoIterator<Item = PolicyKind>) -> Self {
        self.policies = policies.into_iter().collect();
        self
    }

    /// The record types of groups; those of A, AAAA, CNAME, MX and TXT that are given, which are the default.
    pub fn types(mut self, types: impl IntoIterator<Item = RecordType>) -> Self {
        self.types = types.into_iter().filter(|kind| TYPES.contains(kind)).collect();
        self
    }

    /// The kinds of health check; the default is all. No kinds, no health checks, and no failover groups with a plain
    /// PRIMARY, which needs one.
    pub fn health_checks(mut self, kinds: impl IntoIterator<Item = CheckType>) -> Self {
        self.check_types = kinds.into_iter().collect();
        self
    }

    /// Groups on an alias path; 1 is no aliases inside the zone, the default is 3, which is as deep as Route 53
    /// documents (1.6.8).
    pub fn max_depth(mut self, groups: usize) -> Self {
        self.max_depth = groups.max(1);
        self
    }

    /// Members of a group; the default is 4. Now and then a multivalue group has up to 12, so that eight must be
    /// chosen.
    pub fn max_members(mut self, members: usize) -> Self {
        self.max_members = members.clamp(1, 12);
        self
    }

    /// Trees of a zone; the default is 3.
    pub fn max_trees(mut self, trees: usize) -> Self {
        self.max_trees = trees.max(1);
        self
    }

    /// Only private zones, or only public ones; the default is both.
    pub fn private(mut self, private: bool) -> Self {
        self.private = Some(private);
        self
    }
}

/// The types that sample zones know values of.
const TYPES: [RecordType; 5] = [RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Mx, RecordType::Txt];
