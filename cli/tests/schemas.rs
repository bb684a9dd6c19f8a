//! The JSON Schemas against what they are schemas of: every JSON output in the golden sessions and READMEs, the example
//! documents, and what watches and tests are given; and outputs that were altered, which they must refuse.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn pointsman(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pointsman")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every schema as `pointsman schema NAME` prints it: alone, without any file beside it.
fn schemas() -> BTreeMap<String, Validator> {
    let names = pointsman(&["schema"]);
    let names = names.lines().filter_map(|line| line.split_whitespace().next());
    let read = |name: &str| {
        let schema: Value = serde_json::from_str(&pointsman(&["schema", name])).unwrap();
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.to_owned(), validator)
    };
    names.map(read).collect()
}

/// What a session printed: the command, its stdout and its stderr.
struct Printed {
    command: String,
    stdout: Vec<String>,
    stderr: Vec<String>,
}

/// The commands of the golden sessions, and of the READMEs that a test compares with what the commands print.
fn printed() -> Vec<Printed> {
    let mut all: Vec<Printed> = Vec::new();
    for entry in std::fs::read_dir(repository().join("cli/tests/golden")).unwrap() {
        for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                all.push(Printed { command: command.into(), stdout: Vec::new(), stderr: Vec::new() });
            }
            let Some(last) = all.last_mut() else { continue };
            last.stdout.extend(line.strip_prefix("1> ").map(Into::into));
            last.stderr.extend(line.strip_prefix("2> ").map(Into::into));
        }
    }
    for file in ["cli/README.md", "host-examples/zones/README.md"] {
        let mut in_console = false;
        for line in std::fs::read_to_string(repository().join(file)).unwrap().lines() {
            match line {
                "```console" => in_console = true,
                "```" => in_console = false,
                _ if !in_console => {}
                _ => match (line.strip_prefix("$ "), all.last_mut()) {
                    (Some(command), _) => {
                        all.push(Printed { command: command.into(), stdout: Vec::new(), stderr: Vec::new() });
                    }
                    (None, Some(last)) => last.stdout.push(line.into()),
                    (None, None) => {}
                },
            }
        }
    }
    all
}

/// The schema of what a command prints on stdout, and whether each line is a document; `None` where it prints no JSON, or
/// gives it to another program.
fn schema_of(command: &str) -> Option<(&'static str, bool)> {
    let words: Vec<&str> = command.rsplit(['|', ';']).next()?.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "pointsman")?;
    let has = |option: &str| words.contains(&option);
    if has("--help") || words.iter().any(|word| word.contains('>')) {
        return None;
    }
    let (json, follow, many) = (has("--json"), has("--follow"), has("--queries"));
    let schema = match *words.get(at + 1)? {
        "check" if json => return Some(("finding", true)),
        "apply" | "import" => "zone",
        "resolve" if json || many => {
            if follow {
                "answer-chain"
            } else {
                "answer"
            }
        }
        "odds" if json || many => {
            if follow {
                "odds-chain"
            } else {
                "odds"
            }
        }
        "explain" if json || many => {
            if follow {
                "explanation-chain"
            } else {
                "explanation"
            }
        }
        "explain-code" if json => "explanation-code",
        "compile" | "inspect" if json => "image",
        "drill" if json => "drill",
        "diff" if json => {
            if has("--batch") {
                "walk"
            } else {
                "diff"
            }
        }
        "rto" if json => "rto",
        "force" if json => "force",
        _ => return None,
    };
    Some((schema, many))
}

/// Whether one of these schemas describes a document.
fn check(schemas: &BTreeMap<String, Validator>, names: &[&str], document: &Value, of: &str) {
    let fits = names.iter().any(|name| schemas.get(*name).expect(name).is_valid(document));
    let faults: Vec<String> = names
        .iter()
        .flat_map(|name| schemas.get(*name).expect(name).iter_errors(document))
        .map(|error| format!("  {}: {error}", error.instance_path()))
        .collect();
    assert!(fits, "{of}\ndoes not fit {names:?}:\n{}", faults.join("\n"));
}

#[test]
fn every_output_of_the_sessions_fits_its_schema() {
    let schemas = schemas();
    let mut seen: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for Printed { command, stdout, stderr } in printed() {
        // A piece of a line is no document.
        if command.contains("cut -c") {
            continue;
        }
        if let Some((schema, by_line)) = schema_of(&command) {
            let texts = if by_line { stdout } else { vec![stdout.join("\n")] };
            for text in texts.iter().filter(|text| !text.is_empty()) {
                let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{command}: {error}"));
                let names: &[&str] = if by_line && schema != "finding" { &[schema, "query-error"] } else { &[schema] };
                check(&schemas, names, &document, &command);
                if document.get("error").is_none() || names.len() == 1 {
                    seen.entry(schema).or_default().push(document);
                }
            }
        }
        // Arguments that do not fit are answered in words.
        let is_usage = stderr.iter().any(|line| line.contains("--help"));
        if command.contains("--json") && !command.contains('|') && !command.contains(';') && !is_usage {
            for line in stderr {
                let document: Value =
                    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{command}: {error}: {line}"));
                let schema = if document.get("code").is_some() { "finding" } else { "message" };
                check(&schemas, &[schema], &document, &command);
                seen.entry(schema).or_default().push(document);
            }
        }
    }
    let outputs = [
        "answer",
        "answer-chain",
        "diff",
        "drill",
        "explanation",
        "explanation-chain",
        "explanation-code",
        "finding",
        "image",
        "message",
        "odds",
        "odds-chain",
        "rto",
        "walk",
        "zone",
    ];
    for schema in outputs {
        let documents = seen.get(schema).unwrap_or_else(|| panic!("no session prints {schema}"));
        refuses_what_is_altered(schemas.get(schema).unwrap(), documents, schema);
    }
}

