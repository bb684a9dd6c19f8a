//! A group on the way: every member, what the policy measures of it, and why it was chosen or not.

#[cfg(test)]
mod tests;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codes::ReasonCode as C;
use super::health::{add_evidence, add_note, facts, of_member};
use super::member::{group_name, measured, part, subject};
use super::sentence;
use super::steps::{GroupFacts, Health, Reason, Step, StepKind, Steps, Verdict};
use crate::answer::Undetermined;
use crate::compile::{Group, Target};
use crate::model::routing::PolicyKind;
use crate::policy::weighted::{self, Pool};
use crate::policy::why::Why;
use crate::policy::{failover, geoproximity, ip_based, latency, multivalue};
use crate::resolve::Decision;
use crate::resolve::walk::{DrawnChoice, Walk, own_weight, region};

/// A distance up to this much more than the nearest may be nearer by AWS's own positions.
const CLOSE: f64 = 1.02;

/// Writes the steps of one decision, with the facts that they share.
struct GroupWriter<'d> {
    decision: &'d Decision,
    group: &'d Group,
    facts: GroupFacts,
    candidates: Vec<u32>,
    /// The candidates that could be chosen: the healthy ones, or those that count as healthy (3.7).
    pool: Vec<u32>,
    /// Chosen record sets.
    chosen: Vec<u32>,
}

/// Adds a group with its members; returns the step of the chosen one, under which the walk goes on.
pub(super) fn add(steps: &mut Steps, under: Option<u32>, walk: &mut Walk<'_, '_>, decision: &Decision) -> Option<u32> {
    let zone = walk.zone;
    let group = zone.group(decision.group)?;
    if let Some(Target::Quarantined { reason }) = zone.record(group.first).map(|record| record.target) {
        let reason = Reason::new(C::Quarantined).with("finding", zone.quarantine_code(reason));
        let text = sentence::quarantined(&reason);
        let step = Step::new(StepKind::Group, group_name(walk, decision.group), reason);
        return Some(steps.add(under, Step { text, ..step }));
    }
    let candidates = walk.candidates(decision.group, group);
    let (facts, code) = facts(walk, group, &candidates, decision.chosen.fail_open());
    let step = Step::new(StepKind::Group, group_name(walk, decision.group), Reason::new(code));
    let text = sentence::group(&facts);
    let step = steps.add(under, Step { group: Some(facts), text, ..step });
    let chosen = match &decision.chosen {
        DrawnChoice::One { record, .. } => alloc::vec![*record],
        DrawnChoice::Several(chosen) => {
            chosen.members().iter().map(|member| group.first.saturating_add(*member)).collect()
        }
        DrawnChoice::Nothing => Vec::new(),
    };
    let pool = pool(walk, group, &decision.chosen, &candidates);
    let writer = GroupWriter { decision, group, facts, candidates, pool, chosen };
    if facts.fail_open {
        let note = Reason::new(C::FailOpen).with("candidates", writer.candidates.len());
        add_note(steps, step, note.with("pool_size", writer.pool.len()));
    }
    let mut chosen_step = None;
    for record in &writer.candidates {
        let is_chosen = writer.chosen.contains(record);
        let member = writer.add_candidate(steps, walk, step, *record, is_chosen);
        if is_chosen {
            chosen_step = Some(member);
        }
    }
    for record in group.members().filter(|record| !writer.candidates.contains(record)) {
        writer.add_bystander(steps, walk, step, record);
    }
    writer.add_notes(steps, walk, step);
    chosen_step.or(Some(step))
}

/// Who could be chosen of the candidates.
fn pool(walk: &mut Walk<'_, '_>, group: &Group, picked: &DrawnChoice, candidates: &[u32]) -> Vec<u32> {
    let in_pool = |walk: &mut Walk<'_, '_>, record: u32| {
        let weight = own_weight(walk.zone, group, record.saturating_sub(group.first));
        let mut healthy = || walk.is_record_healthy(record);
        match picked {
            DrawnChoice::One { why: Why::Weighted(pool), .. } => pool.share(weight, healthy) > 0,
            _ => picked.fail_open() || healthy(),
        }
    };
    candidates.iter().copied().filter(|record| in_pool(walk, *record)).collect()
}

