//! A difference as JSON and as Markdown.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::change::{Case, Change, Diff, Finding};
use super::walk::{Hazard, Walk};
use crate::text::listed;

/// An answer as core writes it.
fn own(answer: &Answer) -> Value {
    serde_json::from_str(&answer.json).unwrap_or_default()
}

impl Diff {
    /// The difference as JSON, answers as core writes them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("compared".into(), self.compared.into());
        object.insert("changes".into(), self.changes.iter().map(Change::to_json).collect());
        object.insert("appear".into(), self.appear.clone().into());
        object.insert("vanish".into(), self.vanish.clone().into());
        object.insert("findings".into(), self.findings.iter().map(Finding::to_json).collect());
        self.claim.add_to(&mut object);
        Value::Object(object)
    }

    /// The difference as Markdown, for a comment on a pull request.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = match (self.is_empty(), self.claim.exact()) {
            (true, true) => {
                format!("No client gets another answer, in any state of health ({} names compared).\n", self.compared)
            }
            (true, false) => format!("No difference was found ({} names compared).\n", self.compared),
            (false, _) => format!("**{} of {} names answer differently.**\n", self.changes.len(), self.compared),
        };
        let cell = |text: &str| text.replace('|', "\\|").replace('`', "'");
        for finding in &self.findings {
            text.push_str(&format!("\n> **{}**: {}\n", finding.code, cell(&finding.message)));
        }
        for change in &self.changes {
            let stands_for = match change.scope.is_one() {
                true => String::new(),
                false => format!("{}\n\n", cell(&change.question())),
            };
            text.push_str(&format!("\n#### `{}` {}\n\n{stands_for}", change.name, change.record_type));
            text.push_str("| clients | when | before | after |\n|---|---|---|---|\n");
            for case in &change.cases {
                text.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    cell(&case.clients),
                    cell(&case.when()),
                    cell(&case.before.line()),
                    cell(&case.after.line())
                ));
            }
        }
        for (list, words) in [(&self.appear, "exist now"), (&self.vanish, "exist no more")] {
            if !list.is_empty() {
                text.push_str(&format!("\nNames that {words}, without record sets: {}.\n", listed(list, 5)));
            }
        }
        text.push_str(&format!("\n{}\n", cell(&self.claim.to_string())));
        text
    }
}

impl Change {
    fn to_json(&self) -> Value {
        let stands_for = (!self.scope.is_one()).then(|| self.question());
        json!({"name": self.name, "type": self.record_type.as_str(), "stands_for": stands_for,
            "cases": self.cases.iter().map(Case::to_json).collect::<Vec<_>>()})
    }
}

impl Case {
    fn to_json(&self) -> Value {
        json!({"clients": self.clients, "client": self.client, "earth": self.earth, "down": self.down,
            "insufficient": self.insufficient, "states": self.states, "before": own(&self.before),
            "after": own(&self.after)})
    }

    /// `all is well`, or what is down.
    #[must_use]
    pub fn when(&self) -> String {
        let more = match self.states.saturating_sub(1) {
            0 => String::new(),
            1 => " (and in 1 other state)".into(),
            more => format!(" (and in {more} other states)"),
        };
        format!("{}{more}", state(&self.down, &self.insufficient))
    }
}

/// A state in words.
fn state(down: &[String], insufficient: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !down.is_empty() {
        parts.push(format!("{} down", listed(down, 4)));
    }
    if !insufficient.is_empty() {
        parts.push(listed(insufficient, 4));
    }
    if parts.is_empty() { "all is well".into() } else { parts.join(", ") }
}

impl Finding {
    fn to_json(&self) -> Value {
        json!({"code": self.code, "level": "danger", "name": self.name, "type": self.record_type.as_str(),
            "message": self.message, "clients": self.clients, "client": self.client, "down": self.down,
            "before": own(&self.before), "after": own(&self.after)})
    }
}

impl Hazard {
    /// `all is well`, or what is down.
    #[must_use]
    pub fn when(&self) -> String {
        state(&self.down, &self.insufficient)
    }

    fn to_json(&self) -> Value {
        json!({"after_batch": self.after, "name": self.question.0, "type": self.question.1.as_str(),
            "asked": self.asked, "clients": self.clients, "client": self.client, "down": self.down,
            "insufficient": self.insufficient, "message": self.message, "answer": own(&self.answer)})
    }
}

impl Walk {
    /// Every step, and the moments between them, as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("steps".into(), self.steps.iter().map(Diff::to_json).collect());
        object.insert("hazards".into(), self.hazards.iter().map(Hazard::to_json).collect());
        object.insert("safe".into(), self.is_safe().into());
        self.claim.add_to(&mut object);
        Value::Object(object)
    }
}
