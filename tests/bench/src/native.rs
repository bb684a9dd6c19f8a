//! The cases of core, native: loading, views, and every kind of question.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use pointsman_core::compile::{Zone, compile};
use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{Document, HealthReport, parse, parse_query, parse_report};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};

use crate::allocator::counted;
use crate::case::{Case, Group, Measure, Sizes, thousands};
use crate::figures::{Budget, Row};
use crate::sample::median;
use crate::section::{Plan, Results};
use crate::zones::{self, QUESTIONS, Question, TREE_NAME};

/// The section.
pub const PLAN: Plan = Plan {
    name: "core",
    counts_in_smoke: true,
    groups: &[
        (questions, true),
        (|sizes| stages(sizes.zones[0]), true),
        (|sizes| stages(sizes.zones[1]), true),
        (|sizes| stages(sizes.zones[2]), true),
        (|sizes| sizes.huge.map_or_else(|| Ok(Group::default()), stages), false),
    ],
    derive: |sizes, results, rows| vec![growth(sizes, results), growth_of_instructions(sizes, rows)],
};

/// The id of the call that the budgets speak of, in a zone of so many record sets.
#[must_use]
pub fn tree_id(records: usize) -> String {
    format!("resolve/{TREE_NAME}/{records}")
}

/// Every policy and the three-level tree in zones of every size; odds and explanations of the tree.
fn questions(sizes: &Sizes) -> Result<Group> {
    let mut group = Group::default();
    let (mut allocations, mut calls) = (0, 0);
    for records in sizes.zones {
        let zone = Arc::new(load(&zones::zone(records))?);
        let (view, _) = HealthView::new(zone, &HealthReport::default());
        for question in &QUESTIONS {
            let mut case = resolve(&view, question, records, sizes.queries)?;
            // Once before, as a host that has just begun would.
            (case.run)(1)?;
            let (done, counts) = counted(|| (case.run)(sizes.queries as u64));
            done?;
            allocations += counts.calls;
            calls += sizes.queries;
            let is_judged = question.policy == TREE_NAME && records == sizes.middle();
            group.cases.push(if is_judged { case.budget(Budget::AtMost(200.0), "") } else { case });
        }
        if records == sizes.middle() {
            group.cases.extend(distributions(&view, records, sizes.queries)?);
        }
    }
    let what = format!("`resolve`, every policy and zone, {} calls", thousands(calls));
    let row = Row::new("allocations", what, allocations as f64, "allocations");
    group
        .facts
        .push(row.budget(Budget::AtMost(0.0), "Something on the way allocates; core/tests/no_allocation.rs finds it."));
    Ok(group)
}

const SLOW_LOAD: &str = "Instructions grow no faster than the text, as the smaller zones show, so what grows is the \
                         waiting for memory: documents and tables of this size do not fit into the processor's caches. \
                         An allocator that keeps what was freed (MALLOC_TRIM_THRESHOLD_) made no difference.";

/// The case of one policy in one zone.
pub fn resolve(view: &HealthView, question: &Question, records: usize, limit: usize) -> Result<Case> {
    let policy = question.policy;
    let (view, mut scratch) = (view.clone(), Scratch::new(view.zone()));
    let what = format!("{}, zone of {} record sets", named(policy), thousands(records));
    let queries = queries(question, records, limit)?;
    Ok(Case::over(format!("resolve/{policy}/{records}"), what, queries, move |query| {
        // What borrows the scratch cannot be given back.
        black_box(view.resolve(query, &mut scratch).values().next());
    }))
}

/// A policy, for readers.
#[must_use]
pub fn named(policy: &str) -> &str {
    if policy == TREE_NAME { "three-level tree (latency, weighted, failover)" } else { policy }
}

/// The question about the three-level tree.
pub fn tree() -> Result<&'static Question> {
    QUESTIONS.iter().find(|question| question.policy == TREE_NAME).context("no tree")
}

