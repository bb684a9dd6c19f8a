//! The change batch that mends what a drill found, as far as one does.
//!
//! What can be mended with the health checks that there are is mended: an alias asks for its target's health, a record set
//! is given the check that reads its own endpoint, AAAA follows its A. Every proposal is drilled again before it is
//! offered: none of what it mends may be left, and nothing may be added. What needs a health check that there is not, or a
//! decision about where clients go, is left to people, and said.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::record::Content;
use pointsman_core::model::{HostedZone, Name, RecordType};
use serde_json::{Value, json};

use super::about::About;
use super::drilled::{Cause, Drill, Options};
use super::finding::{Finding, Severity};
use super::run::drill;
use crate::endpoint::Seen;
use crate::subject::{Leads, Subject, identifier};

/// So many proposals are drilled one by one, when they do not pass all at once.
const PROPOSALS_MAX: usize = 50;

/// A change batch that passed, and what it does not mend.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// The change batch as `change-resource-record-sets --change-batch` takes it; `None` when nothing can be mended.
    pub batch: Option<Value>,
    /// The causes that it mends, in words.
    pub mends: Vec<String>,
    /// The others, each with the reason.
    pub left: Vec<(String, &'static str)>,
}

/// One change of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Edit {
    /// EvaluateTargetHealth becomes true.
    AskTarget(usize),
    /// HealthCheckId becomes this one.
    Check(usize, usize),
    /// A record set goes, and those of another type of the name are copied into its type.
    Copy { gone: usize, from: Vec<usize> },
}

/// Finds the change batch that mends what it can of a drill. `texts` are the documents of the zone in the AWS CLI's words;
/// `apply` gives the zone after a batch, or `None` when Route 53 would refuse it; `go_on` says whether there is time to
/// drill once more.
pub fn mend(
    subject: &Subject,
    found: &Drill,
    options: &Options,
    texts: &[&str],
    apply: &mut dyn FnMut(&Value) -> Option<HostedZone>,
    go_on: &mut dyn FnMut() -> bool,
) -> Mended {
    let written = Written::new(texts);
    let mut left = Vec::new();
    let mut proposals: Vec<(&Cause, Vec<Edit>)> = Vec::new();
    for cause in &found.causes {
        match edits(subject, cause.about) {
            Ok(edits) => proposals.push((cause, edits)),
            Err(why) => left.push((cause.words.clone(), why)),
        }
    }
    let all: Vec<&(&Cause, Vec<Edit>)> = proposals.iter().collect();
    let mut attempt = |parts: &[&(&Cause, Vec<Edit>)]| -> Option<Value> {
        let batch = written.batch(subject, parts.iter().flat_map(|(_, edits)| edits))?;
        let after = Subject::new(apply(&batch)?, subject.facts.clone());
        let again = drill(&after, options, &mut |_, _| true);
        let causes = parts.iter().map(|(cause, _)| *cause);
        (!again.stopped && is_better(found, &again, causes)).then_some(batch)
    };
    let (mut kept, mut batch) = (Vec::new(), None);
    if !all.is_empty() {
        batch = attempt(&all);
        if batch.is_some() {
            kept.clone_from(&all);
        }
    }
    if batch.is_none() {
        for (number, proposal) in all.iter().copied().enumerate() {
            let mut more = kept.clone();
            more.push(proposal);
            if number >= PROPOSALS_MAX || !go_on() {
                left.push((proposal.0.words.clone(), "not tried, for want of time"));
                continue;
            }
            match attempt(&more) {
                Some(better) => (kept, batch) = (more, Some(better)),
                None => left.push((
                    proposal.0.words.clone(),
                    "what could be changed does not mend all of it, or would do harm elsewhere",
                )),
            }
        }
    }
    Mended { batch, mends: kept.iter().map(|(cause, _)| cause.words.clone()).collect(), left }
}

/// Whether nothing of some causes is left, and nothing was added.
fn is_better<'c>(before: &Drill, after: &Drill, mut causes: impl Iterator<Item = &'c Cause>) -> bool {
    let faults = |drill: &Drill| -> BTreeSet<String> {
        let faults = drill.findings.iter().filter(|finding| finding.severity != Severity::Note);
        faults.map(Finding::fingerprint).collect()
    };
    let (had, has) = (faults(before), faults(after));
    let is_gone =
        |number: &usize| before.findings.get(*number).is_none_or(|finding| !has.contains(&finding.fingerprint()));
    causes.all(|cause| cause.findings.iter().all(is_gone)) && has.is_subset(&had) && after.unconfirmed.is_empty()
}

/// What mends a cause, if anything may.
fn edits(subject: &Subject, cause: About) -> Result<Vec<Edit>, &'static str> {
    const NEEDS_A_CHECK: &str = "it needs a health check of its own endpoint, and the zone has none";
    let found = match cause {
        About::Record(record) => match subject.leads(record) {
            Leads::Resource(_, false) => vec![Edit::AskTarget(record)],
            Leads::Group(_, false) if !subject.leads_by_cname(record) => vec![Edit::AskTarget(record)],
            _ => own_check(subject, record).into_iter().collect(),
        },
        About::Check(check) => {
            let records = subject.record_sets_of(check).iter().map(|(record, _)| *record).collect::<BTreeSet<usize>>();
            records.into_iter().filter_map(|record| own_check(subject, record)).collect()
        }
        About::Group(group) => {
            let members = subject.group(group).map(|group| group.members.clone()).unwrap_or_default();
            match follow_the_other_family(subject, group) {
                Some(edit) => vec![edit],
                None => members.into_iter().filter_map(|record| own_check(subject, record)).collect(),
            }
        }
        About::Endpoint(_) | About::Reason => {
            return Err("where clients go instead is for people to decide");
        }
    };
    if found.is_empty() { Err(NEEDS_A_CHECK) } else { Ok(found) }
}

