//! What the parts of a running watch share: the board behind a lock, and a channel on which changes go out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use pointsman_core::model::Time;
use tokio::sync::broadcast;

use crate::board::{Board, Change};
use crate::log::Log;

/// Changes that a slow listener may be behind before it is sent a whole report instead.
const BEHIND_MAX: usize = 1024;

/// Something that listeners of the feed are sent.
#[derive(Debug, Clone)]
pub enum News {
    /// These changed.
    Changes(Arc<[Change]>),
    /// So much changed that a whole report says it best.
    Everything,
}

/// Counters that are no board's.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests to the feed.
    pub requests: AtomicU64,
    /// Zone files that were put in place and could not be used.
    pub reload_failures: AtomicU64,
    /// Zone files that were taken over.
    pub reloads: AtomicU64,
    /// Notifications that did not get through.
    pub notify_failures: AtomicU64,
    /// State or report files that could not be written.
    pub write_failures: AtomicU64,
}

/// The shared parts.
pub struct Shared {
    board: Mutex<Board>,
    /// Why the zone files as they are now are not in force; none when they are.
    problem: Mutex<Option<String>>,
    news: broadcast::Sender<News>,
    /// The counters.
    pub counters: Counters,
    /// Where transitions are logged.
    pub log: Log,
    /// Tells versions of this run from those of another.
    pub run: u64,
}

impl Shared {
    /// Shares a board.
    #[must_use]
    pub fn new(board: Board, log: Log) -> Self {
        let run = now().unix_ms();
        let (news, _) = broadcast::channel(BEHIND_MAX);
        Self { board: Mutex::new(board), problem: Mutex::new(None), news, counters: Counters::default(), log, run }
    }

    /// The board; held for the time of a call, never while waiting.
    pub fn board(&self) -> MutexGuard<'_, Board> {
        // A panic elsewhere leaves statuses as they were, which is what a feed should go on with.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends changes out: to the log, and to whoever listens.
    pub fn announce(&self, changes: Vec<Change>) {
        for change in &changes {
            self.log.transition(change);
        }
        if !changes.is_empty() {
            // Nobody listening is no fault.
            let _ = self.news.send(News::Changes(changes.into()));
        }
    }

    /// Says that everything may have changed.
    pub fn announce_everything(&self) {
        let _ = self.news.send(News::Everything);
    }

    /// What is sent out from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Sets or clears what is wrong with the zone files; answers whether that is new.
    pub fn set_problem(&self, problem: Option<String>) -> bool {
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

    /// The entity tag of the report as it is: another one whenever a status in it is another.
    #[must_use]
    pub fn entity_tag(&self, version: u64) -> String {
        format!("\"{:x}-{version}\"", self.run)
    }
}

/// Adds one.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The time of day.
#[must_use]
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_unix_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
