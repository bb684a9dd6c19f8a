//! What one watch does, given what it reads: joins, writes its table, stands for leader, writes reports, checks those of others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::key::Key;
use crate::mirror::{Entry, Mirror};
use crate::record::{Leader, Member, Record, Report, Rules, Table, Writer};
use crate::statuses::Statuses;
use crate::transaction::{Compare, Put, Transaction};
use crate::verdict::verdict;

/// How many revisions back a report can be checked.
const PAST_MAX: usize = 256;

/// What a transaction is for. One of a kind is under way at a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To take part.
    Join,
    /// To set the rules where there are none.
    Rules,
    /// To write what this watch found in a zone.
    Table(String),
    /// To become leader.
    Lead,
    /// To write the report of a zone.
    Report(String),
}

/// What a node reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// It has a lease for what ends with it, and one of a day for having been seen.
    Granted {
        /// The lease.
        lease: i64,
        /// The lease of a day.
        seen: i64,
    },
    /// Its lease is over, or may be.
    LeaseLost,
    /// All keys, at one revision.
    Listed(Mirror),
    /// Keys that a later revision changed; `None` deleted them.
    Changed(i64, Vec<(Key, Option<Entry>)>),
    /// What this watch finds in a zone now.
    Found(String, Statuses),
    /// A zone is not watched any more.
    Dropped(String),
    /// What has not changed is written again: it shows that the writer lives.
    Again,
    /// A transaction was done or refused. Either way it shows in the keys, and it goes on from there.
    Done(Purpose),
    /// Nobody knows whether it was done: it may be asked for again, as what it compares sees to the rest.
    Failed(Purpose),
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    /// It asks the engine for this.
    Submit(Purpose, Transaction),
    /// The leader wrote the report of a zone.
    Reported(String),
    /// The report of a zone is not what follows from the keys at its revision.
    Differs {
        /// The zone.
        zone: String,
        /// The leader that wrote it.
        writer: Writer,
        /// The revision.
        revision: i64,
    },
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It does not take part, yet or any more.
    Out,
    /// Another watch has its name.
    NameTaken,
    /// It takes part.
    Prober,
    /// It takes part, and writes reports.
    Leader,
}

/// One watch of a fleet, as far as it is a function of what it reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    id: String,
    run: String,
    location: String,
    /// The rules that are set where there are none.
    rules: Rules,
    /// What has been written by this run.
    sequence: u64,
    leases: Option<(i64, i64)>,
    mirror: Option<Mirror>,
    /// Earlier revisions, the latest last.
    past: VecDeque<Mirror>,
    found: BTreeMap<String, Statuses>,
    under_way: BTreeSet<Purpose>,
    /// Transactions that are over, before anything was read since: to ask again now would be to ask the same.
    answered: BTreeSet<Purpose>,
    /// Tables and reports that are written though they did not change.
    again: BTreeSet<Purpose>,
}

impl Node {
    /// A watch that has read nothing yet. `rules` are those that it sets where there are none.
    #[must_use]
    pub fn new(id: &str, run: &str, location: &str, rules: Rules) -> Self {
        Self {
            id: id.into(),
            run: run.into(),
            location: location.into(),
            rules,
            sequence: 0,
            leases: None,
            mirror: None,
            past: VecDeque::new(),
            found: BTreeMap::new(),
            under_way: BTreeSet::new(),
            answered: BTreeSet::new(),
            again: BTreeSet::new(),
        }
    }

    /// The keys as it last saw them.
    #[must_use]
    pub const fn mirror(&self) -> Option<&Mirror> {
        self.mirror.as_ref()
    }

