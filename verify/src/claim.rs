//! What a run's statements rest on, said once at its end and in its JSON.

use std::fmt;

use serde_json::{Map, Value};

use crate::text::listed;

/// How many entries of a list the line names; JSON has them all.
const NAMED: usize = 3;

/// What a run's statements rest on. They are [exact](Self::exact) when there is nothing in it: every client, every
/// state and every name was looked at, nothing was taken for granted, and core confirmed what was found.
///
/// ```
/// use pointsman_verify::claim::Claim;
/// let mut claim = Claim::default();
/// assert_eq!(claim.to_string(), "exact: nothing sampled, bounded, assumed, not asked or unconfirmed");
/// claim.add_sampled("positions on the Earth");
/// claim.add_not_asked("`www.example.com.` A: it cannot be evaluated");
/// assert_eq!(
///     claim.to_string(),
///     "not exact; sampled: positions on the Earth; not asked: `www.example.com.` A: it cannot be evaluated"
/// );
/// assert!(!claim.exact() && claim.to_json()["exact"] == false);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// Of what only a sample was looked at, and what share of the whole that is.
    pub sampled: Vec<String>,
    /// What was looked at up to a bound, and the bound.
    pub bounded: Vec<String>,
    /// What the inputs do not say and was taken to be so.
    pub assumed: Vec<String>,
    /// What was not looked at, and why.
    pub not_asked: Vec<String>,
    /// What was found and core did not confirm.
    pub unconfirmed: Vec<String>,
}

impl Claim {
    /// Whether nothing is sampled, bounded, assumed, not asked or unconfirmed.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    /// Adds a sample, unless it is there.
    pub fn add_sampled(&mut self, words: impl Into<String>) {
        add(&mut self.sampled, words.into());
    }

    /// Adds a bound, unless it is there.
    pub fn add_bounded(&mut self, words: impl Into<String>) {
        add(&mut self.bounded, words.into());
    }

    /// Adds an assumption, unless it is there.
    pub fn add_assumed(&mut self, words: impl Into<String>) {
        add(&mut self.assumed, words.into());
    }

    /// Adds something that was not asked, unless it is there.
    pub fn add_not_asked(&mut self, words: impl Into<String>) {
        add(&mut self.not_asked, words.into());
    }

    /// Adds something that core did not confirm, unless it is there.
    pub fn add_unconfirmed(&mut self, words: impl Into<String>) {
        add(&mut self.unconfirmed, words.into());
    }

    /// Adds everything that another run's statements rest on.
    pub fn join(&mut self, other: &Self) {
        let own = [&mut self.sampled, &mut self.bounded, &mut self.assumed, &mut self.not_asked, &mut self.unconfirmed];
        for (list, (_, more)) in own.into_iter().zip(other.lists()) {
            more.iter().for_each(|words| add(list, words.clone()));
        }
    }

    /// An object with a field for each: `exact`, `sampled`, `bounded`, `assumed`, `not_asked`, `unconfirmed`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        self.add_to(&mut object);
        Value::Object(object)
    }

    /// Puts the fields of [`to_json`](Self::to_json) into an object.
    pub fn add_to(&self, object: &mut Map<String, Value>) {
        object.insert("exact".into(), self.exact().into());
        for (name, list) in self.lists() {
            object.insert(name.into(), list.clone().into());
        }
    }

    /// Each list with its field's name.
    fn lists(&self) -> [(&'static str, &Vec<String>); 5] {
        [
            ("sampled", &self.sampled),
            ("bounded", &self.bounded),
            ("assumed", &self.assumed),
            ("not_asked", &self.not_asked),
            ("unconfirmed", &self.unconfirmed),
        ]
    }
}

/// One line, without the end of line; a long list is cut after three entries, and says how many more there are.
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.exact() {
            return f.write_str("exact: nothing sampled, bounded, assumed, not asked or unconfirmed");
        }
        f.write_str("not exact")?;
        for (name, list) in self.lists().into_iter().filter(|(_, list)| !list.is_empty()) {
            let name = name.replace('_', " ");
            match list.len() <= NAMED {
                true => write!(f, "; {name}: {}", list.join(", "))?,
                false => write!(f, "; {name}: {}", listed(list, NAMED))?,
            }
        }
        Ok(())
    }
}

fn add(list: &mut Vec<String>, words: String) {
    if !list.contains(&words) {
        list.push(words);
    }
}
