//! A zone under one state of health.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::map::Map;

use super::checks::is_healthy;
use super::pages::{Bits, Pages};
use crate::compile::{CheckKind, NONE, Record, Target, Zone};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::alias::resource_name;
use crate::model::{Name, NameBuf};
use crate::parse::{AliasStatus, CheckerReport, HealthReport, RawStatus};

/// The health of a record set or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Healthy for every client.
    Healthy,
    /// Unhealthy for every client.
    Unhealthy,
    /// A geolocation or IP-based group below decides, by the client (5.9).
    DependsOnClient,
}

/// A zone under one state of health: what is asked. Immutable; a change makes a new view that shares what did not
/// change.
///
/// ```
/// use std::sync::Arc;
/// use pointsman_core::{compile::compile, health::HealthView, parse::{parse, parse_report}, validate::{Options, validate}};
/// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
///      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
///     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY",
///      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
///   "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
/// let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
/// let (report, _) = parse_report(0, r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#).unwrap();
/// let (view, warnings) = HealthView::new(zone, &report);
/// assert!(warnings.is_empty());
/// assert_eq!(view.is_check_healthy("hc-1"), Some(false));
/// ```
#[derive(Debug, Clone)]
pub struct HealthView {
    pub(super) zone: Arc<Zone>,
    /// Raw status by check.
    pub(super) raw: Pages<RawStatus>,
    /// What checkers reported, by check, where the health report holds it. It decides nothing.
    pub(super) reports: Pages<Option<Arc<[CheckerReport]>>>,
    /// Final status by check.
    pub(super) checks: Bits,
    /// Reported status by AWS resource.
    pub(super) resources: Bits,
    /// Records that are healthy for every client.
    pub(super) records: Bits,
    /// Conditional slots of records whose health depends on the client.
    pub(super) depends: Bits,
    /// Records that are unhealthy whatever their check says, in order.
    pub(super) forced: Arc<[u32]>,
}

impl HealthView {
    /// The health that a report describes. What it does not mention has no data yet (10.27); what it mentions and the
    /// zone does not know is a warning.
    #[must_use]
    pub fn new(zone: Arc<Zone>, report: &HealthReport) -> (Self, Vec<Diagnostic>) {
        let mut warnings = Vec::new();
        let mut view = Self::blank(zone);
        let known = view.known_checks(report, &mut warnings);
        for (check, status) in &known {
            view.raw.set(*check as usize, *status);
        }
        view.keep_reports(&known, report);
        for (resource, status) in view.known_resources(report, &mut warnings) {
            view.resources.set(resource, status == AliasStatus::Healthy);
        }
        view.evaluate_all();
        (view, warnings)
    }

    /// The health of which nothing is known yet: what a report that mentions nothing describes (10.27).
    #[must_use]
    pub fn unreported(zone: Arc<Zone>) -> Self {
        let mut view = Self::blank(zone);
        view.evaluate_all();
        view
    }

    /// No check has data, and no record set is worked out.
    fn blank(zone: Arc<Zone>) -> Self {
        let resource_count = zone.alias_targets().len();
        Self {
            raw: Pages::filled(RawStatus::NoData, zone.checks().len()),
            reports: Pages::filled(None, zone.checks().len()),
            checks: Bits::filled(true, zone.checks().len()),
            resources: Bits::filled(true, resource_count),
            records: Bits::filled(true, zone.record_set_count()),
            depends: Bits::filled(false, zone.conditional_records().len()),
            forced: Arc::from([]),
            zone,
        }
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// Whether a health check is healthy in the end, after Disabled and Inverted; `None` for an unknown id.
    #[must_use]
    pub fn is_check_healthy(&self, id: &str) -> Option<bool> {
        let number = self.zone.checks().iter().position(|check| &*check.id == id)?;
        Some(self.checks.get(number as u32))
    }

    /// The ids of the zone's health checks; the place in this order is a check's number.
    pub fn check_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.zone.checks().iter().map(|check| &*check.id)
    }

    /// [`is_check_healthy`](Self::is_check_healthy) by number, without looking for the id.
    #[must_use]
    pub fn is_check_number_healthy(&self, number: u32) -> Option<bool> {
        self.zone.check(number).map(|_| self.checks.get(number))
    }

    /// Each health check of the zone, and whether it is healthy in the end, after Disabled and Inverted.
    pub fn health_checks(&self) -> impl Iterator<Item = (&str, bool)> {
        (0_u32..).zip(self.zone.checks()).map(|(number, check)| (&*check.id, self.checks.get(number)))
    }

