//! A file of rules, held against a zone.

use serde::Deserialize;

use super::asking::Asking;
use super::rule::{Rule, RuleFields, Verdict};
use crate::subject::Subject;
use crate::text::listed;

/// The rules of a TOML file.
#[derive(Debug)]
pub struct Invariants {
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// Whether the file serves several zones: a rule about names that this one does not have is then not asked.
    pub shared: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    invariant: Vec<RuleFields>,
}

impl Invariants {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong, with the rule's name or the line: the file's grammar, an expression's, or a variable, field,
    /// continent, country or Region that there is not.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| crate::text::toml_error(text, &error))?;
        if file.invariant.is_empty() {
            return Err("there is no [[invariant]]".into());
        }
        let rules = file.invariant.into_iter().map(Rule::new).collect::<Result<_, _>>()?;
        Ok(Self { rules, shared: file.shared })
    }

    /// Checks every rule against a zone.
    ///
    /// # Errors
    /// A name that the zone does not have, unless the file is [shared](Self::shared); a rule that would take too long.
    /// Nothing was tried then.
    ///
    /// ```
    /// # use pointsman_core::{parse::parse, validate::{Options, validate}};
    /// # use pointsman_verify::{facts::Facts, invariant::Invariants, subject::Subject};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "one", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "two", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
    /// # let subject = Subject::new(validate(&[parse(0, zone)], &Options::default()).zone.unwrap(), Facts::default());
    /// let rules = Invariants::parse(r#"
    ///     [[invariant]]
    ///     name = "nobody is sent to a dead endpoint while a live one is there"
    ///     holds = "answers.all(a, a.alive) || !endpoints.exists(e, e.alive)"
    /// "#)?;
    /// // Two record sets by weight, without health checks:
    /// let verdicts = rules.check(&subject)?;
    /// assert_eq!(verdicts[0].broken.as_ref().unwrap().failures, ["192.0.2.1"]);
    /// # Ok::<(), String>(())
    /// ```
    pub fn check(&self, subject: &Subject) -> Result<Vec<Verdict>, String> {
        let mut verdicts: Vec<Verdict> = self.rules.iter().map(Verdict::new).collect();
        for (rule, verdict) in self.rules.iter().zip(&mut verdicts) {
            let is_there = |(name, kind): &&(_, _)| {
                subject.find(name, *kind).and_then(|group| subject.group(group)).is_some_and(|group| group.is_asked)
            };
            let missing: Vec<String> =
                rule.asks.iter().filter(|ask| !is_there(ask)).map(|(name, kind)| format!("{name} {kind}")).collect();
            if missing.is_empty() {
                continue;
            }
            if !self.shared {
                return Err(format!(
                    "invariant `{}`: ask: the zone has no {}; with `shared = true` at the top of the file, rules about \
                     names that a zone does not have are not asked",
                    rule.name,
                    listed(&missing, 3)
                ));
            }
            verdict.not_asked = Some(format!("the zone has no {}", listed(&missing, 3)));
        }
        let questions: Vec<(usize, Vec<usize>)> = subject
            .questions()
            .map(|(question, group)| {
                let speaks = |(_, rule): &(usize, &Rule)| rule.speaks_of(&group.name, group.record_type);
                (question, self.rules.iter().enumerate().filter(speaks).map(|(number, _)| number).collect::<Vec<_>>())
            })
            .filter(|(_, rules)| !rules.is_empty())
            .collect();
        for (question, rules) in questions {
            let mut list: Vec<(&Rule, &mut Verdict)> = self
                .rules
                .iter()
                .zip(&mut verdicts)
                .enumerate()
                .filter(|(number, _)| rules.contains(number))
                .map(|(_, pair)| pair)
                .collect();
            let looks = list.iter().map(|(rule, _)| &rule.looks);
            Asking::new(subject, question, looks).check(&mut list)?;
        }
        for verdict in verdicts.iter_mut() {
            match (verdict.tried, &verdict.broken) {
                (0, None) if verdict.not_asked.is_none() => {
                    verdict.not_asked = Some("no client of these names is one that it speaks of".into());
                }
                (0, None) => {}
                _ => verdict.not_asked = None,
            }
        }
        Ok(verdicts)
    }
}
