//! The cases of the component in wasmtime, beside the same calls of an empty component and of core.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse_query};
use pointsman_core::resolve::Scratch;
use pointsman_wasmtime::{
    Answer, Client, ClientFacts, Component, Coordinates, Document, Latency, LoadOptions, Query, QueryError, RecordSets,
    View, Zone,
};

use crate::case::{Case, Group, Measure, Sizes, thousands};
use crate::figures::{Budget, Row};
use crate::native::{self, load, named};
use crate::sample::median;
use crate::section::{Plan, Results};
use crate::zones::{self, QUESTIONS, Question, TREE_NAME};

/// The section.
pub const PLAN: Plan = Plan { name: "component", counts_in_smoke: false, groups: &[(calls, true)], derive };

/// A component with a view of the zone inside.
#[derive(Clone)]
struct Loaded {
    component: Rc<RefCell<Component>>,
    zone: Zone,
    view: View,
}

/// A query whose name, type and client the component has read before.
struct Prepared {
    question: pointsman_wasmtime::Question,
    client: ClientFacts,
    draw: u64,
}

impl Loaded {
    fn new(file: &str, zone: &str) -> Result<Self> {
        let path = folder().join(file);
        let mut component = Component::open(&path)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("cannot open {}; `cargo xtask bench` builds it", path.display()))?;
        let document = Document { name: "zone.json".into(), text: zone.into(), cidr_collection: None };
        let zone = component.load(&[document], &LoadOptions { zone_name: None })?;
        let view = component.health(zone, None)?;
        Ok(Self { component: Rc::new(RefCell::new(component)), zone, view })
    }

    /// One call for each question.
    fn resolve(&self, id: String, what: String, queries: Vec<Query>) -> Case {
        let Self { component, view, .. } = self.clone();
        Case::over(id, what, queries, move |query| component.borrow_mut().resolve(view, query).is_ok_and(|a| a.is_ok()))
    }

    /// Has the component read names, types and clients.
    fn prepare(&self, queries: &[Query]) -> Result<Vec<Prepared>> {
        let mut component = self.component.borrow_mut();
        let fault = |error: QueryError| anyhow!("{error:?}");
        let prepare = |query: &Query| {
            Ok(Prepared {
                question: component.question(self.zone, &query.name, &query.type_)?.map_err(fault)?,
                client: component.client_facts(&query.client)?.map_err(fault)?,
                draw: query.draw,
            })
        };
        queries.iter().map(prepare).collect()
    }

    /// One call for each question, by what was read before.
    fn decide(&self, id: String, what: String, queries: &[Query]) -> Result<Case> {
        let Self { component, view, .. } = self.clone();
        let queries = self.prepare(queries)?;
        Ok(Case::over(id, what, queries, move |query| {
            component.borrow_mut().decide(view, query.question, query.client, query.draw).is_ok()
        }))
    }

    /// The same, and the whole answer put together from the values that the host keeps.
    fn answers(&self, id: &str, what: &str, queries: &[Query]) -> Result<Case> {
        let Self { component, zone, view } = self.clone();
        let (queries, mut kept) = (self.prepare(queries)?, RecordSets::of(zone));
        Ok(Case::over(id, what, queries, move |query| {
            kept.answer(&mut component.borrow_mut(), view, query.question, query.client, query.draw).is_ok()
        }))
    }

    /// One call for all questions, told for each.
    fn resolve_many(&self, id: &str, what: String, queries: Vec<Query>) -> Case {
        let Self { component, view, .. } = self.clone();
        let each = Measure::TimeEach(queries.len() as u64);
        Case::each(id, what, move || component.borrow_mut().resolve_many(view, &queries).is_ok_and(|a| !a.is_empty()))
            .measure(each)
            .count(1)
    }

    fn resolve_json(&self, id: &str, what: &str, lines: Vec<String>) -> Case {
        let Self { component, view, .. } = self.clone();
        Case::over(id, what, lines, move |line| component.borrow_mut().resolve_json(view, line).is_ok())
    }
}

/// Where `cargo xtask bench` puts components.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/wasm")
}

const EMPTY: &str = "call/empty";
const TREE: &str = "call/tree";
const DECIDE_EMPTY: &str = "decide/empty";
const DECIDE_TREE: &str = "decide/tree";
const MANY_EMPTY: &str = "many/empty";
const MANY_TREE: &str = "many/tree";
const NATIVE: &str = "native/tree";
const NATIVE_FROM_STRINGS: &str = "native/strings";

