//! A watch from beginning to end: tries, feed, files, notifications, and what comes from the system.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pointsman_core::compile::{Zone, compile};
use pointsman_core::model::HostedZone;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::board::Board;
use crate::feed::{self, Access};
use crate::log::Log;
use crate::notify::{self, Hearer};
use crate::plan::Plan;
use crate::probe::Prober;
use crate::rules::Rules;
use crate::schedule::Schedule;
use crate::shared::{News, Shared, count, now};
use crate::store::{self, Kept};

/// What files say at the moment: the zone, and the rules for what its aliases lead to.
pub struct Sources {
    /// The zone.
    pub zone: HostedZone,
    /// The rules.
    pub rules: Rules,
}

/// What a watch is told.
pub struct Settings {
    /// Reads the files; the error says what is wrong with them, for people.
    pub load: Box<dyn Fn() -> Result<Sources, String> + Send>,
    /// Files that are looked at for changes.
    pub files: Vec<PathBuf>,
    /// Where the feed listens.
    pub listen: SocketAddr,
    /// What a client has to know to change anything.
    pub token: Option<String>,
    /// A file that the report is written to.
    pub out: Option<PathBuf>,
    /// Who is told of transitions.
    pub on_change: Vec<Hearer>,
    /// A file that keeps what is known for the next run.
    pub state: Option<PathBuf>,
    /// Factor on all intervals and time-outs: 0.1 is ten times as fast.
    pub scale: f64,
    /// Whether certificates must be valid; Route 53 does not look at them.
    pub verify_certificates: bool,
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
    /// The system refuses something else.
    System(String),
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources(message) | Self::System(message) => f.write_str(message),
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
        }
    }
}

impl std::error::Error for WatchError {}

/// Runs a watch until the system asks it to end. `ready` is told where the feed listens.
///
/// # Errors
/// It cannot begin.
pub fn run(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), WatchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| WatchError::System(error.to_string()))?.block_on(watch(settings, ready))
}

async fn watch(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), WatchError> {
    let Sources { zone, rules } = (settings.load)().map_err(WatchError::Sources)?;
    let prober = Prober::new().map_err(|error| WatchError::System(error.to_string()))?;
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.map_err(|error| WatchError::Listen(settings.listen, error))?;
    let address = listener.local_addr().map_err(|error| WatchError::Listen(settings.listen, error))?;
    let system = |error: io::Error| WatchError::System(format!("signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(system)?;

    let plan = Plan::of(&zone, &rules, settings.verify_certificates);
    warn_of_unused(&settings.log, &plan, &rules);
    let kept = kept(&settings);
    let board = Board::new(plan.clone(), Arc::new(compile(&zone)), &kept, now());
    let shared = Arc::new(Shared::new(board, settings.log));
    let mut schedule = Schedule::new(Arc::clone(&shared), prober, settings.scale);
    schedule.follow(&plan);

    let second = Duration::from_secs(1).mul_f64(settings.scale.clamp(0.05, 1.0));
    let access = Access { token: settings.token.clone(), alive: second * 5, scale: settings.scale };
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(feed::serve(listener, Arc::clone(&shared), access));
    for hearer in settings.on_change.clone() {
        tasks.spawn(notify::run(Arc::clone(&shared), hearer));
    }
    tasks.spawn(keep_files(Arc::clone(&shared), settings.out.clone(), settings.state.clone(), second));
    shared.log.line(
        "watching",
        &[("zone", &plan.zone), ("checks", &plan.items.len().to_string()), ("feed", &feed::url(address))],
    );
    ready(address);

    let mut seen = stamps(&settings.files);
    let mut ticks = tokio::time::interval(second);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            _ = ticks.tick() => false,
            _ = hang_up.recv() => true,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        };
        let changes = {
            let (mut board, now) = (shared.board(), now());
            let over = board.forces_over(now).join(",");
            if !over.is_empty() {
                shared.log.line("force-over", &[("what", &over)]);
            }
            board.expire(now)
        };
        shared.announce(changes);
        let stamps = stamps(&settings.files);
        if asked || stamps != seen {
            seen = stamps;
            reload(&settings, &shared, &mut schedule);
        }
    }
    drop(schedule);
    tasks.shutdown().await;
    write_files(&shared, settings.out.as_ref(), settings.state.as_ref());
    shared.log.line("ended", &[("zone", &shared.board().plan().zone.clone())]);
    Ok(())
}

