//! "What if this were down?": checks, alias targets, Regions and single record sets by the names people use.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::nearest::nearest;
use super::view::HealthView;
use crate::compile::CheckKind;
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::model::alias::resource_name;
use crate::model::{NameBuf, NameRef, RecordType, Region};
use crate::parse::{AliasStatus, HealthReport, RawStatus};

/// Why something cannot be taken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownError {
    /// What is wrong.
    pub message: String,
    /// What to give instead.
    pub help: String,
}

impl core::fmt::Display for DownError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for DownError {}

impl HealthView {
    /// The view in which something is down: a health check (raw unhealthy), an alias target, every record set and alias
    /// target of a Region, or one record set as `NAME/TYPE/SetIdentifier` (`NAME/TYPE` for simple routing).
    ///
    /// # Errors
    /// [`DownError`] when the zone has no such thing, or it is a calculated check.
    pub fn down(&self, what: &str) -> Result<(Self, Vec<Diagnostic>), DownError> {
        if let Some(check) = self.zone.checks().iter().find(|check| &*check.id == what) {
            if matches!(check.kind, CheckKind::Calculated { .. }) {
                return Err(DownError {
                    message: format!("health check `{what}` is calculated and cannot be taken down"),
                    help: "take its children down instead".into(),
                });
            }
            let mut warnings = Vec::new();
            for (set, word, effect) in [
                (check.disabled, "Disabled", "its status is replaced by healthy"),
                (check.inverted && !check.disabled, "Inverted", "raw unhealthy means healthy"),
            ] {
                if set {
                    let message =
                        format_args!("health check `{what}` is {word}: {effect}, so taking it down may do nothing");
                    let help =
                        "name the record set (NAME/TYPE/SetIdentifier) to make it unhealthy whatever its check says";
                    warnings.push(Diagnostic::lint("down-without-effect", message).help(help));
                }
            }
            return Ok((self.with_statuses(&[what], &[]), warnings));
        }
        if let Some(region) = Region::parse(what) {
            return self.region_down(region).map(|view| (view, Vec::new()));
        }
        if what.contains('/') {
            return Ok((self.without_records(&[self.find_record(what)?]), Vec::new()));
        }
        let name = NameBuf::parse(what).ok();
        let is_it = |target: NameRef<'_>, name: &NameBuf| resource_name(target) == resource_name(name.as_ref());
        if name.is_some_and(|name| self.zone.alias_targets().any(|target| is_it(target, &name))) {
            return Ok((self.with_statuses(&[], &[what]), Vec::new()));
        }
        let help = match self.nearest(what) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "give a health check's id, an alias target's DNS name, a Region, or NAME/TYPE/SetIdentifier".into(),
        };
        Err(DownError { message: format!("nothing called `{what}` can be taken down"), help })
    }

    /// The check, alias target or Region of the zone that is spelled most like a word.
    fn nearest(&self, what: &str) -> Option<String> {
        let targets: Vec<String> = self.zone.alias_targets().map(|name| name.to_string()).collect();
        let regions = self.regions();
        let known = self.zone.health_check_ids().chain(targets.iter().map(String::as_str));
        nearest(what, known.chain(regions.iter().map(|region| region.as_str()))).map(String::from)
    }

    /// The view without some record sets, each as `NAME/TYPE/SetIdentifier`: they count as unhealthy, so that the
    /// answer is the next choice.
    ///
    /// # Errors
    /// [`DownError`] when the zone has no such record set.
    pub fn without<'s>(&self, records: impl IntoIterator<Item = &'s str>) -> Result<Self, DownError> {
        let numbers = records.into_iter().map(|record| self.find_record(record)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.without_records(&numbers))
    }

    /// The same by the numbers of record sets in the zone, such as those of an answer; unknown ones change nothing.
    #[must_use]
    pub fn without_record_sets(&self, numbers: &[u32]) -> Self {
        self.without_records(numbers)
    }

    pub(super) fn with_statuses(&self, checks: &[&str], targets: &[&str]) -> Self {
        let place = || Place::new(0, Path::root());
        let changes = HealthReport {
            health_checks: checks.iter().map(|id| (Box::from(*id), RawStatus::Unhealthy, place())).collect(),
            alias_targets: targets.iter().map(|name| (Box::from(*name), AliasStatus::Unhealthy, place())).collect(),
            time: None,
            observations: Vec::new(),
        };
        self.updated(&changes).0
    }

    fn find_record(&self, selector: &str) -> Result<u32, DownError> {
        let error = |message: String| DownError {
            message,
            help: "write NAME/TYPE/SetIdentifier, or NAME/TYPE for simple routing".into(),
        };
        let mut parts = selector.splitn(3, '/');
        let (name, record_type) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let set_identifier = parts.next().filter(|text| !text.is_empty());
        let name = NameBuf::parse(name).map_err(|problem| error(format!("`{selector}`: {problem}")))?;
        let record_type = RecordType::parse(record_type)
            .ok_or_else(|| error(format!("`{selector}`: `{record_type}` is not a record type")))?;
        let group = self
            .zone
            .find(name.as_ref())
            .and_then(|(_, node)| self.zone.group_of(node, record_type))
            .and_then(|group| self.zone.group(group))
            .ok_or_else(|| error(format!("the zone has no {record_type} record sets at `{}`", name.as_ref())))?;
        group.members().find(|member| self.zone.set_identifier(*member) == set_identifier).ok_or_else(|| {
            let known: Vec<&str> =
                group.members().filter_map(|member| self.zone.set_identifier(member)).take(10).collect();
            error(format!("no record set `{selector}`; SetIdentifiers there: {}", known.join(", ")))
        })
    }
}
