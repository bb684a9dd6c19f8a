//! What operators ask for, as transactions that fail when somebody else was there first.

use std::collections::BTreeMap;

use crate::key::Key;
use crate::mirror::Mirror;
use crate::record::{Current, Force, Record, Told, Version, Writer};
use crate::statuses::Subject;
use crate::transaction::{Compare, Put, Transaction};

/// What an operator asks for cannot be done as asked.
pub type Asked = Result<Transaction, String>;

/// Holds subjects of a zone. What is held already is replaced only where `may_replace` says so of the force that was written
/// at a revision: because it is over, or because the operator named it.
///
/// # Errors
/// One of them is held, and not by the force that was named.
pub fn force(
    mirror: &Mirror,
    zone: &str,
    subjects: &[Subject],
    force: &Force,
    lease: i64,
    may_replace: impl Fn(&Key, i64) -> bool,
) -> Asked {
    let mut transaction = Transaction::default();
    for subject in subjects {
        let key = Key::Force { zone: zone.to_owned(), subject: subject.clone() };
        let known = mirror.modified(&key);
        if known != 0 && !may_replace(&key, known) {
            let held = match mirror.get(&key).map(|entry| &entry.record) {
                Some(Record::Force(held)) => {
                    let way = if held.up { "up" } else { "down" };
                    format!("{subject} is forced {way} already, through {}: {}", held.writer.id, held.why)
                }
                _ => format!("{subject} is forced already"),
            };
            return Err(format!("{held}; clear it first, or name it with --over {known}"));
        }
        transaction.compare.push(Compare::Modified(key.clone(), known));
        transaction.then.push(Put::Write { key, record: Record::Force(force.clone()), lease });
    }
    Ok(transaction)
}

/// Lets go of subjects of a zone, as they are held now.
#[must_use]
pub fn clear(mirror: &Mirror, zone: &str, subjects: &[Subject]) -> Transaction {
    let mut transaction = Transaction::default();
    for subject in subjects {
        let key = Key::Force { zone: zone.to_owned(), subject: subject.clone() };
        let known = mirror.modified(&key);
        if known != 0 {
            transaction.compare.push(Compare::Modified(key.clone(), known));
            transaction.then.push(Put::Delete(key));
        }
    }
    transaction
}

/// Writes down what was told from outside, over what was told before.
#[must_use]
pub fn tell(mirror: &Mirror, zone: &str, subject: &Subject, told: Told) -> Transaction {
    let key = Key::Told { zone: zone.to_owned(), subject: subject.clone() };
    let compare = vec![Compare::Modified(key.clone(), mirror.modified(&key))];
    Transaction { compare, then: vec![Put::Write { key, record: Record::Told(told), lease: 0 }] }
}

/// Where a version goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollout {
    /// To every location.
    All,
    /// To these; the others keep theirs.
    To(Vec<String>),
}

/// A version of a zone that is to be put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The zone, with its final dot.
    pub zone: String,
    /// The watch that the operator spoke to.
    pub writer: Writer,
    /// The version, when it is a new one; its parts have been written already.
    pub version: Option<Version>,
    /// Its digest.
    pub digest: String,
    /// Where it goes.
    pub rollout: Rollout,
    /// The number of the state that the operator looked at; 0 when there was none.
    pub expect: u64,
    /// Why.
    pub why: String,
}

impl Publication {
    /// Puts the version in force. A plan that was made over an older state is refused.
    ///
    /// # Errors
    /// Somebody else was there first, or the version is not kept.
    pub fn transaction(self, mirror: &Mirror) -> Asked {
        let Self { zone, writer, version, digest, rollout, expect, why } = self;
        let key = Key::Current(zone.clone());
        let before = mirror.current(&zone);
        let number = before.map_or(0, |before| before.number);
        if number != expect {
            let last = before.map_or_else(String::new, |before| format!(" ({})", before.why));
            return Err(format!(
                "the zone is at number {number}{last}, and this was made over number {expect}; look again with \
                 `pointsman fleet status` and `pointsman fleet diff`"
            ));
        }
        let mut versions = before.map_or_else(Vec::new, |before| before.versions.clone());
        if let Some(version) = version.filter(|version| !versions.iter().any(|known| known.digest == version.digest)) {
            versions.insert(0, version);
        }
        let Some(chunks) = versions.iter().find(|version| version.digest == digest).map(|version| version.chunks)
        else {
            return Err(format!("no version {digest} of {zone} is kept"));
        };
        let (mut everywhere, mut at) =
            before.map_or((None, BTreeMap::new()), |before| (before.digest.clone(), before.at.clone()));
        match rollout {
            Rollout::All => {
                at.clear();
                everywhere = Some(digest.clone());
            }
            Rollout::To(locations) => {
                at.extend(locations.into_iter().map(|location| (location, digest.clone())));
                at.retain(|_, digest| everywhere.as_ref() != Some(digest));
            }
        }
        let body = |digest: &str, number| Key::Body { zone: zone.clone(), digest: digest.to_owned(), number };
        let mut transaction = Transaction::default();
        transaction.compare.push(Compare::Modified(key.clone(), mirror.modified(&key)));
        transaction.compare.extend((0..chunks).map(|number| Compare::Exists(body(&digest, number))));
        let mut gone = Vec::new();
        while versions.len() > Current::VERSIONS_MAX {
            let is_used = |version: &Version| {
                everywhere.as_deref() == Some(&version.digest) || at.values().any(|digest| *digest == version.digest)
            };
            let Some(old) = versions.iter().rposition(|version| !is_used(version)) else { break };
            let old = versions.remove(old);
            gone.extend((0..old.chunks).map(|number| Put::Delete(body(&old.digest, number))));
        }
        let number = number.saturating_add(1);
        let state = Current { writer, number, digest: everywhere, at, versions, why };
        transaction.then.push(Put::Write { key, record: Record::Current(state), lease: 0 });
        transaction.then.extend(gone);
        Ok(transaction)
    }
}
