//! Health checks of every kind.

mod json;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use self::json::insufficient_word;
pub(super) use self::json::json;
use super::dice::Dice;
use super::json::object;
use super::shrink::{Shrinking, Simplify, Tree, pieces};
use crate::model::health_check::InsufficientDataHealthStatus;

/// The kinds of health check (6.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the API word of that name")]
pub enum CheckType {
    Tcp,
    Http,
    Https,
    HttpStrMatch,
    HttpsStrMatch,
    Calculated,
    CloudwatchMetric,
    RecoveryControl,
}

impl CheckType {
    /// Every kind, the plainest first.
    pub const ALL: [Self; 8] = [
        Self::Tcp,
        Self::Http,
        Self::Https,
        Self::HttpStrMatch,
        Self::HttpsStrMatch,
        Self::Calculated,
        Self::CloudwatchMetric,
        Self::RecoveryControl,
    ];

    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::HttpStrMatch => "HTTP_STR_MATCH",
            Self::HttpsStrMatch => "HTTPS_STR_MATCH",
            Self::Calculated => "CALCULATED",
            Self::CloudwatchMetric => "CLOUDWATCH_METRIC",
            Self::RecoveryControl => "RECOVERY_CONTROL",
        }
    }
}

/// A health check; record sets and other checks know it by its key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Check {
    pub(super) key: u16,
    pub(super) kind: CheckType,
    pub(super) inverted: bool,
    pub(super) disabled: bool,
    /// Every 10 seconds instead of 30.
    pub(super) fast: bool,
    pub(super) failure_threshold: u8,
    /// Tested by name instead of by address.
    pub(super) by_name: bool,
    /// Of a calculated check.
    pub(super) children: Vec<u16>,
    /// Of a calculated check.
    pub(super) health_threshold: u16,
    /// Of a CloudWatch check.
    pub(super) insufficient: InsufficientDataHealthStatus,
}

/// The id of a check.
pub(super) fn check_id(key: u16) -> String {
    format!("hc-{key}")
}

impl Check {
    /// The plainest check.
    pub(super) fn plain(key: u16) -> Self {
        Self {
            key,
            kind: CheckType::Tcp,
            inverted: false,
            disabled: false,
            fast: false,
            failure_threshold: 3,
            by_name: false,
            children: Vec::new(),
            health_threshold: 0,
            insufficient: InsufficientDataHealthStatus::LastKnownStatus,
        }
    }

    /// Any check of these kinds; a calculated one watches some of `others`.
    pub(super) fn any(key: u16, kinds: &[CheckType], others: &[Self], dice: &mut Dice) -> Self {
        let mut check = Self::plain(key);
        check.kind = dice.pick(kinds).unwrap_or(CheckType::Tcp);
        let children: Vec<u16> =
            others.iter().filter(|other| other.kind != CheckType::Calculated).map(|other| other.key).collect();
        if check.kind == CheckType::Calculated {
            if children.is_empty() {
                check.kind = CheckType::Tcp;
            } else {
                let count = dice.below(4).saturating_add(1);
                check.children = dice.sample(&children, count);
                // One more than there are children is never reached (6.3.1).
                check.health_threshold = dice.below(check.children.len().saturating_add(2)) as u16;
            }
        }
        check.inverted = dice.one_in(8);
        check.disabled = dice.one_in(10);
        check.fast = dice.one_in(3);
        check.failure_threshold = dice.within(1, 10) as u8;
        check.by_name = dice.one_in(3);
        check.insufficient = match dice.below(3) {
            0 => InsufficientDataHealthStatus::Healthy,
            1 => InsufficientDataHealthStatus::Unhealthy,
            _ => InsufficientDataHealthStatus::LastKnownStatus,
        };
        check
    }

    /// Simpler ways to be this check.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let plain = Self::plain(self.key);
        let mut ways = vec![plain.clone()];
        let mut change = |edit: &dyn Fn(&mut Self)| {
            let mut check = self.clone();
            edit(&mut check);
            ways.push(check);
        };
        change(&|check| {
            *check = Self { inverted: check.inverted, disabled: check.disabled, ..plain.clone() };
        });
        change(&|check| check.disabled = false);
        change(&|check| check.inverted = false);
        change(&|check| {
            *check = Self {
                fast: false,
                failure_threshold: 3,
                by_name: false,
                insufficient: InsufficientDataHealthStatus::LastKnownStatus,
                ..check.clone()
            };
        });
        for piece in pieces(self.children.len()).into_iter().filter(|piece| piece.len() < self.children.len()) {
            change(&|check| {
                check.children.drain(piece.clone());
                check.health_threshold = check.health_threshold.min(check.children.len() as u16);
            });
        }
        if self.kind == CheckType::Calculated {
            change(&|check| check.health_threshold = check.health_threshold.min(1));
            change(&|check| check.health_threshold = check.health_threshold.saturating_sub(1));
        }
        ways.retain(|way| way != self);
        ways
    }
}

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
