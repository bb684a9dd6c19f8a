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
mod target;
mod zones;

pub use self::target::Target;

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
