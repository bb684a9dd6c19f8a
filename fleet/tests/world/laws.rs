//! What must never be, judged from outside: from the engine's revisions and from nothing that a watch says of itself.

use std::collections::BTreeMap;

use pointsman_core::parse::RawStatus;
use pointsman_fleet::{Key, Mirror, Purpose, Put, Record, Statuses, Transaction};

use super::engine::Batch;
use super::{ZONE, report_of, subject};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Laws {
    pub(crate) quorum: Option<u16>,
    /// The reports that were written, by the revision that they speak of.
    reports: BTreeMap<i64, (Statuses, bool)>,
    /// The force that an operator's request left and the engine acknowledged.
    force: Option<Record>,
    /// The number of the zone's state.
    zone: u64,
    operations: u64,
    /// The first law that was broken.
    pub(crate) broken: Option<&'static str>,
}

impl Laws {
    pub(crate) const fn new(quorum: Option<u16>) -> Self {
        Self { quorum, reports: BTreeMap::new(), force: None, zone: 0, operations: 0, broken: None }
    }

    pub(crate) fn break_(&mut self, what: &'static str) {
        self.broken.get_or_insert(what);
    }

    pub(crate) const fn next_operation(&mut self) -> u64 {
        self.operations += 1;
        self.operations
    }

    /// A watch asks for something: a report has to rest on votes enough, counted here once more from the tables.
    pub(crate) fn asked(&mut self, mirror: &Mirror, purpose: &Purpose, transaction: &Transaction) {
        let (Purpose::Report(_), Some(report)) = (purpose, report_of(transaction)) else { return };
        if report.revision != mirror.revision {
            self.break_("a report is not of the revision that it names");
        }
        let tables: Vec<&pointsman_fleet::Table> = mirror.tables(ZONE).map(|(_, table)| table).collect();
        let down =
            tables.iter().filter(|table| table.statuses.0.get(&subject()) == Some(&RawStatus::Unhealthy)).count();
        let quorum = self.quorum.map_or(mirror.seen().div_ceil(2), usize::from).max(1);
        let before = mirror.report(ZONE).and_then(|report| report.statuses.0.get(&subject()).copied());
        let now = report.statuses.0.get(&subject()).copied();
        if tables.len() < quorum {
            if now != before || !report.frozen {
                self.break_("a report decides by fewer votes than allowed");
            }
            return;
        }
        let up = tables.len() - down;
        let expected = if up * 2 > tables.len() { RawStatus::Healthy } else { RawStatus::Unhealthy };
        if now != Some(expected) || report.frozen {
            self.break_("a report is not what the votes say");
        }
    }

    /// Something was done, or refused when there is no batch.
    pub(crate) fn committed(
        &mut self,
        before: &Mirror,
        after: &Mirror,
        transaction: &Transaction,
        batch: Option<&Batch>,
    ) {
        if batch.is_none() {
            return;
        }
        if let Some(report) = report_of(transaction) {
            let own = (report.statuses.clone(), report.frozen);
            if self.reports.insert(report.revision, own.clone()).is_some_and(|other| other != own) {
                self.break_("two reports of one revision differ");
            }
            if before.leader().is_none_or(|(leader, _)| leader.writer.run != report.writer.run) {
                self.break_("a report is written by a watch that does not lead");
            }
            let last = before.report(ZONE);
            if report.number != last.map_or(0, |last| last.number) + 1 {
                self.break_("a report is written over one that its writer had not seen");
            }
            if last.is_some_and(|last| last.revision >= report.revision) {
                self.break_("a report of an earlier moment is written over one of a later");
            }
        }
        let key = Key::Force { zone: ZONE.into(), subject: subject() };
        for put in &transaction.then {
            match put {
                Put::Write { key: own, record, .. } if *own == key => {
                    if self.force.is_some() {
                        self.break_("a force is overwritten unseen");
                    }
                    self.force = Some(record.clone());
                }
                Put::Delete(own) if *own == key => self.force = None,
                _ => {}
            }
        }
        self.changed(after, batch);
    }

    /// The keys are other than before.
    pub(crate) fn changed(&mut self, after: &Mirror, batch: Option<&Batch>) {
        if batch.is_none() {
            return;
        }
        let key = Key::Force { zone: ZONE.into(), subject: subject() };
        if after.get(&key).map(|entry| &entry.record) != self.force.as_ref() {
            self.break_("an acknowledged force is lost");
        }
        let number = after.current(ZONE).map_or(0, |current| current.number);
        if number < self.zone || number > self.zone + 1 {
            self.break_("a zone goes back unasked");
        }
        self.zone = number;
    }
}
