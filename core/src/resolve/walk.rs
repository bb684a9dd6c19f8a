//! One group at a time: who applies to this client, who of them is healthy, and what the policy makes of it.

use super::facts::{Facts, Latency, by_row, from_vpc};
use super::lookup::Found;
use super::scratch::Scratch;
use crate::answer::{Outcome, Undetermined};
use crate::compile::{Group, NONE, Place, RoutingValue, Target, Zone};
use crate::compile::{continent_key, country_key, subdivision_key};
use crate::health::HealthView;
use crate::model::routing::PolicyKind;
use crate::model::{Failover, IpNetwork, Latencies, RecordType, Region};
use crate::policy::choice::Choice;
use crate::policy::draw::DrawStream;
use crate::policy::geolocation::Ladder;
use crate::policy::latency::Nearness;
use crate::policy::multivalue::Chosen;
use crate::policy::why::Why;
use crate::policy::{failover, geolocation, geoproximity, ip_based, latency, multivalue, simple, weighted};
use crate::query::Client;

/// Gets every decision on the way; the silent one costs nothing.
pub(crate) trait Observer {
    /// What the zone has for the name.
    fn found(&mut self, found: &Found);
    /// What was chosen of a group.
    fn chosen(&mut self, decision: &Decision);
}

/// Ignores everything.
pub(crate) struct Silent;

impl Observer for Silent {
    #[inline]
    fn found(&mut self, _: &Found) {}
    #[inline]
    fn chosen(&mut self, _: &Decision) {}
}

/// One group on the way, and what was chosen of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decision {
    /// The group.
    pub(crate) group: u32,
    /// 0 for the group asked for, one more at each in-zone alias.
    pub(crate) level: u64,
    pub(crate) chosen: DrawnChoice,
    /// Why it is only the tie rule's pick, if it is.
    pub(crate) undetermined: Option<Undetermined>,
}

/// What was chosen of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum DrawnChoice {
    /// One record set; whether as a last resort, and why this one.
    One { record: u32, fail_open: bool, why: Why },
    /// Members of a multivalue group, numbered within it.
    Several(Chosen),
    /// No member applies to the client (4.5.4, 4.7.3).
    Nothing,
}

impl DrawnChoice {
    pub(crate) const fn fail_open(&self) -> bool {
        match self {
            Self::One { fail_open, .. } => *fail_open,
            Self::Several(chosen) => chosen.fail_open,
            Self::Nothing => false,
        }
    }
}

/// Everything that may be chosen of a group, with shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PossibleChoices {
    /// One record set for certain.
    One(u32),
    /// One of several record sets: each with its share, and the sum of the shares.
    Shares(alloc::vec::Vec<(u32, u32)>, u32),
    /// All of these members of a multivalue group, or eight of them.
    Several(alloc::vec::Vec<u32>),
    /// No member applies to the client.
    Nothing,
}

/// Where a record set leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// On to a group.
    Group(u32),
    /// To an answer.
    End(Outcome),
}

/// Follows a record set (5.1).
pub(crate) fn follow(zone: &Zone, record: u32, record_type: RecordType) -> Next {
    let Some(record) = zone.record(record) else { return Next::End(Outcome::Nothing) };
    match record.target {
        Target::Values { .. } => Next::End(Outcome::Records),
        Target::Quarantined { reason } => Next::End(Outcome::Quarantined(reason)),
        Target::Group { group: NONE, .. } => Next::End(Outcome::Nothing),
        Target::Group { group, .. } => Next::Group(group),
        Target::Resource { resource, .. } => {
            Next::End(match zone.resource(resource).map(|resource| &resource.addresses) {
                None | Some(None) => Outcome::UnknownResource(resource),
                Some(Some((a, aaaa))) => match record_type {
                    RecordType::A if !a.is_empty() => Outcome::Resource(resource),
                    RecordType::Aaaa if !aaaa.is_empty() => Outcome::Resource(resource),
                    _ => Outcome::Nothing,
                },
            })
        }
    }
}

