//! A watch from beginning to end: tries, feed, files, notifications, and what comes from the system.
//!
//! Threads that do not wait for one another: tries run on one, the feed on another, files are read on a third and written on a
//! fourth, and what happens is recorded on a fifth. This one takes signals, lets forces end, takes over what was read, and sends notifications.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::clock::Moment;
use crate::feed::{self, Access, TlsFiles};
use crate::files;
use crate::fleet::{self, FleetSettings};
use crate::hub::{Hub, WatchedZone, count};
use crate::keeper::{Keeper, Outputs};
use crate::limits::Limits;
use crate::loader::{Load, Loader, Prepared, stamps};
use crate::log::Log;
use crate::networks::Networks;
use crate::notify::{self, Receiver};
use crate::probe::Prober;
use crate::record;
use crate::schedule::Schedule;
use crate::store::{self, Kept, KeptZone, StateLock};
use crate::zone::{BrakeRule, ZoneState};

/// Files that are read for longer than this are said to hang.
const READ_PATIENCE: Duration = Duration::from_secs(10);
/// How long the fleet's engine may take to be told that this watch leaves.
const LEAVE_PATIENCE: Duration = Duration::from_secs(3);
/// How long the disk may take in the end.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// What a watch is started with.
pub struct Settings {
    /// The watch's name; the machine's when there is none.
    pub id: Option<String>,
    /// Reads the files.
    pub load: Load,
    /// Files, and folders of files, that are looked at for changes.
    pub files: Vec<PathBuf>,
    /// Where the feed listens.
    pub listen: SocketAddr,
    /// The certificate of the feed; without one it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Names by which clients call the feed, besides the address and `localhost`.
    pub hosts: Vec<String>,
    /// What a client has to know to change anything.
    pub token: Option<String>,
    /// What a client has to know to read.
    pub read_token: Option<String>,
    /// A file that the report is written to; for several zones a folder.
    pub out: Option<PathBuf>,
    /// Who receives transitions.
    pub on_change: Vec<Receiver>,
    /// A file that the events of the feed are appended to; for several zones a folder.
    pub record: Option<PathBuf>,
    /// A file that keeps what is known for the next run.
    pub state: Option<PathBuf>,
    /// Factor on all intervals and time-outs: 0.1 is ten times as fast.
    pub scale: f64,
    /// Whether certificates must be valid; Route 53 does not look at them.
    pub verify_certificates: bool,
    /// Where tries may connect to.
    pub networks: Networks,
    /// When so many endpoints flip at once that the report is held.
    pub hold_when_flips: Option<BrakeRule>,
    /// The share of a zone's checks, in percent, that a reload may lose.
    pub accept_loss_percent: u8,
    /// The fleet that it takes part in.
    pub fleet: Option<FleetSettings>,
    /// Where published zones of the fleet are kept.
    pub fleet_zones: Option<PathBuf>,
    /// Where transitions are logged.
    pub log: Log,
}

/// Why a watch cannot begin.
#[derive(Debug)]
pub enum WatchError {
    /// The files cannot be used; what is wrong with them.
    Sources(String),
    /// The feed cannot listen there.
    Listen(SocketAddr, io::Error),
    /// Another process has the state file.
    StateInUse(PathBuf),
    /// A certificate cannot be used, a file cannot be made, or the system refuses something else.
    System(String),
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources(message) | Self::System(message) => f.write_str(message),
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::StateInUse(path) => write!(f, "another process has the state file `{}`", path.display()),
        }
    }
}

impl std::error::Error for WatchError {}

/// Runs a watch until the system asks it to end. `ready` is called with the URL of the feed.
///
/// # Errors
/// It cannot begin.
pub fn run(settings: Settings, ready: impl FnOnce(&str)) -> Result<(), WatchError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| WatchError::System(error.to_string()))?;
    let result = runtime.block_on(watch(settings, ready));
    // A command or a file that hangs does not outlast the watch.
    runtime.shutdown_background();
    result
}

