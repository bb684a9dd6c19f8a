//! Takes part in a fleet: brings the node what is heard, has done what it asks for, and puts the fleet's verdict in force here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pointsman_core::health::HealthyAbove;
use pointsman_fleet::{Input, Key, Node, Output, Purpose, Role, Rules, Writer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::engine::{Engine, EngineError};
use super::etcd::Etcd;
use super::follow::{Heard, follow};
use super::settings::FleetSettings;
use super::shared::{Fleet, ZoneBody};
use crate::clock::{Moment, now};
use crate::hub::{Hub, count};

/// How long a watch is taken for alive that says nothing.
const LEASE_SECONDS: u64 = 3;
/// How long it counts as seen.
const SEEN_SECONDS: u64 = 86_400;
/// Before what failed is asked for again.
const AGAIN: Duration = Duration::from_millis(300);
/// How often what is found is looked at for changes.
const LOOK: Duration = Duration::from_millis(20);

/// A way to a fleet, before the watch runs.
pub(crate) fn start(
    settings: FleetSettings,
    hub: &Arc<Hub>,
    scale: f64,
    folder: Option<PathBuf>,
) -> Result<(Arc<Fleet>, Member), String> {
    let etcd = Etcd::new(&settings.endpoints, &settings.tls, settings.user.clone(), &settings.name, hub.log.clone())?;
    let beat = Duration::from_secs(5).mul_f64(scale.clamp(0.05, 1.0));
    let fleet = Arc::new(Fleet::new(settings, etcd, &hub.id, &hub.run, beat));
    Ok((Arc::clone(&fleet), Member { fleet, hub: Arc::clone(hub), folder }))
}

/// The part of a watch that takes part in a fleet.
pub(crate) struct Member {
    fleet: Arc<Fleet>,
    hub: Arc<Hub>,
    /// Where published zones are kept.
    folder: Option<PathBuf>,
}

/// What comes back from what was begun.
pub(super) enum Done {
    Submitted(Purpose, Result<bool, EngineError>),
    Granted(Instant, Result<(i64, i64), EngineError>),
    Alive(i64, Instant, Result<(), EngineError>),
    Ends(Key, i64, Result<u64, EngineError>),
    Fetched(String, Box<Result<ZoneBody, String>>),
}

/// When a force ends, by this machine's steady clock.
pub(super) struct Ends {
    pub(super) modified: i64,
    pub(super) since: pointsman_core::model::Time,
    pub(super) until: Option<pointsman_core::model::Time>,
}

pub(super) struct Running {
    pub(super) fleet: Arc<Fleet>,
    pub(super) hub: Arc<Hub>,
    pub(super) folder: Option<PathBuf>,
    pub(super) node: Node,
    pub(super) done: mpsc::UnboundedSender<Done>,
    /// The lease, and until when it certainly lives.
    lease: Option<(i64, i64, Instant)>,
    granting: bool,
    keeping: bool,
    heard_at: Instant,
    began: Instant,
    revision: Option<u64>,
    pub(super) forces: BTreeMap<Key, Ends>,
    pub(super) fetching: BTreeMap<String, String>,
    follower: JoinHandle<()>,
    heard: mpsc::Sender<Heard>,
    pub(super) role: Option<Role>,
}

impl Member {
    /// Takes part until `end` says so, then leaves.
    pub(crate) async fn run(self, end: tokio::sync::oneshot::Receiver<()>) {
        let Self { fleet, hub, folder } = self;
        let (heard_sender, mut heard) = mpsc::channel(1024);
        let (done, mut finished) = mpsc::unbounded_channel();
        let settings = &fleet.settings;
        let rules = Rules {
            writer: Writer { id: fleet.id.clone(), run: fleet.run.clone(), sequence: 0 },
            healthy_above: settings.healthy_above.unwrap_or(HealthyAbove::default()),
            quorum: settings.quorum,
            why: "the first watch of the fleet began with it".into(),
        };
        let node = Node::new(&fleet.id, &fleet.run, &settings.location, rules);
        let follower = tokio::spawn(follow(fleet.etcd.clone(), heard_sender.clone()));
        let now = Instant::now();
        let beat = fleet.beat;
        let mut running = Running {
            fleet,
            hub,
            folder,
            node,
            done,
            lease: None,
            granting: false,
            keeping: false,
            heard_at: now,
            began: now,
            revision: None,
            forces: BTreeMap::new(),
            fetching: BTreeMap::new(),
            follower,
            heard: heard_sender,
            role: None,
        };
        let mut looks = tokio::time::interval(LOOK);
        let mut beats = tokio::time::interval(beat);
        let mut leases = tokio::time::interval(Duration::from_millis(LEASE_SECONDS * 1000 / 5));
        for ticks in [&mut looks, &mut beats, &mut leases] {
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        }
        tokio::pin!(end);
        loop {
            tokio::select! {
                _ = &mut end => break,
                Some(heard) = heard.recv() => running.hear(heard),
                Some(done) = finished.recv() => running.finish(done),
                _ = looks.tick() => running.look(),
                _ = beats.tick() => running.beat(),
                _ = leases.tick() => running.keep_alive(),
            }
        }
        running.follower.abort();
        if let Some((lease, ..)) = running.lease {
            // Its votes leave at once, and not three seconds later.
            let _ = tokio::time::timeout(Duration::from_secs(2), running.fleet.etcd.revoke(lease)).await;
        }
    }
}

impl Running {
    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Listed(mirror) => {
                self.reached();
                self.step(Input::Listed(mirror));
                self.apply_all();
            }
            Heard::Changed((revision, changes)) => {
                self.reached();
                let touched: Vec<Key> = changes.iter().map(|(key, _)| key.clone()).collect();
                self.step(Input::Changed(revision, changes));
                self.apply(&touched);
            }
            Heard::Lost(error @ EngineError::Compacted) => {
                // All keys are read anew, and nothing is lost by it.
                self.hub.log.line("fleet-missed", &[("reason", &error.to_string())]);
            }
            Heard::Lost(error) => {
                let is_new = self.fleet.known().lost.replace(error.to_string()).is_none();
                if is_new {
                    self.hub.log.line("fleet-lost", &[("reason", &error.to_string())]);
                }
                self.fleet.etcd.next();
            }
        }
    }

    fn reached(&mut self) {
        self.heard_at = Instant::now();
        let lost = self.fleet.known().lost.take();
        if lost.is_some() {
            self.hub.log.line("fleet-reached", &[]);
        }
    }

    /// Every few seconds: signs of life, forces that are over, and zones that could not be fetched before.
    fn beat(&mut self) {
        self.step(Input::Again);
        let zones: Vec<String> = self.hub.zones().iter().map(|zone| zone.name().to_owned()).collect();
        zones.iter().for_each(|zone| self.apply_forces(zone));
        self.fetch_all();
    }

    /// Brings the node what is there, and has done what it asks for.
    fn step(&mut self, input: Input) {
        for output in self.node.step(input) {
            match output {
                Output::Submit(purpose, transaction) => {
                    let (etcd, done) = (self.fleet.etcd.clone(), self.done.clone());
                    tokio::spawn(async move {
                        let result = etcd.submit(&transaction).await;
                        if result.is_err() {
                            tokio::time::sleep(AGAIN).await;
                        }
                        let _ = done.send(Done::Submitted(purpose, result));
                    });
                }
                Output::Reported(zone) => self.reported(&zone),
                Output::Differs { zone, writer, revision } => {
                    count(&self.fleet.differs);
                    let pairs = [("zone", &*zone), ("leader", &writer.id), ("revision", &revision.to_string())];
                    self.hub.log.line("fleet-report-differs", &pairs);
                }
            }
        }
        let mirror = self.node.mirror().cloned().unwrap_or_default();
        let role = self.node.role();
        let mut known = self.fleet.known();
        if known.mirror.revision != mirror.revision {
            known.mirror = Arc::new(mirror);
        }
        known.role = Some(role);
        drop(known);
        if self.role != Some(role) {
            self.role = Some(role);
            let word = match role {
                Role::Out => "out",
                Role::NameTaken => "name-taken",
                Role::Prober => "prober",
                Role::Leader => "leader",
            };
            self.hub.log.line("fleet-role", &[("role", word), ("fleet", &self.fleet.settings.name)]);
        }
    }

    /// A leader wrote a report: it is of this moment, unless it only repeats what was decided last.
    fn reported(&mut self, zone: &str) {
        let frozen = self.node.mirror().and_then(|mirror| mirror.report(zone)).is_none_or(|report| report.frozen);
        let mut known = self.fleet.known();
        if !frozen {
            known.confirmed.insert(zone.to_owned(), (Instant::now(), now()));
            if std::mem::take(&mut known.alone) {
                drop(known);
                self.hub.log.line("fleet-alone-over", &[]);
                self.apply_all();
            }
        }
    }

    // ---- what this watch finds ---------------------------------------------------------------------------------------

    fn look(&mut self) {
        let revision = self.hub.revision();
        if self.revision != Some(revision) {
            self.revision = Some(revision);
            let zones = self.hub.zones();
            for zone in zones.iter() {
                let found = zone.snapshot().found();
                self.step(Input::Found(zone.name().to_owned(), found));
            }
            let gone: Vec<String> = self
                .node
                .zones()
                .filter(|name| !zones.iter().any(|zone| zone.name() == *name))
                .map(String::from)
                .collect();
            for name in gone {
                self.step(Input::Dropped(name));
            }
        }
        self.decide_alone();
    }

    /// After so long without a leader's word, and only when that was asked for.
    fn decide_alone(&self) {
        let Some(after) = self.fleet.settings.alone_after_ms else { return };
        let mut known = self.fleet.known();
        let last = known.confirmed.values().map(|(at, _)| *at).max().unwrap_or(self.began);
        if known.alone || last.elapsed() < Duration::from_millis(after) {
            return;
        }
        known.alone = true;
        drop(known);
        self.hub.log.line("fleet-alone", &[("reason", "no leader confirmed the report for as long as --alone allows")]);
        for zone in self.hub.zones().iter() {
            self.hub.change(zone, |state, now| ((), state.follow_fleet(None, now)));
        }
    }

    // ---- leases --------------------------------------------------------------------------------------------------------

    fn keep_alive(&mut self) {
        let time = Instant::now();
        if self.lease.is_some_and(|(_, _, until)| until <= time) {
            self.lease_lost("nothing was heard of it in its time");
        }
        let (etcd, done) = (self.fleet.etcd.clone(), self.done.clone());
        match self.lease {
            Some((lease, ..)) if !self.keeping => {
                self.keeping = true;
                tokio::spawn(async move {
                    let result = etcd.keep_alive(lease).await;
                    let _ = done.send(Done::Alive(lease, time, result));
                });
            }
            None if !self.granting => {
                self.granting = true;
                tokio::spawn(async move {
                    let grant = async {
                        let seen = etcd.grant(SEEN_SECONDS).await?;
                        Ok((etcd.grant(LEASE_SECONDS).await?, seen))
                    };
                    let begun = Instant::now();
                    let result = grant.await;
                    let _ = done.send(Done::Granted(begun, result));
                });
            }
            _ => {}
        }
        // Signs of life come every few seconds, this watch's own among them: a stream that is silent is broken.
        let silent = self.heard_at.elapsed() > self.fleet.beat.saturating_mul(3).max(Duration::from_secs(3));
        if silent && self.lease.is_some() {
            self.hub.log.line("fleet-stream-silent", &[]);
            self.heard_at = time;
            self.fleet.etcd.next();
            self.follower.abort();
            self.follower = tokio::spawn(follow(self.fleet.etcd.clone(), self.heard.clone()));
        }
    }

    fn lease_lost(&mut self, reason: &str) {
        self.lease = None;
        self.hub.log.line("fleet-lease-lost", &[("reason", reason)]);
        self.step(Input::LeaseLost);
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Submitted(purpose, result) => {
                if let Err(error @ EngineError::Refused(_)) = &result {
                    self.hub.log.line("fleet-write-refused", &[("reason", &error.to_string())]);
                }
                match result {
                    Err(EngineError::Unavailable(_)) => self.step(Input::Failed(purpose)),
                    _ => self.step(Input::Done(purpose)),
                }
            }
            Done::Granted(begun, result) => {
                self.granting = false;
                match result {
                    Ok((lease, seen)) => {
                        self.lease = Some((lease, seen, begun + Duration::from_secs(LEASE_SECONDS)));
                        self.step(Input::Granted { lease, seen });
                    }
                    Err(error) => {
                        let is_new = self.fleet.known().lost.replace(error.to_string()).is_none();
                        if is_new {
                            self.hub.log.line("fleet-lost", &[("reason", &error.to_string())]);
                        }
                    }
                }
            }
            Done::Alive(lease, asked, result) => {
                self.keeping = false;
                let Some((own, _, until)) = &mut self.lease else { return };
                if *own != lease {
                    return;
                }
                match result {
                    Ok(()) => *until = asked + Duration::from_secs(LEASE_SECONDS),
                    Err(EngineError::LeaseGone) => self.lease_lost("etcd ended it"),
                    Err(_) => {}
                }
            }
            Done::Ends(key, modified, remaining) => {
                let Key::Force { zone, .. } = &key else { return };
                if let (Some(ends), Ok(seconds)) = (self.forces.get_mut(&key), remaining)
                    && ends.modified == modified
                {
                    // A lease is up to two seconds longer than its force.
                    let steady = Moment::now().steady;
                    let left = steady.plus_ms(seconds.saturating_mul(1000));
                    ends.until = ends.until.map(|until| until.min(left));
                    let zone = zone.clone();
                    self.apply_forces(&zone);
                }
            }
            Done::Fetched(zone, result) => self.fetched(&zone, *result),
        }
    }
}