/// What an earlier run left. A damaged file is told and then as good as none.
fn kept(settings: &Settings) -> Kept {
    let Some(path) = &settings.state else { return Kept::default() };
    store::read(path).unwrap_or_else(|error| {
        let pairs = [("file", &*path.to_string_lossy()), ("reason", &error.to_string())];
        settings.log.line("state-not-read", &pairs);
        Kept::default()
    })
}

fn warn_of_unused(log: &Log, plan: &Plan, rules: &Rules) {
    for name in plan.unused(rules) {
        log.line("rule-unused", &[("alias_target", name), ("reason", "no alias of the zone leads to this name")]);
    }
}

/// Takes over files that were put in place; those that cannot be used change nothing.
fn reload(settings: &Settings, shared: &Shared, schedule: &mut Schedule) {
    match (settings.load)() {
        Ok(Sources { zone, rules }) => {
            let plan = Plan::of(&zone, &rules, settings.verify_certificates);
            warn_of_unused(&shared.log, &plan, &rules);
            let zone: Arc<Zone> = Arc::new(compile(&zone));
            shared.board().replace(plan.clone(), zone, now());
            schedule.follow(&plan);
            shared.set_problem(None);
            count(&shared.counters.reloads);
            shared.log.line("reloaded", &[("zone", &plan.zone), ("checks", &plan.items.len().to_string())]);
            shared.announce_everything();
        }
        Err(problem) => {
            let problem =
                format!("The files as they are now cannot be used; the last good ones stay in force.\n{problem}");
            count(&shared.counters.reload_failures);
            if shared.set_problem(Some(problem.clone())) {
                shared.log.line("reload-failed", &[("reason", &problem)]);
                shared.announce_everything();
            }
        }
    }
}

/// What tells a file from itself when it was written anew.
fn stamps(files: &[PathBuf]) -> Vec<Option<(std::time::SystemTime, u64, u64)>> {
    use std::os::unix::fs::MetadataExt as _;
    let stamp = |file: &PathBuf| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
    };
    files.iter().map(stamp).collect()
}

/// Writes the report and the state soon after each change, and the report now and then, so that its time stays young.
async fn keep_files(shared: Arc<Shared>, out: Option<PathBuf>, state: Option<PathBuf>, second: Duration) {
    let mut news = shared.listen();
    write_files(&shared, out.as_ref(), state.as_ref());
    loop {
        // Several changes at once are one write.
        let heard = tokio::time::timeout(second * 5, news.recv()).await;
        if let Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) = heard {
            return;
        }
        let changed = matches!(heard, Ok(Ok(News::Changes(_) | News::Everything) | Err(_)));
        tokio::time::sleep(Duration::from_millis(20)).await;
        while news.try_recv().is_ok() {}
        write_files(&shared, out.as_ref(), state.as_ref().filter(|_| changed));
    }
}

/// A file that cannot be written is told once a try, and tried again.
fn write_files(shared: &Shared, out: Option<&PathBuf>, state: Option<&PathBuf>) {
    let failed = |path: &PathBuf, error: &io::Error| {
        count(&shared.counters.write_failures);
        let pairs = [("file", &*path.to_string_lossy()), ("reason", &error.to_string())];
        shared.log.line("file-not-written", &pairs);
    };
    if let Some(path) = out {
        let report = shared.board().report(now()) + "\n";
        let _ = store::replace(path, &report).inspect_err(|error| failed(path, error));
    }
    if let Some(path) = state {
        let kept = shared.board().kept();
        let _ = store::write(path, &kept).inspect_err(|error| failed(path, error));
    }
}
