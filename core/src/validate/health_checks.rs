//! The health checks of a zone: by id, with their children, and those that are named but not described (6, 10.48).

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::map::{Map, Set};

use super::gaps::Gaps;
use super::health_check;
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Place, Route53Error};
use crate::limits::{CHILD_HEALTH_CHECKS_QUOTA, HEALTH_CHECKS_QUOTA};
use crate::model::{HealthCheck, HealthCheckKind};
use crate::parse::{Document, HealthCheckFields, Origin};

/// Health checks by id.
#[derive(Debug, Default)]
pub(super) struct HealthChecks<'a> {
    checks: Vec<HealthCheck>,
    /// Where each check is described; `None` for one that is only named.
    origins: Vec<Option<Origin>>,
    index: Map<&'a str, u32>,
    /// Whether any document lists the health checks of the account.
    given: bool,
    /// Whether checks are described whose id is not known.
    nameless: bool,
    /// Where the first check that nobody describes is named, when no document describes any.
    first_unknown: Option<Place>,
}

/// What is wrong with a child of a calculated check.
#[derive(Debug, Clone, Copy)]
enum ChildFault {
    IsCalculated,
    Unknown,
    Twice,
}

impl ChildFault {
    const ALL: [Self; 3] = [Self::IsCalculated, Self::Unknown, Self::Twice];

    /// The finding about the first such child of a check, and so many more.
    #[inline(never)]
    fn finding(self, id: &Shown<'_>, more: usize) -> Diagnostic {
        let (is, are) = match self {
            Self::IsCalculated | Self::Twice => ("is, too", "are, too"),
            Self::Unknown => ("is not, either", "are not, either"),
        };
        let others = match more {
            0 => String::new(),
            1 => format!("; one more {is}"),
            more => format!("; {more} more {are}"),
        };
        let unknown = || format!("Invalid parameter : Child health check IDs do not exist or are deleted: {id}");
        match self {
            Self::IsCalculated => {
                let message = format_args!("the child `{id}` is a calculated check itself{others}");
                Diagnostic::cannot("child-is-calculated", message)
                    .help("name that check's own children instead")
                    .error(Route53Error::InvalidInput)
                    .says(format_args!("{}", unknown()))
            }
            Self::Unknown => {
                let message = format_args!("the child `{id}` is not among the health checks{others}");
                Diagnostic::refused("child-health-check-unknown", Route53Error::InvalidInput, message)
                    .help(
                        "give the whole of list-health-checks, or remove the child; until then it counts as a \
                           check without data",
                    )
                    .says(format_args!("{}", unknown()))
            }
            Self::Twice => {
                let message = format_args!("the child `{id}` is named twice and counted once{others}");
                Diagnostic::lint("child-health-check-twice", message)
                    .help("remove one, and see whether HealthThreshold still fits")
            }
        }
    }
}

impl<'a> HealthChecks<'a> {
    /// Reads every HealthChecks document.
    pub(super) fn read(documents: &'a [&'a Document<'a>], gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) -> Self {
        let lists_all = |document: &&Document<'_>| document.health_checks.is_some() && !document.is_excerpt;
        let mut this = Self { given: documents.iter().any(lists_all), ..Self::default() };
        let mut calculated: Vec<(u32, &'a HealthCheckFields<'a>)> = Vec::new();
        for fields in documents.iter().flat_map(|document| document.health_checks.iter().flatten()) {
            let damaged = gaps.damages(&fields.origin.place());
            let Some(id) = fields.id.as_deref() else {
                this.nameless = true;
                if !damaged {
                    let finding = Diagnostic::cannot("health-check-without-id", "the health check has no Id");
                    finding.help("give the Id that list-health-checks prints").at(fields.origin.place()).add_to(out);
                }
                continue;
            };
            if this.index.contains_key(id) {
                let finding = Diagnostic::cannot(
                    "health-check-twice",
                    format_args!("the health check `{}` is given twice", Shown(id)),
                );
                finding.help("keep one").at(fields.origin.field(&["Id"])).add_to(out);
                continue;
            }
            let kind = health_check::kind(fields, damaged, out);
            let is_calculated = matches!(kind, HealthCheckKind::Calculated { .. });
            let inverted = fields.inverted.unwrap_or(false);
            let disabled = fields.disabled.unwrap_or(false);
            let check = HealthCheck { id: id.into(), kind, inverted, disabled };
            let number = this.add(id, check, Some(fields.origin));
            if is_calculated {
                calculated.push((number, fields));
            }
        }
        this.check_quota(out);
        for (number, fields) in calculated {
            let children = this.children(fields, gaps, out);
            let check = this.checks.get_mut(number as usize).map(|check| &mut check.kind);
            if let Some(HealthCheckKind::Calculated { children: slot, .. }) = check {
                *slot = children;
            }
        }
        this
    }

    fn add(&mut self, id: &'a str, check: HealthCheck, origin: Option<Origin>) -> u32 {
        let number = u32::try_from(self.checks.len()).unwrap_or(u32::MAX);
        self.index.insert(id, number);
        self.checks.push(check);
        self.origins.push(origin);
        number
    }

