//! How an explanation reads: a tree for people.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::steps::{Explanation, Parameter, Step, StepKind, Verdict};

/// Members that do not apply, beyond which one line stands for all of them.
const NOT_CANDIDATES_MAX: usize = 3;

/// Indentation beyond which lines move no further right.
const INDENT_BYTES_MAX: usize = 400;

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
        .filter(|number| !(collapse && not_candidate(number) || is_repeated_above(steps, **number)))
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

/// Whether a step is a health check that its record set's own line names already: one without children of its own.
fn is_repeated_above(steps: &[Step], number: usize) -> bool {
    let Some(step) = steps.get(number).filter(|step| step.kind == StepKind::HealthCheck) else { return false };
    let has_children = steps.get(number.saturating_add(1)).is_some_and(|next| next.parent == Some(number as u32));
    let above =
        step.parent.and_then(|parent| steps.get(parent as usize)).and_then(|above| above.health_reason.as_ref());
    let named = above.and_then(|reason| reason.parameter("check"));
    !has_children && matches!(named, Some(Parameter::Text(check)) if *check == step.subject)
}

fn line(step: &Step) -> String {
    let Step { kind, subject, part, verdict, text, .. } = step;
    let mark = match verdict {
        Verdict::Chosen => "► ",
        Verdict::Healthy => "✓ ",
        Verdict::Unhealthy => "✗ ",
        Verdict::NotACandidate => "· ",
        Verdict::None => "",
    };
    let part = if part.is_empty() { String::new() } else { format!(" ({part})") };
    match kind {
        StepKind::Note => format!("! {text}"),
        StepKind::HealthCheck => format!("{mark}health check {subject}{part} {text}"),
        StepKind::AliasTarget => format!("{mark}alias target {subject} {text}"),
        StepKind::Lookup => format!("{subject} {text}"),
        StepKind::Group | StepKind::Member => format!("{mark}{subject}{part}: {text}"),
    }
}
