//! One state of the world: what is dead, and what that looks like to health checks and alias targets.

use pointsman_core::diagnostic::{Path, Place};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{AliasStatus, HealthReport, RawStatus};
use serde_json::{Map, Value, json};

use crate::algebra::{Lanes, Statuses};
use crate::subject::Subject;
use crate::text::listed;

/// A set of dead endpoints, and of health checks that fail although what they read is alive.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    /// Dead endpoints, in order.
    pub dead: Vec<usize>,
    /// Health checks that fail by themselves, in order.
    pub failing: Vec<usize>,
    /// Those of the dead that only count as unhealthy, and fail their clients, while health checks that
    /// [may pass](crate::endpoint::Reads::may_pass) find them alive; in order.
    pub passing: Vec<usize>,
    /// The failure domain that this is, by its number; what is in it stands in the two lists.
    pub domain: Option<usize>,
}

impl World {
    /// The world in which a failure domain is dead.
    #[must_use]
    pub fn of_domain(subject: &Subject, number: usize) -> Self {
        let Some(domain) = subject.endpoints.domains.get(number) else { return Self::default() };
        Self { dead: domain.endpoints.clone(), failing: domain.checks.clone(), domain: Some(number), ..Self::default() }
    }

    /// How many things failed: a domain is one.
    #[must_use]
    pub fn size(&self) -> usize {
        if self.domain.is_some() { 1 } else { self.dead.len().saturating_add(self.failing.len()) }
    }

    /// Whether a health check that is not calculated reports unhealthy.
    #[must_use]
    pub fn is_raw_unhealthy(&self, subject: &Subject, check: usize) -> bool {
        self.failing.contains(&check)
            || subject.endpoints.reads.get(check).is_some_and(|reads| {
                let is_passed = |endpoint: &usize| reads.may_pass && self.passing.binary_search(endpoint).is_ok();
                let is_dead = |endpoint: &usize| self.dead.binary_search(endpoint).is_ok() && !is_passed(endpoint);
                reads.any.iter().any(is_dead) || reads.all.iter().any(|all| all.iter().all(is_dead))
            })
    }

    /// What is dead and what is healthy, in bit 0 of each word.
    #[must_use]
    pub fn statuses(&self, subject: &Subject) -> Statuses<u64> {
        let lane = |list: &[usize], length: usize| {
            let mut lanes = vec![0_u64; length];
            for number in list {
                if let Some(lane) = lanes.get_mut(*number) {
                    *lane = u64::MAX;
                }
            }
            lanes
        };
        let dead = lane(&self.dead, subject.endpoints.list.len());
        let failing = lane(&self.failing, subject.zone.health_checks.len());
        let mut statuses =
            Statuses { dead, seen: self.passing.iter().map(|one| (*one, 0)).collect(), healthy: Vec::new() };
        let checks = subject.zone.health_checks.len();
        statuses.healthy = vec![u64::MAX; checks];
        let by_itself = |check: usize| failing.get(check).copied().unwrap_or(0);
        statuses.work_out(subject, &mut Lanes, by_itself, 0..checks);
        statuses
    }

    /// The health report that this world gives.
    #[must_use]
    pub fn report(&self, subject: &Subject) -> HealthReport {
        let place = || Place::new(0, Path::root());
        let mut report = HealthReport::default();
        for (number, check) in subject.zone.health_checks.iter().enumerate() {
            if !subject.is_calculated(number) && self.is_raw_unhealthy(subject, number) {
                report.health_checks.push((check.id.clone(), RawStatus::Unhealthy, place()));
            }
        }
        for endpoint in self.dead.iter().filter_map(|dead| subject.endpoints.list.get(*dead)) {
            if endpoint.resource.is_some() {
                report.alias_targets.push((endpoint.label.as_str().into(), AliasStatus::Unhealthy, place()));
            }
        }
        report
    }

    /// The zone in this world.
    #[must_use]
    pub fn view(&self, subject: &Subject) -> HealthView {
        subject.view.updated(&self.report(subject)).0
    }

    /// What `--down` takes for this world: health checks and alias targets.
    #[must_use]
    pub fn down(&self, subject: &Subject) -> Vec<String> {
        let report = self.report(subject);
        let checks = report.health_checks.iter().map(|(id, ..)| id.to_string());
        checks.chain(report.alias_targets.iter().map(|(name, ..)| name.to_string())).collect()
    }

    /// The [report](Self::report) as JSON.
    #[must_use]
    pub fn report_json(&self, subject: &Subject) -> Value {
        let report = self.report(subject);
        let unhealthy = |names: Vec<String>| -> Map<String, Value> {
            names.into_iter().map(|name| (name, "unhealthy".into())).collect()
        };
        let checks = unhealthy(report.health_checks.iter().map(|(id, ..)| id.to_string()).collect());
        let targets = unhealthy(report.alias_targets.iter().map(|(name, ..)| name.to_string()).collect());
        json!({"HealthChecks": checks, "AliasTargets": targets})
    }

    /// What is dead, in words: `192.0.2.1 and health check hc-2`; `nothing` when all is well.
    #[must_use]
    pub fn describe(&self, subject: &Subject) -> String {
        if let Some(domain) = self.domain.and_then(|domain| subject.endpoints.domains.get(domain)) {
            return format!("failure domain {}", domain.name);
        }
        let items = self.items(subject);
        if items.is_empty() { "nothing".into() } else { listed(&items, 6) }
    }

    /// What is dead, one by one.
    #[must_use]
    pub fn items(&self, subject: &Subject) -> Vec<String> {
        let dead = self.dead.iter().filter_map(|dead| {
            let label = &subject.endpoints.list.get(*dead)?.label;
            Some(match self.passing.binary_search(dead) {
                Ok(_) => format!("{label} (unhealthy while its health check passes)"),
                Err(_) => label.clone(),
            })
        });
        dead.chain(self.failing.iter().map(|check| format!("health check {}", subject.check_id(*check)))).collect()
    }
}

/// Each of these endpoints alone, and each of these health checks alone, which calculated ones never are.
pub(crate) fn single_failures_of<'s>(
    subject: &'s Subject,
    endpoints: impl Iterator<Item = usize> + Clone + 's,
    checks: impl Iterator<Item = usize> + 's,
) -> impl Iterator<Item = World> + 's {
    let is_reported = |check: &usize| !subject.is_calculated(*check);
    let passing = endpoints.clone().filter(|one| subject.endpoints.unhealthy_while_alive.contains(one));
    let passing = passing.map(|one| World { dead: vec![one], passing: vec![one], ..World::default() });
    let endpoints = endpoints.map(|dead| World { dead: vec![dead], ..World::default() });
    endpoints
        .chain(passing)
        .chain(checks.filter(is_reported).map(|check| World { failing: vec![check], ..World::default() }))
}

/// Each endpoint alone, each health check alone, and each failure domain of more than one of them.
#[must_use]
pub fn single_failures(subject: &Subject) -> Vec<World> {
    let is_many = |(_, domain): &(usize, &crate::endpoint::Domain)| {
        domain.endpoints.len().saturating_add(domain.checks.len()) > 1
    };
    let domains = subject.endpoints.domains.iter().enumerate().filter(is_many);
    let domains = domains.map(|(number, _)| World::of_domain(subject, number));
    let (endpoints, checks) = (0..subject.endpoints.list.len(), 0..subject.zone.health_checks.len());
    single_failures_of(subject, endpoints, checks).chain(domains).collect()
}
