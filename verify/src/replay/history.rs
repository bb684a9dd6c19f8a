//! A recorded stream of a watch as stretches of time in which no status changed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pointsman_core::diagnostic::{Path, Place};
use pointsman_core::model::{Name, Time};
use pointsman_core::parse::{AliasStatus, HealthReport, RawStatus, parse_report};
use serde_json::Value;

/// What reports said at one time: statuses by health check id, and by the DNS name of an alias target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses {
    /// Raw statuses of health checks.
    pub checks: BTreeMap<String, RawStatus>,
    /// Statuses of alias targets, in lower case and with the final dot.
    pub targets: BTreeMap<String, AliasStatus>,
}

impl Statuses {
    /// As a health report.
    #[must_use]
    pub fn report(&self) -> HealthReport {
        let place = || Place::new(0, Path::root());
        HealthReport {
            health_checks: self.checks.iter().map(|(id, raw)| (id.as_str().into(), *raw, place())).collect(),
            alias_targets: self.targets.iter().map(|(name, status)| (name.as_str().into(), *status, place())).collect(),
            ..HealthReport::default()
        }
    }

    fn add(&mut self, report: &HealthReport) {
        self.checks.extend(report.health_checks.iter().map(|(id, raw, _)| (id.to_string(), *raw)));
        for (name, status, _) in &report.alias_targets {
            let name = Name::parse(name).map_or_else(|_| name.to_string(), |name| name.to_string());
            self.targets.insert(name, *status);
        }
    }
}

/// A stretch of time in which no status changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from: Time,
    /// When it ended.
    pub to: Time,
    /// What reports said; `None` where nothing that was recorded says it.
    pub statuses: Option<Arc<Statuses>>,
}

/// A recorded stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The zone that its events name, if they do.
    pub zone: Option<String>,
    /// What it says, in order and without holes: each span begins where the one before it ends.
    pub spans: Vec<Span>,
    /// What could not be used, with its line.
    pub problems: Vec<String>,
}

/// Why a file is no history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryError(&'static str);

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for HistoryError {}

/// Who said something: the watch, its run, and the number of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    run: (String, String),
    sequence: u64,
}

/// What is known while events are read.
#[derive(Default)]
struct Reader {
    history: History,
    /// The time of the last event.
    last: Option<Time>,
    origin: Option<Origin>,
    now: Option<Statuses>,
}

impl History {
    /// Reads the events of `GET /v1/health/stream`, as `watch --record` or `curl -N` wrote them: `report`, `change` and `alive`.
    ///
    /// Between the last event of one run of a watch and the first of the next one nothing is known, nor from an event that
    /// was missed on to the next whole report.
    ///
    /// ```
    /// use pointsman_verify::replay::History;
    /// let text = "event: report\ndata: {\"Time\": \"2026-03-01T09:30:00Z\", \"HealthChecks\": {\"hc-1\": \"healthy\"}}\n\n\
    ///     event: change\ndata: {\"Time\": \"2026-03-01T09:31:00Z\", \"HealthChecks\": {\"hc-1\": \"unhealthy\"}}\n\n\
    ///     event: alive\ndata: {\"Time\": \"2026-03-01T09:31:30Z\"}\n\n";
    /// let history = History::parse(text).unwrap();
    /// assert_eq!(history.spans.iter().map(|span| span.to.ms_since(span.from)).collect::<Vec<_>>(), [60_000, 30_000]);
    /// ```
    ///
    /// # Errors
    /// There is no report in it, or no time passes.
    pub fn parse(text: &str) -> Result<Self, HistoryError> {
        let mut reader = Reader::default();
        let (mut event, mut data, mut at) = (String::new(), String::new(), 0_usize);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = line.strip_prefix("event:") {
                event = name.trim().into();
            } else if let Some(more) = line.strip_prefix("data:") {
                at = number;
                data.push_str(more);
            } else if line.trim().is_empty() && !data.is_empty() {
                reader.take(&event, &data, at);
                event.clear();
                data.clear();
            }
        }
        if !data.is_empty() {
            reader.history.problems.push(format!("line {at}: the file ends within an event"));
        }
        if reader.last.is_none() {
            return Err(HistoryError("it holds no event of a watch's stream that can be read"));
        }
        if reader.history.spans.is_empty() {
            return Err(HistoryError("all of its events are of one moment, so that there is nothing to replay"));
        }
        Ok(reader.history)
    }
}

impl Reader {
    fn take(&mut self, event: &str, data: &str, line: usize) {
        if let Err(problem) = self.try_take(event, data) {
            self.history.problems.push(format!("line {line}: {problem}"));
        }
    }