fn calls(sizes: &Sizes) -> Result<Group> {
    let records = sizes.middle();
    let text = zones::zone(records);
    let (full, empty) = (Loaded::new("pointsman.component.wasm", &text)?, Loaded::new("empty.component.wasm", "")?);
    let (view, _) = HealthView::new(Arc::new(load(&text)?), &HealthReport::default());
    drop(text);
    let tree = native::tree()?;
    let (lines, queries) = (zones::queries(tree, records, sizes.queries), questions(tree, records, sizes.queries)?);
    answers_agree(&full, &view, tree, records)?;

    let sized = format!("zone of {} record sets", thousands(records));
    let mut cases = vec![
        empty.decide(DECIDE_EMPTY.into(), "empty component".into(), &queries)?,
        full.decide(DECIDE_TREE.into(), format!("{}, {sized}", named(TREE_NAME)), &queries)?,
        full.answers(
            "decide/answer",
            "the same, and the answer put together from values that the host keeps",
            &queries,
        )?,
        empty.resolve(EMPTY.into(), "empty component, the tree's question".into(), queries.clone()),
        full.resolve(TREE.into(), format!("{}, {sized}", named(TREE_NAME)), queries.clone()),
        {
            let mut case = native::resolve(&view, tree, records, sizes.queries)?;
            case.id = NATIVE.into();
            case.what = format!("`resolve` of core, three-level tree, {sized}");
            case
        },
        native_from_strings(&view, queries.clone()),
        empty.resolve_many(MANY_EMPTY, "empty component".into(), queries.clone()),
        full.resolve_many(MANY_TREE, format!("three-level tree, {sized}"), queries),
        empty.resolve_json("lines/empty", "empty component, which gives the line back", lines.clone()),
        full.resolve_json("lines/tree", "three-level tree", lines),
    ];
    for question in QUESTIONS.iter().filter(|question| question.policy != TREE_NAME) {
        let what = format!("{}, {sized}", question.policy);
        let queries = questions(question, records, sizes.queries)?;
        cases.push(full.decide(format!("decide/{}", question.policy), what.clone(), &queries)?);
        cases.push(full.resolve(format!("call/{}", question.policy), what, queries));
    }
    Ok(Group { cases, facts: Vec::new() })
}

/// What a host without WebAssembly would do with the same strings: check each fact, ask, and copy the answer.
fn native_from_strings(view: &HealthView, queries: Vec<Query>) -> Case {
    use pointsman_core::model::{Latencies, RecordType, Region};
    let (view, mut scratch) = (view.clone(), Scratch::new(view.zone()));
    Case::over(
        NATIVE_FROM_STRINGS,
        "the same from strings to strings: name, type and Regions checked, the answer copied",
        queries,
        move |query| {
            let record_type = RecordType::parse(&query.type_)?;
            let mut checked = pointsman_core::query::Query::new(&query.name, record_type).ok()?;
            let mut latencies = Latencies::UNKNOWN;
            for latency in &query.client.latency {
                let _ = latencies.set_milliseconds(Region::parse(&latency.region)?, latency.milliseconds);
            }
            checked.client.latency = Some(latencies);
            checked.draw = query.draw;
            let answer = view.resolve(&checked, &mut scratch);
            let values: Vec<String> = answer.values().map(String::from).collect();
            let path: Vec<String> = answer.set_identifiers().map(String::from).collect();
            Some((values, path, answer.ttl()))
        },
    )
}

/// Before anything is measured: the component and core say the same.
fn answers_agree(full: &Loaded, view: &HealthView, question: &Question, records: usize) -> Result<()> {
    let (mut scratch, mut kept) = (Scratch::new(view.zone()), RecordSets::of(full.zone));
    let lines = zones::queries(question, records, 20);
    let queries = questions(question, records, 20)?;
    for ((line, query), prepared) in lines.iter().zip(&queries).zip(full.prepare(&queries)?) {
        let native = view.resolve(&parse_query(line).map_err(|error| anyhow!("{error:?}"))?, &mut scratch);
        let mut component = full.component.borrow_mut();
        let resolved = component.resolve(full.view, query)?.map_err(|error| anyhow!("{error:?}"))?;
        let Prepared { question, client, draw } = prepared;
        let decided = kept.answer(&mut component, full.view, question, client, draw)?;
        let agrees = |answer: &Answer| {
            native.values().eq(answer.values.iter().map(String::as_str))
                && native.set_identifiers().eq(answer.set_identifiers.iter().map(String::as_str))
        };
        ensure!(!resolved.values.is_empty(), "{line} has no answer");
        ensure!(agrees(&resolved), "{line}: {resolved:?}");
        ensure!(agrees(&decided), "{line}: {decided:?}");
    }
    Ok(())
}

