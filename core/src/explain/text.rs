//! How an explanation reads: a tree for people.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::steps::{Explanation, Step, StepKind, Verdict};
use crate::answer::{Answer, Rcode};
use crate::compile::Zone;
use crate::resolve::Found;

/// Members that do not apply, beyond which their lines are told as one.
const NOT_CANDIDATES_MAX: usize = 3;

/// Indentation beyond which lines move no further right.
const INDENT_BYTES_MAX: usize = 400;

/// `1 record set`, `2 record sets`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `210 ms`, `4.5 ms`.
pub(super) fn milliseconds(microseconds: u32) -> String {
    let (whole, part) = (microseconds / 1000, microseconds % 1000);
    match part {
        0 => format!("{whole} ms"),
        _ => {
            let text = format!("{whole}.{part:03}");
            format!("{} ms", text.trim_end_matches('0'))
        }
    }
}

/// `1234 km`.
pub(super) fn kilometres(distance: f64) -> String {
    // Half the way round the Earth, stretched a hundredfold by its bias, is a small whole number.
    format!("{} km", libm::round(distance) as u32)
}

/// The lookup's subject and what it found.
pub(super) fn lookup_in_words(zone: &Zone, found: &Found) -> (String, String) {
    let zone_name = format!("zone {}", zone.name());
    let reason = match found {
        Found::Group { wildcard: false, .. } => "has the name".into(),
        Found::Group { group, wildcard: true } => {
            let name = zone.group(*group).map(|group| zone.node_name(group.node).to_string()).unwrap_or_default();
            format!("does not have the name; the wildcard {name} answers for it")
        }
        Found::NoData { wildcard: true, node } => {
            format!("does not have the name; the wildcard {} has no such type", zone.node_name(*node))
        }
        Found::NoData { node, .. } => match zone.node(*node).map_or(0, |node| node.group_count) {
            0 => "has no record sets at the name, only below it".into(),
            _ => "has the name but not the type".into(),
        },
        Found::NxDomain { encloser } => {
            format!("has neither the name nor anything below it, and no wildcard under {}", zone.node_name(*encloser))
        }
        Found::Referral { node, .. } => format!("delegates {} to other name servers", zone.node_name(*node)),
        Found::Outside => "does not hold the name".into(),
    };
    (zone_name, reason)
}

/// The answer in one line.
pub(super) fn answer_in_words(answer: &Answer<'_>) -> String {
    let ttl = answer.ttl().map_or_else(|| "unknown TTL".into(), |ttl| format!("TTL {ttl}"));
    let values: Vec<&str> = answer.values().collect();
    let mut text = match (answer.rcode(), answer.referral(), answer.alias_target()) {
        (Rcode::Refused, ..) => "REFUSED: the name lies outside the zone".into(),
        (Rcode::ServFail, ..) => {
            let code = answer.quarantined().unwrap_or_default();
            format!("SERVFAIL: what would answer cannot be evaluated [{code}]")
        }
        (Rcode::NxDomain, ..) => format!("NXDOMAIN, may be cached for {} s", answer.ttl().unwrap_or(0)),
        (_, Some(name), _) => format!("NOERROR, referral to the name servers of {name} ({ttl}): {}", values.join(", ")),
        (_, _, Some(name)) => format!("NOERROR, {}: the addresses of {name}", answer.record_type()),
        _ if values.is_empty() => format!("NOERROR, no data, may be cached for {} s", answer.ttl().unwrap_or(0)),
        _ => format!("NOERROR, {}, {ttl}: {}", answer.record_type(), values.join(", ")),
    };
    if answer.fail_open() {
        text.push_str("\n        FAIL OPEN: nothing healthy was left to choose from somewhere on the way");
    }
    if let Some(reason) = answer.undetermined() {
        text.push_str(&format!("\n        UNDETERMINED: {}", reason.as_str()));
    }
    text
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.question)?;
        writeln!(f, "answer: {}", self.answer)?;
        writeln!(f)?;
        let mut children: Vec<Vec<usize>> = alloc::vec![Vec::new(); self.steps.len()];
        let mut roots = Vec::new();
        for (number, step) in self.steps.iter().enumerate() {
            match step.parent.and_then(|parent| children.get_mut(parent as usize)) {
                Some(list) => list.push(number),
                None => roots.push(number),
            }
        }
        // Depth-first with a list of its own: an alias chain may be long.
        let mut open: Vec<(Option<usize>, String, String, usize)> = Vec::new();
        push_children(&mut open, &self.steps, &roots, "", true);
        while let Some((number, indent, branch, left_out)) = open.pop() {
            let Some((number, step)) = number.and_then(|number| Some((number, self.steps.get(number)?))) else {
                writeln!(f, "{indent}{branch}· {left_out} others do not apply to this client")?;
                continue;
            };
            writeln!(f, "{indent}{branch}{}", line(step))?;
            let below = match branch.as_str() {
                // A very long alias chain stops moving right, so that its text does not grow with its square.
                "" => indent,
                _ if indent.len() > INDENT_BYTES_MAX => indent,
                "└─ " => format!("{indent}   "),
                _ => format!("{indent}│  "),
            };
            push_children(&mut open, &self.steps, children.get(number).map_or(&[], Vec::as_slice), &below, false);
        }
        Ok(())
    }
}

/// Puts a step's children on the list, the first one on top.
fn push_children(
    open: &mut Vec<(Option<usize>, String, String, usize)>,
    steps: &[Step],
    children: &[usize],
    indent: &str,
    root: bool,
) {
    let not_candidate = |number: &usize| steps.get(*number).is_some_and(|step| step.verdict == Verdict::NotACandidate);
    let left_out = children.iter().filter(|number| not_candidate(number)).count();
    let collapse = left_out > NOT_CANDIDATES_MAX;
    let mut entries: Vec<(Option<usize>, usize)> = children
        .iter()
        .filter(|number| !(collapse && not_candidate(number) || is_told_above(steps, **number)))
        .map(|number| (Some(*number), 0))
        .collect();
    if collapse {
        entries.push((None, left_out));
    }
    for (position, (number, left_out)) in entries.into_iter().rev().enumerate() {
        let branch = match (root, position) {
            (true, _) => "",
            (false, 0) => "└─ ",
            (false, _) => "├─ ",
        };
        open.push((number, indent.to_string(), branch.to_string(), left_out));
    }
}

/// Whether a step is a health check that its record set's own line tells already.
fn is_told_above(steps: &[Step], number: usize) -> bool {
    let Some(step) = steps.get(number).filter(|step| step.kind == StepKind::HealthCheck) else { return false };
    let has_children = steps.get(number.saturating_add(1)).is_some_and(|next| next.parent == Some(number as u32));
    let above = step.parent.and_then(|parent| steps.get(parent as usize));
    !has_children && above.is_some_and(|above| above.reason.contains(&format!("{} {}", step.subject, step.reason)))
}

fn line(step: &Step) -> String {
    let Step { kind, subject, verdict, reason, .. } = step;
    let mark = match verdict {
        Verdict::Chosen => "► ",
        Verdict::Healthy => "✓ ",
        Verdict::Unhealthy => "✗ ",
        Verdict::NotACandidate => "· ",
        Verdict::None => "",
    };
    match kind {
        StepKind::Note => format!("! {reason}"),
        StepKind::HealthCheck => format!("{mark}health check {subject} {reason}"),
        StepKind::AliasTarget => format!("{mark}alias target {subject} {reason}"),
        StepKind::Lookup => format!("{subject} {reason}"),
        StepKind::Group | StepKind::Member => format!("{mark}{subject}: {reason}"),
    }
}