async fn watch(settings: Settings, ready: impl FnOnce(&str)) -> Result<(), WatchError> {
    let system = |error: &dyn fmt::Display| WatchError::System(error.to_string());
    // Before they are read: a change meanwhile is seen afterwards.
    let seen = stamps(&settings.files);
    if let (Some(fleet), Some(folder)) = (&settings.fleet, &settings.fleet_zones) {
        // Files that were kept are as good where the fleet cannot be reached; those that miss show when they are read.
        let fetching = tokio::time::timeout(READ_PATIENCE, fleet::prefetch(fleet, folder, &settings.log)).await;
        if let Err(reason) = fetching.unwrap_or_else(|_| Err("it took too long".into())) {
            settings.log.line("fleet-zones-not-fetched", &[("reason", &reason)]);
        }
    }
    let prepared = Prepared::load(&settings.load, settings.verify_certificates).map_err(WatchError::Sources)?;
    check_out(&settings, prepared.zones.len())?;
    let tls = settings.tls.as_ref().map(TlsFiles::acceptor).transpose().map_err(|error| system(&error))?;
    let limits = Limits::of_system();
    let prober = Prober::new().map_err(|error| system(&error))?.within(settings.networks.clone());
    let listener = TcpListener::bind(settings.listen).await.and_then(TcpListener::into_std);
    let listener = listener.map_err(|error| WatchError::Listen(settings.listen, error))?;
    let address = listener.local_addr().map_err(|error| WatchError::Listen(settings.listen, error))?;
    let mut signals = Signals::new().map_err(|error| system(&format_args!("signals: {error}")))?;
    let lock = settings.state.as_deref().map(|path| lock(&settings.log, path)).transpose()?.flatten();

    let hub = Arc::new(begin(&settings, prepared, &prober));
    let member = match settings.fleet.clone() {
        Some(fleet) => {
            let folder = settings.fleet_zones.clone();
            let (fleet, member) = fleet::start(fleet, &hub, settings.scale, folder).map_err(|error| system(&error))?;
            hub.join(fleet);
            Some(member)
        }
        None => None,
    };
    let (tries, _tries_end) = thread("tries").map_err(|error| system(&error))?;
    tries.spawn(hub.stalls.clone().beat());
    hub.tries.get_or_init(|| tries.clone());
    let mut schedule = Schedule::new(Arc::clone(&hub), prober, tries, limits.tries, settings.scale);
    schedule.follow();

    let second = Duration::from_secs(1).mul_f64(settings.scale.clamp(0.05, 1.0));
    let outputs = Outputs { state: settings.state.clone(), report: settings.out.clone() };
    let keeper = Keeper::start(Arc::clone(&hub), outputs, lock, second * 5);
    let access = Access {
        token: settings.token.clone(),
        read_token: settings.read_token.clone(),
        hosts: settings.hosts.clone(),
        alive: second * 5,
        scale: settings.scale,
        keeper: Some(keeper.clone()),
    };
    let (feed, _feed_end) = thread("feed").map_err(|error| system(&error))?;
    let url = feed::url(address, tls.is_some());
    {
        let hub = Arc::clone(&hub);
        feed.spawn(async move {
            match TcpListener::from_std(listener) {
                Ok(listener) => feed::serve(listener, tls, hub, access, limits).await,
                Err(error) => hub.log.line("feed-failed", &[("reason", &error.to_string())]),
            }
        });
    }
    let mut _record_end = None;
    if let Some(place) = settings.record.clone() {
        let (record, end) = thread("record").map_err(|error| system(&error))?;
        record.spawn(record::record(Arc::clone(&hub), place, second * 30));
        _record_end = Some(end);
    }
    let mut notifications = tokio::task::JoinSet::new();
    for receiver in settings.on_change.clone() {
        notifications.spawn(notify::run(Arc::clone(&hub), receiver));
    }
    let (leave, leaving) = oneshot::channel();
    let (fleets, _fleets_end) = thread("fleet").map_err(|error| system(&error))?;
    let taking_part = member.map(|member| fleets.spawn(member.run(leaving)));
    let names = zone_names(&hub);
    let checks: usize = hub.zones().iter().map(|zone| zone.snapshot().plan().items.len()).sum();
    hub.log.line("watching", &[("zone", &names), ("checks", &checks.to_string()), ("feed", &url), ("id", &hub.id)]);
    ready(&url);

    let Settings { load, files, verify_certificates, accept_loss_percent, hold_when_flips, .. } = settings;
    let loader = Loader::start(load, files, seen, verify_certificates, second);
    let taking_over = TakingOver { hub: &hub, accept_loss_percent, hold_when_flips };
    attend(&taking_over, loader, &mut schedule, &mut signals, second).await;

    drop(schedule);
    let _ = leave.send(());
    if let Some(taking_part) = taking_part {
        let _ = tokio::time::timeout(LEAVE_PATIENCE, taking_part).await;
    }
    notifications.shutdown().await;
    // What cannot be written has been logged; the process ends all the same.
    let _ = keeper.flush(LAST_PATIENCE).await;
    hub.log.line("ended", &[("zone", &names)]);
    hub.log.flush(Duration::from_secs(2));
    Ok(())
}

