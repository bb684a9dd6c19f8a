//! How long until clients have moved.
//!
//! When endpoints die, each health check and alias target that notices turns at a time of its own ([`detect`]); with each
//! turn the answers may move. Clients hold what they got for a while ([`hold`]). Where one turn moves everything, the
//! distribution of the time until a client has moved has a closed form but for one integral; in any case it is
//! simulated, seeded, through the same tree that a drill reasons on. Tests hold the two against each other.

pub mod detect;
pub mod hold;
mod shares;
mod simulate;
mod svg;

use serde_json::{Value, json};

use crate::class::{Class, Classes};

use crate::subject::{Leads, Subject};
use crate::tree::answers;
use crate::world::World;
use detect::Detection;
use hold::{Hold, Resolvers};
use pointsman_core::model::HealthCheckKind;
use pointsman_core::model::record::Content;
use shares::Shares;
pub(crate) use shares::shares_in;

pub use svg::chart;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// What resolvers and clients do with a TTL.
    pub resolvers: Vec<Resolvers>,
    /// Simulated clients.
    pub samples: u32,
    /// The seed of the simulation.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { resolvers: hold::assumed(), samples: 40_000, seed: 1 }
    }
}

/// How a name recovers from one failure.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// What fails, in words.
    pub failure: String,
    /// Who is looked at, in words.
    pub clients: String,
    /// The share of their requests that went to what fails.
    pub affected: f64,
    /// The share that goes there still when everything that notices has turned.
    pub stuck: f64,
    /// What turns: its name, and when.
    pub turns: Vec<(String, Detection)>,
    /// The TTL of the answers that lead there, in seconds; of several the longest.
    pub ttl: u32,
    /// When the answers have moved: p50, p90, p99.
    pub detected: [f64; 3],
    /// When a client that was affected, and is not stuck, has moved: p50, p90, p99.
    pub recovered: [f64; 3],
    /// The mean of that.
    pub mean: f64,
    /// Seconds, and the share of all requests that still go to what is dead.
    pub curve: Vec<(f64, f64)>,
    /// Whether the figures are the closed form's; else the simulation's.
    pub closed_form: bool,
    /// What was assumed because no document says it.
    pub assumed: Vec<&'static str>,
    /// Endpoints of the name, for a comparison with sharing the load among all of them.
    pub endpoints: usize,
}

impl Recovery {
    /// Request-seconds lost to the dead endpoint at one request a second; more when clients are stuck there.
    #[must_use]
    pub fn lost(&self) -> f64 {
        (self.affected - self.stuck).max(0.0) * self.mean
    }

    /// The recovery as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let turns: Vec<Value> = self
            .turns
            .iter()
            .map(|(id, detection)| json!({"id": id, "earliest": detection.fixed, "mean": detection.mean(), "latest": detection.fixed + detection.spread}))
            .collect();
        json!({"failure": self.failure, "clients": self.clients, "affected": self.affected, "stuck": self.stuck,
            "ttl": self.ttl, "turns": turns, "detected": percentiles(self.detected), "recovered": percentiles(self.recovered),
            "mean": self.mean, "request_seconds_lost": self.lost(), "closed_form": self.closed_form,
            "assumed": self.assumed, "curve": self.curve})
    }
}

fn percentiles([p50, p90, p99]: [f64; 3]) -> Value {
    json!({"p50": p50, "p90": p90, "p99": p99})
}

/// Something that turns when the endpoints die.
#[derive(Debug, Clone)]
pub(crate) struct Lever {
    pub(crate) id: String,
    /// A check, or the endpoint of a resource whose health counts.
    pub(crate) what: What,
    pub(crate) detection: Detection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Check(usize),
    Resource(usize),
}

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

/// The probability that a client has moved by then: over 400 equally likely times of detection.
#[must_use]
pub fn recovered_by(detection: Detection, hold: &Hold, seconds: f64) -> f64 {
    const SLICES: u32 = 400;
    if detection.spread <= 0.0 {
        return hold.by(seconds - detection.fixed);
    }
    let mut sum = 0.0;
    let mut before = 0.0;
    for slice in 1..=SLICES {
        let at = detection.fixed + detection.spread * f64::from(slice) / f64::from(SLICES);
        let now = detection.by(at);
        let middle = at - detection.spread / f64::from(SLICES) / 2.0;
        sum += (now - before) * hold.by(seconds - middle);
        before = now;
    }
    sum
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

/// What turns when the endpoints die, of what bears on the name; at most 16.
fn levers(subject: &Subject, question: usize, world: &World) -> (Vec<Lever>, Vec<&'static str>) {
    let (mut levers, mut assumed) = (Vec::new(), Vec::new());
    let mut add = |id: String, what: What, (detection, note): (Detection, Option<&'static str>)| {
        if let Some(note) = note.filter(|note| !assumed.contains(note)) {
            assumed.push(note);
        }
        levers.push(Lever { id, what, detection });
    };
    for check in subject.checks_of(question) {
        let known = subject.zone.health_checks.get(check);
        let is_reported =
            known.is_some_and(|known| !matches!(known.kind, HealthCheckKind::Calculated { .. }) && !known.disabled);
        if is_reported && world.is_raw_unhealthy(subject, check) {
            add(subject.check_id(check).into(), What::Check(check), detect::of_check(subject, check));
        }
    }
    let evaluated = (0..subject.zone.record_sets.len()).filter_map(|record| match subject.leads(record) {
        Leads::Resource(_, true) => answers(subject, record).first().copied(),
        _ => None,
    });
    let below = subject.endpoints.below(subject, question);
    let mut seen = Vec::new();
    for endpoint in evaluated.filter(|endpoint| below.contains(endpoint) && world.dead.contains(endpoint)) {
        if !seen.contains(&endpoint) {
            seen.push(endpoint);
            let label = subject.endpoints.list.get(endpoint).map(|endpoint| endpoint.label.clone());
            add(label.unwrap_or_default(), What::Resource(endpoint), detect::of_resource());
        }
    }
    levers.truncate(16);
    (levers, assumed)
}

/// The longest TTL of the name's answers that lead to what is dead.
fn ttl(subject: &Subject, question: usize, world: &World) -> u32 {
    let below = subject.endpoints.below(subject, question);
    let records = subject.zone.record_sets.iter().enumerate().filter(|(record, _)| {
        answers(subject, *record).iter().any(|endpoint| world.dead.contains(endpoint) && below.contains(endpoint))
    });
    let ttls = records.filter_map(|(record, set)| match (&set.content, subject.leads(record)) {
        (Content::Values { ttl, .. }, _) => Some(*ttl),
        (_, Leads::Resource(resource, _)) => subject.zone.alias_targets.get(resource).map(|resource| resource.ttl),
        _ => None,
    });
    ttls.max().unwrap_or(60)
}

/// The smallest number at which a growing condition holds.
pub(crate) fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