/// A schema that fits everything says nothing: each document without one of its members, with a member more, or with a
/// member of another type, is refused somewhere.
fn refuses_what_is_altered(schema: &Validator, documents: &[Value], name: &str) {
    let refused = |alter: &dyn Fn(&mut serde_json::Map<String, Value>, &str)| {
        let mut keys: BTreeMap<&str, bool> = BTreeMap::new();
        for document in documents {
            for key in document.as_object().unwrap().keys() {
                let mut altered = document.as_object().unwrap().clone();
                alter(&mut altered, key);
                *keys.entry(key).or_default() |= !schema.is_valid(&Value::Object(altered));
            }
        }
        keys.into_iter().filter(|(_, refused)| !refused).map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    let retyped = refused(&|object, key| {
        object.insert(key.into(), json!({"another": ["type"]}));
    });
    assert!(retyped.is_empty(), "{name} takes anything for {retyped:?}");
    if name == "zone" {
        return;
    }
    let more = refused(&|object, _| {
        object.insert("not a member".into(), Value::Null);
    });
    assert!(more.is_empty(), "{name} takes members that it does not name");
    let optional =
        ["alias_target", "digest", "digest_after", "exact", "members", "quarantined", "referral", "undetermined"];
    let missing = refused(&|object, key| {
        object.remove(key);
    });
    let missing: Vec<&String> = missing.iter().filter(|key| !optional.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "{name} does without {missing:?}");
}

#[test]
fn the_example_documents_fit_their_schemas() {
    let schemas = schemas();
    let folder = repository().join("host-examples/zones");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.display().to_string();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => {
                let document: Value = serde_json::from_str(&text).unwrap();
                let is_report = document.get("ResourceRecordSets").is_none()
                    && ["HealthChecks", "AliasTargets"].iter().any(|key| document[*key].is_object())
                    && !document["AliasTargets"].as_object().is_some_and(|all| all.values().any(Value::is_object));
                let schema = if is_report { "health-report" } else { "zone" };
                check(&schemas, &[schema], &document, &name);
                *counts.entry(schema).or_default() += 1;
            }
            Some("ndjson") => {
                for line in text.lines().filter(|line| !line.trim().is_empty()) {
                    check(&schemas, &["query"], &serde_json::from_str(line).unwrap(), &name);
                    *counts.entry("query").or_default() += 1;
                }
            }
            Some("toml") => {
                let document: Value = toml::from_str(&text).unwrap();
                check(&schemas, &["promises"], &document, &name);
                *counts.entry("promises").or_default() += 1;
            }
            _ => {}
        }
    }
    for (schema, at_least) in [("zone", 10), ("health-report", 3), ("query", 3), ("promises", 1)] {
        assert!(counts.get(schema).copied().unwrap_or_default() >= at_least, "{schema}: {counts:?}");
    }
}

/// The examples of docs/verify.md and docs/watch.md in their own fences.
#[test]
fn the_examples_of_the_pages_fit_their_schemas() {
    let schemas = schemas();
    let fences = |page: &str, language: &str| -> Vec<String> {
        let text = std::fs::read_to_string(repository().join("docs").join(page)).unwrap();
        let fence = format!("```{language}\n");
        text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).map(Into::into).collect()
    };
    let facts = fences("verify.md", "toml");
    let facts: Vec<&String> = facts.iter().filter(|text| text.contains("[domains]")).collect();
    assert!(!facts.is_empty());
    for text in facts {
        check(&schemas, &["facts"], &toml::from_str(text).unwrap(), text);
    }
    let targets = fences("watch.md", "json");
    let targets: Vec<&String> = targets.iter().filter(|text| text.contains("SearchString")).collect();
    assert!(!targets.is_empty());
    for text in targets {
        check(&schemas, &["watch-targets"], &serde_json::from_str(text).unwrap(), text);
    }
    assert!(!schemas.get("facts").unwrap().is_valid(&json!({"domain": {}})));
    assert!(!schemas.get("watch-targets").unwrap().is_valid(&json!({"a.example.com": "ftp://192.0.2.1"})));
}

/// A drill's output is a baseline, and stays one with a reason and a day.
#[test]
fn what_drill_prints_is_a_baseline() {
    let schemas = schemas();
    let zone = repository().join("host-examples/zones/incidents.json");
    let output = Command::new(env!("CARGO_BIN_EXE_pointsman"))
        .args(["drill", "--depth", "1", "--json", "-z"])
        .arg(zone)
        .output()
        .unwrap();
    let mut drill: Value = serde_json::from_slice(&output.stdout).unwrap();
    check(&schemas, &["baseline"], &drill, "drill");
    drill["findings"][0]["reason"] = "accepted until the move".into();
    drill["findings"][0]["expires"] = "2027-01-31".into();
    check(&schemas, &["baseline"], &drill, "drill with a reason");
    drill["findings"][0]["expires"] = "soon".into();
    assert!(!schemas.get("baseline").unwrap().is_valid(&drill));
}
