//! Files of promises: TOML, and in it the expressions of CEL, evaluated over a zone of two endpoints.

use std::sync::LazyLock;

use anyhow::Result;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::Invariants;
use pointsman_verify::subject::Subject;

use super::target::Target;
use super::{seeds, zones};

pub(super) const TARGET: Target = Target { name: "cel", reads: "promises, with their CEL expressions", run, seeds };

static SUBJECT: LazyLock<Option<Subject>> = LazyLock::new(|| {
    let zone = validate(&[parse(0, zones::EXAMPLES.get(2)?)], &Options::default()).zone?;
    Some(Subject::new(zone, Facts::default()))
});

fn run(bytes: &[u8]) {
    let (Ok(text), Some(subject)) = (std::str::from_utf8(bytes), SUBJECT.as_ref()) else { return };
    let file = if text.contains("[[invariant]]") { text.to_owned() } else { expression(text) };
    if let Ok(rules) = Invariants::parse(&file) {
        let _ = rules.check(subject);
    }
}

/// A file whose one rule is this expression.
fn expression(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    format!("[[invariant]]\nname = \"a rule\"\nfailures = 1\nholds = {quoted}\n")
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all = seeds::contents("host-examples/zones", "invariants.toml")?;
    let expressions = [
        "answers.all(a, a.alive) || !endpoints.exists(e, e.alive)",
        "client.continent != 'EU' || answers.all(a, a.continent == 'EU' || a.probability < 0.01)",
        "moved <= 0.5 && size(down) < 3 && moved_total < 1.0",
        "answers.map(a, a.values).filter(v, v.size() > 0).exists_one(v, '192.0.2.1' in v)",
        "name.endsWith('example.com.') && type in ['A', 'AAAA'] ? true : answers[0].values[0].matches('[0-9.]+')",
        "{'a': 1, 'b': [1, 2, 3]}['b'].map(x, x * 2) == [2, 4, 6] && -1 + 2 - 3 / 4 % 5 == 1 && dyn(1) != 2u",
        "string(1.5) + 'x' == b'y' || timestamp('2020-01-01T00:00:00Z') < timestamp('2021-01-01T00:00:00Z')",
    ];
    all.extend(expressions.map(|text| text.as_bytes().to_vec()));
    Ok(all)
}