    /// The number of a check, and whether a document describes it; a new id is taken as an unknown check.
    pub(super) fn find(&mut self, id: &'a str) -> (u32, bool) {
        match self.index.get(id) {
            Some(number) => (*number, self.origins.get(*number as usize).is_some_and(Option::is_some)),
            None => {
                let kind = HealthCheckKind::Unknown;
                let check = HealthCheck { id: id.into(), kind, inverted: false, disabled: false };
                (self.add(id, check, None), false)
            }
        }
    }

    #[inline(never)]
    fn check_quota(&self, out: &mut Vec<Diagnostic>) {
        let count = self.checks.len();
        if let Some(Some(origin)) = self.origins.get(HEALTH_CHECKS_QUOTA) {
            let message =
                format_args!("there are {count} health checks; the quota of an account is {HEALTH_CHECKS_QUOTA}");
            let finding = Diagnostic::refused("health-checks-quota", Route53Error::LimitsExceeded, message)
                .help("ask AWS for a higher quota on health checks");
            finding.downgraded().at(origin.place()).add_to(out);
        }
    }

    /// The children of a calculated check: known, and not calculated themselves (6.3.3).
    #[inline(never)]
    fn children(&mut self, fields: &'a HealthCheckFields<'a>, gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) -> Vec<u32> {
        let list = fields.origin.field(&["HealthCheckConfig", "ChildHealthChecks"]);
        let ids = fields.child_health_checks.as_deref().unwrap_or_default();
        if ids.len() > CHILD_HEALTH_CHECKS_QUOTA {
            let message = format_args!(
                "a calculated check has at most {CHILD_HEALTH_CHECKS_QUOTA} children; this one has {}",
                ids.len()
            );
            let finding = Diagnostic::refused("too-many-children", Route53Error::InvalidInput, message)
                .help("spread the children over several calculated checks, one record set each")
                .at(list.clone());
            // The schema takes one more than the quota (10.26).
            let is_quota = ids.len() == CHILD_HEALTH_CHECKS_QUOTA.saturating_add(1);
            (if is_quota { finding.downgraded() } else { finding }).add_to(out);
        }
        let mut seen: Set<u32> = Set::default();
        let mut children = Vec::with_capacity(ids.len());
        // Of each kind one finding, however many children have it: checks may name each other by the hundred.
        let mut faults: [Option<(usize, usize)>; ChildFault::ALL.len()] = Default::default();
        for (index, id) in ids.iter().enumerate() {
            let (child, is_described) = self.find(id);
            let is_calculated = self
                .checks
                .get(child as usize)
                .is_some_and(|check| matches!(check.kind, HealthCheckKind::Calculated { .. }));
            let is_new = seen.insert(child);
            if is_new && !is_calculated {
                children.push(child);
            }
            let fault = if is_calculated {
                ChildFault::IsCalculated
            } else if !is_described && !gaps.health_checks && !self.nameless {
                ChildFault::Unknown
            } else if !is_new {
                ChildFault::Twice
            } else {
                continue;
            };
            if let Some(slot) = faults.get_mut(fault as usize) {
                let (first, count) = slot.unwrap_or((index, 0));
                *slot = Some((first, count.saturating_add(1)));
            }
        }
        for (fault, slot) in ChildFault::ALL.into_iter().zip(faults) {
            let Some((first, count)) = slot else { continue };
            let id = Shown(ids.get(first).map_or("", |id| id));
            let place = Place::new(list.document, list.path.clone().index(first));
            fault.finding(&id, count.saturating_sub(1)).at(place).add_to(out);
        }
        children
    }

    /// The number of a check that a record set names at `place` (6.7, 10.48).
    pub(super) fn used_by_record(
        &mut self,
        id: &'a str,
        place: impl Fn() -> Place,
        gaps: &Gaps<'_>,
        out: &mut Vec<Diagnostic>,
    ) -> u32 {
        let (number, is_described) = self.find(id);
        if is_described || gaps.health_checks || self.nameless {
            return number;
        }
        if self.given {
            let message = format_args!("there is no health check `{}`", Shown(id));
            let finding = Diagnostic::refused("health-check-unknown", Route53Error::NoSuchHealthCheck, message).help(
                "give the whole of list-health-checks, or correct HealthCheckId; until then it counts as a \
                       check without data",
            );
            finding.at(place()).add_to(out);
        } else if self.first_unknown.is_none() {
            self.first_unknown = Some(place());
        }
        number
    }

    /// The checks with their places; warns when none is described.
    pub(super) fn finish(self, out: &mut Vec<Diagnostic>) -> (Vec<HealthCheck>, Vec<Option<Origin>>) {
        if let Some(place) = self.first_unknown {
            let count = self.checks.len();
            let noun = if count == 1 { "health check" } else { "health checks" };
            let message = format_args!("the zone names {count} {noun}, and no document describes any");
            let help = "add what `aws route53 list-health-checks` prints: without it nothing is known of Inverted, \
                        Disabled and calculated checks";
            Diagnostic::lint("health-checks-not-given", message).help(help).at(place).add_to(out);
        }
        (self.checks, self.origins)
    }
}
