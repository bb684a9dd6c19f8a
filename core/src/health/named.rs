//! Health by the names that people and documents use, without a word about what is wrong: [`down`](super::down) has the words,
//! and bindings that only decide do without.

use alloc::vec;
use alloc::vec::Vec;

use super::region_parts::region_parts;
use super::view::HealthView;
use crate::compile::{CheckKind, Index, hash};
use crate::model::alias::resource_name;
use crate::model::{NameBuf, RecordType, Region};
use crate::parse::{AliasStatus, RawStatus};

/// Something of a zone that can be taken down.
#[derive(Debug)]
pub(super) enum Named {
    /// A health check.
    Check(u32),
    /// An AWS resource that aliases lead to, under each of its names.
    AliasTarget(Vec<u32>),
    /// What of the zone is in a Region: record sets, and AWS resources.
    Region(Vec<u32>, Vec<u32>),
    /// A record set.
    RecordSet(u32),
}

impl HealthView {
    /// The view after some statuses changed, by health check id and by alias target DNS name, and those names that the zone
    /// does not have, which change nothing. The view is that of [`updated`](Self::updated) with the same report; there are no
    /// findings.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pointsman_core::{compile::compile, health::HealthView, parse::{RawStatus, parse}, validate::{Options, validate}};
    /// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [], "HealthChecks": [
    ///   {"Id": "one", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
    /// let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// let view = HealthView::unreported(zone);
    /// let (view, unknown) = view.updated_by_name(&[("one", RawStatus::Unhealthy), ("two", RawStatus::Healthy)], &[]);
    /// assert_eq!((view.is_check_healthy("one"), unknown), (Some(false), vec!["two"]));
    /// ```
    #[must_use]
    pub fn updated_by_name<'s>(
        &self,
        checks: &[(&'s str, RawStatus)],
        alias_targets: &[(&'s str, AliasStatus)],
    ) -> (Self, Vec<&'s str>) {
        let mut index = Index::with_room(self.zone.checks().len());
        for (number, check) in (0_u32..).zip(self.zone.checks()) {
            index.add(hash(check.id.as_bytes()), number);
        }
        let is_it = |number: u32, id: &str| self.zone.check(number).is_some_and(|check| &*check.id == id);
        let mut unknown = Vec::new();
        let mut numbered = Vec::with_capacity(checks.len());
        for (id, status) in checks {
            match index.find(hash(id.as_bytes()), |number| is_it(number, id)) {
                Some(number) => numbered.push((number, *status)),
                None => unknown.push(*id),
            }
        }
        let mut resources = Vec::new();
        for (name, status) in alias_targets {
            let known = self.alias_targets_named(name);
            if known.is_empty() {
                unknown.push(*name);
            }
            resources.extend(known.into_iter().map(|number| (number, *status)));
        }
        (self.updated_by_number(&numbered, &resources).0, unknown)
    }

    /// The view in which something is down, named as for [`down`](Self::down); `None` where that refuses it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::parse, validate::{Options, validate}};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [], "HealthChecks": [
    /// #   {"Id": "one", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// let view = HealthView::unreported(zone);
    /// assert_eq!(view.without_named("one").unwrap().is_check_healthy("one"), Some(false));
    /// assert!(view.without_named("two").is_none());
    /// ```
    #[must_use]
    pub fn without_named(&self, what: &str) -> Option<Self> {
        self.take_down(&self.named(what)?)
    }

    /// The view without a record set, named as `NAME/TYPE/SetIdentifier`; `None` where the zone has no such one.
    #[must_use]
    pub fn without_record_set(&self, selector: &str) -> Option<Self> {
        Some(self.without_records(&[self.record_named(selector)?]))
    }

    /// The view without what was found; `None` for a calculated check, which follows its children.
    pub(super) fn take_down(&self, named: &Named) -> Option<Self> {
        let unhealthy = |resources: &[u32]| -> Vec<_> {
            resources.iter().map(|resource| (*resource, AliasStatus::Unhealthy)).collect()
        };
        Some(match named {
            Named::Check(number) => {
                if matches!(self.zone.check(*number)?.kind, CheckKind::Calculated { .. }) {
                    return None;
                }
                self.updated_by_number(&[(*number, RawStatus::Unhealthy)], &[]).0
            }
            Named::AliasTarget(resources) => self.updated_by_number(&[], &unhealthy(resources)).0,
            Named::Region(records, resources) => {
                self.updated_by_number(&[], &unhealthy(resources)).0.without_records(records)
            }
            Named::RecordSet(number) => self.without_records(&[*number]),
        })
    }

    /// What of the zone has a name: a health check by its id, a Region, a record set as `NAME/TYPE/SetIdentifier`, or an
    /// alias target.
    pub(super) fn named(&self, what: &str) -> Option<Named> {
        if let Some(check) = self.zone.checks().iter().position(|check| &*check.id == what) {
            return Some(Named::Check(check as u32));
        }
        if let Some(region) = Region::parse(what) {
            let (records, resources) = region_parts(&self.zone, region)?;
            return Some(Named::Region(records, resources));
        }
        if cut(what).1.is_some() {
            return self.record_named(what).map(Named::RecordSet);
        }
        Some(self.alias_targets_named(what)).filter(|resources| !resources.is_empty()).map(Named::AliasTarget)
    }

    /// A load balancer has one health under both its names (1.6.11).
    fn alias_targets_named(&self, what: &str) -> Vec<u32> {
        let Ok(name) = NameBuf::parse(what) else { return vec![] };
        let wanted = resource_name(name.as_ref());
        let numbered = (0_u32..).zip(self.zone.alias_targets());
        numbered.filter(|(_, target)| resource_name(*target) == wanted).map(|(number, _)| number).collect()
    }

    /// The number of a record set.
    pub(super) fn record_named(&self, selector: &str) -> Option<u32> {
        let (name, rest) = cut(selector);
        let (record_type, set_identifier) = cut(rest?);
        let name = NameBuf::parse(name).ok()?;
        let record_type = RecordType::parse(record_type)?;
        let set_identifier = set_identifier.filter(|text| !text.is_empty());
        let (_, node) = self.zone.find(name.as_ref())?;
        let group = self.zone.group(self.zone.group_of(node, record_type)?)?;
        group.members().find(|member| self.zone.set_identifier(*member) == set_identifier)
    }
}

/// What stands before the first slash, and what behind it.
fn cut(text: &str) -> (&str, Option<&str>) {
    let slash = text.bytes().position(|byte| byte == b'/').unwrap_or(text.len());
    (text.get(..slash).unwrap_or_default(), text.get(slash.saturating_add(1)..))
}
