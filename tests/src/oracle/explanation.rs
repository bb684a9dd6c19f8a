//! What an explanation has to say: facts, not draws. Who is healthy and by what, who was a candidate, which pool, which
//! rank, what would change the choice. The steps stand in the order in which an explanation tells them.

mod reasons;

use serde_json::{Map, Value, json};

use super::answer::SEVERAL;
use super::draw::DrawStream;
use super::health::{Raw, World};
use super::lookup::Found;
use super::name::{self, Name};
use super::policy::{Choice, Decision};
use super::zone::{Content, Policy, Record};

/// The steps of an explanation without their sentences.
pub(super) fn steps(world: &World<'_>, name: &Name, kind: &str, draw: u64) -> Vec<Value> {
    let mut writer = Writer { world, steps: Vec::new() };
    let found = world.zone.find(name, kind);
    let reason = writer.lookup(name, &found);
    let zone = name::print(&world.zone.apex);
    writer.add(None, "lookup", &format!("zone {zone}"), json!({"verdict": null, "reason": reason}));
    if let Found::Group { name, kind } = found {
        writer.walk(&name, &kind, DrawStream::new(draw), 0, 0);
    }
    writer.steps
}

/// A reason: its code, with parameters.
fn reason(code: &str, parameters: Value) -> Value {
    let mut reason = Map::from_iter([("code".to_owned(), json!(code))]);
    if let Value::Object(parameters) = parameters {
        reason.extend(parameters.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(reason)
}

fn id(record: &Record) -> &str {
    record.id.as_deref().unwrap_or("the only record set")
}

fn same(one: &Record, other: &Record) -> bool {
    std::ptr::eq(one, other)
}

fn word(healthy: bool) -> &'static str {
    if healthy { "healthy" } else { "unhealthy" }
}

fn weight(record: &Record) -> u64 {
    if let Policy::Weighted(weight) = record.policy { weight } else { 0 }
}

fn is_default(record: &Record) -> bool {
    matches!(&record.policy, Policy::IpBased { location, .. } if location == "*")
}

const fn policy_word(policy: &Policy) -> &'static str {
    match policy {
        Policy::Simple => "simple",
        Policy::Failover { .. } => "failover",
        Policy::Weighted(_) => "weighted",
        Policy::Latency(_) => "latency",
        Policy::Geolocation { .. } => "geolocation",
        Policy::Geoproximity { .. } => "geoproximity",
        Policy::IpBased { .. } => "IP-based",
        Policy::Multivalue => "multivalue answer",
    }
}

/// Latencies are microseconds here and milliseconds in an explanation.
fn milliseconds(microseconds: u64) -> Value {
    if microseconds.is_multiple_of(1000) { json!(microseconds / 1000) } else { json!(microseconds as f64 / 1000.0) }
}

/// One group, and what was chosen of it.
struct Decided<'z> {
    candidates: Vec<&'z Record>,
    count: usize,
    chosen: Vec<&'z Record>,
    pool: Vec<&'z Record>,
    fail_open: bool,
    level: u64,
}

struct Writer<'t, 'w> {
    world: &'t World<'w>,
    steps: Vec<Value>,
}

