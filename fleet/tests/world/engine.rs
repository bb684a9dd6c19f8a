//! An engine as its documentation describes it: one order of revisions, leases, and transactions that do all or nothing.

use std::collections::{BTreeSet, VecDeque};

use pointsman_fleet::{Compare, Entry, Key, Mirror, Put, Transaction};

/// What one revision changed.
pub(crate) type Batch = (i64, Vec<(Key, Option<Entry>)>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Engine {
    pub(crate) mirror: Mirror,
    /// What somebody has not read yet.
    log: VecDeque<Batch>,
    leases: BTreeSet<i64>,
    last_lease: i64,
}

impl Engine {
    pub(crate) fn submit(&mut self, transaction: &Transaction) -> Option<Batch> {
        let holds = transaction.compare.iter().all(|compare| match compare {
            Compare::Created(key, revision) => self.mirror.created(key) == *revision,
            Compare::Modified(key, revision) => self.mirror.modified(key) == *revision,
            Compare::Exists(key) => self.mirror.created(key) > 0,
        });
        let leases_live = transaction.then.iter().all(|put| match put {
            Put::Write { lease, .. } => *lease == 0 || self.leases.contains(lease),
            Put::Delete(_) => true,
        });
        if !holds || !leases_live {
            return None;
        }
        let revision = self.mirror.revision + 1;
        let changes = transaction.then.iter().filter_map(|put| match put {
            Put::Write { key, record, lease } => {
                let created = match self.mirror.created(key) {
                    0 => revision,
                    created => created,
                };
                Some((key.clone(), Some(Entry { record: record.clone(), created, modified: revision, lease: *lease })))
            }
            Put::Delete(key) => self.mirror.get(key).map(|_| (key.clone(), None)),
        });
        let changes: Vec<(Key, Option<Entry>)> = changes.collect();
        Some(self.apply(revision, changes))
    }

    fn apply(&mut self, revision: i64, changes: Vec<(Key, Option<Entry>)>) -> Batch {
        self.mirror.apply(revision, changes.clone());
        self.log.push_back((revision, changes.clone()));
        (revision, changes)
    }

    pub(crate) fn grant(&mut self) -> i64 {
        self.last_lease += 1;
        self.leases.insert(self.last_lease);
        self.last_lease
    }

    pub(crate) fn lives(&self, lease: i64) -> bool {
        self.leases.contains(&lease)
    }

    /// Ends a lease: all that is on it goes in one revision.
    pub(crate) fn expire(&mut self, lease: i64) -> Option<Batch> {
        self.leases.remove(&lease);
        let gone: Vec<(Key, Option<Entry>)> =
            self.mirror.iter().filter(|(_, entry)| entry.lease == lease).map(|(key, _)| (key.clone(), None)).collect();
        (!gone.is_empty()).then(|| self.apply(self.mirror.revision + 1, gone))
    }

    /// The leases that a key is on.
    pub(crate) fn leases_of(&self, key: &Key) -> Vec<i64> {
        self.mirror.get(key).map(|entry| entry.lease).filter(|lease| *lease != 0).into_iter().collect()
    }

    /// The first revision after this one.
    pub(crate) fn after(&self, revision: i64) -> Option<&Batch> {
        self.log.iter().find(|(own, _)| *own > revision)
    }

    pub(crate) fn forget(&mut self, read: i64) {
        self.log.retain(|(revision, _)| *revision > read);
    }
}