impl GroupWriter<'_> {
    fn add_candidate(
        &self,
        steps: &mut Steps,
        walk: &mut Walk<'_, '_>,
        parent: u32,
        record: u32,
        is_chosen: bool,
    ) -> u32 {
        let (health, health_reason, words) = of_member(walk, record);
        let (verdict, reason) = match (is_chosen, health) {
            (true, _) => (Verdict::Chosen, self.why_chosen(walk, record)),
            (false, Health::Healthy) => (Verdict::Healthy, self.why_not(walk, record)),
            (false, Health::Unhealthy) => (Verdict::Unhealthy, self.why_not(walk, record)),
        };
        let text = sentence::member(&reason, &words, &self.facts);
        let member = Step {
            part: part(walk, record),
            verdict,
            health: Some(health),
            health_reason: Some(health_reason),
            text,
            ..Step::new(StepKind::Member, subject(walk, record), reason)
        };
        let member = steps.add(Some(parent), member);
        if !steps.is_full() {
            add_evidence(steps, walk, member, record, is_chosen, 0);
        }
        member
    }

    /// Adds a member that does not apply to this client.
    fn add_bystander(&self, steps: &mut Steps, walk: &mut Walk<'_, '_>, parent: u32, record: u32) {
        let (health, health_reason, words) = of_member(walk, record);
        let is_location = self.group.policy == PolicyKind::IpBased;
        let reason = Reason::new(if is_location { C::LocationElsewhere } else { C::PlaceElsewhere });
        let text = sentence::member(&reason, &words, &self.facts);
        let member = Step {
            part: part(walk, record),
            verdict: Verdict::NotACandidate,
            health: Some(health),
            health_reason: Some(health_reason),
            text,
            ..Step::new(StepKind::Member, subject(walk, record), reason)
        };
        steps.add(Some(parent), member);
    }

    /// The number of a member in its group.
    fn member(&self, record: u32) -> u32 {
        record.saturating_sub(self.group.first)
    }

    /// Adds a member's place in the order in which the policy tests them, from 1; nothing where it has no order.
    fn ranked(&self, record: u32, reason: Reason) -> Reason {
        if matches!(self.group.policy, PolicyKind::Simple | PolicyKind::Weighted | PolicyKind::MultivalueAnswer) {
            return reason;
        }
        match self.candidates.iter().position(|candidate| *candidate == record) {
            Some(before) => reason.with("rank", before.saturating_add(1)),
            None => reason,
        }
    }

    /// The policy's reason for a chosen member.
    fn why_chosen(&self, walk: &mut Walk<'_, '_>, record: u32) -> Reason {
        let is_alone = self.group.count == 1 && !self.group.policy.candidates_depend_on_client();
        let why = match &self.decision.chosen {
            DrawnChoice::One { why, .. } => *why,
            DrawnChoice::Several(chosen) => Why::Multivalue(chosen.why),
            DrawnChoice::Nothing => return Reason::new(C::OnlyRecordSet),
        };
        let code = match why {
            Why::Failover(failover::Why::PrimaryHealthy) => C::PrimaryHealthy,
            Why::Failover(failover::Why::PrimaryUnhealthy) => C::PrimaryUnhealthy,
            Why::Failover(failover::Why::NoPrimary) => C::NoPrimary,
            _ if is_alone => C::OnlyRecordSet,
            Why::Simple => C::OnlyRecordSet,
            Why::Failover(failover::Why::NothingHealthy) => C::PrimaryAsLastResort,
            Why::Weighted(_)
            | Why::Latency(latency::Why::Unknown)
            | Why::Geoproximity(geoproximity::Why::PositionUnknown)
                if self.pool.len() == 1 =>
            {
                C::OnlyOneInPool
            }
            Why::Weighted(pool) if pool.is_by_weight() => C::DrawnByWeight,
            Why::Weighted(_) => C::DrawnEqually,
            Why::Latency(latency::Why::ChinaRule) => C::ChinaRule,
            Why::Latency(latency::Why::Nearest(latency::Nearness::Kilometres(_))) => C::NearestRegion,
            Why::Latency(latency::Why::Nearest(_)) => C::LowestLatency,
            Why::Latency(latency::Why::Unknown) => C::FirstRegionCode,
            Why::Geolocation(_) => C::SmallestPlace,
            Why::Geoproximity(geoproximity::Why::Nearest) => C::NearestPlace,
            Why::Geoproximity(geoproximity::Why::PositionUnknown) => C::FirstSetIdentifier,
            Why::IpBased(ip_based::Why::Block) => C::LongestBlock,
            Why::IpBased(ip_based::Why::NoBlock) if walk.facts.network.is_none() => C::ClientNetworkUnknown,
            Why::IpBased(ip_based::Why::NoBlock) => C::NoBlockContainsClient,
            Why::IpBased(ip_based::Why::NoHealthyBlock) => C::NoHealthyBlockContainsClient,
            Why::Multivalue(multivalue::Why::All) => C::AllReturned,
            Why::Multivalue(multivalue::Why::Drawn) => C::DrawnTogether,
        };
        if code == C::OnlyRecordSet {
            return Reason::new(code);
        }
        let mut reason = measured(walk, self.group, record, Reason::new(code));
        match why {
            Why::Weighted(pool) => {
                if matches!(code, C::DrawnByWeight | C::DrawnEqually) {
                    let weight = |member: u32| own_weight(walk.zone, self.group, member);
                    let healthy = |member: u32| self.is_candidate_healthy(member);
                    let (shares, total, _) = weighted::shares(self.group.count, weight, healthy);
                    reason = match code {
                        C::DrawnByWeight => reason.with("total_weight", total),
                        _ => reason.with("members", shares.len()),
                    };
                    reason = reason.with("level", self.decision.level);
                }
                return reason.with("pool", pool_word(pool));
            }
            Why::Multivalue(_) => {
                reason = reason.with("members", self.pool.len());
                if code == C::DrawnTogether {
                    reason = reason.with("level", self.decision.level);
                }
                return reason.with("pool", self.pool_word());
            }
            _ => {}
        }
        reason = self.ranked(record, reason);
        if !matches!(why, Why::Failover(_)) {
            reason = reason.with("pool", self.pool_word());
        }
        match walk.runner_up(self.decision.group, self.group, record) {
            Some(next) => reason.with("runner_up", subject(walk, next)),
            None => reason,
        }
    }

    /// Whether a member of a weighted group is healthy, as it was found when the pool was made.
    fn is_candidate_healthy(&self, member: u32) -> bool {
        !self.facts.fail_open && self.pool.contains(&self.group.first.saturating_add(member))
    }

    /// What the pool of a policy without weights is.
    const fn pool_word(&self) -> &'static str {
        if self.facts.fail_open { "all" } else { "healthy" }
    }

    /// The policy's reason for a candidate that was not chosen.
    fn why_not(&self, walk: &mut Walk<'_, '_>, record: u32) -> Reason {
        let code = if self.pool.contains(&record) {
            self.passed_over(walk, record)
        } else if self.group.policy == PolicyKind::Weighted
            && own_weight(walk.zone, self.group, self.member(record)) == 0
            && (self.facts.fail_open || walk.is_record_healthy(record))
        {
            C::ZeroWeight
        } else {
            C::Unhealthy
        };
        let reason = measured(walk, self.group, record, Reason::new(code));
        let reason = match code {
            C::NotDrawn | C::NotAmongDrawn => reason.with("level", self.decision.level),
            _ => reason,
        };
        self.ranked(record, reason)
    }

    /// The policy's reason against a member that could be chosen.
    fn passed_over(&self, walk: &mut Walk<'_, '_>, record: u32) -> C {
        let chosen = self.chosen.first().copied().unwrap_or(record);
        let (own, other) = (self.member(record), self.member(chosen));
        match self.group.policy {
            PolicyKind::Weighted => C::NotDrawn,
            PolicyKind::MultivalueAnswer => C::NotAmongDrawn,
            PolicyKind::Failover => C::SecondaryStandsBy,
            PolicyKind::Geolocation => C::WiderPlace,
            PolicyKind::IpBased if record == self.group.default_member => C::DefaultStandsBy,
            PolicyKind::IpBased => C::ShorterBlock,
            PolicyKind::Latency => {
                let (zone, country, source) = (walk.zone, walk.facts.country, walk.latency_source());
                let region = |member| region(zone, self.group, member);
                match latency::passed_over(region(own), region(other), |region| source.nearness(region), country) {
                    latency::PassedOver::ChinaRule => C::ChinaPrefersBeijing,
                    latency::PassedOver::Farther if source.is_distance() => C::FartherRegion,
                    latency::PassedOver::Farther => C::HigherLatency,
                    latency::PassedOver::Unknown => C::LatencyUnknown,
                    latency::PassedOver::LaterCode => C::TieLaterRegionCode,
                    latency::PassedOver::LaterCodeUnknown => C::LaterRegionCode,
                }
            }
            PolicyKind::Geoproximity => match geoproximity::passed_over(walk.distances(self.group), own, other) {
                geoproximity::PassedOver::Farther => C::FartherPlace,
                geoproximity::PassedOver::LaterSetIdentifier => C::TieLaterSetIdentifier,
                geoproximity::PassedOver::PositionUnknown => C::LaterSetIdentifier,
            },
            PolicyKind::Simple => C::Unhealthy,
        }
    }

    /// Adds what to know beside the members.
    fn add_notes(&self, steps: &mut Steps, walk: &mut Walk<'_, '_>, step: u32) {
        let names = |records: &[u32]| -> Vec<String> {
            records.iter().map(|record| subject(walk, *record).to_string()).collect()
        };
        if let Some(reason) = self.decision.undetermined {
            let code = match reason {
                Undetermined::LatencyUnknown => C::UndeterminedLatency,
                Undetermined::PositionUnknown => C::UndeterminedPosition,
            };
            add_note(steps, step, Reason::new(code).with("possible", names(&self.pool)));
        }
        let Some(chosen) = self.chosen.first().filter(|_| self.group.policy == PolicyKind::Geoproximity) else {
            return;
        };
        let Some(distance) = walk.distances(self.group) else { return };
        let best = distance(self.member(*chosen));
        for record in self.pool.iter().filter(|record| *record != chosen) {
            let other = distance(self.member(*record));
            if other > best && other <= best * CLOSE {
                add_note(steps, step, Reason::new(C::CloseDistance).with("set_identifier", subject(walk, *record)));
            }
        }
    }
}

/// What the pool of a weighted group is (4.3.6).
const fn pool_word(pool: Pool) -> &'static str {
    match pool {
        Pool::LiveWeighted => "healthy-with-weight",
        Pool::LiveZero => "healthy-without-weight",
        Pool::AllWeighted => "all-with-weight",
        Pool::All => "all",
    }
}
