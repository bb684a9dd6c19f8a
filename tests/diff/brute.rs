//! All names, types, clients and states that the documents of two versions suggest, asked one by one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use pointsman_core::health::HealthView;
use pointsman_core::model::{Name, RecordType};
use pointsman_tests::generate::{Rng, World};
use pointsman_tests::oracle::Oracle;
use pointsman_verify::diff::{Case, Diff};
use pointsman_verify::subject::Subject;
use serde_json::{Map, Value, json};

use super::view;

/// Questions of one pair of zones that are asked of a random client in a random state.
const RANDOM: usize = 400;

/// What is asked.
pub(super) struct Questions {
    /// Names that exist in a version, with and without record sets.
    pub(super) existing: BTreeSet<Name>,
    /// Those, and names below each.
    pub(super) names: Vec<Name>,
    pub(super) types: Vec<RecordType>,
    pub(super) clients: Vec<Value>,
    pub(super) reports: Vec<Value>,
    /// Asks so many combinations, chosen by this generator; all of them when there is none.
    pub(super) sample: Option<Rng>,
}

fn records(zone: &Value) -> impl Iterator<Item = &Value> {
    zone["ResourceRecordSets"].as_array().into_iter().flatten()
}

/// The apex of a document: HostedZone's name, or else that of its SOA.
fn apex(zone: &Value) -> Option<Name> {
    let soa = || records(zone).find(|set| set["Type"] == "SOA").and_then(|set| set["Name"].as_str());
    Name::parse(zone["HostedZone"]["Name"].as_str().or_else(soa)?).ok()
}

/// The names that exist in a document, by RFC 4592: those of record sets, and all between them and the apex.
pub(super) fn existing(zone: &Value) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let Some(apex) = apex(zone) else { return names };
    for name in records(zone).filter_map(|set| Name::parse(set["Name"].as_str()?).ok()) {
        let mut at = name.as_ref();
        while at.is_within(apex.as_ref()) {
            names.insert(at.to_name());
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
    }
    names.insert(apex);
    names
}

/// A client whose facts do not contradict each other, without latencies where a table gives them.
fn consistent(mut client: Value, has_table: bool) -> Value {
    let facts = client.as_object_mut().map(std::mem::take).unwrap_or_default();
    let mut kept = Map::new();
    for (field, value) in facts {
        let beside = |other: &str| kept.contains_key(other);
        let keep = match field.as_str() {
            "continent" => !beside("country"),
            "subdivision" => !beside("country") && !beside("continent"),
            "latency_ms" => !has_table,
            _ => true,
        };
        if keep {
            kept.insert(field, value);
        }
    }
    Value::Object(kept)
}

impl Questions {
    /// Questions of two versions of the random zone of a seed.
    pub(super) fn random(seed: u64, old: &Value, new: &Value) -> Self {
        let has_table = [old, new].iter().any(|zone| zone.get("LatencyTable").is_some());
        let mut clients: Vec<Value> = vec![json!({})];
        let mut rng = Rng::new(seed);
        for mut query in World::random(seed, 60).queries {
            // Facts in any order, so that each of those that exclude each other is taken now and then.
            if rng.percent(50)
                && let Some(client) = query["client"].as_object_mut()
            {
                client.remove("country");
            }
            clients.push(consistent(query["client"].take(), has_table));
        }
        // Each block of either version, beside other facts.
        let blocks = [old, new].into_iter().flat_map(|zone| zone["CidrCollections"].as_array().into_iter().flatten());
        let blocks = blocks.flat_map(|collection| collection["CidrBlocks"].as_array().into_iter().flatten());
        let blocks: BTreeSet<&str> = blocks.filter_map(|block| block["CidrBlock"].as_str()).collect();
        for block in blocks {
            let mut client = rng.one_of(&clients).clone();
            client["ecs"] = block.into();
            clients.push(client);
        }
        let reports = (0..6).map(|number| World::another_report(seed, number)).chain([json!({})]).collect();
        let mut sample = Rng::new(seed ^ 0xB01);
        sample.number();
        Self::of(old, new, clients, reports, Some(sample))
    }