/// A record set with the health check that reads its own endpoints, where the zone has one and it has another or none.
fn own_check(subject: &Subject, record: usize) -> Option<Edit> {
    let present = subject.record(record)?.health_check.map(|check| check as usize);
    let own = subject.endpoints.of_record.get(record).filter(|own| !own.is_empty())?;
    let reads_it = |check: &usize| {
        let known = subject.zone.health_checks.get(*check).filter(|known| !known.disabled && !known.inverted);
        let reads = subject.endpoints.reads.get(*check).filter(|_| known.is_some());
        reads.is_some_and(|reads| {
            matches!(reads.seen, Seen::Named | Seen::Told) && reads.all.is_empty() && reads.any == *own
        })
    };
    if present.is_some_and(|check| reads_it(&check)) {
        return None;
    }
    (0..subject.zone.health_checks.len()).find(reads_it).map(|check| Edit::Check(record, check))
}

/// A simple AAAA or A that takes over the aliases of the other family, which follow health.
fn follow_the_other_family(subject: &Subject, group: usize) -> Option<Edit> {
    let known = subject.group(group)?;
    let [gone] = known.members.as_slice() else { return None };
    let other = match known.record_type {
        RecordType::A => RecordType::Aaaa,
        RecordType::Aaaa => RecordType::A,
        _ => return None,
    };
    let is_alias = |record: &usize| matches!(subject.record(*record).map(|set| &set.content), Some(Content::Alias(_)));
    let from = subject.group(subject.find(&known.name, other)?)?.members.clone();
    let follows = is_alias(gone) && from.len() > 1 && from.iter().all(is_alias);
    follows.then_some(Edit::Copy { gone: *gone, from })
}

/// The record sets as the documents have them.
struct Written {
    sets: BTreeMap<(Name, RecordType, String), Value>,
}

impl Written {
    fn new(texts: &[&str]) -> Self {
        let mut sets = BTreeMap::new();
        for text in texts {
            let Ok(Value::Object(mut document)) = serde_json::from_str::<Value>(text) else { continue };
            let Some(Value::Array(list)) = document.remove("ResourceRecordSets") else { continue };
            for set in list {
                let word = |key: &str| set.get(key).and_then(Value::as_str);
                let name = word("Name").and_then(|name| Name::parse(name).ok());
                let kind = word("Type").and_then(RecordType::parse);
                let (Some(name), Some(kind)) = (name, kind) else { continue };
                let id = word("SetIdentifier").unwrap_or_default().to_owned();
                sets.insert((name, kind, id), set);
            }
        }
        Self { sets }
    }

    fn get(&self, subject: &Subject, record: usize) -> Option<Value> {
        let set = subject.record(record)?;
        self.sets.get(&(set.name.clone(), set.record_type, identifier(set).to_owned())).cloned()
    }

    /// The change batch of some edits; `None` when the documents do not have a record set in the AWS CLI's words.
    fn batch<'e>(&self, subject: &Subject, edits: impl Iterator<Item = &'e Edit>) -> Option<Value> {
        let mut changed: BTreeMap<usize, Value> = BTreeMap::new();
        let mut replaced: Vec<Value> = Vec::new();
        for edit in edits {
            match edit {
                Edit::AskTarget(record) => {
                    let set = self.edited(subject, &mut changed, *record)?;
                    *set.pointer_mut("/AliasTarget/EvaluateTargetHealth")? = true.into();
                }
                Edit::Check(record, check) => {
                    let set = self.edited(subject, &mut changed, *record)?;
                    set.as_object_mut()?.insert("HealthCheckId".into(), subject.check_id(*check).into());
                }
                Edit::Copy { gone, from } => {
                    let kind = subject.record(*gone)?.record_type;
                    replaced.push(json!({"Action": "DELETE", "ResourceRecordSet": self.get(subject, *gone)?}));
                    for record in from {
                        let mut set = self.get(subject, *record)?;
                        set.as_object_mut()?.insert("Type".into(), kind.as_str().into());
                        replaced.push(json!({"Action": "CREATE", "ResourceRecordSet": set}));
                    }
                }
            }
        }
        let upserts = changed.into_values().map(|set| json!({"Action": "UPSERT", "ResourceRecordSet": set}));
        let changes: Vec<Value> = replaced.into_iter().chain(upserts).collect();
        Some(json!({"Comment": "what pointsman drill found, mended and drilled again", "Changes": changes}))
    }

    fn edited<'c>(
        &self,
        subject: &Subject,
        changed: &'c mut BTreeMap<usize, Value>,
        record: usize,
    ) -> Option<&'c mut Value> {
        match changed.entry(record) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(free) => Some(free.insert(self.get(subject, record)?)),
        }
    }
}
