//! Health: of checks, of record sets, of what aliases lead to (3, 6).

use std::cell::Cell;

use anyhow::{Result, bail};
use serde_json::Value;

use super::client::Client;
use super::name::{self, Name};
use super::zone::{Check, Content, Policy, Record, Zone, text};

/// What a health report says.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    checks: Vec<(String, Raw)>,
    resources: Vec<(Name, bool)>,
    /// What checkers said of a check: Region and status of each.
    observed: Vec<(String, Vec<(String, String)>)>,
}

/// The status of a check before Disabled and Inverted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Raw {
    Healthy,
    Unhealthy,
    Insufficient { last_known_healthy: bool },
}

impl Report {
    /// Reads a report.
    pub(super) fn read(value: &Value) -> Result<Self> {
        let members = |field: &str| value.get(field).and_then(Value::as_object).into_iter().flatten();
        let mut report = Self::default();
        for (id, status) in members("HealthChecks") {
            let lines = status.get("HealthCheckObservations").and_then(Value::as_array);
            let lines = lines.into_iter().flatten().filter_map(|line| {
                let status = text(line.get("StatusReport")?, "Status")?;
                Some((text(line, "Region").unwrap_or_default().to_owned(), status.to_owned()))
            });
            report.observed.push((id.clone(), lines.collect()));
            if let Some(raw) = read_status(status)? {
                report.checks.push((id.clone(), raw));
            }
        }
        for (dns_name, status) in members("AliasTargets") {
            report.resources.push((name::parse(dns_name)?, status == "healthy"));
        }
        Ok(report)
    }

    /// What checkers said of a check, if the report says.
    pub(super) fn said_of(&self, id: &str) -> Option<&[(String, String)]> {
        let lines = self.observed.iter().find(|(known, _)| known == id)?;
        Some(lines.1.as_slice()).filter(|lines| !lines.is_empty())
    }
}

/// One status; `None` when it holds no data yet (10.43).
fn read_status(status: &Value) -> Result<Option<Raw>> {
    if let Some(observations) = status.get("HealthCheckObservations").and_then(Value::as_array) {
        let succeeds = |observation: &&Value| {
            let report = observation.get("StatusReport");
            report.and_then(|report| text(report, "Status")).is_some_and(|words| words.starts_with("Success"))
        };
        let healthy = observations.iter().filter(succeeds).count();
        return Ok(match observations.len() {
            0 => None,
            // Strictly more than 18 % (6.2.2).
            all if healthy * 100 > all * 18 => Some(Raw::Healthy),
            _ => Some(Raw::Unhealthy),
        });
    }
    Ok(Some(match status.as_str().or_else(|| text(status, "Status")) {
        Some("healthy") => Raw::Healthy,
        Some("unhealthy") => Raw::Unhealthy,
        // Without LastKnown there never was any data: healthy (6.4, 10.42).
        Some("insufficient") => {
            Raw::Insufficient { last_known_healthy: text(status, "LastKnown") != Some("unhealthy") }
        }
        _ => bail!("{status} is not a status"),
    }))
}

/// A zone at one moment, seen by one client.
pub(super) struct World<'w> {
    pub(super) zone: &'w Zone,
    pub(super) report: &'w Report,
    pub(super) client: &'w Client,
    /// The longest scope of all that was consulted so far (10.41).
    pub(super) scope: Cell<usize>,
}

impl<'w> World<'w> {
    pub(super) fn new(zone: &'w Zone, report: &'w Report, client: &'w Client) -> Self {
        Self { zone, report, client, scope: Cell::new(0) }
    }

    /// The final status of a check (6.6): raw, then Disabled, then Inverted.
    pub(super) fn is_check_healthy(&self, id: &str) -> bool {
        let Some(check) = self.zone.checks.iter().find(|check| check.id == id) else {
            // Nobody describes it: an endpoint check (10.48).
            return self.raw_status(id) != Some(Raw::Unhealthy);
        };
        let raw = check.disabled || self.is_raw_healthy(check);
        raw != check.inverted
    }

    fn is_raw_healthy(&self, check: &Check) -> bool {
        if check.kind == "CALCULATED" {
            // Children count by their final status (6.3.2).
            let healthy = check.children.iter().filter(|child| self.is_check_healthy(child)).count();
            return healthy as u64 >= check.threshold;
        }
        match self.raw_status(&check.id) {
            // A check without data is healthy (6.2.3).
            None | Some(Raw::Healthy) => true,
            Some(Raw::Unhealthy) => false,
            Some(Raw::Insufficient { last_known_healthy }) => match check.when_insufficient.as_str() {
                "Healthy" => true,
                "Unhealthy" => false,
                _ => last_known_healthy,
            },
        }
    }

    pub(super) fn raw_status(&self, id: &str) -> Option<Raw> {
        self.report.checks.iter().find(|(known, _)| known == id).map(|(_, raw)| *raw)
    }

    /// A resource is healthy unless the report says otherwise (3.5).
    pub(super) fn is_resource_healthy(&self, target: &Name) -> bool {
        let known = self.report.resources.iter().find(|(known, _)| known == target);
        known.is_none_or(|(_, healthy)| *healthy)
    }

    /// Tests a record set for this client. The client is looked at only where its place can make a difference.
    pub(super) fn is_healthy(&self, record: &Record) -> bool {
        self.for_anyone(record).unwrap_or_else(|| self.for_this_client(record))
    }

    /// Walks down: one healthy member that can apply to this client is enough (5.9, 10.6).
    fn for_this_client(&self, record: &Record) -> bool {
        let Content::InZone { target, .. } = &record.content else { return true };
        let members = self.candidates(&self.zone.group(target, &record.kind));
        members.into_iter().any(|member| self.is_healthy(member))
    }

    /// The health of a record set when it is the same for every client: its own check, then what it leads to (3.3).
    pub(super) fn for_anyone(&self, record: &Record) -> Option<bool> {
        if record.check.as_ref().is_some_and(|id| !self.is_check_healthy(id)) {
            return Some(false);
        }
        // Only an alias with EvaluateTargetHealth looks at its target (3.2, 3.4).
        match &record.content {
            Content::InZone { target, evaluate: true } => {
                let group = self.zone.group(target, &record.kind);
                let health = |member: &&Record| self.for_anyone(member);
                if group.iter().filter(|member| applies_to_anyone(member)).any(|member| health(member) == Some(true)) {
                    Some(true)
                } else if group.iter().all(|member| health(member) == Some(false)) {
                    Some(false)
                } else {
                    None
                }
            }
            Content::Aws { target, evaluate: true } => Some(self.is_resource_healthy(target)),
            _ => Some(true),
        }
    }
}

/// Whether a member is a candidate whoever asks: all are, save those for one place or one location (4.5.2, 4.7.1).
fn applies_to_anyone(member: &Record) -> bool {
    match &member.policy {
        Policy::Geolocation { country, .. } => country.as_deref() == Some("*"),
        Policy::IpBased { location, .. } => location == "*",
        _ => true,
    }
}
