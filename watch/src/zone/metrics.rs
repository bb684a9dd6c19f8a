//! A zone's figures for Prometheus.
//!
//! Written here and not with `prometheus-client`: the figures are those of the snapshot at the moment of the request, and a
//! registry would be a second place for each of them, kept in step by hand.

use std::fmt::Write as _;

use super::check::CheckState;
use super::snapshot::Snapshot;
use crate::clock::Moment;
use crate::plan::Work;

/// What one check's line says, if it has one.
type Value = fn(&CheckState, Moment) -> Option<String>;

/// Name, kind, help and value of each family of a check.
const FAMILIES: [(&str, &str, &str, Value); 9] = [
    ("healthy", "gauge", "1 when it counts as healthy, after Disabled, Inverted and CALCULATED.", |check, _| {
        bit(check.healthy)
    }),
    ("forced", "gauge", "1 when an operator holds it where it is.", |check, _| bit(check.force.is_some())),
    ("held", "gauge", "1 when the brake holds it at another status than its tries say.", |check, _| {
        bit(check.held.is_some_and(|held| held != check.tracked()))
    }),
    ("tries_total", "counter", "How often the endpoint was tried.", |check, _| probed(check, check.counts.tries)),
    ("failures_total", "counter", "How many of the tries failed.", |check, _| probed(check, check.counts.failures)),
    (
        "not_tried_total",
        "counter",
        "Tries that this machine could not make, which say nothing of the endpoint.",
        |check, _| probed(check, check.counts.not_tried),
    ),
    ("flaps_total", "counter", "How often it became healthy or unhealthy.", |check, _| {
        Some(check.counts.flaps.to_string())
    }),
    ("last_try_seconds", "gauge", "How long the last try took.", |check, _| {
        let ms = check.last.as_ref()?.took_ms?;
        Some(format!("{}.{:03}", ms / 1000, ms % 1000))
    }),
    ("last_result_age_seconds", "gauge", "How long ago the last result came in.", |check, now| {
        Some((now.steady.ms_since(check.last.as_ref()?.at) / 1000).to_string())
    }),
];

fn bit(value: bool) -> Option<String> {
    Some(u8::from(value).to_string())
}

fn probed(check: &CheckState, count: u64) -> Option<String> {
    matches!(check.item.work, Work::Probe(_)).then(|| count.to_string())
}

/// The figures of zones in Prometheus' text format. With several zones, each line says which.
#[must_use]
pub fn metrics(zones: &[Snapshot], now: Moment) -> String {
    let mut text = String::new();
    let zone_label = |zone: &Snapshot| match zones.len() {
        1 => String::new(),
        _ => format!("zone=\"{}\"", escaped(&zone.plan.zone)),
    };
    for (name, kind, help, value) in FAMILIES {
        head(&mut text, name, kind, help);
        for zone in zones {
            let label_of_zone = zone_label(zone);
            let comma = if label_of_zone.is_empty() { "" } else { "," };
            for check in &zone.checks {
                let Some(value) = value(check, now) else { continue };
                let (subject, kind) = (&check.item.subject, escaped(&check.item.kind));
                let label = if subject.list() == "HealthChecks" { "check" } else { "alias_target" };
                let id = escaped(subject.id());
                let _ = writeln!(
                    text,
                    "pointsman_watch_{name}{{{label_of_zone}{comma}{label}=\"{id}\",type=\"{kind}\"}} {value}"
                );
            }
        }
    }
    for (name, kind, help, value) in [
        (
            "transitions_total",
            "counter",
            "How often anything became healthy or unhealthy.",
            (|zone| zone.transitions) as fn(&Snapshot) -> u64,
        ),
        ("report_held", "gauge", "1 while the brake holds the report.", |zone| u64::from(zone.hold.is_some())),
        ("forced_without_subject", "gauge", "Forces of what the zone does not have at the moment.", |zone| {
            zone.parked.len() as u64
        }),
    ] {
        head(&mut text, name, kind, help);
        for zone in zones {
            let label = zone_label(zone);
            let braces = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
            let _ = writeln!(text, "pointsman_watch_{name}{braces} {}", value(zone));
        }
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP pointsman_watch_{name} {help}\n# TYPE pointsman_watch_{name} {kind}");
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
