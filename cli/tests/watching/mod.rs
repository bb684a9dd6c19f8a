//! What the tests of `pointsman watch` share: the process, real servers to watch, and a turn for those that want the machine.
#![allow(dead_code, reason = "each of the tests needs another part of it")]

pub(crate) mod running;
pub(crate) mod servers;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The header that shows the token of a watch whose file `token` holds `secret`.
pub(crate) const TOKEN: &str = "Authorization: Bearer secret";

/// One test of a file at a time: each wants the machine for itself.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that a variable of the environment holds, which makes a test longer than it usually is.
pub(crate) fn number<T: std::str::FromStr>(variable: &str, usual: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
