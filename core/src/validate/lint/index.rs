//! The facts that several lints ask for, found once: groups, who leads where, and what can ever be unhealthy.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::map::{Map, Set};

use crate::diagnostic::Place;
use crate::model::record::{Content, Routing};
use crate::model::routing::PolicyKind;
use crate::model::{
    AliasTarget, EvaluateTargetHealth, Failover, GeoLocation, HealthCheck, HealthCheckKind, HostedZone, NameRef,
    RecordType, ResourceRecordSet, RoutingPolicy,
};
use crate::validate::places::Places;

/// A group's number, in the order of its first record set.
pub(super) type GroupId = usize;
/// A record set's number in the zone.
pub(super) type RecordId = usize;

/// All record sets of one name and type (1.3.1).
pub(super) struct Group<'z> {
    /// The owner name.
    pub(super) name: NameRef<'z>,
    /// The type.
    pub(super) record_type: RecordType,
    /// The policy of its first member; a valid group has no other (1.3.4).
    pub(super) policy: PolicyKind,
    /// Its members in document order.
    pub(super) members: Vec<RecordId>,
    /// The aliases that lead here.
    pub(super) parents: Vec<RecordId>,
    /// Whether some client can meet it with every candidate unhealthy (3.2, 5.9).
    pub(super) can_fail: bool,
    /// Whether anything in it or below it can be unhealthy.
    pub(super) uses_health: bool,
    /// Whether some alias above would be passed over, in favour of another member, when this group is unhealthy.
    pub(super) is_watched: bool,
    /// Whether it has the `*` of a geolocation or IP-based group.
    pub(super) has_default: bool,
    /// Whether some member has a weight above 0.
    has_weight: bool,
    /// The places of a geolocation group.
    places: Set<GeoLocation>,
}

/// A zone with what the lints need to know about it.
pub(super) struct Index<'z> {
    /// The zone.
    pub(super) zone: &'z HostedZone,
    places: &'z Places,
    /// The groups.
    pub(super) groups: Vec<Group<'z>>,
    /// By record set: its group.
    pub(super) group_of: Vec<GroupId>,
    /// By record set: the group that it leads to as an alias.
    pub(super) target: Vec<Option<GroupId>>,
    /// The groups, each behind all those that it leads to. Groups on or above a loop are missing.
    pub(super) bottom_up: Vec<GroupId>,
}

impl<'z> Index<'z> {
    /// Groups a zone's record sets and works out what can fail.
    pub(super) fn new(zone: &'z HostedZone, places: &'z Places) -> Self {
        let mut by_name: Map<(NameRef<'z>, RecordType), GroupId> = Map::default();
        let mut groups: Vec<Group<'z>> = Vec::new();
        let mut group_of = Vec::with_capacity(zone.record_sets.len());
        for (record, set) in zone.record_sets.iter().enumerate() {
            let group = by_name.known_or((set.name.as_ref(), set.record_type), groups.len());
            if group == groups.len() {
                groups.push(Group::new(set));
            }
            if let Some(group) = groups.get_mut(group) {
                group.add(record, set);
            }
            group_of.push(group);
        }
        let target: Vec<Option<GroupId>> = zone
            .record_sets
            .iter()
            .map(|set| match &set.content {
                Content::Alias(AliasTarget::InZone { name, .. }) => {
                    by_name.get(&(name.as_ref(), set.record_type)).copied()
                }
                _ => None,
            })
            .collect();
        for (record, target) in target.iter().enumerate() {
            if let Some(group) = target.and_then(|group| groups.get_mut(group)) {
                group.parents.push(record);
            }
        }
        let bottom_up = bottom_up(&groups, &group_of, &target);
        let mut index = Self { zone, places, groups, group_of, target, bottom_up };
        index.find_what_can_fail();
        index.find_what_is_watched();
        index
    }

    fn find_what_can_fail(&mut self) {
        for position in 0..self.bottom_up.len() {
            let Some(id) = self.bottom_up.get(position).copied() else { continue };
            let Some(group) = self.groups.get(id) else { continue };
            let uses_health = group.members.iter().any(|record| {
                self.can_fail(*record) || self.target_of(*record).is_some_and(|target| target.uses_health)
            });
            let can_fail = if group.policy.candidates_depend_on_client() {
                // A client in no listed place has the default as its only candidate, or none at all (10.6).
                !group.members.iter().any(|record| self.is_default(*record) && !self.can_fail(*record))
            } else {
                group.members.iter().all(|record| self.can_fail(*record))
            };
            if let Some(group) = self.groups.get_mut(id) {
                group.can_fail = can_fail;
                group.uses_health = uses_health;
            }
        }
    }

    fn find_what_is_watched(&mut self) {
        for position in (0..self.bottom_up.len()).rev() {
            let Some(id) = self.bottom_up.get(position).copied() else { continue };
            let Some(group) = self.groups.get(id) else { continue };
            let is_watched = group.parents.iter().any(|parent| {
                self.evaluates_target(*parent)
                    && (self.has_alternative(*parent) || self.group_of(*parent).is_some_and(|group| group.is_watched))
            });
            if let Some(group) = self.groups.get_mut(id) {
                group.is_watched = is_watched;
            }
        }
    }

    /// The groups of a policy that lack its default, each with its first member.
    pub(super) fn without_default(&self, policy: PolicyKind) -> impl Iterator<Item = (&Group<'z>, RecordId)> {
        let lacking = self.groups.iter().filter(move |group| group.policy == policy && !group.has_default);
        lacking.filter_map(|group| Some((group, *group.members.first()?)))
    }

    /// The record set of a number.
    pub(super) fn record(&self, record: RecordId) -> Option<&'z ResourceRecordSet> {
        self.zone.record_sets.get(record)
    }

