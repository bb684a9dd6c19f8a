//! What the tests of `pointsman watch` share: the process, real servers to watch, and a turn for those that want the machine.
#![allow(dead_code, reason = "each of the tests needs another part of it")]

pub(crate) mod running;
pub(crate) mod servers;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// The header that shows the token of a watch whose file `token` holds `secret`.
pub(crate) const TOKEN: &str = "Authorization: Bearer secret";

/// A zone with these health checks and no record sets.
pub(crate) fn zone_of_checks(name: &str, id: &str, checks: &Value) -> String {
    json!({"HostedZone": {"Id": id, "Name": name}, "HealthChecks": checks, "ResourceRecordSets": []}).to_string()
}

/// A health check of an endpoint on this machine, with these fields besides.
pub(crate) fn local_check(id: &str, kind: &str, port: u16, besides: Value) -> Value {
    let mut config = json!({"Type": kind, "IPAddress": "127.0.0.1", "Port": port});
    if let (Some(config), Value::Object(besides)) = (config.as_object_mut(), besides) {
        config.extend(besides);
    }
    json!({"Id": id, "HealthCheckConfig": config})
}

/// One test of a file at a time: each wants the machine for itself.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that a variable of the environment holds, which makes a test longer than it usually is.
pub(crate) fn number<T: std::str::FromStr>(variable: &str, usual: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
