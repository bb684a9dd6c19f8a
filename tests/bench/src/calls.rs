//! A zone of 10,000 record sets and questions about its three-level trees, written into a folder with what a native answer
//! takes: what bindings outside of this process are held against, on the same questions.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_query};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};
use serde_json::json;

use crate::zones::{self, QUESTIONS, TREE_NAME};

const RECORD_SETS: usize = 10_000;
const QUERIES: usize = 1_000;
const ROUNDS: usize = 200;

/// Writes `zone.json` and `queries.ndjson` into the folder, and gives a line of JSON with the nanoseconds of the quickest
/// of 200 rounds over the questions.
///
/// # Errors
///
/// The folder cannot be written to.
pub fn write(folder: &Path) -> Result<String> {
    let text = zones::zone(RECORD_SETS);
    let tree = QUESTIONS.iter().find(|question| question.policy == TREE_NAME).context("there is no tree to ask")?;
    let lines = zones::queries(tree, RECORD_SETS, QUERIES);
    for (name, text) in [("zone.json", &text), ("queries.ndjson", &lines.join("\n"))] {
        std::fs::write(folder.join(name), text)
            .with_context(|| format!("cannot write {name} into {}", folder.display()))?;
    }

    let queries = lines.iter().map(|line| parse_query(line)).collect::<Result<Vec<_>, _>>()?;
    let validated = validate(&[parse(0, &text)], &Options::default());
    let zone = Arc::new(compile(&validated.zone.context("the zone is refused")?));
    let (view, _) = HealthView::new(Arc::clone(&zone), &HealthReport::default());
    let mut scratch = Scratch::new(&zone);
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for query in &queries {
            black_box(view.resolve(black_box(query), &mut scratch).values().next());
        }
        fastest = fastest.min(start.elapsed().as_nanos() as f64 / queries.len() as f64);
    }
    let line = json!({"bench": "dns", "what": "native resolve", "record_sets": zone.record_set_count(), "ns": fastest});
    Ok(line.to_string())
}
