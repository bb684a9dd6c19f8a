//! What a target is.

/// A reader of foreign bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its word on the command line.
    pub name: &'static str,
    /// What it reads.
    pub reads: &'static str,
    /// Reads.
    pub run: fn(&[u8]),
    /// What to begin with: inputs that get far.
    pub seeds: fn() -> anyhow::Result<Vec<Vec<u8>>>,
}
