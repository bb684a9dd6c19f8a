//! What is asked of the engine: all of it happens, at one revision, or nothing does.

use crate::key::Key;
use crate::record::Record;

/// What has to be so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Compare {
    /// The key was made at this revision; 0: it is not there.
    Created(Key, i64),
    /// The key was last written at this revision; 0: it is not there.
    Modified(Key, i64),
    /// The key is there.
    Exists(Key),
}

/// What is then done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Put {
    /// A key gets a value; on a lease, or on none with 0.
    Write {
        /// The key.
        key: Key,
        /// The value.
        record: Record,
        /// The lease.
        lease: i64,
    },
    /// A key goes.
    Delete(Key),
}

/// A transaction: compare, then do all or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Transaction {
    /// What has to be so.
    pub compare: Vec<Compare>,
    /// What is then done.
    pub then: Vec<Put>,
}
