//! Health at one moment: what is reported of each health check and alias target.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::compile::{CheckKind, Zone};
use crate::health::HealthView;
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::parse::{HealthReport, parse_report};
use crate::proptest::json::{Json, object, word};
use crate::proptest::shrink::{Simplify, pieces};

/// What a health report says of one health check or alias target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing.
    NoData,
    /// `healthy`
    Healthy,
    /// `unhealthy`
    Unhealthy,
    /// `insufficient`, of CloudWatch checks, with what is last known (10.42).
    Insufficient {
        /// Whether the last known status is unhealthy.
        last_known_unhealthy: bool,
    },
    /// The checkers' own reports (6.2.2).
    Observed {
        /// Checkers that succeeded.
        successes: u8,
        /// All checkers.
        checkers: u8,
    },
}

/// What a zone's health checks and alias targets are reported to be.
///
/// [`Debug`](fmt::Debug) prints what is down, which is what a person wants to know.
///
/// ```
/// use pointsman_core::proptest::{failures, load};
/// use proptest::prelude::*;
///
/// let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
///      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}],
///   "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#])?;
/// proptest!(|(health in failures(&zone, 1))| {
///     let view = health.view(&zone);
///     prop_assert_eq!(view.is_check_healthy("hc-1"), Some(health.down().is_empty()));
/// });
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Health {
    pub(in crate::proptest) entries: Vec<Entry>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::proptest) struct Entry {
    /// A health check's id, or an alias target's DNS name.
    pub(in crate::proptest) id: String,
    pub(in crate::proptest) kind: EntryKind,
    pub(in crate::proptest) status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::proptest) enum EntryKind {
    Check { inverted: bool, disabled: bool, insufficient: Option<InsufficientDataHealthStatus> },
    AliasTarget,
}

impl Health {
    /// Everything up: no check is unhealthy in the end, but for those that are disabled and inverted, which always are.
    #[must_use]
    pub fn all_up(zone: &Zone) -> Self {
        let checks = zone.checks().iter().filter_map(|check| {
            let insufficient = match check.kind {
                CheckKind::Reported(_) => None,
                CheckKind::CloudwatchMetric(insufficient) => Some(insufficient),
                // It follows from its children.
                CheckKind::Calculated { .. } => return None,
            };
            let kind = EntryKind::Check { inverted: check.inverted, disabled: check.disabled, insufficient };
            Some(Entry { id: check.id.to_string(), kind, status: kind.up() })
        });
        let targets = zone.alias_targets().map(|name| Entry {
            id: name.to_string(),
            kind: EntryKind::AliasTarget,
            status: Status::Healthy,
        });
        Self { entries: checks.chain(targets).collect() }
    }

    /// The ids of the health checks that are unhealthy in the end, and the names of the alias targets that are.
    /// Calculated checks, which follow from others, are not among them.
    #[must_use]
    pub fn down(&self) -> Vec<&str> {
        self.entries.iter().filter(|entry| entry.is_down()).map(|entry| &*entry.id).collect()
    }

    /// What is reported of a health check or alias target; `None` for one that the zone does not have.
    #[must_use]
    pub fn status(&self, id: &str) -> Option<Status> {
        self.entries.iter().find(|entry| entry.id == id).map(|entry| entry.status)
    }

    /// The health report, as every host takes it.
    ///
    /// ```
    /// # use pointsman_core::proptest::{Health, load};
    /// # let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": []}"#])?;
    /// assert_eq!(Health::all_up(&zone).to_json(), r#"{"HealthChecks":{}}"#);
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self.entries.iter().filter(|entry| entry.status != Status::NoData)).line()
    }

    /// The health report without what need not be said: a check or target that is not mentioned is healthy as well,
    /// unless it is inverted (6.2.3).
    pub(in crate::proptest) fn to_short_json(&self) -> String {
        let plain = |entry: &&Entry| {
            let healthy = matches!(entry.status, Status::NoData | Status::Healthy);
            healthy && !matches!(entry.kind, EntryKind::Check { inverted: true, .. })
        };
        json(self.entries.iter().filter(|entry| !plain(entry))).line()
    }

    /// The health report, parsed.
    #[must_use]
    pub fn report(&self) -> HealthReport {
        read(&self.to_json())
    }

    /// The zone under this health.
    #[must_use]
    pub fn view(&self, zone: &Arc<Zone>) -> HealthView {
        HealthView::new(Arc::clone(zone), &self.report()).0
    }

    /// The same statuses for another zone, where it has the same checks and targets; all else is up.
    pub(in crate::proptest) fn for_zone(&self, zone: &Zone) -> Self {
        let mut health = Self::all_up(zone);
        for entry in &mut health.entries {
            if let Some(known) = self.entries.iter().find(|known| known.id == entry.id) {
                entry.status = if entry.kind == known.kind { known.status } else { entry.kind.like(known) };
            }
        }
        health
    }
}

/// Reads a report that was made here, so that it is one.
pub(super) fn read(text: &str) -> HealthReport {
    parse_report(0, text).map(|(report, _)| report).unwrap_or_default()
}

/// A report of these entries; one without data is written as an empty list of observations.
pub(super) fn json<'e>(entries: impl Iterator<Item = &'e Entry>) -> Json {
    let (mut checks, mut targets) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry.kind {
            EntryKind::Check { .. } => checks.push((entry.id.clone(), entry.status.json())),
            EntryKind::AliasTarget => targets.push((entry.id.clone(), entry.status.json_of_target())),
        }
    }
    let mut members = alloc::vec![("HealthChecks", Json::Object(checks))];
    if !targets.is_empty() {
        members.push(("AliasTargets", Json::Object(targets)));
    }
    object(members)
}

