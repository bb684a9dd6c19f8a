//! A fleet without sockets and clocks: an engine with revisions and leases, watches, operators, and all that can happen to
//! a message. The watches are the ones that ship; what happens next is somebody else's choice.

mod engine;
mod laws;

use std::collections::BTreeMap;

use pointsman_core::health::HealthyAbove;
use pointsman_core::parse::RawStatus;
use pointsman_fleet::{
    Force, Input, Key, Node, Output, Publication, Purpose, Put, Record, Rollout, Rules, Statuses, Subject, Transaction,
    Version, Writer, clear, force,
};

pub(crate) use engine::Engine;
pub(crate) use laws::Laws;

pub(crate) const ZONE: &str = "example.com.";

/// A watch that runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    pub(crate) node: Node,
    run: u32,
    /// The revision up to which it has read.
    read: i64,
    lease: Option<i64>,
    healthy: bool,
}

/// A transaction on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Flight {
    from: usize,
    run: u32,
    /// What for; none for an operator.
    purpose: Option<Purpose>,
    transaction: Transaction,
    /// The watch has stopped waiting for it.
    given_up: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) processes: Vec<Process>,
    pub(crate) flights: Vec<Flight>,
    pub(crate) laws: Laws,
}

/// Something that happens. Numbers are of watches, or of flights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// A watch reads the next revision.
    Read(usize),
    /// A watch reads everything afresh, as after a compaction.
    List(usize),
    /// A transaction reaches the engine, and its answer the watch.
    Commit(usize),
    /// It reaches the engine, and will do so once more.
    Twice(usize),
    /// It is lost.
    Lose(usize),
    /// The watch waits no longer; the transaction may still arrive.
    GiveUp(usize),
    /// The engine ends a watch's lease.
    Expire(usize),
    /// A watch takes its lease for lost.
    Notice(usize),
    /// A watch without a lease gets one.
    Grant(usize),
    /// A watch finds the endpoint to be other than before.
    Flip(usize),
    /// A watch writes what has not changed.
    Again(usize),
    /// A watch dies and is started again.
    Restart(usize),
    /// An operator forces the check through a watch.
    Force(usize),
    /// An operator clears the force that the watch knows.
    Clear(usize),
    /// An operator publishes a version, over what the watch knows.
    Publish(usize),
    /// An operator goes back to the oldest version that is kept.
    Rollback(usize),
}

pub(crate) fn subject() -> Subject {
    Subject::HealthCheck("hc".into())
}

fn rules(quorum: Option<u16>) -> Rules {
    let writer = Writer { id: "first".into(), run: "0".into(), sequence: 0 };
    Rules { writer, healthy_above: HealthyAbove::Percent(50), quorum, why: String::new() }
}

impl World {
    /// So many watches that have just been started.
    pub(crate) fn new(watches: usize, quorum: Option<u16>) -> Self {
        let mut world =
            Self { engine: Engine::default(), processes: Vec::new(), flights: Vec::new(), laws: Laws::new(quorum) };
        for number in 0..watches {
            let process = world.process(number, 0);
            world.processes.push(process);
        }
        world
    }

    fn process(&self, number: usize, run: u32) -> Process {
        let id = format!("w{number}");
        let node = Node::new(&id, &format!("{id}-{run}"), &id, rules(self.laws.quorum));
        let mut process = Process { node, run, read: self.engine.mirror.revision, lease: None, healthy: true };
        // Without a lease nothing is asked for yet.
        process.node.step(Input::Listed(self.engine.mirror.clone()));
        process.node.step(Input::Found(ZONE.into(), found(true)));
        process
    }

