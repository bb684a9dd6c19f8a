//! Figures for BENCHMARKS.md: time to load, to resolve and to follow a flipped check, and memory.
//!
//! Times are the fastest of several rounds, which noise can only lengthen.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pointsman_core::compile::{Zone, compile};
use pointsman_core::health::HealthView;
use pointsman_core::model::{Latencies, RecordType, Region};
use pointsman_core::parse::{HealthReport, parse, parse_report};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};
use pointsman_tests::zones::trees;

/// Counts what is allocated.
struct Counting;

static BYTES: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        CALLS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn fastest<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let time = |work: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..rounds).map(|_| time(&mut work)).min().unwrap_or_default()
}

fn load(text: &str) -> anyhow::Result<Zone> {
    let validated = validate(&[parse(0, text)], &Options::default());
    let zone = validated.zone.ok_or_else(|| anyhow::anyhow!("{:?}", validated.diagnostics.first()))?;
    Ok(compile(&zone))
}

fn main() -> anyhow::Result<()> {
    for records in [1_000, 10_000, 100_000, 1_000_000] {
        measure(records)?;
    }
    Ok(())
}

fn measure(records: usize) -> anyhow::Result<()> {
    let text = trees(records, 200);
    let rounds = (2_000_000 / records).clamp(1, 20);
    let megabytes = text.len() as f64 / 1e6;
    let parse_time = fastest(rounds, || parse(0, &text));
    let document = [parse(0, &text)];
    let validate_time = fastest(rounds, || validate(&document, &Options::default()));
    let hosted_zone = validate(&document, &Options::default()).zone.ok_or_else(|| anyhow::anyhow!("refused"))?;
    let compile_time = fastest(rounds, || compile(&hosted_zone));
    drop((document, hosted_zone));

    let before = BYTES.load(Ordering::Relaxed);
    let zone = Arc::new(load(&text)?);
    let resident = BYTES.load(Ordering::Relaxed) - before;
    let count = zone.record_set_count();

    let (view, _) = HealthView::new(Arc::clone(&zone), &HealthReport::default());
    let view_time = fastest(rounds, || HealthView::new(Arc::clone(&zone), &HealthReport::default()));
    let (down, _) =
        parse_report(0, r#"{"HealthChecks":{"hc-7":"unhealthy"}}"#).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let flip_time = fastest(rounds * 50, || view.updated(&down));

    let mut queries = Vec::new();
    let mut latencies = Latencies::UNKNOWN;
    for (region, value) in [("us-east-1", 210.0), ("eu-west-1", 160.0), ("ap-southeast-1", 4.0)] {
        let region = Region::parse(region).ok_or_else(|| anyhow::anyhow!("no such Region"))?;
        let _ = latencies.set_milliseconds(region, value);
    }
    for number in 0..1000_u64 {
        let tree = number as usize * 7919 % (records / pointsman_tests::zones::RECORDS_PER_TREE).max(1);
        let mut query = Query::new(&format!("app-{tree}.example.com"), RecordType::A)?;
        query.client.latency = Some(latencies);
        query.draw = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        queries.push(query);
    }
    let mut scratch = Scratch::new(&zone);
    let mut resolve_all = || {
        for query in &queries {
            black_box(view.resolve(black_box(query), &mut scratch).values().next());
        }
    };
    resolve_all();
    let calls = CALLS.load(Ordering::Relaxed);
    resolve_all();
    let allocations = CALLS.load(Ordering::Relaxed) - calls;
    let resolve_time = fastest(200, resolve_all).as_nanos() as f64 / queries.len() as f64;

    let rate = |time: Duration| megabytes / time.as_secs_f64();
    println!("{count} record sets, {megabytes:.1} MB of JSON");
    println!("  parse     {:>8.0} MB/s", rate(parse_time));
    println!("  validate  {:>8.0} MB/s", rate(validate_time));
    println!("  compile   {:>8.0} MB/s", rate(compile_time));
    println!("  load      {:>8.0} MB/s in all", rate(parse_time + validate_time + compile_time));
    println!(
        "  resident  {:>8.0} B a record set, {:.0} of them not its own text",
        resident as f64 / count as f64,
        resident as f64 / count as f64 - own_text(&text, count)
    );
    println!("  view      {:>8.1} us afresh", view_time.as_nanos() as f64 / 1e3);
    println!("  flip      {:>8.1} us for one of 200 checks", flip_time.as_nanos() as f64 / 1e3);
    println!("  resolve   {resolve_time:>8.0} ns, {allocations} allocations in {} queries", queries.len());
    Ok(())
}

/// Bytes of names, SetIdentifiers and values, a record set.
fn own_text(text: &str, count: usize) -> f64 {
    let pieces = ["\"Name\":\"", "\"SetIdentifier\":\"", "\"Value\":\"", "\"DNSName\":\""];
    let bytes: usize = pieces
        .iter()
        .flat_map(|piece| text.match_indices(piece).map(|(at, _)| at + piece.len()))
        .filter_map(|start| text[start..].find('"'))
        .sum();
    bytes as f64 / count as f64
}