/// One client's way through a view.
pub(crate) struct Walk<'w, 's> {
    pub(crate) view: &'w HealthView,
    pub(crate) zone: &'w Zone,
    pub(crate) facts: Facts<'w>,
    pub(crate) scratch: &'s mut Scratch,
    /// The longest scope of the lookups so far, in bits (10.41).
    pub(crate) scope: u8,
    /// Why the last pick was only the tie rule's.
    pub(crate) undetermined: Option<Undetermined>,
    /// The table's row for this client, once it was looked up.
    row: Option<Option<&'w Latencies>>,
}

impl<'w, 's> Walk<'w, 's> {
    pub(crate) fn new(view: &'w HealthView, client: &'w Client, scratch: &'s mut Scratch) -> Self {
        let zone = &**view.zone();
        let facts = Facts::new(zone, client);
        Self { view, zone, facts, scratch, scope: 0, undetermined: None, row: None }
    }

    /// What the draw picks of a group.
    pub(crate) fn choose_by_draw(&mut self, number: u32, draw: u64, level: u64) -> DrawnChoice {
        self.undetermined = None;
        let zone = self.zone;
        let Some(group) = zone.group(number) else { return DrawnChoice::Nothing };
        let draws = DrawStream::at_level(draw, level);
        let choice = match group.policy {
            PolicyKind::Weighted => {
                let sums = |member: u32| cumulative(zone, group, member);
                let choice = weighted::choose(group.count, sums, draws, |member| self.is_member_healthy(group, member));
                choice.map(|choice| choice.because(Why::Weighted))
            }
            PolicyKind::MultivalueAnswer => {
                let chosen = multivalue::choose(group.count, draws, |member| self.is_member_healthy(group, member));
                return DrawnChoice::Several(chosen);
            }
            PolicyKind::Simple
            | PolicyKind::Failover
            | PolicyKind::Latency
            | PolicyKind::Geolocation
            | PolicyKind::Geoproximity
            | PolicyKind::IpBased => self.choose_without_draw(number, group),
        };
        match choice {
            Some(Choice { member, fail_open, why }) => {
                DrawnChoice::One { record: group.first.saturating_add(member), fail_open, why }
            }
            None => DrawnChoice::Nothing,
        }
    }

    /// Everything that may be chosen of a group, and whether as a last resort.
    pub(crate) fn possible_choices(&mut self, number: u32) -> (PossibleChoices, bool) {
        self.undetermined = None;
        let zone = self.zone;
        let Some(group) = zone.group(number) else { return (PossibleChoices::Nothing, false) };
        let record = |member: u32| group.first.saturating_add(member);
        match group.policy {
            PolicyKind::Weighted => {
                let weight = |member: u32| own_weight(zone, group, member);
                let (shares, total, fail_open) =
                    weighted::shares(group.count, weight, |member| self.is_member_healthy(group, member));
                let shares = shares.into_iter().map(|(member, share)| (record(member), share)).collect();
                (PossibleChoices::Shares(shares, total), fail_open)
            }
            PolicyKind::MultivalueAnswer => {
                let (_, fail_open) = multivalue::pool(group.count, |member| self.is_member_healthy(group, member));
                let members = (0..group.count)
                    .filter(|member| fail_open || self.is_member_healthy(group, *member))
                    .map(record)
                    .collect();
                (PossibleChoices::Several(members), fail_open)
            }
            PolicyKind::Simple
            | PolicyKind::Failover
            | PolicyKind::Latency
            | PolicyKind::Geolocation
            | PolicyKind::Geoproximity
            | PolicyKind::IpBased => match self.choose_without_draw(number, group) {
                Some(choice) => (PossibleChoices::One(record(choice.member)), choice.fail_open),
                None => (PossibleChoices::Nothing, false),
            },
        }
    }