    /// The zones that this watch has found something in.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.found.keys().map(String::as_str)
    }

    /// What it is, by what it last saw.
    #[must_use]
    pub fn role(&self) -> Role {
        let (Some(mirror), Some((lease, _))) = (&self.mirror, self.leases) else { return Role::Out };
        match self.own(mirror) {
            Own::Mine if self.leads(mirror, lease) => Role::Leader,
            Own::Mine => Role::Prober,
            Own::Others => Role::NameTaken,
            Own::None | Own::Old(_) => Role::Out,
        }
    }

    /// Takes what was read; returns what is to be done.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        if matches!(input, Input::Granted { .. } | Input::Listed(_) | Input::Changed(..) | Input::Again) {
            self.answered.clear();
        }
        match input {
            Input::Granted { lease, seen } => self.leases = Some((lease, seen)),
            Input::LeaseLost => self.leases = None,
            Input::Listed(mirror) => {
                // The reports in it are of earlier revisions, which were not seen; that a leader lives shows with its next one.
                self.past.clear();
                self.past.push_back(mirror.clone());
                self.mirror = Some(mirror);
            }
            Input::Changed(revision, changes) => outputs.extend(self.changed(revision, changes)),
            Input::Found(zone, statuses) => drop(self.found.insert(zone, statuses)),
            Input::Dropped(zone) => drop(self.found.remove(&zone)),
            Input::Again => {
                self.again.extend(self.found.keys().cloned().map(Purpose::Table));
                let zones = self.mirror.iter().flat_map(Mirror::zones);
                self.again.extend(zones.map(|zone| Purpose::Report(zone.into())));
            }
            Input::Done(purpose) => {
                self.under_way.remove(&purpose);
                self.answered.insert(purpose);
            }
            Input::Failed(purpose) => drop(self.under_way.remove(&purpose)),
        }
        outputs.extend(self.proposals());
        outputs
    }

    fn changed(&mut self, revision: i64, changes: Vec<(Key, Option<Entry>)>) -> Vec<Output> {
        let Some(mirror) = &mut self.mirror else { return Vec::new() };
        // What was there already, or comes twice, changes nothing.
        if revision <= mirror.revision {
            return Vec::new();
        }
        let reports: Vec<String> = changes
            .iter()
            .filter_map(|(key, entry)| match key {
                Key::Report(zone) if entry.is_some() => Some(zone.clone()),
                _ => None,
            })
            .collect();
        mirror.apply(revision, changes);
        self.past.push_back(mirror.clone());
        while self.past.len() > PAST_MAX {
            self.past.pop_front();
        }
        let mut outputs = Vec::new();
        for zone in reports {
            outputs.extend(self.check(&zone));
            outputs.push(Output::Reported(zone));
        }
        outputs
    }

    /// Works a report out again from the keys at its revision, where those are still known.
    fn check(&self, zone: &str) -> Option<Output> {
        let report = self.mirror.as_ref()?.report(zone)?;
        let then = self.past.iter().rev().find(|past| past.revision <= report.revision)?;
        let own = verdict(then, zone);
        (own.statuses != report.statuses || own.is_frozen() != report.frozen).then(|| Output::Differs {
            zone: zone.to_owned(),
            writer: report.writer.clone(),
            revision: report.revision,
        })
    }

    // ---- what is to be done ------------------------------------------------------------------------------------------

    fn proposals(&mut self) -> Vec<Output> {
        let (Some(mirror), Some((lease, seen))) = (self.mirror.clone(), self.leases) else { return Vec::new() };
        let mut outputs = Vec::new();
        let created = match self.own(&mirror) {
            Own::None => {
                self.join(&mut outputs, 0, lease, seen);
                return outputs;
            }
            Own::Old(created) => {
                self.join(&mut outputs, created, lease, seen);
                return outputs;
            }
            Own::Others => return outputs,
            Own::Mine => mirror.created(&Key::Prober(self.id.clone())),
        };
        let is_member = Compare::Created(Key::Prober(self.id.clone()), created);
        if mirror.rules().is_none() && self.is_free(&Purpose::Rules) {
            let (key, record) = (Key::Rules, Record::Rules(self.rules.clone()));
            let compare = vec![Compare::Created(Key::Rules, 0)];
            let transaction = Transaction { compare, then: vec![Put::Write { key, record, lease: 0 }] };
            self.submit(&mut outputs, Purpose::Rules, transaction);
        }
        self.write_tables(&mut outputs, &mirror, &is_member, lease);
        if mirror.leader().is_none() && self.is_free(&Purpose::Lead) {
            let record = Record::Leader(Leader { writer: self.next_writer() });
            let compare = vec![Compare::Created(Key::Leader, 0), is_member];
            let transaction = Transaction { compare, then: vec![Put::Write { key: Key::Leader, record, lease }] };
            self.submit(&mut outputs, Purpose::Lead, transaction);
        } else if self.leads(&mirror, lease) {
            self.write_reports(&mut outputs, &mirror);
        }
        outputs
    }

    /// Takes part: with all that was found, so that no vote of this watch is missing for a moment.
    fn join(&mut self, outputs: &mut Vec<Output>, created: i64, lease: i64, seen: i64) {
        if !self.is_free(&Purpose::Join) {
            return;
        }
        let writer = self.next_writer();
        let member = Member { writer: writer.clone(), location: self.location.clone() };
        let own = Key::Prober(self.id.clone());
        let record = Record::Member(member);
        let mut then = vec![
            Put::Write { key: own.clone(), record: record.clone(), lease },
            Put::Write { key: Key::Seen(self.id.clone()), record, lease: seen },
        ];
        for (zone, statuses) in &self.found {
            let table = Table { writer: writer.clone(), location: self.location.clone(), statuses: statuses.clone() };
            let key = Key::Table { prober: self.id.clone(), zone: zone.clone() };
            then.push(Put::Write { key, record: Record::Table(table), lease });
        }
        let transaction = Transaction { compare: vec![Compare::Created(own, created)], then };
        self.submit(outputs, Purpose::Join, transaction);
    }

    fn write_tables(&mut self, outputs: &mut Vec<Output>, mirror: &Mirror, is_member: &Compare, lease: i64) {
        let mut tables: Vec<(Key, Option<Statuses>)> = Vec::new();
        for (zone, statuses) in &self.found {
            let key = Key::Table { prober: self.id.clone(), zone: zone.clone() };
            let is_written = matches!(mirror.get(&key), Some(Entry { record: Record::Table(table), lease: own, .. })
                if table.statuses == *statuses && table.writer.run == self.run && *own == lease);
            if !is_written || self.again.contains(&Purpose::Table(zone.clone())) {
                tables.push((key, Some(statuses.clone())));
            }
        }
        let gone = mirror.iter().filter_map(|(key, _)| match key {
            Key::Table { prober, zone } if *prober == self.id && !self.found.contains_key(zone) => Some(key.clone()),
            _ => None,
        });
        tables.extend(gone.map(|key| (key, None)));
        for (key, statuses) in tables {
            let Key::Table { zone, .. } = &key else { continue };
            let purpose = Purpose::Table(zone.clone());
            if !self.is_free(&purpose) {
                continue;
            }
            let put = match statuses {
                Some(statuses) => {
                    let table = Table { writer: self.next_writer(), location: self.location.clone(), statuses };
                    Put::Write { key, record: Record::Table(table), lease }
                }
                None => Put::Delete(key),
            };
            let transaction = Transaction { compare: vec![is_member.clone()], then: vec![put] };
            self.submit(outputs, purpose, transaction);
        }
    }

    /// Writes what the keys say now, on condition that this watch is still the leader that it was, and that no report has
    /// been written since.
    fn write_reports(&mut self, outputs: &mut Vec<Output>, mirror: &Mirror) {
        // Without rules nothing can be decided; they are set by whoever joins first.
        let zones = if mirror.rules().is_some() { mirror.zones() } else { Vec::new() };
        for zone in zones {
            let purpose = Purpose::Report(zone.to_owned());
            if !self.is_free(&purpose) {
                continue;
            }
            let verdict = verdict(mirror, zone);
            let before = mirror.report(zone);
            let is_news =
                before.is_none_or(|before| before.statuses != verdict.statuses || before.frozen != verdict.is_frozen());
            if !is_news && !self.again.contains(&purpose) {
                continue;
            }
            let report = Report {
                writer: self.next_writer(),
                revision: mirror.revision,
                number: before.map_or(0, |before| before.number).saturating_add(1),
                frozen: verdict.is_frozen(),
                statuses: verdict.statuses,
            };
            let key = Key::Report(zone.to_owned());
            let compare = vec![
                Compare::Created(Key::Leader, mirror.created(&Key::Leader)),
                Compare::Modified(key.clone(), mirror.modified(&key)),
            ];
            let then = vec![Put::Write { key, record: Record::Report(report), lease: 0 }];
            self.submit(outputs, purpose, Transaction { compare, then });
        }
    }

    fn submit(&mut self, outputs: &mut Vec<Output>, purpose: Purpose, transaction: Transaction) {
        self.under_way.insert(purpose.clone());
        self.again.remove(&purpose);
        outputs.push(Output::Submit(purpose, transaction));
    }

    fn is_free(&self, purpose: &Purpose) -> bool {
        !self.under_way.contains(purpose) && !self.answered.contains(purpose)
    }

    fn next_writer(&mut self) -> Writer {
        self.sequence = self.sequence.saturating_add(1);
        Writer { id: self.id.clone(), run: self.run.clone(), sequence: self.sequence }
    }

    fn leads(&self, mirror: &Mirror, lease: i64) -> bool {
        mirror.leader().is_some_and(|(leader, entry)| leader.writer.run == self.run && entry.lease == lease)
    }

    fn own(&self, mirror: &Mirror) -> Own {
        let Some(entry) = mirror.get(&Key::Prober(self.id.clone())) else { return Own::None };
        let lease = self.leases.map_or(0, |(lease, _)| lease);
        match &entry.record {
            Record::Member(member) if member.writer.run != self.run => Own::Others,
            _ if entry.lease == lease => Own::Mine,
            _ => Own::Old(entry.created),
        }
    }
}

/// Whose the key of a watch's name is.
enum Own {
    None,
    Mine,
    /// Of this run, on a lease that it has given up; made at this revision.
    Old(i64),
    Others,
}
