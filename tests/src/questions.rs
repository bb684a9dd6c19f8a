//! A hundred thousand fixed questions, whose answers are the same bytes in every host (promise 1 of the design).
//!
//! They are asked of [`ZONES`] random zones, each for its answer and for its odds. What the engine says is kept as a
//! digest in `tests/questions.sha256`, so that a change of any answer, on any machine, is seen.

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::engine::{Engine, Native};
use crate::generate::World;

/// Random zones that are asked.
pub const ZONES: u64 = 2_500;
/// Questions to each.
pub const QUESTIONS: usize = 40;
/// The first zone's seed, far from those of the random tests.
const FIRST_SEED: u64 = 1 << 40;

/// Where the digest is kept.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/questions.sha256");

/// Asks the engine in this process; returns the digest of all lines.
///
/// # Errors
/// A zone that does not load.
pub fn digest() -> Result<String> {
    let mut native = Native::default();
    let mut hash = Sha256::new();
    for seed in FIRST_SEED..FIRST_SEED + ZONES {
        for line in lines(&mut native, seed)? {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The digest as it is kept in the repository.
///
/// # Errors
/// No such file.
pub fn kept() -> Result<String> {
    Ok(std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?.trim().to_owned())
}

/// Keeps a digest.
///
/// # Errors
/// The file cannot be written.
pub fn keep(digest: &str) -> Result<()> {
    std::fs::write(FILE, format!("{digest}\n")).with_context(|| format!("cannot write {FILE}"))
}

/// Asks a host and the engine in this process, line by line; the first difference is the error. Returns how many
/// questions there were.
///
/// # Errors
/// The first question that is answered otherwise, with its zone.
pub fn compare(host: &mut dyn Engine) -> Result<u64> {
    let mut native = Native::default();
    let mut count: u64 = 0;
    for seed in FIRST_SEED..FIRST_SEED + ZONES {
        let (ours, theirs) = (lines(&mut native, seed)?, lines(host, seed)?);
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            if ours != theirs {
                let world = World::random(seed, QUESTIONS);
                let query = world.queries.get(number / 2).context("there are so many queries")?;
                bail!(
                    "zone    {}\nreport  {}\nquery   {query}\nnative  {ours}\nhost    {theirs}",
                    world.zone,
                    world.report
                );
            }
        }
        count = count.saturating_add(ours.len() as u64 / 2);
    }
    Ok(count)
}

/// Answer, odds, answer, odds ... to the questions of one zone.
fn lines(subject: &mut dyn Engine, seed: u64) -> Result<Vec<String>> {
    let world = World::random(seed, QUESTIONS);
    let ask = |subject: &mut dyn Engine| -> Result<Vec<String>> {
        subject.load(&[world.zone.to_string()], &world.report.to_string())?;
        let mut lines = Vec::new();
        for query in &world.queries {
            let query = query.to_string();
            lines.push(subject.resolve(&query)?);
            lines.push(subject.odds(&query)?);
        }
        Ok(lines)
    };
    ask(subject).with_context(|| format!("the zone of seed {seed}"))
}
