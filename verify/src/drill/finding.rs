//! What a drill tells.

use serde::Serialize;
use serde_json::{Value, json};

use super::Entry;
use crate::class::arguments;
use crate::subject::Subject;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Clients are sent where nothing answers, or get nothing.
    Danger,
    /// Something is not what it seems: a standby that nobody watches, a check that decides nothing.
    Warning,
    /// What a failure moves, as it was built to.
    Note,
}

impl Severity {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A finding, with the smallest set of failures that shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its kind, a stable name such as `dead-endpoint`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What happens.
    pub message: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub help: String,
    /// What has to fail, each one; empty when nothing has to.
    pub failures: Vec<String>,
    /// How many failures that is; a failure domain is one.
    pub size: usize,
    /// Names and types, each with the clients that it is true of.
    pub questions: Vec<(String, String)>,
    /// Names and types that it is true of when more fails, such as those that lead here through a failover.
    pub also: Vec<String>,
    /// How to see it.
    pub reproduce: Option<Reproduce>,
}

/// The command that shows a finding, without the zone's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduce {
    /// The name and type.
    pub question: [String; 2],
    /// Options that say who asks.
    pub client: Vec<String>,
    /// What to give to `--down`, one by one.
    pub down: Vec<String>,
    /// Dead endpoints that nothing notices, so that there is nothing to take down.
    pub unnoticed: Vec<String>,
}

impl Finding {
    pub(super) fn rank(&self) -> (Severity, usize, &'static str, &[(String, String)], &str) {
        (self.severity, self.size, self.code, &self.questions, &self.message)
    }

    /// What stays the same from one drill to the next, for baselines: the kind, the names, what fails, and what happens.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let questions: Vec<&str> = self.questions.iter().map(|(question, _)| question.as_str()).collect();
        format!("{}|{}|{}|{}", self.code, questions.join(","), self.failures.join(","), self.message)
    }

    /// The finding as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let questions: Vec<Value> = self
            .questions
            .iter()
            .map(|(question, clients)| json!({"question": question, "clients": clients}))
            .collect();
        let mut object = json!({
            "code": self.code,
            "severity": self.severity.as_str(),
            "message": self.message,
            "why": self.why,
            "help": self.help,
            "failures": self.failures,
            "questions": questions,
            "also_with_more_failures": self.also,
            "fingerprint": self.fingerprint(),
        });
        if let (Some(reproduce), Some(object)) = (&self.reproduce, object.as_object_mut()) {
            object.insert(
                "reproduce".into(),
                json!({"name": reproduce.question[0], "type": reproduce.question[1], "client": reproduce.client,
                    "down": reproduce.down, "unnoticed": reproduce.unnoticed}),
            );
        }
        object
    }
}

impl Entry {
    pub(super) fn into_finding(self, subject: &Subject, code: &'static str) -> Finding {
        let spelled = |question: usize| {
            subject.group(question).map(|group| [group.name.to_string(), group.record_type.to_string()])
        };
        let unnoticed = self
            .world
            .dead
            .iter()
            .filter(|dead| {
                let is_read = subject.endpoints.reads.iter().any(|reads| reads.any.contains(dead));
                let is_resource =
                    subject.endpoints.list.get(**dead).is_some_and(|endpoint| endpoint.resource.is_some());
                !is_read && !is_resource
            })
            .filter_map(|dead| subject.endpoints.list.get(*dead))
            .map(|endpoint| endpoint.label.clone())
            .collect();
        let reproduce = self.first.as_ref().and_then(|(question, client)| {
            Some(Reproduce {
                question: spelled(*question)?,
                client: arguments(client),
                down: self.world.down(subject),
                unnoticed,
            })
        });
        // The question that the message is about comes first.
        let first = self.first.as_ref().map(|(question, _)| *question);
        let mut asked: Vec<(usize, String)> =
            self.asked.into_iter().map(|(question, (_, clients))| (question, clients)).collect();
        asked.sort_by_key(|(question, _)| (Some(*question) != first, *question));
        let questions =
            asked.into_iter().filter_map(|(question, clients)| Some((spelled(question)?.join(" "), clients))).collect();
        let also = self.also.iter().filter_map(|question| Some(spelled(*question)?.join(" "))).collect();
        Finding {
            code,
            also,
            severity: self.severity,
            message: self.message,
            why: self.why,
            help: self.help,
            failures: match self.world.domain {
                Some(_) => vec![self.world.describe(subject)],
                None => self.world.items(subject),
            },
            size: self.world.size(),
            questions,
            reproduce,
        }
    }
}
