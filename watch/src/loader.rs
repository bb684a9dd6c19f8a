//! Reads the files on a thread of its own: a file system that hangs keeps neither the tries nor the feed nor a signal waiting.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use pointsman_core::compile::{Zone, compile};
use pointsman_core::model::HostedZone;
use tokio::sync::mpsc;

use crate::files::stamp;
use crate::plan::{Plan, Subject};
use crate::rules::Rules;

/// What files say at the moment: the zones, and the rules for what their aliases lead to.
pub struct Sources {
    /// The zones, no two of one name.
    pub zones: Vec<HostedZone>,
    /// The rules.
    pub rules: Rules,
}

/// Reads the files; the error says what is wrong with them, for people.
pub type Load = Box<dyn Fn() -> Result<Sources, String> + Send>;

/// What is made of the files.
pub(crate) struct Prepared {
    /// Each zone, and what there is to watch in it.
    pub(crate) zones: Vec<(Plan, Arc<Zone>)>,
    /// Rules for names that no zone leads to, as after a slip of the pen.
    pub(crate) unused: Vec<String>,
}

impl Prepared {
    /// Reads and prepares the files.
    pub(crate) fn load(load: &Load, verify: bool) -> Result<Self, String> {
        let Sources { zones, rules } = load()?;
        let prepare = |zone: &HostedZone| (Plan::of(zone, &rules, verify), Arc::new(compile(zone)));
        let zones: Vec<(Plan, Arc<Zone>)> = zones.iter().map(prepare).collect();
        let is_used =
            |name: &str| zones.iter().any(|(plan, _)| plan.item(&Subject::AliasTarget(name.into())).is_some());
        let unused = rules.names().filter(|name| !is_used(name)).map(String::from).collect();
        for (at, (plan, _)) in zones.iter().enumerate() {
            if zones.iter().take(at).any(|(other, _)| other.zone == plan.zone) {
                return Err(format!("two of the zones are named {}; give one of them", plan.zone));
            }
        }
        Ok(Self { zones, unused })
    }
}

/// The thread's other end.
pub(crate) struct Loader {
    requests: Sender<()>,
    pub(crate) loaded: mpsc::Receiver<Result<Prepared, String>>,
    busy_since: Arc<Mutex<Option<Instant>>>,
}

impl Loader {
    /// Starts the thread, which looks at the files every so often. It ends with the process. `seen` is what told the files
    /// from themselves before they were read first.
    pub(crate) fn start(load: Load, files: Vec<PathBuf>, mut seen: Stamps, verify: bool, every: Duration) -> Self {
        let (requests, asked) = channel();
        let (sender, loaded) = mpsc::channel(1);
        let busy_since = Arc::new(Mutex::new(None));
        let busy = Arc::clone(&busy_since);
        std::thread::spawn(move || {
            let is_busy = |since: Option<Instant>| *busy.lock().unwrap_or_else(PoisonError::into_inner) = since;
            while let Some(asked) = wait(&asked, every) {
                is_busy(Some(Instant::now()));
                let stamps = stamps(&files);
                if asked || stamps != seen {
                    seen = stamps;
                    if sender.blocking_send(Prepared::load(&load, verify)).is_err() {
                        return;
                    }
                }
                is_busy(None);
            }
        });
        Self { requests, loaded, busy_since }
    }

    /// Reads the files again, changed or not.
    pub(crate) fn ask(&self) {
        // A thread that is gone has nothing to say.
        let _ = self.requests.send(());
    }

    /// How long it has been at it.
    pub(crate) fn busy_for(&self) -> Option<Duration> {
        self.busy_since.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed())
    }
}

/// Whether somebody asked within a time; `None` when nobody can any more.
fn wait(asked: &Receiver<()>, every: Duration) -> Option<bool> {
    match asked.recv_timeout(every) {
        Ok(()) => Some(true),
        Err(RecvTimeoutError::Timeout) => Some(false),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// What tells files from themselves when they were written anew; of a folder, what tells each of its files.
pub(crate) type Stamps = Vec<(PathBuf, Option<(SystemTime, u64, u64)>)>;

/// What tells these files from themselves now.
pub(crate) fn stamps(files: &[PathBuf]) -> Stamps {
    let mut stamps = Vec::new();
    for file in files {
        stamps.push((file.clone(), stamp(file)));
        stamps.extend(inside(file).into_iter().map(|file| (file.clone(), stamp(&file))));
    }
    stamps
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}