    /// All names and types of two versions, to be asked of these clients under these reports.
    pub(super) fn of(old: &Value, new: &Value, clients: Vec<Value>, reports: Vec<Value>, sample: Option<Rng>) -> Self {
        let existing: BTreeSet<Name> = existing(old).into_iter().chain(existing(new)).collect();
        let below = |name: &Name| ["zz", "y.zz", "*"].map(|label| Name::parse(&format!("{label}.{name}")).ok());
        let names = existing.iter().flat_map(|name| std::iter::once(Some(name.clone())).chain(below(name)));
        let names: BTreeSet<Name> = names.flatten().collect();
        let mut types: BTreeSet<RecordType> = [RecordType::A, RecordType::Ds, RecordType::Caa].into();
        for set in records(old).chain(records(new)) {
            types.extend(set["Type"].as_str().and_then(RecordType::parse));
        }
        Self {
            existing,
            names: names.into_iter().collect(),
            types: types.into_iter().collect(),
            clients,
            reports,
            sample,
        }
    }

    /// The combinations to ask: name, type, client, report.
    fn combinations(&self) -> Vec<[usize; 4]> {
        let counts = [self.names.len(), self.types.len(), self.clients.len(), self.reports.len()];
        let mut all = Vec::new();
        for name in 0..counts[0] {
            for kind in 0..counts[1] {
                match self.sample {
                    Some(_) => all.push([name, kind, 0, counts[3] - 1]),
                    None => {
                        let rest = (0..counts[2]).flat_map(|client| (0..counts[3]).map(move |report| (client, report)));
                        all.extend(rest.map(|(client, report)| [name, kind, client, report]));
                    }
                }
            }
        }
        if let Some(mut rng) = self.sample.clone() {
            all.extend((0..RANDOM).map(|_| counts.map(|count| rng.below(count))));
        }
        all
    }
}

/// An answer without what is no difference: orders, SetIdentifiers, and how long a lack of data is remembered.
pub(super) fn canonical(odds: &Value) -> String {
    let mut outcomes: Vec<String> = Vec::new();
    for outcome in odds["outcomes"].as_array().into_iter().flatten() {
        let mut outcome = outcome.clone();
        if let Some(object) = outcome.as_object_mut() {
            object.remove("probability");
        }
        sort(&mut outcome);
        let is_empty = outcome["values"].as_array().is_some_and(Vec::is_empty) && outcome.get("alias_target").is_none();
        outcomes.push(if is_empty { format!("{} no data", outcome["ratio"]) } else { outcome.to_string() });
    }
    let is_empty = outcomes.iter().all(|outcome| outcome.ends_with("no data"));
    outcomes.sort_unstable();
    match is_empty {
        true => odds["rcode"].to_string(),
        false => format!("{} {}", odds["rcode"], outcomes.join(" ")),
    }
}

/// Lists in order, objects by key, no SetIdentifiers.
fn sort(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.iter_mut().for_each(sort);
            list.sort_by_key(Value::to_string);
        }
        Value::Object(map) => {
            map.remove("set_identifier");
            let mut sorted: BTreeMap<String, Value> = std::mem::take(map).into_iter().collect();
            sorted.values_mut().for_each(sort);
            map.extend(sorted);
        }
        _ => {}
    }
}

/// Whether an answer has no data.
fn is_empty(canonical: &str) -> bool {
    !canonical.contains(' ')
}

