//! "What if this were down?": checks, alias targets, Regions and single record sets by the names people use.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::named::Named;
use super::nearest::nearest;
use super::view::HealthView;
use crate::diagnostic::Diagnostic;
use crate::model::{NameBuf, RecordType, Region};

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
        let Some(named) = self.named(what) else { return Err(self.not_there(what)) };
        let mut warnings = Vec::new();
        if let Named::Check(number) = named
            && let Some(check) = self.zone.check(number)
        {
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
        }
        match self.take_down(&named) {
            Some(view) => Ok((view, warnings)),
            None => Err(DownError {
                message: format!("health check `{what}` is calculated and cannot be taken down"),
                help: "take its children down instead".into(),
            }),
        }
    }

    /// Why nothing was found under a name.
    fn not_there(&self, what: &str) -> DownError {
        if let Some(region) = Region::parse(what) {
            return nothing_in(region);
        }
        if what.contains('/') {
            return self.no_record_set(what);
        }
        let help = match self.nearest(what) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "give a health check's id, an alias target's DNS name, a Region, or NAME/TYPE/SetIdentifier".into(),
        };
        DownError { message: format!("nothing called `{what}` can be taken down"), help }
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

    fn find_record(&self, selector: &str) -> Result<u32, DownError> {
        self.record_named(selector).ok_or_else(|| self.no_record_set(selector))
    }

    /// Why no record set was found.
    fn no_record_set(&self, selector: &str) -> DownError {
        let message = self.fault_in(selector);
        DownError { message, help: "write NAME/TYPE/SetIdentifier, or NAME/TYPE for simple routing".into() }
    }

    fn fault_in(&self, selector: &str) -> String {
        let mut parts = selector.splitn(3, '/');
        let (name, record_type) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let name = match NameBuf::parse(name) {
            Ok(name) => name,
            Err(problem) => return format!("`{selector}`: {problem}"),
        };
        let Some(record_type) = RecordType::parse(record_type) else {
            return format!("`{selector}`: `{record_type}` is not a record type");
        };
        let node = self.zone.find(name.as_ref());
        let group = node.and_then(|(_, node)| self.zone.group_of(node, record_type));
        let Some(group) = group.and_then(|group| self.zone.group(group)) else {
            return format!("the zone has no {record_type} record sets at `{}`", name.as_ref());
        };
        let known: Vec<&str> = group.members().filter_map(|member| self.zone.set_identifier(member)).take(10).collect();
        format!("no record set `{selector}`; SetIdentifiers there: {}", known.join(", "))
    }
}

/// The error where nothing is in a Region.
pub(super) fn nothing_in(region: Region) -> DownError {
    DownError {
        message: format!("nothing in the zone is in Region `{region}`"),
        help: "record sets are in a Region by Region or AWSRegion, alias targets by their DNS name".into(),
    }
}
