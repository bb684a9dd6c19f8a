//! Follows the keys of a fleet: a list first, then what changes; a list again when something was missed.

use std::time::Duration;

use pointsman_fleet::Mirror;
use tokio::sync::mpsc;

use super::engine::{Batch, Engine, EngineError};

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

/// Follows until the receiver is gone.
pub(super) async fn follow<E: Engine>(engine: E, heard: mpsc::Sender<Heard>) {
    // The stream goes on where it broke, as long as what changed meanwhile is kept.
    let mut after: Option<i64> = None;
    loop {
        let from = match after {
            Some(revision) => Ok(revision),
            None => match engine.list().await {
                Ok(mirror) => {
                    let revision = mirror.revision;
                    if heard.send(Heard::Listed(mirror)).await.is_err() {
                        return;
                    }
                    Ok(revision)
                }
                Err(error) => Err(error),
            },
        };
        let ended = match from {
            Ok(from) => {
                let (sender, mut batches) = mpsc::channel::<Batch>(WAITING_MAX);
                after = Some(from);
                let following = engine.follow(from, sender);
                tokio::pin!(following);
                loop {
                    tokio::select! {
                        biased;
                        Some(batch) = batches.recv() => {
                            after = Some(batch.0);
                            if heard.send(Heard::Changed(batch)).await.is_err() {
                                return;
                            }
                        }
                        ended = &mut following => {
                            while let Ok(batch) = batches.try_recv() {
                                after = Some(batch.0);
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
        if error == EngineError::Compacted {
            after = None;
        }
        if heard.send(Heard::Lost(error)).await.is_err() {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}
