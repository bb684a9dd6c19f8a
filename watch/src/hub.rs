//! What the parts of a running watch share: the state of each zone behind a lock that is held for moments, and the channels
//! on which changes go out.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use bytes::Bytes;
use pointsman_core::model::Time;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc};

use crate::change::Change;
use crate::clock::{Moment, now};
use crate::fleet::Fleet;
use crate::log::Log;
use crate::probe::Stalls;
use crate::store::Kept;
use crate::zone::{HoldChange, Origin, Snapshot, ZoneState, change_report, report};

/// Changes that a slow client may be behind before it is sent a whole report instead.
const BEHIND_MAX: usize = 1024;
/// Notifications that wait for one receiver; more are dropped and counted.
pub(crate) const NOTICES_MAX: usize = 131_072;

/// Something that clients of a stream are sent.
#[derive(Debug, Clone)]
pub(crate) enum FeedEvent {
    /// The event that leads to this sequence number from the one before it, as it is written to the stream.
    Change(u64, Bytes),
    /// So much is another that a whole report says it best.
    Whole,
}

/// Counters that are of no zone.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests to the feed.
    pub requests: AtomicU64,
    /// Requests and connections that were turned away for want of room.
    pub turned_away: AtomicU64,
    /// Zone files that were put in place and could not be used.
    pub reload_failures: AtomicU64,
    /// Zone files that were taken over.
    pub reloads: AtomicU64,
    /// Notifications that did not get through.
    pub notify_failures: AtomicU64,
    /// State or report files that could not be written.
    pub write_failures: AtomicU64,
}

/// A zone that is watched.
pub struct WatchedZone {
    name: String,
    state: Mutex<ZoneState>,
    events: broadcast::Sender<FeedEvent>,
    /// The report's statuses as text, and the sequence number that they are of.
    members: Mutex<Option<(u64, Arc<str>)>>,
}

impl WatchedZone {
    /// A zone in this state.
    #[must_use]
    pub fn new(state: ZoneState) -> Self {
        let name = state.snapshot().plan().zone.clone();
        Self { name, state: Mutex::new(state), events: broadcast::channel(BEHIND_MAX).0, members: Mutex::new(None) }
    }

    /// Its name, with the final dot.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that is known at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.state().snapshot().clone()
    }

    fn state(&self) -> MutexGuard<'_, ZoneState> {
        // A panic elsewhere leaves statuses as they were, which is what a feed should go on with.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<FeedEvent> {
        self.events.subscribe()
    }

    /// The report's statuses as text, written once a sequence number; and that number.
    fn members(&self) -> (u64, Arc<str>) {
        let mut place = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let reported = {
            let state = self.state();
            let sequence = state.snapshot().sequence();
            if let Some((known, members)) = place.as_ref().filter(|(known, _)| *known == sequence) {
                return (*known, Arc::clone(members));
            }
            state.snapshot().reported()
        };
        let fresh = (reported.sequence(), Arc::from(reported.members()));
        *place = Some(fresh.clone());
        fresh
    }
}

/// The shared parts.
pub struct Hub {
    /// The watch's name.
    pub id: String,
    /// Distinguishes what this process says from what another one says, also one of the same name before or after it.
    pub run: String,
    zones: RwLock<Arc<[Arc<WatchedZone>]>>,
    /// Why the zone files as they are now are not in force; none when they are.
    problem: Mutex<Option<String>>,
    notices: Mutex<Vec<mpsc::Sender<Arc<Value>>>>,
    /// What is kept for zones that are not watched at the moment.
    gone: Mutex<Kept>,
    /// Grows whenever there are other zones than before.
    reshaped: AtomicU64,
    /// The fleet that this watch takes part in.
    fleet: OnceLock<Arc<Fleet>>,
    /// The thread of the tries, for its figures.
    pub(crate) tries: OnceLock<Handle>,
    /// The counters.
    pub counters: Counters,
    /// How late the tries were.
    pub stalls: Stalls,
    /// Where transitions are logged.
    pub log: Log,
}

