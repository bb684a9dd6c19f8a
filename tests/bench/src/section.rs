//! Measuring a section from one end to the other.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::case::{Case, Group, Measure, Sizes};
use crate::count;
use crate::figures::Row;
use crate::sample::{self, Effort, Samples};

/// The samples of every case of a group, by id.
pub type Results = BTreeMap<String, Samples>;

/// What makes a group. A large zone lives no longer than its group.
pub type MakeGroup = fn(&Sizes) -> Result<Group>;

/// A section: its groups, each with whether Valgrind can count it, and what follows from their figures.
pub struct Plan {
    /// The name, as in figures/NAME.json.
    pub name: &'static str,
    /// Whether to count in a smoke run too: not where Valgrind would first watch a compiler for half a minute.
    pub counts_in_smoke: bool,
    /// What to measure.
    pub groups: &'static [(MakeGroup, bool)],
    /// Ratios of what was measured side by side.
    pub derive: fn(&Sizes, &Results, &[Row]) -> Vec<Row>,
}

/// Measures, counts, and gives every figure.
pub fn measure(plan: &Plan, smoke: bool, folder: &Path) -> Result<Vec<Row>> {
    let (sizes, effort) = if smoke { (Sizes::SMOKE, Effort::SMOKE) } else { (Sizes::FULL, Effort::FULL) };
    let counts: BTreeMap<String, f64> = if smoke && !plan.counts_in_smoke {
        BTreeMap::new()
    } else if count::is_possible() {
        eprintln!("    {}: counting instructions", plan.name);
        count::run(plan.name, smoke, folder)?.into_iter().collect()
    } else {
        eprintln!("    {}: there is no valgrind, so instructions are not counted", plan.name);
        BTreeMap::new()
    };
    let (mut rows, mut results) = (Vec::new(), Results::new());
    for (number, (make, _)) in plan.groups.iter().enumerate() {
        eprintln!("    {}: taking times, {} of {}", plan.name, number + 1, plan.groups.len());
        let Group { mut cases, facts } = make(&sizes)?;
        let samples = sample::take(&mut cases, effort)?;
        for (case, samples) in cases.into_iter().zip(samples) {
            rows.push(row(&case, &samples, counts.get(&case.id).copied()));
            results.insert(case.id, samples);
        }
        rows.extend(facts);
    }
    let derived = (plan.derive)(&sizes, &results, &rows);
    rows.extend(derived);
    Ok(rows)
}

/// Runs what callgrind is to count.
pub fn count(plan: &Plan, smoke: bool) -> Result<()> {
    let sizes = if smoke { Sizes::SMOKE } else { Sizes::FULL };
    for (make, _) in plan.groups.iter().filter(|(_, is_counted)| *is_counted) {
        count::all(&mut make(&sizes)?.cases)?;
    }
    Ok(())
}

fn row(case: &Case, samples: &Samples, instructions: Option<f64>) -> Row {
    let (median, spread) = (sample::median(samples), sample::spread(samples));
    let (figure, unit, instructions) = match case.measure {
        Measure::Time => (median, "ns", instructions),
        Measure::TimeEach(parts) => {
            (median / parts as f64, "ns", instructions.map(|instructions| instructions / parts as f64))
        }
        Measure::Throughput(bytes) => (bytes as f64 * 1e3 / median, "MB/s", instructions),
    };
    let mut row = Row::new(&case.id, &case.what, figure, unit);
    row.spread = Some((spread * 1000.0).round() / 1000.0);
    row.instructions = instructions.map(crate::figures::rounded);
    match case.budget {
        Some(budget) => row.budget(budget, case.in_the_way),
        None => row,
    }
}