    /// The report's statuses of checks that the zone has.
    pub(super) fn known_checks(&self, report: &HealthReport, warnings: &mut Vec<Diagnostic>) -> Vec<(u32, RawStatus)> {
        // A few ids are looked for one by one; many are worth an index.
        let index: Option<Map<&str, u32>> = (report.health_checks.len() > 4)
            .then(|| (0_u32..).zip(self.zone.checks()).map(|(number, check)| (&*check.id, number)).collect());
        let find = |id: &str| match &index {
            Some(index) => index.get(id).copied(),
            None => self.zone.checks().iter().position(|check| &*check.id == id).map(|at| at as u32),
        };
        let mut known = Vec::with_capacity(report.health_checks.len());
        for (id, status, place) in &report.health_checks {
            let Some(number) = find(id) else {
                warnings.push(unknown("health check", id, place));
                continue;
            };
            match self.zone.check(number).map(|check| &check.kind) {
                Some(CheckKind::Calculated { .. }) => {
                    let message = format_args!("health check `{id}` is calculated; its reported status is ignored");
                    let help = "leave it out of the report: it follows from its children";
                    warnings.push(Diagnostic::lint("calculated-status-ignored", message).help(help).at(place.clone()));
                }
                Some(CheckKind::Reported(kind)) if matches!(status, RawStatus::Insufficient { .. }) => {
                    let message = format_args!(
                        "health check `{id}` is of {kind}, which is never `insufficient`; taken as no data"
                    );
                    let help = "only CLOUDWATCH_METRIC checks can lack data; report `healthy` or `unhealthy`";
                    warnings.push(Diagnostic::lint("insufficient-without-alarm", message).help(help).at(place.clone()));
                    known.push((number, RawStatus::NoData));
                }
                _ => known.push((number, *status)),
            }
        }
        known
    }

    /// Keeps what checkers reported of the checks that a report has a status of, and forgets what they reported before.
    pub(super) fn keep_reports(&mut self, known: &[(u32, RawStatus)], report: &HealthReport) {
        let by_id: Map<&str, &Arc<[CheckerReport]>> =
            report.observations.iter().map(|(id, reports)| (&**id, reports)).collect();
        let zone = Arc::clone(&self.zone);
        for (number, _) in known {
            let Some(check) = zone.check(*number) else { continue };
            self.reports.set(*number as usize, by_id.get(&*check.id).map(|reports| Arc::clone(reports)));
        }
    }

    /// What checkers reported of a check, where the health report holds it.
    pub(crate) fn checker_reports(&self, check: u32) -> Arc<[CheckerReport]> {
        self.reports.get(check as usize).flatten().unwrap_or_default()
    }

    /// The report's statuses of resources that the zone leads to.
    pub(super) fn known_resources(
        &self,
        report: &HealthReport,
        warnings: &mut Vec<Diagnostic>,
    ) -> Vec<(u32, AliasStatus)> {
        let mut known = Vec::with_capacity(report.alias_targets.len());
        // A load balancer has one health under both its names (1.6.11).
        let mut index: Map<&[u8], Vec<u32>> = Map::default();
        for (number, name) in (0_u32..).zip(self.zone.alias_targets()) {
            index.change(resource_name(name).wire(), |numbers| numbers.push(number));
        }
        for (name, status, place) in &report.alias_targets {
            let parsed = NameBuf::parse(name).ok();
            match parsed.and_then(|name| index.get(resource_name(name.as_ref()).wire())) {
                Some(numbers) => known.extend(numbers.iter().map(|number| (*number, *status))),
                None => warnings.push(unknown("alias target", name, place)),
            }
        }
        known
    }

    /// Works out every check and every record, bottom-up.
    pub(super) fn evaluate_all(&mut self) {
        let zone = Arc::clone(&self.zone);
        for (number, check) in (0_u32..).zip(zone.checks()) {
            if !matches!(check.kind, CheckKind::Calculated { .. }) {
                self.evaluate_check(number);
            }
        }
        for (number, check) in (0_u32..).zip(zone.checks()) {
            if matches!(check.kind, CheckKind::Calculated { .. }) {
                self.evaluate_check(number);
            }
        }
        // Records whose health is their own first, then the groups that aliases look down upon, low before high.
        for (number, record) in (0_u32..).zip(zone.records()) {
            if record.check != NONE || matches!(record.target, Target::Resource { evaluate_target_health: true, .. }) {
                self.evaluate_record(number);
            }
        }
        for number in self.forced.clone().iter() {
            self.evaluate_record(*number);
        }
        for group in &zone.dependents().bottom_up {
            for member in zone.group(*group).map(crate::compile::Group::members).unwrap_or_default() {
                self.evaluate_record(member);
            }
        }
    }

