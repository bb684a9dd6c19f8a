//! What is answered with which odds, and when two answers are the same.

use std::collections::BTreeSet;

use pointsman_core::answer::Rcode;
use pointsman_core::explain::{Odds, OddsAnswer};

use crate::text::{listed, percent};

const NO_DATA: &str = "no data";

/// What is answered, with odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `NOERROR`, `NXDOMAIN` or `REFUSED`.
    pub rcode: &'static str,
    /// Probability, and what is answered: values with their TTL, or that there is no data.
    pub outcomes: Vec<(f64, String)>,
    /// Core's own JSON.
    pub json: String,
    /// Every value that may be answered.
    pub values: BTreeSet<String>,
    /// The delegated name, when other name servers answer.
    pub referral: Option<String>,
    /// Whether only a tie rule picked it, because the client's latency or position is not known (10.13, 10.14).
    pub undetermined: bool,
    /// What makes two answers the same.
    key: String,
}

impl Answer {
    /// From the odds of a query.
    pub(super) fn of(odds: &Odds<'_>) -> Self {
        let rcode = match odds.rcode {
            Rcode::NoError => "NOERROR",
            Rcode::NxDomain => "NXDOMAIN",
            Rcode::Refused => "REFUSED",
            Rcode::ServFail => "SERVFAIL",
        };
        let mut answer = Self {
            rcode,
            outcomes: Vec::with_capacity(odds.outcomes.len()),
            json: odds.to_json(),
            values: BTreeSet::new(),
            referral: None,
            undetermined: odds.undetermined.is_some(),
            key: String::new(),
        };
        let mut keys = Vec::with_capacity(odds.outcomes.len());
        for outcome in &odds.outcomes {
            let (text, key) = answer.outcome(&outcome.answer);
            keys.push(format!("{} {} {key}", outcome.probability, outcome.record_type));
            answer.outcomes.push((outcome.probability.as_f64(), text));
        }
        // Neither the order of likely answers nor that of values is a difference, nor are SetIdentifiers.
        keys.sort_unstable();
        answer.key = match answer.is_empty() {
            true => rcode.into(),
            false => format!("{rcode} {}", keys.join("; ")),
        };
        answer
    }

    /// One outcome in words, and what distinguishes it from others.
    fn outcome(&mut self, outcome: &OddsAnswer<'_>) -> (String, String) {
        match outcome {
            OddsAnswer::Values { values, .. } if values.is_empty() => (NO_DATA.into(), NO_DATA.into()),
            OddsAnswer::Values { ttl, values, referral } => {
                self.values.extend(values.iter().map(|value| (*value).to_owned()));
                let key = format!("{ttl} {}", sorted(values));
                let text = format!("{} ({ttl} s)", values.join(" "));
                match referral {
                    Some(cut) => {
                        self.referral = Some(cut.to_name().to_string());
                        (format!("referral to {text}"), format!("{key} at {}", cut.to_name()))
                    }
                    None => (text, key),
                }
            }
            OddsAnswer::Resource(name) => {
                let name = name.to_name().to_string();
                self.values.insert(name.clone());
                (name.clone(), name)
            }
            OddsAnswer::Members { choose, members } => {
                self.values.extend(members.iter().flat_map(|member| &member.values).map(|value| (*value).to_owned()));
                let ids: Vec<&str> = members.iter().map(|member| member.set_identifier).collect();
                let mut keys: Vec<String> =
                    members.iter().map(|member| format!("{} {}", member.ttl, sorted(&member.values))).collect();
                keys.sort_unstable();
                (format!("{choose} of {}", listed(&ids, 12)), format!("{choose} of {}", keys.join(", ")))
            }
        }
    }

    /// What makes two answers the same: the response code, and each set of values with its TTL and its odds.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether there may be an answer without data.
    #[must_use]
    pub fn may_be_empty(&self) -> bool {
        self.rcode != "NOERROR" || self.outcomes.iter().any(|(_, text)| text == NO_DATA)
    }

    /// Whether there is no answer with data.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rcode != "NOERROR" || self.outcomes.iter().all(|(_, text)| text == NO_DATA)
    }

    /// In one line: `90 % 192.0.2.1 (60 s), 10 % 192.0.2.2 (60 s)`.
    #[must_use]
    pub fn line(&self) -> String {
        if self.rcode != "NOERROR" {
            return self.rcode.into();
        }
        let of = |(probability, text): &(f64, String)| match self.outcomes.len() {
            1 => text.clone(),
            _ => format!("{} {text}", percent(*probability)),
        };
        self.outcomes.iter().map(of).collect::<Vec<_>>().join(", ")
    }
}

fn sorted(values: &[&str]) -> String {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.join(" ")
}
