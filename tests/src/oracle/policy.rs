//! The policies: who can apply to this client, and who is chosen (4).
//!
//! Picking follows the guide: choose by the policy's rule, test, drop what is unhealthy, choose again; when all
//! are dropped, choose as if all were healthy (3.7).

use std::cmp::Ordering;

use super::client::Client;
use super::draw::DrawStream;
use super::geography;
use super::health::World;
use super::zone::{Policy, Record, Row};

/// What a group gives.
#[derive(Debug)]
pub(super) struct Decision<'z> {
    pub(super) choice: Choice<'z>,
    /// No candidate was healthy, so that all counted as healthy (3.7).
    pub(super) fail_open: bool,
    /// Too little is known of the client (10.13, 10.14).
    pub(super) undetermined: bool,
}

/// Who may be chosen.
#[derive(Debug)]
pub(super) enum Choice<'z> {
    /// No member can apply (2.7).
    Nothing,
    /// This one.
    One(&'z Record),
    /// One of these, in proportion to the numbers.
    Weighted(Vec<(&'z Record, u64)>),
    /// All of them, or eight of them (4.8).
    Several(Vec<&'z Record>),
}

impl<'z> World<'z> {
    /// Picks from a group; without draws, what chance decides stays open.
    pub(super) fn choose(&self, group: &[&'z Record], draws: Option<DrawStream>) -> Decision<'z> {
        let candidates = self.candidates(group);
        let Some(first) = candidates.first() else {
            return Decision { choice: Choice::Nothing, fail_open: false, undetermined: false };
        };
        match first.policy {
            Policy::Weighted(_) => self.choose_by_weight(&candidates, draws),
            Policy::Multivalue => {
                let healthy: Vec<_> = candidates.iter().copied().filter(|member| self.is_healthy(member)).collect();
                let fail_open = healthy.is_empty();
                let pool = if fail_open { candidates } else { healthy };
                Decision { choice: Choice::Several(pool), fail_open, undetermined: false }
            }
            Policy::Latency(_) => self.choose_by_latency(candidates),
            Policy::Geoproximity { .. } => self.choose_by_distance(candidates),
            Policy::Failover { .. } => {
                // The primary before the secondary (4.2).
                let mut members = candidates;
                members.sort_by_key(|member| member.policy != Policy::Failover { primary: true });
                self.choose_in_order(&members)
            }
            // Candidates stand in the order in which they are tried.
            Policy::Simple | Policy::Geolocation { .. } | Policy::IpBased { .. } => self.choose_in_order(&candidates),
        }
    }

    /// The members that can apply to this client, first choice first where the policy has an order of its own.
    pub(super) fn candidates(&self, group: &[&'z Record]) -> Vec<&'z Record> {
        match group.first().map(|member| &member.policy) {
            Some(Policy::Geolocation { .. }) => self.ladder(group),
            Some(Policy::IpBased { .. }) => {
                self.consult_blocks(group);
                self.client
                    .network
                    .as_ref()
                    .map_or_else(|| defaults(group).collect(), |network| self.blocks_around(group, network))
            }
            _ => group.to_vec(),
        }
    }

    /// Tries one after the other; when none is healthy, the first.
    fn choose_in_order(&self, candidates: &[&'z Record]) -> Decision<'z> {
        let healthy = candidates.iter().find(|member| self.is_healthy(member));
        let choice = healthy.or(candidates.first()).map_or(Choice::Nothing, |member| Choice::One(member));
        Decision { choice, fail_open: healthy.is_none(), undetermined: false }
    }

    /// Whether the pool that gave the choice has another member: what is the only one left is not undetermined.
    fn is_there_a_choice(&self, candidates: &[&'z Record], decision: &Decision<'z>) -> bool {
        let is_chosen =
            |member: &Record| matches!(decision.choice, Choice::One(chosen) if std::ptr::eq(chosen, member));
        let mut others: Vec<_> = candidates.iter().copied().filter(|member| !is_chosen(member)).collect();
        others.sort_by(|left, right| left.id.cmp(&right.id));
        // Those who are healthy for anyone first: the client is looked at only where it must be.
        others.iter().any(|member| decision.fail_open || self.for_anyone(member) == Some(true))
            || others.iter().any(|member| self.is_healthy(member))
    }

    /// State, country, continent, default (4.5.1).
    fn ladder(&self, group: &[&'z Record]) -> Vec<&'z Record> {
        let Client { subdivision, country, continent, .. } = self.client.clone();
        let place = |continent, country, subdivision| Some(Policy::Geolocation { continent, country, subdivision });
        let rungs = [
            subdivision.and_then(|(country, part)| place(None, Some(country), Some(part))),
            country.and_then(|country| place(None, Some(country), None)),
            continent.and_then(|continent| place(Some(continent), None, None)),
            place(None, Some("*".into()), None),
        ];
        let on = |rung: Policy| group.iter().copied().filter(move |member| member.policy == rung);
        rungs.into_iter().flatten().flat_map(on).collect()
    }

    /// Looks first at the members with a weight, then at those without; if none is healthy, the same again with all
    /// of them (4.3.6). The first word picks among all with a weight; when what it hits is unhealthy, the second picks
    /// among those left (10.37).
    fn choose_by_weight(&self, candidates: &[&'z Record], draws: Option<DrawStream>) -> Decision<'z> {
        let decided = |member, fail_open| Decision { choice: Choice::One(member), fail_open, undetermined: false };
        let with_weight = |member: &&'z Record| match member.policy {
            Policy::Weighted(weight) if weight > 0 => Some((*member, weight)),
            _ => None,
        };
        let everyone: Vec<_> = candidates.iter().filter_map(with_weight).collect();
        let first = draws.and_then(|draws| draws.by_weight(0, &everyone));
        if let Some(first) = first.filter(|first| self.is_healthy(first)) {
            return decided(first, false);
        }
        let mut fail_open = false;
        let mut pool: Vec<_> = everyone.iter().copied().filter(|(member, _)| self.is_healthy(member)).collect();
        if pool.is_empty() {
            // Every member with a weight is unhealthy (4.3.4); those without share equally (10.3).
            let others = candidates.iter().filter(|member| with_weight(member).is_none());
            pool = others.filter(|member| self.is_healthy(member)).map(|member| (*member, 1)).collect();
            fail_open = pool.is_empty();
        }
        if pool.is_empty() {
            pool.clone_from(&everyone);
        }
        if pool.is_empty() {
            pool = candidates.iter().map(|member| (*member, 1)).collect();
        }
        let Some(draws) = draws else {
            return Decision { choice: Choice::Weighted(pool), fail_open, undetermined: false };
        };
        let stays = first.filter(|first| pool.iter().any(|(member, _)| std::ptr::eq(*member, *first)));
        match stays.or_else(|| draws.by_weight(1, &pool)) {
            Some(member) => decided(member, fail_open),
            None => Decision { choice: Choice::Nothing, fail_open, undetermined: false },
        }
    }

    /// The candidates, in the order in which the policy tries them; as they stand where it leaves that to chance.
    pub(super) fn in_order(&self, group: &[&'z Record]) -> Vec<&'z Record> {
        let mut candidates = self.candidates(group);
        match candidates.first().map(|member| &member.policy) {
            Some(Policy::Latency(_)) => self.sort_by_latency(&mut candidates),
            Some(Policy::Geoproximity { .. }) => self.sort_by_distance(&mut candidates),
            Some(Policy::Failover { .. }) => {
                candidates.sort_by_key(|member| member.policy != Policy::Failover { primary: true });
            }
            _ => {}
        }
        candidates
    }

    /// Lowest latency first; a client in China gets Beijing first (4.4).
    fn sort_by_latency(&self, candidates: &mut [&'z Record]) {
        let latencies = self.latencies();
        candidates.sort_by(|left, right| {
            let (left, right) = (*left, *right);
            let by_latency = || self.compare_latency(&latencies, &region(left), &region(right));
            // True sorts after false; ties go to the first Region in byte order (10.8).
            let is_first = |member: &Record| self.is_first_in_china(member);
            is_first(right).cmp(&is_first(left)).then_with(by_latency).then_with(|| region(left).cmp(&region(right)))
        });
    }

    fn is_first_in_china(&self, member: &Record) -> bool {
        self.client.country.as_deref() == Some("CN") && region(member) == "cn-north-1"
    }

    fn choose_by_latency(&self, mut candidates: Vec<&'z Record>) -> Decision<'z> {
        self.sort_by_latency(&mut candidates);
        let decision = self.choose_in_order(&candidates);
        let is_unknown = |member: &Record| self.nearness(&region(member)) == Ok(None);
        // The unknown come last, so that all in the pool are unknown when the one chosen is.
        let undetermined =
            matches!(decision.choice, Choice::One(member) if is_unknown(member) && !self.is_first_in_china(member));
        Decision { undetermined: undetermined && self.is_there_a_choice(&candidates, &decision), ..decision }
    }

    /// What is known of a Region: its latency in microseconds, or in a private zone its distance from the VPC's Region.
    pub(super) fn nearness(&self, region: &str) -> Result<Option<u64>, f64> {
        if self.client.vpc_region.is_none() {
            return Ok(find(&self.latencies(), region));
        }
        let place = geography::region(region).ok().map(|(_, position)| position);
        Err(self.client.position.zip(place).map_or(f64::INFINITY, |(from, to)| from.distance(to)))
    }

    /// Known before unknown, then the smaller (10.13). In a private zone: the same Region, else by distance (1.8.2).
    pub(super) fn compare_latency(&self, latencies: &Row, left: &str, right: &str) -> Ordering {
        if let Some(own) = &self.client.vpc_region {
            let distance = |region: &str| self.nearness(region).err().unwrap_or(f64::INFINITY);
            return (left != own).cmp(&(right != own)).then(distance(left).total_cmp(&distance(right)));
        }
        let rank = |region: &str| find(latencies, region).unwrap_or(u64::MAX);
        rank(left).cmp(&rank(right))
    }

    /// The client's latencies: what the query says, else the row of the table for its network, country or continent,
    /// else the default row.
    pub(super) fn latencies(&self) -> Row {
        let client = self.client;
        if let Some(row) = &client.latencies {
            return row.clone();
        }
        let Some(table) = self.zone.latencies.as_ref().filter(|_| !self.zone.private) else { return Row::new() };
        self.consult_table(table);
        let of = |rows: &[(String, Row)], place: &Option<String>| {
            rows.iter().find(|(known, _)| Some(known) == place.as_ref()).map(|(_, row)| row.clone())
        };
        let by_network = client.network.as_ref().and_then(|network| {
            let around = table.networks.iter().filter(|(known, _)| known.contains(network));
            around.max_by_key(|(known, _)| known.length()).map(|(_, row)| row.clone())
        });
        by_network
            .or_else(|| of(&table.countries, &client.country))
            .or_else(|| of(&table.continents, &client.continent))
            .or_else(|| table.default.clone())
            .unwrap_or_default()
    }

    /// Smallest biased distance first (4.6.2).
    fn choose_by_distance(&self, mut candidates: Vec<&'z Record>) -> Decision<'z> {
        if self.client.position.is_none() {
            // Members stand in byte order of SetIdentifier, which breaks ties (10.14, 10.17).
            let decision = self.choose_in_order(&candidates);
            return Decision { undetermined: self.is_there_a_choice(&candidates, &decision), ..decision };
        }
        self.sort_by_distance(&mut candidates);
        self.choose_in_order(&candidates)
    }

    fn sort_by_distance(&self, candidates: &mut [&'z Record]) {
        let biased = |member: &Record| self.distances(member).map_or(f64::INFINITY, |(_, biased)| biased);
        candidates.sort_by(|left, right| biased(left).total_cmp(&biased(right)));
    }

    /// Kilometres from the client to a geoproximity member, before and after bias.
    pub(super) fn distances(&self, member: &Record) -> Option<(f64, f64)> {
        let Policy::Geoproximity { position, bias } = member.policy else { return None };
        let real = self.client.position?.distance(position);
        Some((real, if bias > 0.0 { real * (1.0 - bias / 100.0) } else { real / (1.0 + bias / 100.0) }))
    }
}

/// A latency member's Region.
fn region(member: &Record) -> String {
    match &member.policy {
        Policy::Latency(region) => region.clone(),
        _ => String::new(),
    }
}

/// The members whose location is `*`.
pub(super) fn defaults<'g, 'z>(group: &'g [&'z Record]) -> impl Iterator<Item = &'z Record> + use<'g, 'z> {
    group.iter().copied().filter(|member| matches!(&member.policy, Policy::IpBased { location, .. } if location == "*"))
}

pub(super) fn find(row: &Row, region: &str) -> Option<u64> {
    row.iter().find(|(known, _)| known == region).map(|(_, latency)| *latency)
}