    /// The choice of the policies that leave nothing to chance.
    fn choose_without_draw(&mut self, number: u32, group: &Group) -> Option<Choice<Why>> {
        let choice = self.choose_given_health(number, group, |walk, member| walk.is_member_healthy(group, member))?;
        self.undetermined = match choice.why {
            Why::Latency(latency::Why::Unknown) if self.has_rival(group, &choice) => Some(Undetermined::LatencyUnknown),
            Why::Geoproximity(geoproximity::Why::PositionUnknown) if self.has_rival(group, &choice) => {
                Some(Undetermined::PositionUnknown)
            }
            _ => None,
        };
        Some(choice)
    }

    /// The same, with members' health as the caller gives it.
    #[inline]
    fn choose_given_health(
        &mut self,
        number: u32,
        group: &Group,
        mut is_healthy: impl FnMut(&mut Self, u32) -> bool,
    ) -> Option<Choice<Why>> {
        let zone = self.zone;
        let to_member = |record: u32| record.saturating_sub(group.first);
        match group.policy {
            PolicyKind::Failover => {
                let role = |member: u32| role(zone, group, member);
                Some(failover::choose(group.count, role, |member| is_healthy(self, member))?.because(Why::Failover))
            }
            PolicyKind::Latency => {
                let region = |member: u32| region(zone, group, member);
                let source = self.latency_source();
                let nearness = |region: Region| source.nearness(region);
                let country = self.facts.country;
                let is_healthy = |member| is_healthy(self, member);
                Some(latency::choose(group.count, region, nearness, country, is_healthy)?.because(Why::Latency))
            }
            PolicyKind::Geolocation => {
                let ladder = self.ladder(number, group).map(|rung| rung.map(to_member));
                Some(geolocation::choose(&ladder, |member| is_healthy(self, member))?.because(Why::Geolocation))
            }
            PolicyKind::IpBased => {
                let blocks = self.blocks(number, group).map(to_member);
                let default = (group.default_member != NONE).then(|| to_member(group.default_member));
                let choice = ip_based::choose(blocks, default, |member| is_healthy(self, member))?;
                Some(choice.because(Why::IpBased))
            }
            PolicyKind::Geoproximity => {
                let distances = self.distances(group);
                let choice = geoproximity::choose(group.count, distances, |member| is_healthy(self, member))?;
                Some(choice.because(Why::Geoproximity))
            }
            PolicyKind::Simple | PolicyKind::Weighted | PolicyKind::MultivalueAnswer => {
                Some(simple::choose(|member| is_healthy(self, member))?.because(|()| Why::Simple))
            }
        }
    }

    /// The record set that would be chosen of a group if this one were unhealthy, by the policies that leave nothing to
    /// chance; `None` when it would be the same one.
    pub(crate) fn runner_up(&mut self, number: u32, group: &Group, chosen: u32) -> Option<u32> {
        let choice = self.choose_given_health(number, group, |walk, member| {
            group.first.saturating_add(member) != chosen && walk.is_member_healthy(group, member)
        })?;
        Some(group.first.saturating_add(choice.member)).filter(|next| *next != chosen)
    }