fn queries(question: &Question, records: usize, limit: usize) -> Result<Vec<Query>> {
    let lines = zones::queries(question, records, limit);
    lines.iter().map(|line| parse_query(line).map_err(|error| anyhow!("{line}: {error:?}"))).collect()
}

/// Odds, explanations and lines of JSON, of the three-level tree.
fn distributions(view: &HealthView, records: usize, limit: usize) -> Result<Vec<Case>> {
    let lines = || tree().map(|tree| zones::queries(tree, records, limit));
    let queries = || tree().and_then(|tree| queries(tree, records, limit));
    let [for_odds, for_explain, for_text, for_lines] = [(); 4].map(|()| view.clone());
    let mut scratch = Scratch::new(view.zone());
    let sized = format!("zone of {} record sets", thousands(records));
    Ok(vec![
        Case::over("odds/exact", format!("odds of a three-level tree, {sized}"), queries()?, move |query| {
            for_odds.odds(query).map(|odds| odds.is_exact())
        }),
        Case::over("explain/steps", format!("explanation of a three-level tree, {sized}"), queries()?, move |query| {
            for_explain.explain(query)
        }),
        Case::over("explain/text", "the same, written as text", queries()?, move |query| {
            for_text.explain(query).to_string()
        }),
        Case::over("lines/query", "a line of JSON to a query", lines()?, |line| parse_query(line)),
        Case::over("lines/resolve", "a line of JSON to an answer's line of JSON", lines()?, move |line| {
            for_lines.resolve_json(line, &mut scratch)
        }),
    ])
}

/// How the tree's time grows with the zone.
fn growth(sizes: &Sizes, results: &Results) -> Row {
    let [_, middle, large] = sizes.zones;
    let what = format!(
        "three-level tree, time in a zone of {} record sets to time in one of {}",
        thousands(large),
        thousands(middle)
    );
    let ratios = ratios(results, &tree_id(large), &tree_id(middle));
    Row::new("growth/time", what, median(&ratios), "")
}

/// How the tree's instructions grow with the zone: not at all, but for names that take longer to compare.
fn growth_of_instructions(sizes: &Sizes, rows: &[Row]) -> Row {
    let [_, middle, large] = sizes.zones;
    let of = |records| rows.iter().find(|row| row.id == tree_id(records)).and_then(|row| row.instructions);
    let ratio = of(large).zip(of(middle)).map_or(f64::NAN, |(large, middle)| large / middle);
    let what = format!(
        "three-level tree, instructions in a zone of {} record sets to instructions in one of {}",
        thousands(large),
        thousands(middle)
    );
    Row::new("growth/instructions", what, ratio, "")
        .budget(Budget::AtMost(1.1), "Finding the name takes longer in a larger zone.")
}

/// The ratio of two cases, sample by sample: each pair was taken within a moment.
#[must_use]
pub fn ratios(results: &Results, over: &str, under: &str) -> Vec<f64> {
    let of = |id: &str| results.get(id).cloned().unwrap_or_default();
    of(over).iter().zip(of(under)).map(|(over, under)| over / under).collect()
}

/// A zone from its text.
pub fn load(text: &str) -> Result<Zone> {
    let validated = validate(&[parse(0, text)], &Options::default());
    Ok(compile(&validated.zone.with_context(|| refused(&validated.diagnostics))?))
}

fn refused(findings: &[Diagnostic]) -> String {
    format!("the zone is refused: {:?}", findings.first())
}

fn report(text: &str) -> Result<HealthReport> {
    Ok(parse_report(0, text).map_err(|findings| anyhow!(refused(&findings)))?.0)
}