    fn try_take(&mut self, event: &str, data: &str) -> Result<(), String> {
        if !["report", "change", "alive"].contains(&event) {
            return Err(format!("an event `{event}` is not known"));
        }
        let value: Value = serde_json::from_str(data).map_err(|error| format!("the event cannot be read: {error}"))?;
        let time = value.get("Time").and_then(Value::as_str).and_then(Time::parse).ok_or("the event has no Time")?;
        let report = match event {
            "alive" => HealthReport::default(),
            _ => parse_report(0, data)
                .map(|(report, _)| report)
                .map_err(|problems| problems.first().map_or_else(String::new, |problem| problem.message.to_string()))?,
        };
        let origin = self.origin_of(&value);
        if self.last.is_some_and(|last| time < last) {
            self.history.problems.push(format!("the clock was set back at {time}; what follows is put after it"));
        }
        let time = self.last.map_or(time, |last| last.max(time));
        match event {
            "report" => {
                // One that says no more than the number before is what the client was sent in place of changes it missed.
                let follows = self.is_same_run(origin.as_ref())
                    && self
                        .sequence()
                        .zip(origin.as_ref())
                        .is_none_or(|(is, next)| next.sequence <= is.saturating_add(1));
                self.pass(time, follows);
                let mut statuses = Statuses::default();
                statuses.add(&report);
                self.now = Some(statuses);
            }
            "change" => {
                let next = origin.as_ref().map(|origin| origin.sequence);
                let is_next = self.is_same_run(origin.as_ref())
                    && self.sequence().zip(next).is_none_or(|(is, next)| next == is.saturating_add(1));
                if self.is_same_run(origin.as_ref()) && self.sequence().zip(next).is_some_and(|(is, next)| next <= is) {
                    return Ok(());
                }
                self.pass(time, is_next);
                match (&mut self.now, is_next) {
                    (Some(statuses), true) => statuses.add(&report),
                    _ => self.now = None,
                }
            }
            _ => {
                let same = self.is_same_run(origin.as_ref())
                    && self.sequence().zip(origin.as_ref()).is_none_or(|(is, next)| next.sequence == is);
                self.pass(time, same);
                if !same {
                    self.now = None;
                }
            }
        }
        self.origin = origin;
        self.last = Some(time);
        Ok(())
    }

    fn origin_of(&mut self, value: &Value) -> Option<Origin> {
        let watch = value.get("Watch")?;
        let word = |key: &str| watch.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.history.zone.is_none() {
            self.history.zone = watch.get("Zone").and_then(Value::as_str).map(String::from);
        }
        let sequence = watch.get("Sequence").and_then(Value::as_u64)?;
        Some(Origin { run: (word("Id"), word("Run")), sequence })
    }

    fn sequence(&self) -> Option<u64> {
        self.origin.as_ref().map(|origin| origin.sequence)
    }

    /// Whether an event is of the run that the one before it was of. Events that do not say are of one run.
    fn is_same_run(&self, origin: Option<&Origin>) -> bool {
        self.origin.as_ref().map(|origin| &origin.run) == origin.map(|origin| &origin.run)
    }

    /// Time passed up to an event; whether what was known held until then.
    fn pass(&mut self, time: Time, known: bool) {
        let Some(last) = self.last.filter(|last| time > *last) else { return };
        let statuses = self.now.as_ref().filter(|_| known);
        match self.history.spans.last_mut() {
            Some(span) if span.statuses.as_deref() == statuses => span.to = time,
            _ => {
                let statuses = statuses.cloned().map(Arc::new);
                self.history.spans.push(Span { from: last, to: time, statuses });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, second: u64, run: &str, sequence: u64, checks: &str) -> String {
        let time = Time::from_unix_ms(second * 1000);
        format!(
            "event: {name}\nid: {run}-{sequence}\ndata: {{\"Time\":\"{time}\",\"Watch\":{{\"Id\":\"w\",\"Run\":\"{run}\",\
             \"Sequence\":{sequence},\"Zone\":\"example.com.\"}},\"HealthChecks\":{{{checks}}}}}\n\n"
        )
    }

    fn spans(text: &str) -> Vec<(u64, Option<Vec<&'static str>>)> {
        let of = |statuses: &Arc<Statuses>| statuses.checks.values().map(|raw| raw.as_str()).collect();
        let history = History::parse(text).unwrap();
        history.spans.iter().map(|span| (span.to.ms_since(span.from) / 1000, span.statuses.as_ref().map(of))).collect()
    }

    #[test]
    fn what_was_missed_is_not_known_until_the_next_whole_report() {
        let report = event("report", 100, "a", 1, r#""x":"healthy""#);
        let down = r#""x":"unhealthy""#;
        let follows = event("change", 110, "a", 2, down);
        let gap = event("change", 110, "a", 3, down);
        let alive = |second, run, number| event("alive", second, run, number, "");
        let (up, is_down) = (Some(vec!["healthy"]), Some(vec!["unhealthy"]));
        assert_eq!(
            spans(&[&*report, &follows, &alive(130, "a", 2)].concat()),
            [(10, up.clone()), (20, is_down.clone())]
        );
        assert_eq!(spans(&[&*report, &gap, &alive(130, "a", 3)].concat()), [(30, None)]);
        // Another run of the watch: from its last sign of life on nobody recorded.
        let again = event("report", 200, "b", 1, down);
        assert_eq!(
            spans(&[&*report, &alive(120, "a", 1), &again, &alive(205, "b", 1)].concat()),
            [(20, up.clone()), (80, None), (5, is_down)]
        );
        // A change that was read twice, and an event that was cut off by a full disk.
        let torn = "event: change\ndata: {\"Time\":\"2026-\n\n";
        let text = [&*report, &event("change", 110, "a", 1, down), torn, &alive(120, "a", 1)].concat();
        assert_eq!(spans(&text), [(20, up)]);
        assert!(History::parse(&text).unwrap().problems[0].starts_with("line 10: the event cannot be read"));
    }

    #[test]
    fn what_is_no_history_says_so() {
        for text in
            ["", "{}", "event: report\ndata: {\n\n", "event: report\ndata: {\"Time\":\"2026-03-01T09:30:00Z\"}\n\n"]
        {
            assert!(History::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_takes_no_time_away() {
        let text = [
            event("report", 100, "a", 1, r#""x":"healthy""#),
            event("change", 50, "a", 2, r#""x":"unhealthy""#),
            event("alive", 130, "a", 2, ""),
        ];
        assert_eq!(spans(&text.concat()), [(30, Some(vec!["unhealthy"]))]);
        assert_eq!(History::parse(&text.concat()).unwrap().problems.len(), 1);
    }
}