    /// Every member's distance from the client after bias; `None` when the client's position is unknown.
    pub(crate) fn distances(&self, group: &Group) -> Option<impl Fn(u32) -> f64 + Copy + use<'w>> {
        let (zone, first) = (self.zone, group.first);
        let position = self.facts.position?;
        Some(move |member: u32| match zone.record(first.saturating_add(member)).map(|record| record.routing) {
            Some(RoutingValue::Place(place)) => biased_distance(zone, place, position).unwrap_or(f64::INFINITY),
            _ => f64::INFINITY,
        })
    }

    /// The longest block of a member's location that contains the client's network.
    pub(crate) fn block_of(&self, group: &Group, record: u32) -> Option<IpNetwork> {
        let (locations, network) = self.zone.locations(group).zip(self.facts.network)?;
        let number = self.zone.record(record)?.group;
        let mut blocks = locations.table.lookup(&network).0;
        while let (Some(block), Some(value)) = (blocks.network(), blocks.next()) {
            if locations.member(number, value) == Some(record) {
                return Some(block);
            }
        }
        None
    }

    /// Where this client's latencies come from; the table's row is looked up once.
    pub(crate) fn latency_source(&mut self) -> LatencySource<'w> {
        match self.facts.latency {
            Latency::Given(latencies) => LatencySource::Row(Some(latencies)),
            Latency::FromVpc(region) => LatencySource::FromVpc(region),
            Latency::Unknown => LatencySource::Row(None),
            Latency::Table => {
                let row = match self.row {
                    Some(row) => row,
                    None => {
                        let (row, scope) = self.facts.table_row(self.zone);
                        self.scope = self.scope.max(scope);
                        self.row = Some(row);
                        row
                    }
                };
                LatencySource::Row(row)
            }
        }
    }

    /// The members on the client's ladder, as record numbers (4.5.1).
    pub(crate) fn ladder(&self, number: u32, group: &Group) -> Ladder {
        let facts = &self.facts;
        let at = |key: Option<u64>| self.zone.member_at_place(number, key?);
        [
            at(facts.subdivision.map(|(country, subdivision)| subdivision_key(country, subdivision))),
            at(facts.country.map(country_key)),
            at(facts.continent.map(continent_key)),
            (group.default_member != NONE).then_some(group.default_member),
        ]
    }

    /// The members whose blocks contain the client's network, as record numbers, longest block first (4.7.1).
    pub(crate) fn blocks(&mut self, number: u32, group: &Group) -> impl Iterator<Item = u32> + Clone + use<'w> {
        let locations = self.zone.locations(group);
        let looked_up = locations.zip(self.facts.network).map(|(locations, network)| {
            let (chain, scope) = locations.table.lookup(&network);
            (locations, chain, scope)
        });
        if let Some((.., scope)) = &looked_up {
            self.scope = self.scope.max(*scope);
        }
        looked_up
            .into_iter()
            .flat_map(move |(locations, chain, _)| chain.filter_map(move |location| locations.member(number, location)))
    }
}

/// A client's latencies.
#[derive(Clone, Copy)]
pub(crate) enum LatencySource<'w> {
    Row(Option<&'w Latencies>),
    FromVpc(Region),
}

impl LatencySource<'_> {
    /// Whether nearness is a distance: in private zones (1.8.2).
    pub(crate) const fn is_distance(&self) -> bool {
        matches!(self, Self::FromVpc(_))
    }

    pub(crate) fn nearness(&self, region: Region) -> Nearness {
        match self {
            Self::Row(row) => by_row(*row, region),
            Self::FromVpc(vpc) => from_vpc(*vpc, region),
        }
    }
}

/// The sum of the weights of a group's members up to one.
fn cumulative(zone: &Zone, group: &Group, member: u32) -> u32 {
    match zone.record(group.first.saturating_add(member)).map(|record| record.routing) {
        Some(RoutingValue::Weight { cumulative, .. }) => cumulative,
        _ => 0,
    }
}

/// A member's role in failover.
pub(crate) fn role(zone: &Zone, group: &Group, member: u32) -> Option<Failover> {
    match zone.record(group.first.saturating_add(member)).map(|record| record.routing) {
        Some(RoutingValue::Role(role)) => Some(role),
        _ => None,
    }
}

/// A member's Region in latency routing.
pub(crate) fn region(zone: &Zone, group: &Group, member: u32) -> Option<Region> {
    match zone.record(group.first.saturating_add(member)).map(|record| record.routing) {
        Some(RoutingValue::Region(region)) => Some(region),
        _ => None,
    }
}

/// A member's weight.
pub(crate) fn own_weight(zone: &Zone, group: &Group, member: u32) -> u8 {
    match zone.record(group.first.saturating_add(member)).map(|record| record.routing) {
        Some(RoutingValue::Weight { weight, .. }) => weight,
        _ => 0,
    }
}

/// The distance from a position to a geoproximity place, after bias, in kilometres.
pub(crate) fn biased_distance(zone: &Zone, place: u32, from: crate::model::Position) -> Option<f64> {
    match zone.place(place)? {
        Place::Geoproximity { position, bias, .. } => {
            Some(geoproximity::biased(geoproximity::distance_km(from, *position), *bias))
        }
        Place::Geolocation(_) => None,
    }
}
