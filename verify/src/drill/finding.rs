//! What a drill tells.

use serde::Serialize;
use serde_json::{Value, json};

use super::about::About;

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

    /// The severity of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Danger, Self::Warning, Self::Note].into_iter().find(|severity| severity.as_str() == word)
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
    /// The record set that it is about, as `NAME/TYPE/SetIdentifier`, or the id of a health check; empty when it is about
    /// neither.
    pub about: String,
    /// What has to fail, each one; empty when nothing has to.
    pub failures: Vec<String>,
    /// How many failures that is; a failure domain is one.
    pub size: usize,
    /// Names and types, each with the clients that it is true of.
    pub questions: Vec<Asked>,
    /// The same where more has to fail, such as names that lead here through a failover.
    pub also: Vec<Asked>,
    /// Whether it lasts until somebody changes record sets: health checks alone do not end it.
    pub needs_change: bool,
    /// What to mend; findings with the same are consequences of one [cause](super::Cause).
    pub cause: About,
    /// How to see it.
    pub reproduce: Option<Reproduce>,
}

/// A name and type with the clients that a finding is true of.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The name and type.
    pub question: String,
    /// The clients in words.
    pub words: String,
    /// Every client that was tried and that it is true of, each standing for many, as options of `resolve`; an empty text
    /// is a client of whom nothing is known.
    pub clients: Vec<String>,
    /// Their share of all clients of the name, 0 to 1: by `[clients]`, or else each class counts the same.
    pub share: f64,
}

impl Asked {
    fn to_json(&self) -> Value {
        json!({"question": self.question, "clients": self.words, "client_list": self.clients, "share": self.share})
    }
}

/// The command that shows a finding, without the zone's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduce {
    /// `explain`, or `odds` where no draw was found that shows it, or shares are what it is about.
    pub command: &'static str,
    /// The name and type.
    pub question: [String; 2],
    /// Options that say who asks.
    pub client: Vec<String>,
    /// The same client as the `client` object of a query.
    pub client_facts: Value,
    /// The draw with which it is seen.
    pub draw: u64,
    /// What to give to `--down`, one by one.
    pub down: Vec<String>,
    /// The same as a health report: everything else is healthy or has no data.
    pub report: Value,
    /// Dead endpoints that nothing notices, so that there is nothing to take down.
    pub unnoticed: Vec<String>,
}

impl Reproduce {
    /// The question as a query: see [`parse_query`](pointsman_core::parse::parse_query).
    #[must_use]
    pub fn query(&self) -> Value {
        json!({"name": self.question[0], "type": self.question[1], "client": self.client_facts,
            "draw": self.draw.to_string()})
    }
}

impl Finding {
    /// The share of clients that it hits, of the name where that is most.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.questions.iter().map(|asked| asked.share).fold(0.0, f64::max)
    }

    /// What comes first: the worst, then what hits most clients, then what takes the fewest failures.
    pub(super) fn rank(&self) -> (Severity, i64, usize, &'static str, String) {
        let questions: Vec<&str> = self.questions.iter().map(|asked| asked.question.as_str()).collect();
        let most_first = -(self.share() * 1e6) as i64;
        (self.severity, most_first, self.size, self.code, format!("{} {}", questions.join(" "), self.message))
    }

    /// What stays the same from one drill to the next, for baselines: the kind, what it is about, and the names.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut questions: Vec<&str> = self.questions.iter().map(|asked| asked.question.as_str()).collect();
        questions.sort_unstable();
        let about = if self.about.is_empty() { questions.join(",") } else { self.about.clone() };
        format!("{}|{about}", self.code)
    }

    /// The finding as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let of = |list: &[Asked]| list.iter().map(Asked::to_json).collect::<Vec<_>>();
        let mut object = json!({
            "code": self.code,
            "severity": self.severity.as_str(),
            "message": self.message,
            "why": self.why,
            "help": self.help,
            "about": self.about,
            "failures": self.failures,
            "needs_change": self.needs_change,
            "share": self.share(),
            "questions": of(&self.questions),
            "also_with_more_failures": of(&self.also),
            "fingerprint": self.fingerprint(),
        });
        if let (Some(reproduce), Some(object)) = (&self.reproduce, object.as_object_mut()) {
            object.insert(
                "reproduce".into(),
                json!({"command": reproduce.command, "name": reproduce.question[0], "type": reproduce.question[1],
                    "client": reproduce.client, "draw": reproduce.draw.to_string(), "down": reproduce.down,
                    "unnoticed": reproduce.unnoticed, "query": reproduce.query(), "report": reproduce.report}),
            );
        }
        object
    }
}