    /// The group that a record set belongs to.
    pub(super) fn group_of(&self, record: RecordId) -> Option<&Group<'z>> {
        self.groups.get(*self.group_of.get(record)?)
    }

    /// The group that a record set leads to.
    pub(super) fn target_of(&self, record: RecordId) -> Option<&Group<'z>> {
        self.groups.get((*self.target.get(record)?)?)
    }

    /// A record set's own part in its group's policy.
    pub(super) fn policy(&self, record: RecordId) -> Option<&'z RoutingPolicy> {
        match &self.record(record)?.routing {
            Routing::Simple => None,
            Routing::Member { policy, .. } => Some(policy),
        }
    }

    /// The health check of a record set.
    pub(super) fn check_of(&self, record: RecordId) -> Option<&'z HealthCheck> {
        self.zone.health_checks.get(self.record(record)?.health_check? as usize)
    }

    /// Whether a record set is an alias that is passed over when its target is unhealthy (3.2).
    pub(super) fn evaluates_target(&self, record: RecordId) -> bool {
        let Some(Content::Alias(target)) = self.record(record).map(|set| &set.content) else { return false };
        let (AliasTarget::InZone { evaluate_target_health, .. }
        | AliasTarget::AwsResource { evaluate_target_health, .. }) = target;
        *evaluate_target_health == EvaluateTargetHealth::Yes
    }

    /// Whether a record set can ever be unhealthy (3.3).
    pub(super) fn can_fail(&self, record: RecordId) -> bool {
        self.check_of(record).is_some_and(check_can_fail)
            || (self.evaluates_target(record) && self.target_of(record).is_none_or(|target| target.can_fail))
    }

    /// Whether a record set is the `*` of a geolocation or IP-based group.
    pub(super) fn is_default(&self, record: RecordId) -> bool {
        self.policy(record).is_some_and(RoutingPolicy::is_default)
    }

    /// Whether a record set waits for its siblings to fail: a SECONDARY, or a weight of 0 beside others. That such a
    /// one cannot fail is how it is meant.
    pub(super) fn is_standby(&self, record: RecordId) -> bool {
        let Some(group) = self.group_of(record) else { return false };
        match self.policy(record) {
            Some(RoutingPolicy::Failover(role)) => group.members.len() > 1 && *role == Failover::Secondary,
            Some(RoutingPolicy::Weighted(weight)) => *weight == 0 && group.has_weight,
            None
            | Some(
                RoutingPolicy::Latency(_)
                | RoutingPolicy::Geolocation(_)
                | RoutingPolicy::Geoproximity(_)
                | RoutingPolicy::IpBased(_)
                | RoutingPolicy::MultivalueAnswer,
            ) => false,
        }
    }

    /// Whether nothing in its group comes after a record set: a standby, or the `*` of a geolocation or IP-based group.
    pub(super) fn is_last_resort(&self, record: RecordId) -> bool {
        self.is_standby(record) || self.is_default(record)
    }

    /// A weighted member's weight; 0 for others.
    pub(super) fn weight(&self, record: RecordId) -> u8 {
        match self.policy(record) {
            Some(RoutingPolicy::Weighted(weight)) => *weight,
            _ => 0,
        }
    }

    /// Whether clients of a record set would get another member of its group when it became unhealthy.
    pub(super) fn has_alternative(&self, record: RecordId) -> bool {
        let Some(group) = self.group_of(record) else { return false };
        if self.is_last_resort(record) {
            return false;
        }
        match self.policy(record) {
            None => false,
            Some(RoutingPolicy::Geolocation(place)) => group.has_wider(*place),
            Some(RoutingPolicy::IpBased(_)) => group.has_default,
            Some(_) => group.members.len() > 1,
        }
    }

    /// Where a record set, or a field of it, stands.
    pub(super) fn place(&self, record: RecordId, field: &[&str]) -> Option<Place> {
        self.places.record_sets.get(record).map(|origin| origin.field(field))
    }

    /// Where a health check stands.
    pub(super) fn check_place(&self, check: usize) -> Option<Place> {
        self.places.health_checks.get(check).copied().flatten().map(|origin| origin.place())
    }

    /// A record set in running text: `` `blue` of `www.example.com.` A ``.
    pub(super) fn describe(&self, record: RecordId) -> String {
        let Some(set) = self.record(record) else { return String::new() };
        match &set.routing {
            Routing::Simple => format!("`{}` {}", set.name, set.record_type),
            Routing::Member { set_identifier, .. } => {
                format!("`{set_identifier}` of `{}` {}", set.name, set.record_type)
            }
        }
    }

    /// A member among those of its group: its SetIdentifier in backticks, or its name.
    pub(super) fn member(&self, record: RecordId) -> String {
        match self.record(record).map(|set| &set.routing) {
            Some(Routing::Member { set_identifier, .. }) => format!("`{set_identifier}`"),
            _ => self.describe(record),
        }
    }

    /// Several members of one group: the first three by SetIdentifier, and how many more.
    pub(super) fn members(&self, records: &[RecordId]) -> String {
        listed(records.iter().map(|record| self.member(*record)), records.len())
    }
}