impl Status {
    fn json(self) -> Json {
        match self {
            Self::NoData => observations(0, 0),
            Self::Healthy => word("healthy"),
            Self::Unhealthy => word("unhealthy"),
            Self::Insufficient { last_known_unhealthy: false } => word("insufficient"),
            Self::Insufficient { last_known_unhealthy: true } => {
                object(alloc::vec![("Status", word("insufficient")), ("LastKnown", word("unhealthy"))])
            }
            Self::Observed { successes, checkers } => observations(successes, checkers),
        }
    }

    /// Alias targets are healthy or unhealthy, nothing else.
    fn json_of_target(self) -> Json {
        word(if self == Self::Unhealthy { "unhealthy" } else { "healthy" })
    }
}

fn observations(successes: u8, checkers: u8) -> Json {
    let report = |number: u8| {
        let status =
            if number < successes { "Success: HTTP Status Code 200, OK" } else { "Failure: Connection timed out" };
        object(alloc::vec![("StatusReport", object(alloc::vec![("Status", word(status))]))])
    };
    object(alloc::vec![("HealthCheckObservations", Json::List((0..checkers).map(report).collect()))])
}

impl EntryKind {
    /// The plainest status that makes it healthy in the end, if any does.
    pub(in crate::proptest) fn up(self) -> Status {
        match self {
            Self::Check { inverted: true, disabled: false, .. } => Status::Unhealthy,
            _ => Status::Healthy,
        }
    }

    /// The plainest status that makes it unhealthy in the end; `None` when none does, or nothing else is possible.
    pub(in crate::proptest) fn down(self) -> Option<Status> {
        match self {
            Self::Check { disabled: true, .. } => None,
            Self::Check { inverted: true, .. } => Some(Status::Healthy),
            Self::Check { .. } | Self::AliasTarget => Some(Status::Unhealthy),
        }
    }

    /// The plain status with which it is what an entry of another kind is.
    fn like(self, other: &Entry) -> Status {
        if other.is_down() { self.down().unwrap_or(Status::Healthy) } else { self.up() }
    }
}

impl Entry {
    /// Whether it is unhealthy in the end (6.2 - 6.6).
    pub(in crate::proptest) fn is_down(&self) -> bool {
        let EntryKind::Check { inverted, disabled, insufficient } = self.kind else {
            return self.status == Status::Unhealthy;
        };
        let raw_is_healthy = match self.status {
            Status::NoData | Status::Healthy => true,
            Status::Unhealthy => false,
            Status::Insufficient { last_known_unhealthy } => match insufficient {
                Some(InsufficientDataHealthStatus::Unhealthy) => false,
                Some(InsufficientDataHealthStatus::LastKnownStatus) => !last_known_unhealthy,
                Some(InsufficientDataHealthStatus::Healthy) | None => true,
            },
            Status::Observed { checkers: 0, .. } => true,
            Status::Observed { successes, checkers } => {
                u32::from(successes).saturating_mul(100) > u32::from(checkers).saturating_mul(18)
            }
        };
        (disabled || raw_is_healthy) == inverted
    }

    /// EntryText for what is down: `health check hc-1`, and how it comes about when that is not plain.
    pub(in crate::proptest) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryKind::Check { inverted, disabled, .. } = self.kind else {
            return write!(f, "alias target {}", self.id);
        };
        write!(f, "health check {}", self.id)?;
        match self.status {
            _ if disabled => f.write_str(" (disabled and inverted)"),
            Status::Unhealthy => Ok(()),
            Status::NoData => f.write_str(" (inverted, no data)"),
            Status::Healthy => f.write_str(" (inverted, reported healthy)"),
            Status::Insufficient { .. } => {
                f.write_str(if inverted { " (inverted, insufficient data)" } else { " (insufficient data)" })
            }
            Status::Observed { successes, checkers } => {
                let inverted = if inverted { "inverted, " } else { "" };
                write!(f, " ({inverted}{successes} of {checkers} checkers succeed)")
            }
        }
    }
}

/// The entry in words.
pub(in crate::proptest) struct EntryText<'e>(pub(in crate::proptest) &'e Entry);

impl fmt::Display for EntryText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut down = self.entries.iter().filter(|entry| entry.is_down()).peekable();
        if down.peek().is_none() {
            return f.write_str("everything up");
        }
        f.write_str("down: ")?;
        for (at, entry) in down.enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, EntryText(entry))?;
        }
        Ok(())
    }
}

/// One way for health to be simpler.
pub(in crate::proptest) enum Step {
    /// These are up, plainly.
    Up(Vec<usize>),
    /// Down in the plainest way.
    Plain(usize),
}

impl Simplify for Health {
    type Value = Self;
    type Step = Step;

    fn value(&self) -> Self {
        self.clone()
    }

    fn steps(&self) -> Vec<Step> {
        let odd: Vec<usize> =
            (0..).zip(&self.entries).filter(|(_, entry)| entry.status != entry.kind.up()).map(|(at, _)| at).collect();
        let up = pieces(odd.len()).into_iter().map(|piece| Step::Up(odd.get(piece).unwrap_or_default().to_vec()));
        up.chain(odd.iter().map(|at| Step::Plain(*at))).collect()
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut health = self.clone();
        match step {
            Step::Up(entries) => {
                for at in entries {
                    let entry = health.entries.get_mut(*at)?;
                    entry.status = entry.kind.up();
                }
            }
            Step::Plain(at) => {
                let entry = health.entries.get_mut(*at)?;
                entry.status = if entry.is_down() { entry.kind.down()? } else { entry.kind.up() };
            }
        }
        Some(health)
    }
}