    /// Works out the final status of a check; returns whether it changed.
    pub(super) fn evaluate_check(&mut self, number: u32) -> bool {
        let raw = self.raw_status(number);
        let zone = Arc::clone(&self.zone);
        let Some(check) = zone.check(number) else { return false };
        let healthy = is_healthy(check, raw, |child| self.checks.get(child));
        self.checks.set(number, healthy)
    }

    /// Works out the health of a record from its check and its target; returns whether it changed.
    pub(super) fn evaluate_record(&mut self, number: u32) -> bool {
        let Some(record) = self.zone.record(number).copied() else { return false };
        let state = if self.forced.binary_search(&number).is_ok() || !self.own_is_healthy(&record) {
            State::Unhealthy
        } else {
            self.target_state(&record)
        };
        let mut changed = self.records.set(number, state == State::Healthy);
        if record.conditional != NONE {
            changed |= self.depends.set(record.conditional, state == State::DependsOnClient);
        }
        changed
    }

    /// Whether a record's own check lets it be healthy (3.1).
    pub(crate) fn own_is_healthy(&self, record: &Record) -> bool {
        record.check == NONE || self.checks.get(record.check)
    }

    /// The health of what an alias leads to, as far as it counts (3.2).
    fn target_state(&self, record: &Record) -> State {
        match record.target {
            Target::Resource { resource, evaluate_target_health: true } => match self.resources.get(resource) {
                true => State::Healthy,
                false => State::Unhealthy,
            },
            Target::Group { group, evaluate_target_health: true } => self.group_state(group),
            _ => State::Healthy,
        }
    }

    /// Whether some member of a group is healthy: for everybody, for nobody, or for some (3.2, 5.9).
    pub(crate) fn group_state(&self, number: u32) -> State {
        let Some(group) = self.zone.group(number) else { return State::Unhealthy };
        let by_client = group.policy.candidates_depend_on_client();
        let mut any = State::Unhealthy;
        for member in group.members() {
            match self.record_state(member) {
                // A default applies to every client; so does each member where candidates are all members.
                State::Healthy if !by_client || member == group.default_member => return State::Healthy,
                State::Healthy | State::DependsOnClient => any = State::DependsOnClient,
                State::Unhealthy => {}
            }
        }
        any
    }

    /// The health of a record.
    #[inline]
    pub(crate) fn record_state(&self, number: u32) -> State {
        if self.records.get(number) {
            return State::Healthy;
        }
        match self.zone.record(number) {
            Some(record) if record.conditional != NONE && self.depends.get(record.conditional) => {
                State::DependsOnClient
            }
            _ => State::Unhealthy,
        }
    }

    pub(crate) fn raw_status(&self, check: u32) -> RawStatus {
        self.raw.get(check as usize).unwrap_or_default()
    }

    pub(crate) fn check_is_healthy(&self, check: u32) -> bool {
        self.checks.get(check)
    }

    pub(crate) fn resource_is_healthy(&self, resource: u32) -> bool {
        self.resources.get(resource)
    }

    pub(crate) fn is_forced(&self, record: u32) -> bool {
        self.forced.binary_search(&record).is_ok()
    }

    /// The health checks that a report left without data, for the warning that says so (10.27). A calculated one follows
    /// from others (6.3) and a disabled one is what it is (6.6), so that neither needs any.
    #[must_use]
    pub fn without_data(&self) -> Vec<&str> {
        (0_u32..)
            .zip(self.zone.checks())
            .filter(|(number, check)| {
                let is_reported = !matches!(check.kind, CheckKind::Calculated { .. }) && !check.disabled;
                is_reported && self.raw_status(*number) == RawStatus::NoData
            })
            .map(|(_, check)| &*check.id)
            .collect()
    }
}

fn unknown(what: &str, id: &str, place: &Place) -> Diagnostic {
    let code = if what == "alias target" { "unknown-alias-target" } else { "unknown-health-check" };
    let id: String =
        Name::parse(id).ok().filter(|_| what == "alias target").map_or_else(|| id.into(), |name| format!("{name}"));
    Diagnostic::lint(code, format!("the report names {what} `{id}`, which the zone does not use"))
        .help("the rest of the report applies; check whether zone and report are of the same version")
        .at(place.clone())
}