impl<'z> Group<'z> {
    fn new(set: &'z ResourceRecordSet) -> Self {
        let policy = match &set.routing {
            Routing::Simple => PolicyKind::Simple,
            Routing::Member { policy, .. } => policy.kind(),
        };
        Self {
            name: set.name.as_ref(),
            record_type: set.record_type,
            policy,
            members: Vec::with_capacity(1),
            parents: Vec::new(),
            can_fail: false,
            uses_health: false,
            is_watched: false,
            has_default: false,
            has_weight: false,
            places: Set::default(),
        }
    }

    fn add(&mut self, record: RecordId, set: &ResourceRecordSet) {
        self.members.push(record);
        let Routing::Member { policy, .. } = &set.routing else { return };
        self.has_default |= policy.is_default();
        if let RoutingPolicy::Weighted(weight) = policy {
            self.has_weight |= *weight > 0;
        }
        if let RoutingPolicy::Geolocation(place) = policy {
            self.places.insert(*place);
        }
    }

    /// Whether a client of `place` is also one of another, larger place (4.5.1).
    fn has_wider(&self, place: GeoLocation) -> bool {
        let country = match place {
            GeoLocation::Default => return false,
            GeoLocation::Continent(_) => return self.has_default,
            GeoLocation::Country(country) | GeoLocation::Subdivision(country, _) => country,
        };
        let in_country = place != GeoLocation::Country(country) && self.places.contains(&GeoLocation::Country(country));
        let in_continent = || {
            let continent = country.continent().map(GeoLocation::Continent);
            continent.is_some_and(|continent| self.places.contains(&continent))
        };
        self.has_default || in_country || in_continent()
    }

    /// The group in running text.
    pub(super) fn describe(&self) -> String {
        format!("`{}` {}", self.name, self.record_type)
    }

    /// Whether OctoDNS wrote the group. It gives every value a check but those whose author wrote `status: up`, and it
    /// ends each pool in a default that is never checked, so a missing check there is no oversight.
    pub(super) fn is_octodns(&self) -> bool {
        self.name.split_first().is_some_and(|(label, _)| label.starts_with(b"_octodns-"))
    }
}

/// The first three of `count` items and how many more there are: `a, b, c and 4 more`.
pub(super) fn listed(items: impl Iterator<Item = String>, count: usize) -> String {
    const SHOWN: usize = 3;
    let mut text = String::new();
    for (position, item) in items.take(SHOWN).enumerate() {
        let last = position.saturating_add(1) == count;
        let separator = match position {
            0 => "",
            _ if last => " and ",
            _ => ", ",
        };
        text.push_str(separator);
        text.push_str(&item);
    }
    if count > SHOWN {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", count.saturating_sub(SHOWN));
    }
    text
}

/// Whether a check can report unhealthy; one that is disabled is stuck where it is (6.6).
fn check_can_fail(check: &HealthCheck) -> bool {
    if check.disabled {
        return check.inverted;
    }
    match &check.kind {
        HealthCheckKind::Calculated { health_threshold: 0, .. } => check.inverted,
        _ => true,
    }
}

/// Groups in an order in which targets come first (Kahn's algorithm: no recursion, whatever the depth).
fn bottom_up(groups: &[Group<'_>], group_of: &[GroupId], target: &[Option<GroupId>]) -> Vec<GroupId> {
    let mut waiting_for: Vec<usize> = vec![0; groups.len()];
    for (record, group) in group_of.iter().enumerate() {
        if target.get(record).is_some_and(Option::is_some)
            && let Some(count) = waiting_for.get_mut(*group)
        {
            *count = count.saturating_add(1);
        }
    }
    let mut order: Vec<GroupId> =
        waiting_for.iter().enumerate().filter(|(_, count)| **count == 0).map(|(group, _)| group).collect();
    let mut done = 0;
    while let Some(id) = order.get(done).copied() {
        done = done.saturating_add(1);
        for parent in groups.get(id).map_or(&[][..], |group| &group.parents) {
            let Some(above) = group_of.get(*parent).copied() else { continue };
            let Some(count) = waiting_for.get_mut(above) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                order.push(above);
            }
        }
    }
    order
}