/// Holds a diff against what both versions answer; gives how many answers were compared.
pub(super) fn hold(before: &Subject, after: &Subject, found: &Diff, questions: &Questions) -> Result<u64> {
    let told = Told::of(found);
    let views: Vec<[HealthView; 2]> = questions
        .reports
        .iter()
        .map(|report| Ok([view(before, report)?, view(after, report)?]))
        .collect::<Result<_>>()?;
    let mut asked = 0;
    for [name, kind, client, report] in questions.combinations() {
        let (name, kind) = (&questions.names[name], questions.types[kind]);
        let query = json!({"name": name.to_string(), "type": kind.as_str(), "client": questions.clients[client]});
        let line = query.to_string();
        let [old, new] = views[report].each_ref().map(|view| serde_json::from_str::<Value>(&view.odds_json(&line)));
        let (old, new) = (old?, new?);
        ensure!(old.get("error").is_none(), "{query}: {old}");
        asked += 1;
        if old.get("undetermined").is_some() && new.get("undetermined").is_some() {
            continue;
        }
        let pair = (canonical(&old), canonical(&new));
        if pair.0 == pair.1 {
            continue;
        }
        let says = || {
            format!(
                "{query}\nunder {}\nbefore {}\nafter  {}\ntold {found:?}",
                questions.reports[report], pair.0, pair.1
            )
        };
        told.covers(&questions.existing, name, kind, &pair, found.claim.exact()).with_context(says)?;
    }
    for (change, case) in found.changes.iter().flat_map(|change| change.cases.iter().map(move |case| (change, case))) {
        let kind = change.record_type.as_str();
        show(before, &change.name, kind, case, &case.before.json)?;
        show(after, &change.name, kind, case, &case.after.json)?;
        ensure!(case.before.json != case.after.json, "{change:?}: the same before and after");
    }
    Ok(asked)
}

/// Core, asked as the case says, gives the answer that the case has.
fn show(subject: &Subject, name: &str, kind: &str, case: &Case, answer: &str) -> Result<()> {
    let query = json!({"name": name, "type": kind, "client": client_of(&case.client)});
    if !case.insufficient.is_empty() {
        return Ok(());
    }
    let is_target = |id: &&String| subject.zone.alias_targets.iter().any(|target| target.dns_name.to_string() == **id);
    let is_check = |id: &&String| subject.zone.health_checks.iter().any(|check| *check.id == ***id);
    let unhealthy =
        |ids: Vec<&String>| ids.into_iter().map(|id| (id.clone(), json!("unhealthy"))).collect::<Map<_, _>>();
    let report = json!({"HealthChecks": unhealthy(case.down.iter().filter(is_check).collect()),
        "AliasTargets": unhealthy(case.down.iter().filter(is_target).collect())});
    let odds = view(subject, &report)?.odds_json(&query.to_string());
    let (odds, answer): (Value, Value) = (serde_json::from_str(&odds)?, serde_json::from_str(answer)?);
    ensure!(canonical(&odds) == canonical(&answer), "{query} under {report}: {odds}, and not {answer}");
    Ok(())
}

/// The client of a case's options.
fn client_of(options: &[String]) -> Value {
    let mut client = Map::new();
    for pair in options.chunks(2) {
        let [option, value] = pair else { continue };
        match option.as_str() {
            "--from" if value.contains('-') => drop(client.insert("subdivision".into(), value.as_str().into())),
            "--from" => drop(client.insert("country".into(), value.as_str().into())),
            "--at" => {
                if let Some((latitude, longitude)) = value.split_once(',') {
                    client.insert("latitude".into(), json!(latitude.parse::<f64>().unwrap_or(99.0)));
                    client.insert("longitude".into(), json!(longitude.parse::<f64>().unwrap_or(0.0)));
                }
            }
            "--latency" => {
                let row = value.split(',').filter_map(|part| part.split_once('='));
                let row = row.map(|(region, ms)| (region.to_owned(), json!(ms.parse::<f64>().unwrap_or(-1.0))));
                client.insert("latency_ms".into(), Value::Object(row.collect()));
            }
            other => drop(client.insert(other.trim_start_matches("--").replace('-', "_"), value.as_str().into())),
        }
    }
    Value::Object(client)
}

