//! What a Region holds, for drills and maintenance: which statuses take it down, and what they do not reach.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::down::{DownError, nothing_in};
use super::region_parts::{region_of_name, region_of_record, region_parts, regions_of_records};
use super::view::{HealthView, State};
use crate::compile::{CheckKind, Target, Zone};
use crate::diagnostic::{Path, Place};
use crate::model::{NameRef, Region};
use crate::parse::{AliasStatus, HealthReport, RawStatus};

/// What of a Region health statuses can take up or down.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_core::{compile::compile, health::HealthView, model::Region, parse::{HealthReport, parse}};
/// # use pointsman_core::validate::{Options, validate};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #   {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "east", "Region": "us-east-1", "HealthCheckId": "hc-1",
/// #    "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
/// #   {"Name": "b.example.com.", "Type": "A", "SetIdentifier": "east", "Region": "us-east-1",
/// #    "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
/// # let zone = validate(&[parse(0, zone)], &Options::default()).zone.unwrap();
/// # let view = HealthView::new(Arc::new(compile(&zone)), &HealthReport::default()).0;
/// let held = view.in_region(Region::parse("us-east-1").unwrap()).unwrap();
/// assert_eq!(held.health_checks, ["hc-1"]);
/// assert_eq!(held.out_of_reach, ["b.example.com./A/east"]); // it has no health check
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InRegion {
    /// Ids of the health checks that decide its record sets, in the zone's order.
    pub health_checks: Vec<String>,
    /// DNS names of the alias targets that bear its name, or that its record sets lead to.
    pub alias_targets: Vec<String>,
    /// Its record sets that stay healthy all the same, as NAME/TYPE/SetIdentifier.
    pub out_of_reach: Vec<String>,
}

impl HealthView {
    /// What of a Region statuses can take up or down. A record set is in a Region by Region or AWSRegion, an alias target
    /// by its DNS name; their health is also that of the leaves below other names that they lead to with
    /// EvaluateTargetHealth (3.2), and of the children of calculated checks (6.3). What below them names another Region,
    /// or is led to from another one as well, is left alone. Calculated and disabled checks follow no status.
    ///
    /// # Errors
    /// [`DownError`] when nothing in the zone is in the Region.
    pub fn in_region(&self, region: Region) -> Result<InRegion, DownError> {
        let zone = &*self.zone;
        let (records, named) = region_parts(zone, region).ok_or_else(|| nothing_in(region))?;
        let (mut here, mut elsewhere) = (Below::default(), Below::default());
        here.collect(zone, region, &records);
        for (other, foreign) in regions_of_records(zone).filter(|(other, _)| *other != region) {
            elsewhere.collect(zone, other, &[foreign]);
        }
        let own: BTreeSet<u32> = records.iter().filter_map(|number| Some(zone.record(*number)?.check)).collect();
        here.checks.retain(|check| own.contains(check) || !elsewhere.checks.contains(check));
        here.resources.retain(|resource| !elsewhere.resources.contains(resource));
        here.resources.extend(&named);

        let follows = |check: &&crate::compile::Check| !check.disabled && !is_calculated(&check.kind);
        let checks = here.checks.iter().filter_map(|number| zone.check(*number)).filter(follows);
        let resources = here.resources.iter().filter_map(|number| zone.resource(*number));
        let mut held = InRegion {
            health_checks: checks.map(|check| check.id.to_string()).collect(),
            alias_targets: resources.map(|resource| resource.name.to_string()).collect(),
            out_of_reach: Vec::new(),
        };
        let down = self.updated(&self.everything_but(&held)).0;
        let stays = |number: &&u32| down.record_state(**number) != State::Unhealthy;
        held.out_of_reach = records.iter().filter(stays).map(|number| record_name(zone, *number)).collect();
        Ok(held)
    }

    /// The Regions that the zone's record sets and alias targets are in, in the order of the API model.
    #[must_use]
    pub fn regions(&self) -> Vec<Region> {
        Region::all().filter(|region| region_parts(&self.zone, *region).is_some()).collect()
    }

    /// Statuses with which all is healthy but this.
    fn everything_but(&self, held: &InRegion) -> HealthReport {
        let place = || Place::new(0, Path::root());
        let [checks, targets] = [&held.health_checks, &held.alias_targets]
            .map(|list| list.iter().map(String::as_str).collect::<BTreeSet<&str>>());
        let raw = |check: &crate::compile::Check| {
            // Raw healthy is unhealthy after Inverted (6.6).
            let wanted = !checks.contains(&*check.id);
            let raw = if wanted != check.inverted { RawStatus::Healthy } else { RawStatus::Unhealthy };
            (check.id.clone(), raw, place())
        };
        let target = |name: NameRef<'_>| {
            let name = name.to_string();
            let is_held = targets.contains(name.as_str());
            (name.into(), if is_held { AliasStatus::Unhealthy } else { AliasStatus::Healthy }, place())
        };
        HealthReport {
            time: None,
            observations: Vec::new(),
            health_checks: self.zone.checks().iter().filter(|check| !is_calculated(&check.kind)).map(raw).collect(),
            alias_targets: self.zone.alias_targets().map(target).collect(),
        }
    }
}

const fn is_calculated(kind: &CheckKind) -> bool {
    matches!(kind, CheckKind::Calculated { .. })
}

/// A record set as it is named to [`HealthView::down`].
fn record_name(zone: &Zone, number: u32) -> String {
    let Some(group) = zone.record(number).and_then(|record| zone.group(record.group)) else { return String::new() };
    let (name, record_type) = (zone.node_name(group.node), group.record_type);
    match zone.set_identifier(number) {
        Some(set_identifier) => format!("{name}/{record_type}/{set_identifier}"),
        None => format!("{name}/{record_type}"),
    }
}

/// Checks and resources that decide record sets.
#[derive(Default)]
struct Below {
    checks: BTreeSet<u32>,
    resources: BTreeSet<u32>,
    /// Groups that were looked into.
    groups: BTreeSet<u32>,
}

impl Below {
    /// Adds what decides these record sets of a Region, down to the leaves.
    fn collect(&mut self, zone: &Zone, region: Region, records: &[u32]) {
        // A list and not the stack, so that no zone is too deep.
        let mut to_do = records.to_vec();
        while let Some(record) = to_do.pop().and_then(|number| zone.record(number)) {
            if region_of_record(zone, record).is_some_and(|of| of != region) {
                continue;
            }
            match zone.check(record.check).map(|check| &check.kind) {
                Some(CheckKind::Calculated { children, .. }) => self.checks.extend(children),
                Some(_) => drop(self.checks.insert(record.check)),
                None => {}
            }
            match record.target {
                Target::Resource { resource, evaluate_target_health: true } => {
                    let names = zone.resource(resource).and_then(|resource| region_of_name(resource.name.as_ref()));
                    if names.is_none_or(|of| of == region) {
                        self.resources.insert(resource);
                    }
                }
                Target::Group { group, evaluate_target_health: true } if self.groups.insert(group) => {
                    to_do.extend(zone.group(group).map(crate::compile::Group::members).unwrap_or_default());
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
