//! Health checks of every kind.

mod check;
mod json;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

pub use self::check::CheckType;
pub(super) use self::check::{Check, check_id};
use self::json::insufficient_word;
pub(super) use self::json::json;
use super::dice::Dice;
use super::json::object;
use super::shrink::{Shrinking, Simplify, Tree, pieces};

/// Health checks as list-health-checks prints them: one to eight of any kind, calculated ones after what they watch.
///
/// They shrink to one TCP check.
///
/// ```
/// use pointsman_core::diagnostic::has_errors;
/// use pointsman_core::parse::parse;
/// use pointsman_core::proptest::health_checks;
/// use pointsman_core::validate::{Options, validate};
/// use proptest::prelude::*;
///
/// proptest!(|(checks in health_checks())| {
///     let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": []}"#;
///     let text = checks.to_json();
///     let validated = validate(&[parse(0, zone), parse(1, &text)], &Options::default());
///     prop_assert!(!has_errors(&validated.diagnostics));
/// });
/// ```
#[must_use]
pub fn health_checks() -> HealthChecks {
    HealthChecks { kinds: CheckType::ALL.into(), most: 8 }
}

/// Strategy of [`health_checks`].
#[derive(Debug, Clone)]
pub struct HealthChecks {
    kinds: Vec<CheckType>,
    most: usize,
}

impl HealthChecks {
    /// Only checks of these kinds; a calculated check that has nothing to watch becomes a TCP check.
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = CheckType>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// At most so many; the default is 8.
    pub fn max(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }
}

impl Strategy for HealthChecks {
    type Tree = Tree<SampleHealthChecks>;
    type Value = SampleHealthChecks;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut dice = Dice::new(runner)?;
        let mut checks: Vec<Check> = Vec::new();
        for key in 1..=dice.below(self.most).saturating_add(1) {
            checks.push(Check::any(key as u16, &self.kinds, &checks, &mut dice));
        }
        Ok(Shrinking::tree(SampleHealthChecks { checks }))
    }
}

/// Health checks made by [`health_checks`]; it prints as a list, a line a check.
#[derive(Clone, PartialEq)]
pub struct SampleHealthChecks {
    checks: Vec<Check>,
}

impl SampleHealthChecks {
    /// The ids.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.checks.iter().map(|check| check_id(check.key)).collect()
    }

    /// The document: `{"HealthChecks": [...]}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        object(vec![("HealthChecks", json(&self.checks))]).pretty()
    }
}

impl Simplify for SampleHealthChecks {
    type Value = Self;
    type Step = Step;

    fn value(&self) -> Self {
        self.clone()
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = pieces(self.checks.len()).into_iter().map(Step::Drop).collect();
        for (at, check) in self.checks.iter().enumerate() {
            steps.extend(check.simpler().into_iter().map(|simpler| Step::Be(at, Box::new(simpler))));
        }
        steps.push(Step::PlainNumbers);
        steps
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut checks = self.checks.clone();
        match step {
            Step::Drop(piece) => {
                checks.drain(piece.clone());
            }
            Step::Be(at, simpler) => *checks.get_mut(*at)? = (**simpler).clone(),
            Step::PlainNumbers => renumber(&mut checks, &plain_check_numbers(&self.checks)),
        }
        forget_lost_children(&mut checks);
        (!checks.is_empty()).then_some(Self { checks })
    }
}

pub(super) enum Step {
    Drop(core::ops::Range<usize>),
    Be(usize, Box<Check>),
    PlainNumbers,
}

/// The number of each check, and the one it has when they are counted from 1.
pub(super) fn plain_check_numbers(checks: &[Check]) -> Vec<(u16, u16)> {
    checks.iter().map(|check| check.key).zip(1..).collect()
}

/// Gives checks other numbers.
pub(super) fn renumber(checks: &mut [Check], numbers: &[(u16, u16)]) {
    let change = |key: &mut u16| {
        if let Some((_, new)) = numbers.iter().find(|(old, _)| old == key) {
            *key = *new;
        }
    };
    for check in checks {
        change(&mut check.key);
        check.children.iter_mut().for_each(change);
    }
}

/// Calculated checks forget the children that are gone; one without any becomes a plain check.
pub(super) fn forget_lost_children(checks: &mut [Check]) {
    let known: Vec<u16> =
        checks.iter().filter(|check| check.kind != CheckType::Calculated).map(|check| check.key).collect();
    for check in checks.iter_mut().filter(|check| check.kind == CheckType::Calculated) {
        check.children.retain(|child| known.contains(child));
        if check.children.is_empty() {
            *check = Check { inverted: check.inverted, disabled: check.disabled, ..Check::plain(check.key) };
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", check_id(self.key), self.kind.as_str())?;
        if self.kind == CheckType::Calculated {
            let children: Vec<String> = self.children.iter().map(|child| check_id(*child)).collect();
            write!(f, ": at least {} of {}", self.health_threshold, children.join(", "))?;
        }
        if self.kind == CheckType::CloudwatchMetric {
            write!(f, ", {} without data", insufficient_word(self.insufficient))?;
        }
        f.write_str(if self.disabled { ", disabled" } else { "" })?;
        f.write_str(if self.inverted { ", inverted" } else { "" })
    }
}

impl fmt::Debug for SampleHealthChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, check) in self.checks.iter().enumerate() {
            write!(f, "{}{check}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}
