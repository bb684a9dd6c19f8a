//! What a fleet needs of an engine: keys with leases, transactions, and changes in order. Another engine could follow.

use std::fmt;
use std::future::Future;

use pointsman_fleet::{Entry, Key, Mirror, Transaction};
use tokio::sync::mpsc;

/// Why the engine did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EngineError {
    /// It did not answer, or said that it cannot at the moment. Whether it was done is not known.
    Unavailable(String),
    /// The revision that was asked for is no longer kept.
    Compacted,
    /// The lease is over.
    LeaseGone,
    /// It refuses: a password, a right, a limit.
    Refused(String),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason) | Self::Refused(reason) => f.write_str(reason),
            Self::Compacted => f.write_str("what changed meanwhile is no longer kept"),
            Self::LeaseGone => f.write_str("the lease is over"),
        }
    }
}

impl std::error::Error for EngineError {}

/// What one revision changed; `None` deleted the key.
pub(super) type Batch = (i64, Vec<(Key, Option<Entry>)>);

/// An engine, and the keys of one fleet in it.
pub(super) trait Engine: Clone + Send + Sync + 'static {
    /// All keys but the parts of zones, at one revision, as the member that is asked has them: this works without a quorum.
    fn list(&self) -> impl Future<Output = Result<Mirror, EngineError>> + Send;

    /// Sends what changes after a revision, one revision at a time and in order, until the engine or the receiver ends it.
    fn follow(&self, after: i64, batches: mpsc::Sender<Batch>) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Does all of a transaction and returns true, or nothing and false.
    fn submit(&self, transaction: &Transaction) -> impl Future<Output = Result<bool, EngineError>> + Send;

    /// A lease of so many seconds.
    fn grant(&self, seconds: u64) -> impl Future<Output = Result<i64, EngineError>> + Send;

    /// Begins a lease's time anew.
    fn keep_alive(&self, lease: i64) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// How many seconds a lease has left.
    fn remaining(&self, lease: i64) -> impl Future<Output = Result<u64, EngineError>> + Send;

    /// Ends a lease and what is on it.
    fn revoke(&self, lease: i64) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// The value of one key, as a majority has it; `None` when it is not there.
    fn read(&self, key: &Key) -> impl Future<Output = Result<Option<Vec<u8>>, EngineError>> + Send;
}