impl<'w> Writer<'_, 'w> {
    fn add(&mut self, parent: Option<usize>, kind: &str, subject: &str, fields: Value) -> usize {
        let mut step = Map::from_iter([
            ("parent".into(), json!(parent)),
            ("kind".into(), json!(kind)),
            ("subject".into(), json!(subject)),
        ]);
        if let Value::Object(fields) = fields {
            step.extend(fields);
        }
        self.steps.push(Value::Object(step));
        self.steps.len() - 1
    }

    fn note(&mut self, parent: usize, reason: Value) {
        self.add(Some(parent), "note", "note", json!({"verdict": null, "reason": reason}));
    }

    /// The nearest wildcard above an existing name, which that name keeps from matching (RFC 4592).
    fn add_blocked(&self, existing: &[Vec<u8>], parameters: &mut Value) {
        let zone = self.world.zone;
        let mut above = existing;
        while above != zone.apex && existing.first().is_some_and(|label| label != b"*") {
            above = &above[1..];
            let wildcard = name::wildcard_under(above);
            if zone.exists(&wildcard) {
                parameters["blocked_wildcard"] = name::print(&wildcard).into();
                return;
            }
        }
    }

    fn lookup(&self, asked: &Name, found: &Found<'_>) -> Value {
        let zone = self.world.zone;
        let above = || {
            let mut above = asked.as_slice();
            while !zone.exists(above) {
                above = &above[1..];
            }
            above.to_vec()
        };
        match found {
            Found::Refused => reason("outside-zone", json!({})),
            Found::Referral(cut) => reason("delegated", json!({"name": name::print(&cut.name)})),
            Found::NxDomain => {
                let encloser = above();
                let mut parameters = json!({"closest_encloser": name::print(&encloser)});
                self.add_blocked(&encloser, &mut parameters);
                reason("name-not-found", parameters)
            }
            Found::NoData if !zone.exists(asked) => {
                let wildcard = name::print(&name::wildcard_under(&above()));
                reason("wildcard-type-not-found", json!({"wildcard": wildcard}))
            }
            Found::NoData if zone.records.iter().any(|record| record.name == *asked) => {
                let mut parameters = json!({});
                self.add_blocked(asked, &mut parameters);
                reason("type-not-found", parameters)
            }
            Found::NoData => {
                let mut parameters = json!({});
                self.add_blocked(asked, &mut parameters);
                reason("no-record-sets-at-name", parameters)
            }
            Found::Group { name, .. } if name != asked => {
                reason("wildcard-found", json!({"wildcard": name::print(name)}))
            }
            Found::Group { .. } => reason("name-found", json!({})),
        }
    }

    /// One group on the way, and those after it.
    fn walk(&mut self, name: &Name, kind: &str, draws: DrawStream, level: u64, under: usize) {
        let group = self.world.zone.group(name, kind);
        let Decision { choice, fail_open, undetermined } = self.world.choose(&group, Some(draws));
        let candidates = self.world.in_order(&group);
        let pool = match self.world.choose(&group, None).choice {
            Choice::Weighted(pool) => pool.into_iter().map(|(member, _)| member).collect(),
            _ => candidates.iter().copied().filter(|member| fail_open || self.world.is_healthy(member)).collect(),
        };
        let chosen = match choice {
            Choice::One(member) => vec![member],
            Choice::Several(pool) if pool.len() > SEVERAL => draws.eight(pool),
            Choice::Several(pool) => pool,
            Choice::Nothing | Choice::Weighted(_) => Vec::new(),
        };
        // Without a candidate nothing is chosen, so that nothing fails open.
        let fail_open = fail_open && !chosen.is_empty();
        let decided = Decided { count: group.len(), candidates, chosen, pool, fail_open, level };
        let step = self.group(Some(under), name, kind, &group, &decided, Value::Null);
        if fail_open {
            let sizes = json!({"candidates": decided.candidates.len(), "pool_size": decided.pool.len()});
            self.note(step, reason("fail-open", sizes));
        }
        let mut below = step;
        for member in &decided.candidates {
            let is_chosen = decided.chosen.iter().any(|chosen| same(chosen, member));
            let (verdict, why) = match is_chosen {
                true => ("chosen", self.why_chosen(&decided, member)),
                false => (word(self.world.is_healthy(member)), self.why_not(&decided, member)),
            };
            let step = self.member(step, member, verdict, why);
            if is_chosen {
                below = step;
            }
            self.evidence(step, member, kind, is_chosen);
        }
        for member in group.iter().filter(|member| !decided.candidates.iter().any(|candidate| same(candidate, member)))
        {
            let is_block = matches!(member.policy, Policy::IpBased { .. });
            let code = if is_block { "location-elsewhere" } else { "place-elsewhere" };
            self.member(step, member, "not-a-candidate", reason(code, json!({})));
        }
        self.notes(step, &decided, undetermined);
        let [member] = decided.chosen[..] else { return };
        match &member.content {
            Content::InZone { target, .. } => self.walk(target, kind, draws.deeper(), level + 1, below),
            Content::Aws { target, .. } => self.addresses(below, target, kind),
            Content::Values { .. } => {}
        }
    }

    fn notes(&mut self, step: usize, decided: &Decided<'_>, undetermined: bool) {
        let world = self.world;
        if undetermined {
            let possible: Vec<&str> = decided.pool.iter().map(|member| id(member)).collect();
            let is_latency = matches!(decided.candidates[0].policy, Policy::Latency(_));
            let code = if is_latency { "undetermined-latency" } else { "undetermined-position" };
            self.note(step, reason(code, json!({"possible": possible})));
        }
        let [chosen] = decided.chosen[..] else { return };
        let Some((_, best)) = world.distances(chosen) else { return };
        for other in decided.pool.iter().filter(|other| !same(other, chosen)) {
            let is_close = |(_, distance): (f64, f64)| distance > best && distance <= best * 1.02;
            if world.distances(other).is_some_and(is_close) {
                self.note(step, reason("close-distance", json!({"set_identifier": id(other)})));
            }
        }
    }

    /// Where an AWS resource's addresses come from.
    fn addresses(&mut self, under: usize, target: &Name, kind: &str) {
        let entry = self.world.zone.resources.iter().find(|resource| resource.name == *target);
        let entry = entry.filter(|resource| resource.a.is_some() || resource.aaaa.is_some());
        let why = match entry.map(|resource| if kind == "A" { &resource.a } else { &resource.aaaa }) {
            None => reason("addresses-unknown", json!({})),
            Some(Some(addresses)) if !addresses.is_empty() => reason("addresses-known", json!({})),
            Some(_) => reason("no-address-of-type", json!({"type": kind})),
        };
        let health = word(self.world.is_resource_healthy(target));
        let fields = json!({"verdict": null, "health": health, "reason": why});
        self.add(Some(under), "alias-target", &name::print(target), fields);
    }

    fn group(
        &mut self,
        parent: Option<usize>,
        name: &Name,
        kind: &str,
        group: &[&'w Record],
        decided: &Decided<'w>,
        verdict: Value,
    ) -> usize {
        let healthy = decided.candidates.iter().filter(|member| self.world.is_healthy(member)).count();
        let code = match (decided.candidates.len(), healthy) {
            (0, _) => "no-candidate",
            (_, 0) => "no-healthy-candidate",
            _ => "healthy-candidates",
        };
        let fields = json!({
            "verdict": verdict, "policy": policy_word(&group[0].policy), "record_sets": group.len(),
            "candidates": decided.candidates.len(), "healthy": healthy, "fail_open": decided.fail_open,
            "reason": reason(code, json!({})),
        });
        self.add(parent, "group", &format!("{} {kind}", name::print(name)), fields)
    }

    fn member(&mut self, parent: usize, member: &Record, verdict: &str, why: Value) -> usize {
        let health = word(self.world.is_healthy(member));
        let because = self.health(member);
        let fields = json!({"verdict": verdict, "health": health, "reason": why, "health_reason": because});
        self.add(Some(parent), "member", id(member), fields)
    }

    /// By what a record set is healthy or not (3.1 - 3.4).
    fn health(&self, member: &Record) -> Value {
        let world = self.world;
        let check = member.check.as_deref();
        let own = check.is_none_or(|id| world.is_check_healthy(id));
        let (target, evaluated, target_health) = match &member.content {
            Content::Values { .. } => (None, false, true),
            Content::InZone { target, evaluate } => {
                let group = world.zone.group(target, &member.kind);
                let healthy = world.candidates(&group).iter().any(|member| world.is_healthy(member));
                (Some(format!("{} {}", name::print(target), member.kind)), *evaluate, healthy)
            }
            Content::Aws { target, evaluate } => {
                (Some(name::print(target)), *evaluate, world.is_resource_healthy(target))
            }
        };
        let code = match (check, own, &target, evaluated) {
            (Some(_), false, ..) => "check-unhealthy",
            (None, _, None, _) => "no-health-check",
            (Some(_), true, None, _) => "check-healthy",
            (.., Some(_), false) => "target-not-evaluated",
            (None, ..) if target_health => "target-healthy",
            (None, ..) => "target-unhealthy",
            (Some(_), ..) if target_health => "check-and-target-healthy",
            (Some(_), ..) => "check-healthy-target-unhealthy",
        };
        let counts = (!own && evaluated).then(|| word(target_health));
        reason(code, json!({"check": check, "target": target, "target_health": counts}))
    }

    /// The checks, the resource and the dead group below a candidate.
    fn evidence(&mut self, step: usize, member: &Record, kind: &str, is_chosen: bool) {
        if let Some(check) = &member.check {
            self.check(step, check);
        }
        match &member.content {
            Content::Aws { target, evaluate } => {
                let healthy = self.world.is_resource_healthy(target);
                let (code, verdict) = match (evaluate, healthy) {
                    (true, true) => ("resource-healthy", json!("healthy")),
                    (true, false) => ("resource-unhealthy", json!("unhealthy")),
                    (false, _) => ("resource-not-evaluated", Value::Null),
                };
                let fields = json!({"verdict": verdict, "health": word(healthy), "reason": reason(code, json!({}))});
                self.add(Some(step), "alias-target", &name::print(target), fields);
            }
            Content::InZone { target, evaluate: true } if !is_chosen => {
                let group = self.world.zone.group(target, kind);
                let candidates = self.world.in_order(&group);
                if candidates.iter().any(|member| self.world.is_healthy(member)) {
                    return;
                }
                let nothing = (Vec::new(), Vec::new());
                let decided = Decided {
                    count: group.len(),
                    candidates,
                    chosen: nothing.0,
                    pool: nothing.1,
                    fail_open: false,
                    level: 0,
                };
                let step = self.group(Some(step), target, kind, &group, &decided, json!("unhealthy"));
                for member in &decided.candidates {
                    let step = self.member(step, member, "unhealthy", reason("unhealthy", json!({})));
                    self.evidence(step, member, kind, false);
                }
            }
            _ => {}
        }
    }

    /// Where a check's status comes from (6).
    fn check(&mut self, parent: usize, id: &str) {
        let world = self.world;
        let check = world.zone.checks.iter().find(|check| check.id == id);
        let is_calculated = check.is_some_and(|check| check.kind == "CALCULATED");
        let is_alarm = check.is_some_and(|check| check.kind == "CLOUDWATCH_METRIC");
        let healthy_children = || {
            let children = check.iter().flat_map(|check| &check.children);
            children.filter(|child| world.is_check_healthy(child)).count()
        };
        let inverted = check.is_some_and(|check| check.inverted).then_some(true);
        let said = world.report.said_of(id);
        let (reports, successes) = said.map_or((None, None), |lines| {
            let successes = lines.iter().filter(|(_, status)| status.starts_with("Success")).count();
            let lines: Vec<String> = lines
                .iter()
                .map(|(region, status)| if region.is_empty() { status.clone() } else { format!("{region}: {status}") })
                .collect();
            (Some(lines), Some(successes))
        });
        let checkers = reports.as_ref().map(Vec::len);
        let observed = json!({"successes": successes, "checkers": checkers, "reports": reports});
        let (code, mut parameters) = match (check, world.raw_status(id)) {
            (Some(check), _) if check.disabled => ("disabled", json!({})),
            (Some(check), _) if is_calculated => {
                let healthy = healthy_children();
                let enough = healthy as u64 >= check.threshold;
                let code = if enough { "enough-children-healthy" } else { "too-few-children-healthy" };
                (code, json!({"healthy": healthy, "children": check.children.len(), "threshold": check.threshold}))
            }
            (_, Some(Raw::Healthy)) => ("reported-healthy", observed),
            (_, Some(Raw::Unhealthy)) => ("reported-unhealthy", observed),
            (Some(check), Some(Raw::Insufficient { last_known_healthy })) if is_alarm => (
                "insufficient-data",
                json!({"insufficient_data_health_status": check.when_insufficient, "last_known": word(last_known_healthy)}),
            ),
            _ => ("no-data", json!({})),
        };
        parameters["inverted"] = json!(inverted);
        let health = word(world.is_check_healthy(id));
        let fields = json!({"verdict": health, "health": health, "reason": reason(code, parameters)});
        let step = self.add(Some(parent), "health-check", id, fields);
        if is_calculated {
            for child in check.iter().flat_map(|check| &check.children) {
                self.check(step, child);
            }
        }
    }
}
