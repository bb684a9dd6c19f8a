//! What a call of the component costs beside the same query asked natively, and how much of that is the boundary: the
//! same call to a component with the same WIT and nothing behind it (`wasm/empty`). `cargo xtask calls` runs it.
//!
//! All are measured in turn, round by round, and the fastest round of each counts, so that noise can only lengthen.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::model::{Latencies, RecordType, Region};
use pointsman_core::parse::{HealthReport, parse};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};
use pointsman_tests::zones::{RECORDS_PER_TREE, trees};
use pointsman_wasmtime::{self as host, Client, Component, Document, Latency, LoadOptions, View};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/");
const RECORDS: usize = 10_000;
const QUERIES: u64 = 1000;
const ROUNDS: usize = 200;
const LATENCIES: [(&str, f64); 3] = [("us-east-1", 210.0), ("eu-west-1", 160.0), ("ap-southeast-1", 4.0)];

fn open(file: &str, text: &str) -> anyhow::Result<(Component, View)> {
    let mut component = Component::open(format!("{FOLDER}{file}"))?;
    let document = Document { name: "zone".into(), text: text.into(), cidr_collection: None };
    let zone = component.load(&[document], &LoadOptions { zone_name: None })?;
    let view = component.health(zone, None)?;
    Ok((component, view))
}

/// Runs the work some times in a row, so that what ran before it has left the caches.
fn nanoseconds(mut work: impl FnMut() -> anyhow::Result<()>, fastest: &mut f64) -> anyhow::Result<()> {
    for _ in 0..3 {
        let start = Instant::now();
        work()?;
        *fastest = fastest.min(start.elapsed().as_nanos() as f64 / QUERIES as f64);
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let text = trees(RECORDS, 200);
    let validated = validate(&[parse(0, &text)], &Options::default());
    let zone = validated.zone.ok_or_else(|| anyhow::anyhow!("{:?}", validated.diagnostics.first()))?;
    let zone = Arc::new(compile(&zone));
    let (view, _) = HealthView::new(Arc::clone(&zone), &HealthReport::default());
    let mut scratch = Scratch::new(&zone);
    let (mut full, full_view) = open("pointsman.component.wasm", &text)?;
    let (mut empty, empty_view) = open("empty.component.wasm", &text)?;

    let mut latencies = Latencies::UNKNOWN;
    for (region, value) in LATENCIES {
        let region = Region::parse(region).ok_or_else(|| anyhow::anyhow!("no such Region"))?;
        let _ = latencies.set_milliseconds(region, value);
    }
    let (mut queries, mut words) = (Vec::new(), Vec::new());
    for number in 0..QUERIES {
        let tree = number as usize * 7919 % (RECORDS / RECORDS_PER_TREE).max(1);
        let name = format!("app-{tree}.example.com");
        let draw = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut query = Query::new(&name, RecordType::A)?;
        query.client.latency = Some(latencies);
        query.draw = draw;
        queries.push(query);
        let latency = LATENCIES.map(|(region, milliseconds)| Latency { region: region.into(), milliseconds });
        let client = Client { latency: latency.into(), ..Client::default() };
        words.push(host::Query { name, type_: "A".into(), client, draw });
    }
    for (query, words) in queries.iter().zip(&words) {
        let native: Vec<String> = view.resolve(query, &mut scratch).values().map(String::from).collect();
        let carried = full.resolve(full_view, words)?.map_err(|error| anyhow::anyhow!("{}", error.message))?;
        anyhow::ensure!(native == carried.values, "{words:?}: {native:?} natively, {:?} carried", carried.values);
    }

    let (mut native, mut one, mut nothing) = (f64::MAX, f64::MAX, f64::MAX);
    let (mut many, mut many_nothing) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        nanoseconds(
            || {
                queries.iter().for_each(|query| {
                    black_box(view.resolve(black_box(query), &mut scratch).values().next());
                });
                Ok(())
            },
            &mut native,
        )?;
        for (component, view, one, many) in
            [(&mut full, full_view, &mut one, &mut many), (&mut empty, empty_view, &mut nothing, &mut many_nothing)]
        {
            nanoseconds(
                || {
                    for query in &words {
                        black_box(component.resolve(view, black_box(query))?.is_ok());
                    }
                    Ok(())
                },
                one,
            )?;
            nanoseconds(|| Ok(drop(black_box(component.resolve_many(view, black_box(&words))?))), many)?;
        }
    }
    println!("a three-level tree in a zone of {RECORDS} record sets, three latencies a query");
    println!("  native      {native:>6.0} ns");
    println!("  component   {one:>6.0} ns a call, {nothing:.0} of them for the same call to an empty component");
    println!("  many        {many:>6.0} ns a query in one call of {QUERIES}, {many_nothing:.0} of them empty");
    println!(
        "  (component - empty) / native: {:.1} one by one, {:.1} many",
        (one - nothing) / native,
        (many - many_nothing) / native
    );
    Ok(())
}
