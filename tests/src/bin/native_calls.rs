//! Writes a zone of 10,000 record sets with queries about it into a folder, answers the queries, and prints how long one
//! takes as a line of JSON: what other carriers are held against, on the same questions.

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_query};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};
use pointsman_tests::zones::{RECORDS_PER_TREE, trees};
use serde_json::json;

const RECORD_SETS: usize = 10_000;
const QUERIES: u64 = 1_000;
const ROUNDS: usize = 200;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args().nth(1).context("usage: native_calls FOLDER")?.into();
    let zone = trees(RECORD_SETS, 200);
    let lines: Vec<String> = (0..QUERIES)
        .map(|number| {
            let tree = number as usize * 7919 % (RECORD_SETS / RECORDS_PER_TREE).max(1);
            json!({
                "name": format!("app-{tree}.example.com"),
                "type": "A",
                "client": {"latency_ms": {"us-east-1": 210, "eu-west-1": 160, "ap-southeast-1": 4}},
                "draw": number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string(),
            })
            .to_string()
        })
        .collect();
    std::fs::write(folder.join("zone.json"), &zone)?;
    std::fs::write(folder.join("queries.ndjson"), lines.join("\n"))?;

    let queries = lines.iter().map(|line| parse_query(line)).collect::<Result<Vec<_>, _>>()?;
    let validated = validate(&[parse(0, &zone)], &Options::default());
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
    println!("{line}");
    Ok(())
}