/// Attends to time, files and signals until one of those says to end.
async fn attend(
    taking_over: &TakingOver<'_>,
    mut loader: Loader,
    schedule: &mut Schedule,
    signals: &mut Signals,
    second: Duration,
) {
    let hub = taking_over.hub;
    let mut ticks = tokio::time::interval(second);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut hangs = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                for zone in hub.zones().iter() {
                    let over = hub.change(zone, |state, now| state.pass_time(now));
                    if !over.is_empty() {
                        hub.log.line("force-over", &[("what", &over.join(","))]);
                    }
                }
                let is_late = loader.busy_for().is_some_and(|time| time > READ_PATIENCE);
                if is_late && !hangs {
                    let reason = "reading the zone files hangs; the last good ones stay in force";
                    hub.log.line("reload-hangs", &[("reason", reason)]);
                    hub.set_problem(Some(reason.into()));
                }
                hangs = is_late;
            },
            Some(loaded) = loader.loaded.recv() => taking_over.take_over(loaded, schedule),
            _ = signals.hang_up.recv() => loader.ask(),
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

/// A thread with a runtime of its own, which ends when the second value is dropped.
fn thread(name: &str) -> io::Result<(Handle, oneshot::Sender<()>)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (end, ended) = oneshot::channel::<()>();
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name(name.into()).spawn(move || {
        let _ = runtime.block_on(ended);
        runtime.shutdown_background();
    })?;
    Ok((handle, end))
}

fn check_out(settings: &Settings, zones: usize) -> Result<(), WatchError> {
    match settings.out.iter().chain(&settings.record).find(|place| !place.is_dir()) {
        Some(place) if zones > 1 => Err(WatchError::System(format!(
            "`{}` is not a folder, and several zones need one: each has a file of its own there",
            place.display()
        ))),
        _ => Ok(()),
    }
}

/// The right to write the state file. Where the file cannot be locked at all, the log says so, as it does for every write
/// that fails.
fn lock(log: &Log, path: &std::path::Path) -> Result<Option<StateLock>, WatchError> {
    match StateLock::take(path) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(WatchError::StateInUse(path.into())),
        Err(error) => {
            log.line("state-not-locked", &[("file", &path.to_string_lossy()), ("reason", &error.to_string())]);
            Ok(None)
        }
    }
}

/// The zones as an earlier run left them.
fn begin(settings: &Settings, prepared: Prepared, prober: &Prober) -> Hub {
    for path in settings.state.iter().chain(&settings.out) {
        files::sweep(path);
    }
    let mut kept = kept(settings);
    let only = prepared.zones.len() == 1;
    let now = Moment::now();
    let mut zones = Vec::new();
    for (plan, zone) in prepared.zones {
        let own = kept.remove(&plan.zone).or_else(|| kept.remove("").filter(|_| only)).unwrap_or_default();
        let mut state = ZoneState::new(plan, zone, &own, settings.hold_when_flips, now);
        if settings.fleet.is_some() {
            state.join_fleet();
        }
        zones.push(Arc::new(WatchedZone::new(state)));
    }
    let id = settings.id.clone().unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned());
    let hub = Hub::new(id, zones, prober.stalls(), settings.log.clone());
    hub.set_gone(kept);
    warn_of_unused(&hub.log, &prepared.unused);
    for zone in hub.zones().iter() {
        warn_of_parked(&hub, zone);
    }
    hub
}

/// What an earlier run left. A damaged file is said, and moved out of the way.
fn kept(settings: &Settings) -> Kept {
    let Some(path) = &settings.state else { return Kept::default() };
    store::read(path).unwrap_or_else(|error| {
        let aside = store::set_aside(path).map(|aside| aside.to_string_lossy().into_owned()).unwrap_or_default();
        let pairs = [("file", &*path.to_string_lossy()), ("reason", &error.to_string()), ("set_aside", &aside)];
        settings.log.line("state-not-read", &pairs);
        Kept::default()
    })
}

fn warn_of_unused(log: &Log, unused: &[String]) {
    for name in unused {
        log.line("rule-unused", &[("alias_target", name), ("reason", "no alias of the zone leads to this name")]);
    }
}

