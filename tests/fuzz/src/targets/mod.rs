//! The targets, one file each.

mod batches;
mod cel;
mod documents;
mod envoy;
mod image;
mod imports;
mod parts;
mod plain;
mod probe;
mod queries;
mod reports;
mod seeds;
mod state;
mod zones;

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

/// All of them.
pub const TARGETS: [Target; 11] = [
    documents::TARGET,
    batches::TARGET,
    imports::TARGET,
    reports::TARGET,
    queries::TARGET,
    plain::TARGET,
    probe::TARGET,
    state::TARGET,
    envoy::TARGET,
    cel::TARGET,
    image::TARGET,
];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
