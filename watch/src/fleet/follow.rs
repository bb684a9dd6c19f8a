//! Follows the keys of a fleet: a list first, then what changes; a list again whenever the stream broke.

use std::time::Duration;

use pointsman_fleet::Mirror;
use tokio::sync::mpsc;

use super::engine::{Asking, Batch, Engine, EngineError};

/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(200);
/// Changes that wait to be taken up.
const WAITING_MAX: usize = 1024;

/// What is heard of the engine.
pub(super) enum Heard {
    /// All keys.
    Listed(Mirror),
    /// What a revision changed.
    Changed(Batch),
    /// Nothing can be heard at the moment, for this reason.
    Lost(EngineError),
}

/// Follows until the receiver is gone; `asking` is how it lists the first time.
///
/// Where a stream broke, all is listed anew, and by what a majority knows: another member may lag behind, and an engine that
/// was restored from a backup counts the same revisions a second time, for other changes.
pub(super) async fn follow<E: Engine>(engine: E, mut asking: Asking, heard: mpsc::Sender<Heard>) {
    loop {
        let from = match engine.list(asking).await {
            Ok(mirror) => {
                asking = Asking::Majority;
                let revision = mirror.revision;
                if heard.send(Heard::Listed(mirror)).await.is_err() {
                    return;
                }
                Ok(revision)
            }
            Err(error) => Err(error),
        };
        let ended = match from {
            Ok(from) => {
                let (sender, mut batches) = mpsc::channel::<Batch>(WAITING_MAX);
                let following = engine.follow(from, sender);
                tokio::pin!(following);
                loop {
                    tokio::select! {
                        biased;
                        Some(batch) = batches.recv() => {
                            if heard.send(Heard::Changed(batch)).await.is_err() {
                                return;
                            }
                        }
                        ended = &mut following => {
                            while let Ok(batch) = batches.try_recv() {
                                    if heard.send(Heard::Changed(batch)).await.is_err() {
                                    return;
                                }
                            }
                            break ended.err();
                        }
                    }
                }
            }
            Err(error) => Some(error),
        };
        let Some(error) = ended else { return };
        if heard.send(Heard::Lost(error)).await.is_err() {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}