    /// Everything that can happen now.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (at, process) in self.processes.iter().enumerate() {
            if self.engine.after(process.read).is_some() {
                events.push(Event::Read(at));
                events.push(Event::List(at));
            }
            match process.lease {
                Some(lease) => {
                    if self.engine.lives(lease) {
                        events.push(Event::Expire(at));
                    }
                    events.push(Event::Notice(at));
                }
                None => events.push(Event::Grant(at)),
            }
            events.extend([Event::Flip(at), Event::Again(at), Event::Restart(at)]);
            events.extend([Event::Force(at), Event::Clear(at), Event::Publish(at), Event::Rollback(at)]);
        }
        for (at, flight) in self.flights.iter().enumerate() {
            events.extend([Event::Commit(at), Event::Twice(at), Event::Lose(at)]);
            if !flight.given_up && flight.purpose.is_some() {
                events.push(Event::GiveUp(at));
            }
        }
        events
    }

    /// Lets something happen.
    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Read(at) => {
                let Some((revision, changes)) = self.engine.after(self.processes[at].read).cloned() else { return };
                self.processes[at].read = revision;
                self.step(at, Input::Changed(revision, changes));
            }
            Event::List(at) => {
                self.processes[at].read = self.engine.mirror.revision;
                let mirror = self.engine.mirror.clone();
                self.step(at, Input::Listed(mirror));
            }
            Event::Commit(at) => {
                let flight = self.flights.remove(at);
                self.commit(&flight);
                self.done(flight);
            }
            Event::Twice(at) => {
                let flight = self.flights[at].clone();
                self.commit(&flight);
            }
            Event::Lose(at) => {
                let flight = self.flights.remove(at);
                self.failed(flight);
            }
            Event::GiveUp(at) => {
                let flight = self.flights[at].clone();
                self.flights[at].given_up = true;
                self.failed(flight);
            }
            Event::Expire(at) => {
                if let Some(lease) = self.processes[at].lease {
                    let batch = self.engine.expire(lease);
                    self.laws.changed(&self.engine.mirror, batch.as_ref());
                }
            }
            Event::Notice(at) => {
                self.processes[at].lease = None;
                self.step(at, Input::LeaseLost);
            }
            Event::Grant(at) => {
                let lease = self.engine.grant();
                let seen = self.engine.grant();
                self.processes[at].lease = Some(lease);
                self.step(at, Input::Granted { lease, seen });
            }
            Event::Flip(at) => {
                let healthy = !self.processes[at].healthy;
                self.processes[at].healthy = healthy;
                self.step(at, Input::Found(ZONE.into(), found(healthy)));
            }
            Event::Again(at) => self.step(at, Input::Again),
            Event::Restart(at) => {
                let run = self.processes[at].run + 1;
                self.processes[at] = self.process(at, run);
            }
            Event::Force(_) | Event::Clear(_) | Event::Publish(_) | Event::Rollback(_) => self.operate(event),
        }
        self.forget();
    }

    fn step(&mut self, at: usize, input: Input) {
        let outputs = self.processes[at].node.step(input);
        for output in outputs {
            match output {
                Output::Submit(purpose, transaction) => {
                    let mirror = self.processes[at].node.mirror().cloned().unwrap_or_default();
                    self.laws.asked(&mirror, &purpose, &transaction);
                    let run = self.processes[at].run;
                    self.flights.push(Flight { from: at, run, purpose: Some(purpose), transaction, given_up: false });
                }
                Output::Differs { .. } => self.laws.break_("a watch works out another report than the leader"),
                Output::Reported(_) => {}
            }
        }
    }

    fn operate(&mut self, event: Event) {
        let (Event::Force(at) | Event::Clear(at) | Event::Publish(at) | Event::Rollback(at)) = event else { return };
        let Some(mirror) = self.processes[at].node.mirror().cloned() else { return };
        let writer = Writer { id: format!("w{at}"), run: "operator".into(), sequence: self.laws.next_operation() };
        let number = mirror.current(ZONE).map_or(0, |current| current.number);
        let transaction = match event {
            Event::Force(_) => {
                let record = Force { writer, up: false, why: "drill".into(), for_ms: None };
                force(&mirror, ZONE, &[subject()], &record, 0, |_, _| false).ok()
            }
            Event::Clear(_) => Some(clear(&mirror, ZONE, &[subject()])).filter(|asked| !asked.then.is_empty()),
            _ => {
                let digest = match event {
                    Event::Publish(_) => Some(format!("d{}", writer.sequence)),
                    _ => {
                        mirror.current(ZONE).and_then(|current| current.versions.last()).map(|last| last.digest.clone())
                    }
                };
                digest.and_then(|digest| {
                    let version = matches!(event, Event::Publish(_)).then(|| Version {
                        writer: writer.clone(),
                        digest: digest.clone(),
                        chunks: 0,
                        bytes: 0,
                        why: String::new(),
                    });
                    let publication = Publication {
                        zone: ZONE.into(),
                        writer,
                        version,
                        digest,
                        rollout: Rollout::All,
                        expect: number,
                        why: "change".into(),
                    };
                    publication.transaction(&mirror).ok()
                })
            }
        };
        if let Some(transaction) = transaction {
            self.flights.push(Flight { from: at, run: u32::MAX, purpose: None, transaction, given_up: false });
        }
    }

    fn commit(&mut self, flight: &Flight) {
        let before = self.engine.mirror.clone();
        let batch = self.engine.submit(&flight.transaction);
        self.laws.committed(&before, &self.engine.mirror, &flight.transaction, batch.as_ref());
    }

    fn done(&mut self, flight: Flight) {
        let Some(purpose) = flight.purpose.filter(|_| !flight.given_up) else { return };
        if self.processes[flight.from].run == flight.run {
            self.step(flight.from, Input::Done(purpose));
        }
    }

    fn failed(&mut self, flight: Flight) {
        let Some(purpose) = flight.purpose.filter(|_| !flight.given_up) else { return };
        if self.processes[flight.from].run == flight.run {
            self.step(flight.from, Input::Failed(purpose));
        }
    }

    /// What everybody has read is not kept.
    fn forget(&mut self) {
        let read = self.processes.iter().map(|process| process.read).min().unwrap_or_default();
        self.engine.forget(read);
    }

    /// Lets everything arrive, and nothing else go wrong; then all have to agree.
    pub(crate) fn settle(&mut self) {
        let mut signs = 3;
        for _ in 0..2000 {
            let leaseless =
                self.processes.iter().position(|process| process.lease.is_none_or(|lease| !self.engine.lives(lease)));
            let behind = self.processes.iter().position(|process| self.engine.after(process.read).is_some());
            match (self.flights.is_empty(), leaseless, behind) {
                (false, ..) => self.happen(Event::Commit(0)),
                (true, Some(at), _) => {
                    // What an earlier run left ends with its time.
                    let gone: Vec<i64> = self.engine.leases_of(&Key::Prober(format!("w{at}")));
                    for lease in gone {
                        self.engine.expire(lease);
                    }
                    self.happen(Event::Notice(at));
                    self.happen(Event::Grant(at));
                }
                (true, None, Some(at)) => self.happen(Event::Read(at)),
                (true, None, None) => match self.left_over() {
                    Some(lease) => {
                        let batch = self.engine.expire(lease);
                        self.laws.changed(&self.engine.mirror, batch.as_ref());
                    }
                    None if signs > 0 => {
                        // What was lost is asked for again with the next sign of life.
                        signs -= 1;
                        (0..self.processes.len()).for_each(|at| self.happen(Event::Again(at)));
                    }
                    None => return,
                },
            }
        }
        self.laws.break_("it does not come to rest");
    }

    /// A lease of a run that is gone.
    fn left_over(&self) -> Option<i64> {
        let own: Vec<i64> = self.processes.iter().filter_map(|process| process.lease).collect();
        let is_left = |(key, lease): &(&Key, i64)| *lease != 0 && !own.contains(lease) && !matches!(key, Key::Seen(_));
        self.engine.mirror.iter().map(|(key, entry)| (key, entry.lease)).find(is_left).map(|(_, lease)| lease)
    }
}

pub(crate) fn found(healthy: bool) -> Statuses {
    let status = if healthy { RawStatus::Healthy } else { RawStatus::Unhealthy };
    Statuses(BTreeMap::from([(subject(), status)]))
}

/// The report that a transaction writes.
pub(crate) fn report_of(transaction: &Transaction) -> Option<&pointsman_fleet::Report> {
    transaction.then.iter().find_map(|put| match put {
        Put::Write { record: Record::Report(report), .. } => Some(report),
        _ => None,
    })
}
