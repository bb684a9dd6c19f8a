//! Whether this process was late itself: for want of a processor, or because it was stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(20);

/// How long tries had to wait for this process, counted by a beat that runs beside them on the same thread.
#[derive(Debug, Clone, Default)]
pub struct Stalls {
    total_ms: Arc<AtomicU64>,
}

impl Stalls {
    /// How long the thread of the tries has been late since the beginning, in milliseconds.
    #[must_use]
    pub fn total_ms(&self) -> u64 {
        self.total_ms.load(Ordering::Relaxed)
    }

    /// Beats until the task is dropped. It belongs on the thread that tries run on.
    pub async fn beat(self) {
        loop {
            let due = Instant::now() + BEAT;
            tokio::time::sleep_until(due).await;
            // Timers count whole milliseconds, and one beat more or less is no stall.
            let late = Instant::now().saturating_duration_since(due);
            if late > BEAT {
                let ms = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
                self.total_ms.fetch_add(ms, Ordering::Relaxed);
            }
        }
    }
}
