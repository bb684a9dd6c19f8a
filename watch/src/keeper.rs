//! Writes what a restart should know, and the report as a file, on a thread of its own: a disk that is slow, full or gone
//! keeps nobody waiting but those who asked for its word.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::files;
use crate::hub::{Hub, WatchedZone, count};
use crate::store::{self, StateLock};

/// Between a change and its write when nobody waits for it: several changes are one write.
const GATHER: Duration = Duration::from_millis(20);
/// Writes that nobody waits for take at most one part in so many of the time.
const PACE: u32 = 20;
/// The longest that this lets one wait.
const PACE_MAX: Duration = Duration::from_secs(1);
/// Before what failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Anybody may read a report; the feed serves it as well.
const REPORT_MODE: u32 = 0o644;

/// What is written where.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outputs {
    /// The state, for the next run.
    pub(crate) state: Option<PathBuf>,
    /// The report: a file for one zone, a folder with a file a zone for several.
    pub(crate) report: Option<PathBuf>,
}

/// What the thread is asked for.
enum Request {
    /// That the state as it is now is on the disk.
    Save(oneshot::Sender<Result<(), String>>),
    /// That, and that the reports are.
    Flush(oneshot::Sender<Result<(), String>>),
}

/// The thread's other end.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    requests: Sender<Request>,
    keeps_state: bool,
}

impl Keeper {
    /// Starts the thread. It ends with the process.
    ///
    /// `lock` is the right to write the state; without it, it is asked for before each write.
    pub(crate) fn start(hub: Arc<Hub>, outputs: Outputs, lock: Option<StateLock>, every: Duration) -> Self {
        let (requests, waiting) = channel();
        let keeps_state = outputs.state.is_some();
        let writer = Writer { hub, outputs, lock, every, written: None, reports: Vec::new(), due: Instant::now() };
        std::thread::spawn(move || writer.run(&waiting));
        Self { requests, keeps_state }
    }

    /// Whether there is a file that outlives this process.
    pub(crate) const fn keeps_state(&self) -> bool {
        self.keeps_state
    }

    /// Waits until all that was done before this call is on the disk.
    ///
    /// # Errors
    /// Why it is not, in words; it is tried again by and by.
    pub(crate) async fn save(&self, patience: Duration) -> Result<(), String> {
        self.ask(Request::Save, patience).await
    }

    /// The same, and waits for the report files as well.
    ///
    /// # Errors
    /// As of [`save`](Self::save).
    pub(crate) async fn flush(&self, patience: Duration) -> Result<(), String> {
        self.ask(Request::Flush, patience).await
    }

    async fn ask(
        &self,
        request: fn(oneshot::Sender<Result<(), String>>) -> Request,
        patience: Duration,
    ) -> Result<(), String> {
        let (answer, wait) = oneshot::channel();
        let gone = || "the thread that writes is gone".to_owned();
        self.requests.send(request(answer)).map_err(|_| gone())?;
        match tokio::time::timeout(patience, wait).await {
            Ok(result) => result.unwrap_or_else(|_| Err(gone())),
            Err(_) => Err(format!("the disk has not taken it within {} s", patience.as_secs())),
        }
    }
}

struct Writer {
    hub: Arc<Hub>,
    outputs: Outputs,
    lock: Option<StateLock>,
    /// How often a report is written anew though nothing changed, so that its time stays young.
    every: Duration,
    /// The revision that is on the disk.
    written: Option<u64>,
    /// The sequence number of each zone's report that is in its file.
    reports: Vec<(String, u64)>,
    /// When reports are written anew, changed or not.
    due: Instant,
}

impl Writer {
    fn run(mut self, requests: &Receiver<Request>) {
        let (mut state_at, mut reports_at) = (Instant::now(), Instant::now());
        loop {
            let first = match requests.recv_timeout(GATHER) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // One write serves all who wait.
            let waiting: Vec<Request> = first.into_iter().chain(requests.try_iter()).collect();
            let begun = Instant::now();
            let is_dirty = self.outputs.state.is_some() && self.written != Some(self.hub.revision());
            if !waiting.is_empty() || (is_dirty && begun >= state_at) {
                let result = self.write_state();
                state_at = Instant::now() + pause(begun, result.is_ok());
                for request in waiting {
                    let answer = match request {
                        Request::Save(answer) => answer,
                        Request::Flush(answer) => {
                            self.reports.clear();
                            self.write_reports(begun);
                            answer
                        }
                    };
                    // Whoever no longer waits has said so to its client.
                    let _ = answer.send(result.clone());
                }
            }
            let begun = Instant::now();
            if begun >= reports_at {
                let ok = self.write_reports(begun);
                reports_at = Instant::now() + pause(begun, ok);
            }
        }
    }

    /// Only a write that got through to the disk makes the state clean.
    fn write_state(&mut self) -> Result<(), String> {
        let Some(path) = &self.outputs.state else { return Ok(()) };
        let (revision, kept) = self.hub.kept();
        let locked = match &self.lock {
            Some(_) => Ok(()),
            None => StateLock::take(path).map(|lock| self.lock = Some(lock)),
        };
        match locked.and_then(|()| store::write(path, &kept)) {
            Ok(()) => {
                self.written = Some(revision);
                Ok(())
            }
            Err(error) => {
                self.failed(path, &error);
                Err(error.to_string())
            }
        }
    }

    /// Writes the reports when one changed or they are due; returns whether all of them could be written.
    fn write_reports(&mut self, now: Instant) -> bool {
        let Some(place) = &self.outputs.report else { return true };
        let zones = self.hub.zones();
        let numbers: Vec<(String, u64)> =
            zones.iter().map(|zone| (zone.name().to_owned(), zone.snapshot().sequence())).collect();
        if numbers == self.reports && now < self.due {
            return true;
        }
        let is_folder = place.is_dir();
        let mut ok = true;
        for zone in zones.iter() {
            let path = report_path(place, is_folder, zone);
            let (_, report) = self.hub.report(zone);
            if let Err(error) = files::replace(&path, &(report + "\n"), REPORT_MODE) {
                ok = false;
                self.failed(&path, &error);
            }
        }
        if ok {
            self.reports = numbers;
            self.due = now + self.every;
        }
        ok
    }

    fn failed(&self, path: &Path, error: &io::Error) {
        count(&self.hub.counters.write_failures);
        let pairs = [("file", &*path.to_string_lossy()), ("reason", &error.to_string())];
        self.hub.log.line("file-not-written", &pairs);
    }
}

/// The file of a zone's report.
fn report_path(place: &Path, is_folder: bool, zone: &WatchedZone) -> PathBuf {
    match is_folder {
        true => place.join(format!("{}.json", zone.name().trim_end_matches('.'))),
        false => place.to_path_buf(),
    }
}

fn pause(begun: Instant, ok: bool) -> Duration {
    if ok { begun.elapsed().saturating_mul(PACE).min(PACE_MAX) } else { AGAIN }
}
