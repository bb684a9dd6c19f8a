//! The keys of a fleet as a watch last saw them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::key::Key;
use crate::record::{Current, Force, Leader, Member, Record, Report, Rules, Table, Told};
use crate::statuses::Subject;

/// A key's value and what the engine says of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The value.
    pub record: Record,
    /// The revision at which the key was made.
    pub created: i64,
    /// The revision at which it was last written.
    pub modified: i64,
    /// The lease that it ends with; 0 for none.
    pub lease: i64,
}

/// The keys of a fleet at one revision. A copy shares the values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Mirror {
    /// The revision.
    pub revision: i64,
    entries: BTreeMap<Key, Arc<Entry>>,
}

impl Mirror {
    /// All keys at a revision.
    #[must_use]
    pub fn new(revision: i64, entries: impl IntoIterator<Item = (Key, Entry)>) -> Self {
        Self { revision, entries: entries.into_iter().map(|(key, entry)| (key, Arc::new(entry))).collect() }
    }

    /// Goes on to a later revision, which changed these keys; `None` deletes. Parts of zones are not kept.
    pub fn apply(&mut self, revision: i64, changes: impl IntoIterator<Item = (Key, Option<Entry>)>) {
        self.revision = self.revision.max(revision);
        for (key, entry) in changes {
            match entry {
                Some(_) if matches!(key, Key::Body { .. }) => {}
                Some(entry) => drop(self.entries.insert(key, Arc::new(entry))),
                None => drop(self.entries.remove(&key)),
            }
        }
    }

    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key).map(|entry| &**entry)
    }

    /// The revision at which a key was last written; 0 when it is not there.
    #[must_use]
    pub fn modified(&self, key: &Key) -> i64 {
        self.get(key).map_or(0, |entry| entry.modified)
    }

    /// The revision at which a key was made; 0 when it is not there.
    #[must_use]
    pub fn created(&self, key: &Key) -> i64 {
        self.get(key).map_or(0, |entry| entry.created)
    }

    /// Every key and its entry.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key, &**entry))
    }

    /// The rules, once somebody wrote them.
    #[must_use]
    pub fn rules(&self) -> Option<&Rules> {
        match &self.get(&Key::Rules)?.record {
            Record::Rules(rules) => Some(rules),
            _ => None,
        }
    }

    /// The leader, and the entry that makes it one.
    #[must_use]
    pub fn leader(&self) -> Option<(&Leader, &Entry)> {
        let entry = self.get(&Key::Leader)?;
        match &entry.record {
            Record::Leader(leader) => Some((leader, entry)),
            _ => None,
        }
    }

    /// The watches that live, by name.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.iter().filter_map(|(key, entry)| match (key, &entry.record) {
            (Key::Prober(id), Record::Member(member)) => Some((id.as_str(), member)),
            _ => None,
        })
    }

    /// How many watches lived within the last day.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.iter().filter(|(key, _)| matches!(key, Key::Seen(_))).count()
    }

    /// The tables of a zone, by the watch that wrote them. They go with its lease, so that only those of live ones are here.
    pub fn tables<'m>(&'m self, zone: &'m str) -> impl Iterator<Item = (&'m str, &'m Table)> {
        self.iter().filter_map(move |(key, entry)| match (key, &entry.record) {
            (Key::Table { prober, zone: own }, Record::Table(table)) if own == zone => Some((prober.as_str(), table)),
            _ => None,
        })
    }

    /// The report of a zone.
    #[must_use]
    pub fn report(&self, zone: &str) -> Option<&Report> {
        match &self.get(&Key::Report(zone.to_owned()))?.record {
            Record::Report(report) => Some(report),
            _ => None,
        }
    }

    /// The forces of a zone, each with the entry that holds it.
    pub fn forces<'m>(&'m self, zone: &'m str) -> impl Iterator<Item = (&'m Subject, &'m Force, &'m Entry)> {
        self.iter().filter_map(move |(key, entry)| match (key, &entry.record) {
            (Key::Force { zone: own, subject }, Record::Force(force)) if own == zone => Some((subject, force, entry)),
            _ => None,
        })
    }

    /// What was told from outside of a zone.
    pub fn told<'m>(&'m self, zone: &'m str) -> impl Iterator<Item = (&'m Subject, &'m Told)> {
        self.iter().filter_map(move |(key, entry)| match (key, &entry.record) {
            (Key::Told { zone: own, subject }, Record::Told(told)) if own == zone => Some((subject, told)),
            _ => None,
        })
    }

    /// Which version of a zone is where.
    #[must_use]
    pub fn current(&self, zone: &str) -> Option<&Current> {
        match &self.get(&Key::Current(zone.to_owned()))?.record {
            Record::Current(current) => Some(current),
            _ => None,
        }
    }

    /// The zones that were published, by name.
    pub fn published(&self) -> impl Iterator<Item = (&str, &Current)> {
        self.iter().filter_map(|(key, entry)| match (key, &entry.record) {
            (Key::Current(zone), Record::Current(current)) => Some((zone.as_str(), current)),
            _ => None,
        })
    }

    /// The zones that somebody probes or has a report of, by name.
    #[must_use]
    pub fn zones(&self) -> Vec<&str> {
        let mut zones: Vec<&str> = self
            .entries
            .keys()
            .filter_map(|key| match key {
                Key::Table { zone, .. } | Key::Report(zone) | Key::Told { zone, .. } => Some(zone.as_str()),
                _ => None,
            })
            .collect();
        zones.sort_unstable();
        zones.dedup();
        zones
    }
}