/// From text to views, and from one view to the next, in a zone of one size.
fn stages(records: usize) -> Result<Group> {
    // Kept until the end of the program: documents borrow from it, and cases own what they use.
    let text: &'static str = zones::zone(records).leak();
    let (zone, counts) = counted(|| load(text));
    let zone = Arc::new(zone?);
    let count = zone.record_set_count();
    let sized = format!("zone of {} record sets", thousands(records));

    let documents: Vec<Document<'static>> = vec![parse(0, text)];
    let hosted_zone = validate(&documents, &Options::default()).zone.context("the zone is refused")?;
    let (view, _) = HealthView::new(Arc::clone(&zone), &HealthReport::default());
    let down = |check: &str| report(&format!(r#"{{"HealthChecks":{{"{check}":"unhealthy"}}}}"#));
    let (one, shared) = (down(zones::CHECK_OF_ONE)?, down(zones::SHARED_CHECK)?);

    let facts = vec![
        memory(records, &sized, counts.kept, text, count),
        copied(records, &sized, &view, &one, zones::CHECK_OF_ONE)?,
    ];

    let bytes = Measure::Throughput(text.len());
    let megabytes = format!("{sized}, {:.1} MB of JSON", text.len() as f64 / 1e6);
    let load_budget = |case: Case| {
        if records >= 10_000 { case.budget(Budget::AtLeast(100.0), SLOW_LOAD) } else { case }
    };
    let of_view = Arc::clone(&zone);
    let [of_one, of_shared, of_without] = [(); 3].map(|()| view.clone());
    let sharers = text.matches(&format!(r#""HealthCheckId":"{}""#, zones::SHARED_CHECK)).count();
    let cases = vec![
        load_budget(Case::each(format!("load/{records}"), megabytes, move || load(text).is_ok()))
            .measure(bytes)
            .count(1),
        Case::each(format!("parse/{records}"), format!("parse, {sized}"), move || parse(0, text))
            .measure(bytes)
            .count(1),
        Case::each(format!("validate/{records}"), format!("validate, {sized}"), move || {
            validate(&documents, &Options::default())
        })
        .measure(bytes)
        .count(1),
        Case::each(format!("compile/{records}"), format!("compile, {sized}"), move || compile(&hosted_zone))
            .measure(bytes)
            .count(1),
        Case::each(format!("view/{records}"), format!("view built afresh, {sized}"), move || {
            HealthView::new(Arc::clone(&of_view), &HealthReport::default())
        })
        .count(1),
        Case::each(
            format!("updated/one/{records}"),
            format!("a check of one record set in a tree, {sized}"),
            move || of_one.updated(&one),
        )
        .count(10),
        Case::each(
            format!("updated/shared/{records}"),
            format!("a check of {}, {sized}", record_sets(sharers)),
            move || of_shared.updated(&shared),
        )
        .count(10),
        Case::each(format!("without/{records}"), format!("`without` a record set of a tree, {sized}"), move || {
            of_without.without([zones::RECORD_SET]).map(|_| ())
        })
        .count(10),
    ];
    Ok(Group { cases, facts })
}

fn record_sets(count: usize) -> String {
    format!("{} record set{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// What a loaded zone keeps for each record set, beyond what the record set says itself.
fn memory(records: usize, sized: &str, kept: i64, text: &str, count: usize) -> Row {
    let beyond = (kept as f64 - zones::own_text(text) as f64) / count as f64;
    let row = Row::new(format!("memory/{records}"), format!("beyond its own text, {sized}"), beyond, "B a record set");
    // A small zone shares its fixed costs among few.
    if records >= 10_000 { row.budget(Budget::AtMost(250.0), "") } else { row }
}

/// What the next view copies of the last one, besides what depends on the change.
fn copied(records: usize, sized: &str, view: &HealthView, change: &HealthReport, check: &str) -> Result<Row> {
    let ((next, _), counts) = counted(|| view.updated(change));
    ensure!(next.is_check_healthy(check) == Some(false), "the check did not change");
    let bits = counts.bytes as f64 * 8.0 / view.zone().record_set_count() as f64;
    let what = format!("allocated when the check of one record set changes, {sized}");
    let row = Row::new(format!("copied/{records}"), what, bits, "bits for each record set of the zone");
    Ok(if records >= 100_000 {
        row.budget(Budget::AtMost(1.0), "A view copies more than its share of the pages that hold its bits.")
    } else {
        row
    })
}