impl Hub {
    /// Shares zones.
    #[must_use]
    pub fn new(id: String, zones: Vec<Arc<WatchedZone>>, stalls: Stalls, log: Log) -> Self {
        // Two processes may begin in the same millisecond, and a clock may be set back.
        let chance = RandomState::new().hash_one(std::process::id()) & 0xffff_ffff;
        Self {
            id,
            run: format!("{:x}-{chance:08x}", now().unix_ms()),
            zones: RwLock::new(zones.into()),
            problem: Mutex::new(None),
            notices: Mutex::default(),
            gone: Mutex::default(),
            reshaped: AtomicU64::new(0),
            fleet: OnceLock::new(),
            tries: OnceLock::new(),
            counters: Counters::default(),
            stalls,
            log,
        }
    }

    /// The zones, in the order of their files.
    #[must_use]
    pub fn zones(&self) -> Arc<[Arc<WatchedZone>]> {
        Arc::clone(&self.zones.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches these zones from now on.
    pub(crate) fn set_zones(&self, zones: Vec<Arc<WatchedZone>>) {
        *self.zones.write().unwrap_or_else(PoisonError::into_inner) = zones.into();
        count(&self.reshaped);
    }

    /// The zone of a name, with or without its final dot.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<Arc<WatchedZone>> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.zones().iter().find(|zone| zone.name.trim_end_matches('.') == name).cloned()
    }

    /// Changes a zone, and tells everybody what became of it. The order in which changes are made is the order in which
    /// they go out.
    pub fn change<R>(&self, zone: &WatchedZone, work: impl FnOnce(&mut ZoneState, Moment) -> (R, Vec<Change>)) -> R {
        let mut state = zone.state();
        let moment = Moment::now();
        let (result, changes) = work(&mut state, moment);
        let hold = state.take_hold_change();
        if let Some(hold) = &hold {
            self.announce_hold(zone, hold, moment);
        }
        if !changes.is_empty() {
            self.announce(zone, &state, &changes);
        }
        result
    }

    fn announce(&self, zone: &WatchedZone, state: &ZoneState, changes: &[Change]) {
        let several = self.zones().len() > 1;
        for change in changes {
            let (event, mut pairs) = change.log_line();
            pairs.extend(several.then_some(("zone", zone.name.as_str())));
            self.log.line(event, &pairs);
            if change.is_transition() {
                self.notify(|| change.to_json(&zone.name));
            }
        }
        let origin = self.origin(&zone.name, state.snapshot().sequence());
        let event = match change_report(changes, &origin) {
            Some(report) => FeedEvent::Change(origin.sequence, event("change", &origin, &report)),
            None => FeedEvent::Whole,
        };
        // That nobody listens is no fault.
        let _ = zone.events.send(event);
    }

    fn announce_hold(&self, zone: &WatchedZone, hold: &HoldChange, now: Moment) {
        let (event, reason) = match hold {
            HoldChange::Held(hold) => ("report-held", hold.reason.as_str()),
            HoldChange::Released(reason) => ("report-released", *reason),
        };
        self.log.line(event, &[("zone", &zone.name), ("reason", reason)]);
        let held = matches!(hold, HoldChange::Held(_));
        self.notify(|| json!({"Time": now.wall.to_string(), "Zone": zone.name, "ReportHeld": held, "Reason": reason}));
    }

    /// Says that everything in a zone may be another.
    pub(crate) fn announce_whole(&self, zone: &WatchedZone) {
        let _ = zone.events.send(FeedEvent::Whole);
    }

    fn notify(&self, notice: impl FnOnce() -> Value) {
        let receivers = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if receivers.is_empty() {
            return;
        }
        let notice = Arc::new(notice());
        for receiver in receivers.iter() {
            if receiver.try_send(Arc::clone(&notice)).is_err() {
                count(&self.counters.notify_failures);
            }
        }
    }

    /// The notifications from now on, in order; each receiver has a queue of its own.
    pub(crate) fn notices(&self) -> mpsc::Receiver<Arc<Value>> {
        let (sender, receiver) = mpsc::channel(NOTICES_MAX);
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// The fleet that this watch takes part in.
    pub(crate) fn fleet(&self) -> Option<&Arc<Fleet>> {
        self.fleet.get()
    }

    /// Takes part in a fleet from now on.
    pub(crate) fn join(&self, fleet: Arc<Fleet>) {
        // There is one, and it is set before anything else runs.
        let _ = self.fleet.set(fleet);
    }

    /// The moment that the report of a zone is of: this one, or when a fleet last confirmed it.
    fn time_of(&self, zone: &str) -> Time {
        self.fleet().map_or_else(now, |fleet| fleet.time_of(zone, now()))
    }

    // ---- what goes out ---------------------------------------------------------------------------------------------

    /// Who says something of a zone, at this number.
    #[must_use]
    pub fn origin(&self, zone: &str, sequence: u64) -> Origin {
        Origin { id: self.id.clone(), run: self.run.clone(), sequence, zone: zone.into() }
    }

    /// The report of a zone, and where it comes from.
    #[must_use]
    pub fn report(&self, zone: &WatchedZone) -> (Origin, String) {
        let (sequence, members) = zone.members();
        let origin = self.origin(&zone.name, sequence);
        let text = report(self.time_of(&zone.name), &origin, &members);
        (origin, text)
    }

    /// The event with the whole report of a zone, and its number.
    pub(crate) fn whole_event(&self, zone: &WatchedZone) -> (u64, Bytes) {
        let (origin, report) = self.report(zone);
        (origin.sequence, event("report", &origin, &report))
    }

    /// The event that says that nothing is another; `sequence` is what the client was sent last.
    pub(crate) fn alive_event(&self, zone: &WatchedZone, sequence: u64) -> Bytes {
        let origin = self.origin(&zone.name, sequence);
        let data = json!({"Time": self.time_of(&zone.name).to_string(), "Watch": origin.to_json()});
        event("alive", &origin, &data.to_string())
    }

    /// What is known of all zones, to be kept for the next run; and a number that grows whenever that is another.
    #[must_use]
    pub fn kept(&self) -> (u64, Kept) {
        let moment = Moment::now();
        let mut kept = self.gone.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut revision = self.reshaped();
        for zone in self.zones().iter() {
            let (own, snapshot) = {
                let state = zone.state();
                (state.revision(), state.snapshot().clone())
            };
            revision = revision.wrapping_add(own);
            kept.insert(zone.name.clone(), snapshot.kept(moment));
        }
        (revision, kept)
    }

    /// The number that [`kept`](Self::kept) would return.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.zones().iter().fold(self.reshaped(), |sum, zone| sum.wrapping_add(zone.state().revision()))
    }

    /// Far from what the revisions of zones add up to, so that no two sums are the same by chance.
    fn reshaped(&self) -> u64 {
        self.reshaped.load(Ordering::Relaxed) << 48
    }

    /// What is kept for zones that are not watched at the moment; it is put back with [`set_gone`](Self::set_gone).
    pub(crate) fn take_gone(&self) -> Kept {
        std::mem::take(&mut self.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_gone(&self, gone: Kept) {
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = gone;
    }

    /// Sets or clears what is wrong with the zone files; returns whether that is new.
    pub(crate) fn set_problem(&self, problem: Option<String>) -> bool {
        let mut place = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *place != problem;
        *place = problem;
        is_new
    }

    /// What is wrong with the zone files.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The entity tag of a report, and the id of its event: another one whenever a status in it is another.
#[must_use]
pub fn tag(origin: &Origin) -> String {
    format!("{}-{}", origin.run, origin.sequence)
}

fn event(name: &str, origin: &Origin, data: &str) -> Bytes {
    Bytes::from(format!("event: {name}\nid: {}\ndata: {data}\n\n", tag(origin)))
}

/// Adds one.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
