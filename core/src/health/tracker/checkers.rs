//! Checkers of one endpoint: each counts for itself, and together they vote.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::model::Time;
use crate::parse::RawStatus;

/// One checker's view of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checker {
    /// Its name.
    pub name: CheckerName,
    /// What it holds the endpoint for; `None` before enough results in a row agreed.
    pub view: Option<bool>,
    /// Whether its latest result was a success.
    pub latest: bool,
    /// How many of its latest results agree with the latest.
    pub consecutive: u32,
    /// When it was last heard of.
    pub seen: Time,
}

/// Names of checkers are kept, so they are boxed once.
type CheckerName = Box<str>;

/// All checkers of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Checkers {
    /// What a checker begins with.
    assumed: Option<bool>,
    list: Vec<Checker>,
}

impl Checkers {
    pub(super) const fn assuming(assumed: Option<bool>) -> Self {
        Self { assumed, list: Vec::new() }
    }

    pub(super) fn all(&self) -> &[Checker] {
        &self.list
    }

    /// One result; `threshold` in a row make a view (6.2.1).
    pub(super) fn observe(&mut self, at: Time, name: &str, success: bool, threshold: u8) {
        let known = self.list.iter().position(|checker| &*checker.name == name);
        let number = known.unwrap_or_else(|| {
            let new = Checker { name: name.into(), view: self.assumed, latest: success, consecutive: 0, seen: at };
            self.list.push(new);
            self.list.len().saturating_sub(1)
        });
        let Some(checker) = self.list.get_mut(number) else { return };
        if checker.latest != success {
            checker.latest = success;
            checker.consecutive = 0;
        }
        checker.consecutive = checker.consecutive.saturating_add(1);
        checker.seen = checker.seen.max(at);
        if checker.consecutive >= u32::from(threshold) {
            checker.view = Some(success);
        }
    }

    /// Lets go of those that were not heard of for longer than this, unless all are silent.
    pub(super) fn forget_silent(&mut self, now: Time, silence_ms: u64) {
        let is_heard = |checker: &Checker| now.ms_since(checker.seen) <= silence_ms;
        if self.list.iter().any(is_heard) {
            self.list.retain(is_heard);
        }
    }

    /// What they hold together; a checker without a view counts as healthy (6.2.3, 10.49). `None`: none was heard of.
    pub(super) fn status(&self) -> Option<RawStatus> {
        if self.list.is_empty() {
            return None;
        }
        if self.list.iter().all(|checker| checker.view.is_none()) {
            return Some(RawStatus::NoData);
        }
        let healthy = self.list.iter().filter(|checker| checker.view != Some(false)).count();
        Some(RawStatus::of_checkers(healthy as u64, self.list.len() as u64))
    }
}
