//! How a name recovers from one failure.

use std::collections::BTreeSet;

use pointsman_core::model::record::Content;

use super::bisect::bisect;
use super::detect::Detection;
use super::hold::{Hold, Resolvers};
use super::levers::{Lever, levers};
use super::moved::recovered_by;
use super::recovery::{Options, Recovery, Times};
use super::shares::Shares;
use super::simulate;
use crate::class::{Class, Classes};
use crate::subject::{Leads, Subject};
use crate::traffic::shares_in;
use crate::tree::answers;
use crate::world::World;

/// How a name recovers when the endpoints of a world die; `None` when nobody was sent to them.
#[must_use]
pub fn recovery(subject: &Subject, question: usize, world: &World, options: &Options) -> Option<Recovery> {
    let classes = Classes::of(subject, question);
    let (people, clients) = people(subject, &classes, world);
    let (levers, assumed) = levers(subject, question, world);
    let shares = Shares::new(subject, &people, world, &levers);
    let affected = shares.on_dead(0);
    if affected <= 0.0 {
        return None;
    }
    let all = shares.every();
    let stuck = shares.on_dead(all);
    let ttl = ttl(subject, question, world);
    let hold = Hold::new(&options.resolvers, ttl);
    let mut recovery = Recovery {
        failure: world.describe(subject),
        clients,
        affected,
        stuck,
        turns: levers.iter().map(|lever| (lever.id.clone(), lever.detection)).collect(),
        ttl,
        detected: [0.0; 3],
        recovered: [0.0; 3],
        mean: 0.0,
        curve: Vec::new(),
        closed_form: false,
        assumed,
        endpoints: subject.endpoints.below(subject, question).len(),
        times: Times::Never,
    };
    if affected - stuck <= 0.0 {
        recovery.curve = vec![(0.0, affected), (600.0, affected)];
        return Some(recovery);
    }
    match deciding(&shares, &levers) {
        Some(detection) => closed(&mut recovery, detection, &hold),
        None => simulate::fill(&mut recovery, &shares, &levers, &hold, options),
    }
    Some(recovery)
}

/// The only lever that moves anything, when there is just one.
fn deciding(shares: &Shares, levers: &[Lever]) -> Option<Detection> {
    let all = shares.every();
    let mut deciding = levers.iter().enumerate().filter(|(bit, _)| {
        // It decides when turning it alone moves everything, and turning all others moves nothing.
        shares.on_dead(1 << bit) <= shares.on_dead(all) && shares.on_dead(all & !(1 << bit)) >= shares.on_dead(0)
    });
    let (_, first) = deciding.next()?;
    deciding.next().is_none().then_some(first.detection)
}

/// The figures from the distributions themselves; the one integral is over the detection's.
fn closed(recovery: &mut Recovery, detection: Detection, hold: &Hold) {
    let by = |seconds: f64| recovered_by(detection, hold, seconds);
    let end = detection.fixed + detection.spread + hold.longest();
    recovery.closed_form = true;
    recovery.times = Times::Closed(detection, hold.clone());
    recovery.detected = [0.5, 0.9, 0.99].map(|probability| detection.quantile(probability));
    recovery.recovered = [0.5, 0.9, 0.99].map(|probability| bisect(0.0, end, |seconds| by(seconds) >= probability));
    recovery.mean = detection.mean() + hold.mean();
    let moving = recovery.affected - recovery.stuck;
    recovery.curve = (0..=120)
        .map(|step| {
            let seconds = end * f64::from(step) / 120.0;
            (seconds, recovery.stuck + moving * (1.0 - by(seconds)))
        })
        .collect();
}

/// The longest TTL with which this percentile of clients has moved within `wanted` seconds; `None` when detection alone
/// takes longer.
#[must_use]
pub fn ttl_for(detection: Detection, resolvers: &[Resolvers], wanted: f64, probability: f64) -> Option<u32> {
    let meets = |ttl: u32| recovered_by(detection, &Hold::new(resolvers, ttl), wanted) >= probability;
    if !meets(0) {
        return None;
    }
    let (mut low, mut high) = (0_u32, 86_400_u32);
    while low < high {
        let middle = low.saturating_add(high).saturating_add(1) / 2;
        if meets(middle) { low = middle } else { high = middle.saturating_sub(1) }
    }
    Some(low)
}

/// Who is looked at: everybody by traffic, or else the class that the failure hits most.
fn people<'c>(subject: &Subject, classes: &'c Classes, world: &World) -> (Vec<(&'c Class, f64)>, String) {
    if classes.has_traffic() {
        let people = classes.list.iter().map(|class| (class, class.traffic.unwrap_or(0.0))).collect();
        return (people, "every client".into());
    }
    let hit = |class: &Class| {
        let shares = shares_in(subject, &class.tree, &World::default());
        shares.iter().filter(|(endpoint, _)| world.dead.contains(endpoint)).map(|(_, share)| share).sum::<f64>()
    };
    let worst = classes.list.iter().enumerate().max_by(|(_, a), (_, b)| hit(a).total_cmp(&hit(b)));
    match worst {
        Some((number, class)) => (vec![(class, 1.0)], classes.describe(number)),
        None => (Vec::new(), String::new()),
    }
}

/// The longest TTL of the name's answers that lead to what is dead, the CNAMEs on the way included: whichever changes,
/// clients hold it as long.
fn ttl(subject: &Subject, question: usize, world: &World) -> u32 {
    let below = subject.endpoints.below(subject, question);
    let is_dead = |endpoint: &usize| world.dead.binary_search(endpoint).is_ok();
    let (mut seen, mut open, mut longest) = (BTreeSet::new(), vec![question], None);
    while let Some(group) = open.pop() {
        let Some(group) = subject.group(group).filter(|_| seen.insert(group)) else { continue };
        for record in &group.members {
            let leads_there = match subject.leads(*record) {
                Leads::Group(next, _) => {
                    open.push(next);
                    subject.leads_by_cname(*record) && subject.endpoints.below(subject, next).iter().any(is_dead)
                }
                _ => answers(subject, *record).iter().any(|endpoint| is_dead(endpoint) && below.contains(endpoint)),
            };
            let ttl = match (subject.record(*record).map(|set| &set.content), subject.leads(*record)) {
                _ if !leads_there => None,
                (Some(Content::Values { ttl, .. }), _) => Some(*ttl),
                (_, Leads::Resource(resource, _)) => {
                    subject.zone.alias_targets.get(resource).map(|resource| resource.ttl)
                }
                _ => None,
            };
            longest = longest.max(ttl);
        }
    }
    longest.unwrap_or(60)
}
