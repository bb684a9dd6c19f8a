//! How long until a health check turns unhealthy (semantics 6.1.2, 6.2).
//!
//! A checker probes every RequestInterval seconds, at a phase of its own. When the endpoint dies, its FailureThreshold-th
//! failing probe starts after a uniform part of an interval and FailureThreshold - 1 whole ones, and fails when its
//! time-out runs out. The check turns when at most 18 % of the checkers still call the endpoint healthy (6.2.2): that is
//! an order statistic of uniform phases, whose distribution has a closed form.

use pointsman_core::model::HealthCheckKind;
use pointsman_core::model::health_check::Protocol;

use crate::subject::Subject;

/// Checkers in one Region. AWS publishes no number; its address list and the rate of probes fit two to three.
pub const CHECKERS_PER_REGION: u32 = 2;
/// Checker Regions when a check names none (6.1.2).
const REGIONS: u8 = 8;

/// When something turns unhealthy after its endpoint died, in seconds: a fixed part, and a stretch of which each of
/// `checkers` takes a uniform part; it turns with the `needed`-th of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// What passes in any case.
    pub fixed: f64,
    /// The stretch.
    pub spread: f64,
    /// How many there are.
    pub checkers: u32,
    /// How many have to turn.
    pub needed: u32,
}

impl Detection {
    /// That of an endpoint check.
    #[must_use]
    pub fn of_probes(interval: u8, threshold: u8, timeout: f64, regions: u8) -> Self {
        let checkers = u32::from(regions.max(1)).saturating_mul(CHECKERS_PER_REGION);
        // 18 % or fewer healthy is unhealthy (6.2.2).
        let healthy_at_most = checkers.saturating_mul(18) / 100;
        let fixed = f64::from(interval) * f64::from(threshold.saturating_sub(1)) + timeout;
        Self { fixed, spread: f64::from(interval), checkers, needed: checkers.saturating_sub(healthy_at_most) }
    }

    /// The probability that it has turned by then: at least `needed` of `checkers` phases are past.
    #[must_use]
    pub fn by(&self, seconds: f64) -> f64 {
        let past = seconds - self.fixed;
        if self.spread <= 0.0 {
            return if past >= 0.0 { 1.0 } else { 0.0 };
        }
        let x = (past / self.spread).clamp(0.0, 1.0);
        let mut sum = 0.0;
        for turned in self.needed..=self.checkers {
            let mut term = 1.0;
            for step in 0..turned {
                term *= f64::from(self.checkers.saturating_sub(step)) / f64::from(step.saturating_add(1));
            }
            let rest = self.checkers.saturating_sub(turned);
            sum += term * x.powi(turned.cast_signed()) * (1.0 - x).powi(rest.cast_signed());
        }
        sum.clamp(0.0, 1.0)
    }

    /// The mean: the expectation of an order statistic of uniforms.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.fixed + self.spread * f64::from(self.needed) / f64::from(self.checkers.saturating_add(1))
    }

    /// By when it has turned with this probability.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        super::bisect::bisect(self.fixed, self.fixed + self.spread, |seconds| self.by(seconds) >= probability)
    }

    /// One draw, from as many uniform numbers as it needs.
    pub fn draw(&self, mut uniform: impl FnMut() -> f64) -> f64 {
        let mut phases: Vec<f64> = (0..self.checkers).map(|_| uniform()).collect();
        phases.sort_by(f64::total_cmp);
        let at = phases.get(self.needed.saturating_sub(1) as usize).copied().unwrap_or(1.0);
        self.fixed + self.spread * at
    }
}

/// When a health check that is not calculated turns, and what was assumed.
#[must_use]
pub fn of_check(subject: &Subject, check: usize) -> (Detection, Option<&'static str>) {
    match subject.zone.health_checks.get(check).map(|check| &check.kind) {
        Some(HealthCheckKind::Endpoint(check)) => {
            // A dead host does not answer: the time to connect runs out (6.2).
            let timeout = if check.protocol == Protocol::Tcp { 10.0 } else { 4.0 };
            let regions = if check.regions == 0 { REGIONS } else { check.regions };
            (Detection::of_probes(check.request_interval, check.failure_threshold, timeout, regions), None)
        }
        Some(HealthCheckKind::CloudwatchMetric(_)) => (
            Detection { fixed: 60.0, spread: 60.0, checkers: 1, needed: 1 },
            Some("CloudWatch alarms are taken to see one period of 60 s, 60 to 120 s after the failure"),
        ),
        Some(HealthCheckKind::RecoveryControl) => (
            Detection { fixed: 300.0, spread: 0.0, checkers: 1, needed: 1 },
            Some("somebody is taken to turn a routing control off after 300 s"),
        ),
        _ => (
            Detection::of_probes(30, 3, 4.0, REGIONS),
            Some("health checks that no document describes are taken to probe every 30 s with a threshold of 3"),
        ),
    }
}

/// When Route 53 sees that a load balancer has no healthy target left.
#[must_use]
pub fn of_resource() -> (Detection, Option<&'static str>) {
    (
        Detection { fixed: 35.0, spread: 40.0, checkers: 1, needed: 1 },
        Some(
            "load balancers are taken to probe targets every 30 s with a threshold of 2 and a time-out of 5 s, and Route 53 to see it within 10 s",
        ),
    )
}