fn warn_of_parked(hub: &Hub, zone: &WatchedZone) {
    let parked: Vec<String> = zone.snapshot().parked().map(|subject| subject.id().to_owned()).collect();
    if !parked.is_empty() {
        let reason = "the zone does not have it at the moment; the force stays, and holds it when it is back";
        hub.log.line("force-without-subject", &[("what", &parked.join(",")), ("reason", reason)]);
    }
}

fn zone_names(hub: &Hub) -> String {
    hub.zones().iter().map(|zone| zone.name()).collect::<Vec<_>>().join(",")
}

/// What decides whether files that were put in place are taken over.
struct TakingOver<'h> {
    hub: &'h Arc<Hub>,
    accept_loss_percent: u8,
    hold_when_flips: Option<BrakeRule>,
}

impl TakingOver<'_> {
    /// Takes over files that were put in place; those that cannot be used change nothing.
    fn take_over(&self, loaded: Result<Prepared, String>, schedule: &mut Schedule) {
        let hub = self.hub;
        let accepted = loaded.and_then(|prepared| self.refusal(&prepared).map_or(Ok(prepared), Err));
        let prepared = match accepted {
            Ok(prepared) => prepared,
            Err(problem) => {
                let problem =
                    format!("The files as they are now cannot be used; the last good ones stay in force.\n{problem}");
                count(&hub.counters.reload_failures);
                if hub.set_problem(Some(problem.clone())) {
                    hub.log.line("reload-failed", &[("reason", &problem)]);
                    hub.zones().iter().for_each(|zone| hub.announce_whole(zone));
                }
                return;
            }
        };
        warn_of_unused(&hub.log, &prepared.unused);
        let checks: usize = prepared.zones.iter().map(|(plan, _)| plan.items.len()).sum();
        let now = Moment::now();
        let mut gone = hub.take_gone();
        let mut zones = Vec::new();
        for (plan, zone) in prepared.zones {
            match hub.zone(&plan.zone) {
                Some(known) => {
                    hub.change(&known, |state, now| (state.replace(plan, zone, now), Vec::new()));
                    zones.push(known);
                }
                None => {
                    let kept = gone.remove(&plan.zone).unwrap_or_default();
                    let mut state = ZoneState::new(plan, zone, &kept, self.hold_when_flips, now);
                    if hub.fleet().is_some() {
                        state.join_fleet();
                    }
                    zones.push(Arc::new(WatchedZone::new(state)));
                }
            }
        }
        for zone in hub.zones().iter().filter(|old| !zones.iter().any(|zone| zone.name() == old.name())) {
            // Its forces are for when it is back; its statuses would be old by then.
            let forces = zone.snapshot().kept(now).forces;
            gone.insert(zone.name().to_owned(), KeptZone { forces, ..KeptZone::default() });
        }
        hub.set_gone(gone);
        hub.set_zones(zones);
        schedule.follow();
        hub.set_problem(None);
        count(&hub.counters.reloads);
        hub.log.line("reloaded", &[("zone", &zone_names(hub)), ("checks", &checks.to_string())]);
        for zone in hub.zones().iter() {
            warn_of_parked(hub, zone);
            hub.announce_whole(zone);
        }
    }

    /// Why files that can be read are not taken over: they are another zone's, or lose too much.
    fn refusal(&self, prepared: &Prepared) -> Option<String> {
        let zones = self.hub.zones();
        let plan_of = |name: &str| prepared.zones.iter().map(|(plan, _)| plan).find(|plan| plan.zone == name);
        if !zones.iter().any(|zone| plan_of(zone.name()).is_some()) {
            let names: Vec<&str> = prepared.zones.iter().map(|(plan, _)| plan.zone.as_str()).collect();
            return Some(format!(
                "They are of {}, and this watch has {}; start another one for another zone.",
                names.join(", "),
                zone_names(self.hub)
            ));
        }
        zones.iter().find_map(|zone| {
            let snapshot = zone.snapshot();
            let before = snapshot.plan();
            let (lost, had, what) = match plan_of(zone.name()) {
                Some(plan) => {
                    let (lost, had) = plan.lost(before);
                    (lost, had, format!("{lost} of {had} checks of {}", zone.name()))
                }
                None => (1, 1, format!("the zone {}", zone.name())),
            };
            let percent = usize::from(self.accept_loss_percent);
            (lost.saturating_mul(100) > had.saturating_mul(percent)).then(|| {
                format!(
                    "They lose {what}, and --accept-loss allows {percent} %; if that is meant, start the watch again with \
                     them, or with --accept-loss 100%."
                )
            })
        })
    }
}