/// The lines of a question as typed queries.
fn questions(question: &Question, records: usize, limit: usize) -> Result<Vec<Query>> {
    zones::queries(question, records, limit).iter().map(|line| typed(line)).collect()
}

fn typed(line: &str) -> Result<Query> {
    let value: serde_json::Value = serde_json::from_str(line)?;
    let client = &value["client"];
    let text = |value: &serde_json::Value| value.as_str().map(String::from);
    let latency = client["latency_ms"].as_object().into_iter().flatten();
    Ok(Query {
        name: text(&value["name"]).context("no name")?,
        type_: text(&value["type"]).context("no type")?,
        draw: text(&value["draw"]).context("no draw")?.parse()?,
        client: Client {
            ip: text(&client["ip"]),
            subdivision: text(&client["subdivision"]),
            location: client["latitude"]
                .as_f64()
                .zip(client["longitude"].as_f64())
                .map(|(latitude, longitude)| Coordinates { latitude, longitude }),
            latency: latency
                .filter_map(|(region, value)| Some(Latency { region: region.clone(), milliseconds: value.as_f64()? }))
                .collect(),
            ..Client::default()
        },
    })
}

/// What Pointsman adds to a call, for each time that core needs natively.
fn derive(sizes: &Sizes, results: &Results, rows: &[Row]) -> Vec<Row> {
    const BUDGET: Budget = Budget::AtMost(2.0);
    let of = |id: &str| results.get(id).cloned().unwrap_or_default();
    let excess = |call: &str, empty: &str, parts: f64, native: &str| {
        let samples = of(call).into_iter().zip(of(empty)).zip(of(native));
        median(&samples.map(|((call, empty), native)| (call - empty) / parts / native).collect::<Vec<_>>())
    };
    let instructions = |id: &str| rows.iter().find(|row| row.id == id).and_then(|row| row.instructions);
    let counted = |call: &str, empty: &str, native: &str| {
        let (call, empty, native) = (instructions(call)?, instructions(empty)?, instructions(native)?);
        Some((call - empty) / native)
    };
    let middle = |id: &str| median(&of(id));
    let single = format!(
        "A typed call hands over strings: checking them and copying the answer is part of it. Natively that takes {:.0} ns \
         in all, {:.1} times `resolve` alone, which leaves little room; in the component it takes {:.0} ns \
         more than the empty call. Built for speed instead of size (opt-level 3, tried on 2026-11-21), the \
         component needed 3.3 times the instructions of `resolve` instead of 4.7 and weighed 1.4 times as much.",
        middle(NATIVE_FROM_STRINGS),
        middle(NATIVE_FROM_STRINGS) / middle(NATIVE),
        middle(TREE) - middle(EMPTY),
    );
    let batch = "The same. A batch saves crossings, and the empty call saves them too.";
    let row = |id: &str, what: &str, time: f64, count: Option<f64>, in_the_way: &str| {
        let mut row = Row::new(id, what, time, "").budget(BUDGET, in_the_way);
        row.instructions = count.map(crate::figures::rounded);
        row
    };
    vec![
        row(
            "budget/decide",
            "`decide`, name, type and client read before: (call - empty call) / `resolve` of core",
            excess(DECIDE_TREE, DECIDE_EMPTY, 1.0, NATIVE),
            counted(DECIDE_TREE, DECIDE_EMPTY, NATIVE),
            "No text crosses and no name is looked up; what is left is the walk, as WebAssembly. By instructions that keeps \
             the budget, by time it does not, and core built for speed (opt-level 3, tried on 2026-11-21) takes as long.",
        ),
        row(
            "budget/call",
            "`resolve`, everything in words: (call - empty call) / `resolve` of core",
            excess(TREE, EMPTY, 1.0, NATIVE),
            counted(TREE, EMPTY, NATIVE),
            &single,
        ),
        row(
            "budget/many",
            "`resolve-many`, the same for one query of a thousand",
            excess(MANY_TREE, MANY_EMPTY, sizes.queries as f64, NATIVE),
            counted(MANY_TREE, MANY_EMPTY, NATIVE),
            batch,
        ),
    ]
}
