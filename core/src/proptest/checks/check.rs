//! One health check of any kind.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::model::health_check::InsufficientDataHealthStatus;
use crate::proptest::dice::Dice;
use crate::proptest::shrink::pieces;

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
pub(in crate::proptest) struct Check {
    pub(in crate::proptest) key: u16,
    pub(in crate::proptest) kind: CheckType,
    pub(in crate::proptest) inverted: bool,
    pub(in crate::proptest) disabled: bool,
    /// Every 10 seconds instead of 30.
    pub(in crate::proptest) fast: bool,
    pub(in crate::proptest) failure_threshold: u8,
    /// Tested by name instead of by address.
    pub(in crate::proptest) by_name: bool,
    /// Of a calculated check.
    pub(in crate::proptest) children: Vec<u16>,
    /// Of a calculated check.
    pub(in crate::proptest) health_threshold: u16,
    /// Of a CloudWatch check.
    pub(in crate::proptest) insufficient: InsufficientDataHealthStatus,
}

/// The id of a check.
pub(in crate::proptest) fn check_id(key: u16) -> String {
    format!("hc-{key}")
}

impl Check {
    /// The plainest check.
    pub(in crate::proptest) fn plain(key: u16) -> Self {
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
    pub(in crate::proptest) fn any(key: u16, kinds: &[CheckType], others: &[Self], dice: &mut Dice) -> Self {
        let mut check = Self::plain(key);
        check.kind = dice.choose(kinds).unwrap_or(CheckType::Tcp);
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
    pub(in crate::proptest) fn simpler(&self) -> Vec<Self> {
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
