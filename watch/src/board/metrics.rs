//! The board's figures for Prometheus.

use std::fmt::Write as _;

use pointsman_core::model::Time;

use super::{Board, Entry};
use crate::plan::Work;

impl Board {
    /// The board's figures in Prometheus' text format.
    #[must_use]
    pub fn metrics(&self, now: Time) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Entry) -> Option<String>| {
            let _ = writeln!(text, "# HELP pointsman_watch_{name} {help}\n# TYPE pointsman_watch_{name} {kind}");
            for entry in &self.entries {
                let Some(value) = value(entry) else { continue };
                let (subject, kind) = (&entry.item.subject, &entry.item.kind);
                let label = if subject.list() == "HealthChecks" { "check" } else { "alias_target" };
                let id = escaped(subject.id());
                let _ = writeln!(text, "pointsman_watch_{name}{{{label}=\"{id}\",type=\"{}\"}} {value}", escaped(kind));
            }
        };
        let bit = |value: bool| Some(u8::from(value).to_string());
        family("healthy", "gauge", "1 when it counts as healthy, after Disabled, Inverted and CALCULATED.", &|entry| {
            bit(entry.healthy)
        });
        family("forced", "gauge", "1 when an operator holds it where it is.", &|entry| bit(entry.force.is_some()));
        let probed = |entry: &Entry| matches!(entry.item.work, Work::Probe(_));
        family("tries_total", "counter", "How often the endpoint was tried.", &|entry| {
            probed(entry).then(|| entry.tries.to_string())
        });
        family("failures_total", "counter", "How many of the tries failed.", &|entry| {
            probed(entry).then(|| entry.failures.to_string())
        });
        family("last_try_seconds", "gauge", "How long the last try took.", &|entry| {
            let ms = entry.last.as_ref()?.took_ms?;
            Some(format!("{}.{:03}", ms / 1000, ms % 1000))
        });
        family("last_result_age_seconds", "gauge", "How long ago the last result came in.", &|entry| {
            Some(format!("{}", now.ms_since(entry.last.as_ref()?.at) / 1000))
        });
        let _ = writeln!(
            text,
            "# HELP pointsman_watch_transitions_total How often anything became healthy or unhealthy.\n\
             # TYPE pointsman_watch_transitions_total counter\npointsman_watch_transitions_total {}",
            self.transitions
        );
        text
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