/// A change that a diff tells.
#[derive(Clone)]
struct Entry {
    kind: RecordType,
    /// The types that it does not stand for, if it stands for others.
    but: Option<Vec<RecordType>>,
    /// What somebody gets instead of what.
    pairs: BTreeSet<(String, String)>,
}

impl Entry {
    fn concerns(&self, kind: RecordType) -> bool {
        match &self.but {
            // A CNAME stands for all types that its name lacks.
            None => self.kind == kind || self.kind == RecordType::Cname,
            Some(but) => !but.contains(&kind),
        }
    }
}

/// What a diff tells, to look it up by question.
struct Told {
    /// By the name, or the name above names that do not exist.
    changes: BTreeMap<(String, bool), Vec<Entry>>,
    existence: BTreeSet<String>,
}

impl Told {
    fn of(found: &Diff) -> Self {
        let mut told = Self { changes: BTreeMap::new(), existence: BTreeSet::new() };
        for change in &found.changes {
            let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
            let pairs = change
                .cases
                .iter()
                .map(|case| (canonical(&parse(&case.before.json)), canonical(&parse(&case.after.json))));
            let (kind, but) = (change.record_type, change.scope.types_but.clone());
            let entry = Entry { kind, but, pairs: pairs.collect() };
            let keys: Vec<(String, bool)> = match change.scope.below.as_slice() {
                [] => vec![(change.name.clone(), false)],
                below => below.iter().map(|name| (name.clone(), true)).collect(),
            };
            for key in keys {
                told.changes.entry(key).or_default().push(entry.clone());
            }
        }
        told.existence.extend(found.appear.iter().chain(&found.vanish).cloned());
        told
    }

    /// Whether a difference is reported.
    fn covers(
        &self,
        existing: &BTreeSet<Name>,
        name: &Name,
        kind: RecordType,
        pair: &(String, String),
        exact: bool,
    ) -> Result<()> {
        let is_below = !existing.contains(name);
        let mut at = name.as_ref();
        while is_below && !existing.contains(&at.to_name()) {
            at = at.parent().context("outside the zone")?;
        }
        let at = at.to_name().to_string();
        let changes = self.changes.get(&(at.clone(), is_below));
        // A wildcard's name stands for the names that it answers.
        let wildcard = self.changes.get(&(format!("*.{at}"), false)).filter(|_| is_below);
        if is_empty(&pair.0) && is_empty(&pair.1) {
            let words = if is_below { format!("names below {at}") } else { at };
            ensure!(
                changes.is_some() || wildcard.is_some() || self.existence.contains(&words),
                "{words} exists or does not, and diff is silent"
            );
            return Ok(());
        }
        let known: Vec<_> =
            changes.into_iter().chain(wildcard).flatten().filter(|entry| entry.concerns(kind)).collect();
        ensure!(!known.is_empty(), "diff is silent");
        // Where it is exact, it has every pair of answers that any client gets in any state.
        ensure!(
            !exact || known.iter().any(|entry| entry.pairs.contains(pair)),
            "diff does not have this pair of answers"
        );
        Ok(())
    }
}

/// The second implementation gives the answers that a diff's cases have.
pub(super) fn hold_against_oracle(old: &Value, new: &Value, found: &Diff) -> Result<u64> {
    let mut count = 0;
    for (change, case) in found.changes.iter().flat_map(|change| change.cases.iter().map(move |case| (change, case))) {
        if !case.down.is_empty() || !case.insufficient.is_empty() {
            continue;
        }
        let query =
            json!({"name": change.name, "type": change.record_type.as_str(), "client": client_of(&case.client)});
        for (zone, answer) in [(old, &case.before.json), (new, &case.after.json)] {
            let oracle = Oracle::new(std::slice::from_ref(zone), &json!({}))?;
            let Some(odds) = oracle.odds(&query)? else { continue };
            let answer: Value = serde_json::from_str(answer)?;
            ensure!(canonical(&odds) == canonical(&answer), "{query}: the oracle says {odds}, and diff {answer}");
            count += 1;
        }
    }
    Ok(count)
}
