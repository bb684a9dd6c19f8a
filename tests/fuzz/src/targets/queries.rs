//! Questions as hosts pass them on: a line of JSON, and facts as words. The flat form is part of the target `plain`.

use std::sync::LazyLock;

use anyhow::Result;
use pointsman_core::health::HealthView;
use pointsman_core::model::NameBuf;
use pointsman_core::parse::{HealthReport, parse_query, set_fact};
use pointsman_core::query::Client;
use pointsman_core::resolve::Scratch;

use super::target::Target;
use super::{seeds, zones};

pub(super) const TARGET: Target =
    Target { name: "queries", reads: "questions as JSON, facts as words, names in wire form", run, seeds };

static VIEWS: LazyLock<Vec<HealthView>> = LazyLock::new(|| {
    let zones = zones::EXAMPLES.iter().filter_map(|text| zones::load(&[text]));
    zones.map(|zone| HealthView::new(zone, &HealthReport::default()).0).collect()
});

fn run(bytes: &[u8]) {
    if let Ok(name) = NameBuf::from_wire(bytes) {
        let text = name.as_ref().to_string();
        let again = NameBuf::parse(&text);
        let same = again.as_ref().is_ok_and(|again| again.as_ref().wire() == name.as_ref().wire());
        assert!(same, "`{text}` is not the name that it was written from");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        if let Some((fact, word)) = line.split_once('=') {
            let _ = set_fact(&mut Client::default(), fact, word);
            continue;
        }
        let is_query = parse_query(line).is_ok();
        for view in VIEWS.iter() {
            let mut scratch = Scratch::new(view.zone());
            let answers = [view.resolve_json(line, &mut scratch), view.explain_json(line)];
            for answer in answers {
                assert_eq!(answer.starts_with("{\"error\":"), !is_query, "{line} gives {answer}");
            }
            let _ = view.odds_json(line);
        }
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = seeds::documented()?
        .iter()
        .filter_map(|case| case.query.as_ref().map(|_| case.query_line(7).into_bytes()))
        .collect();
    for file in seeds::contents("host-examples/zones", "queries.ndjson")? {
        all.extend(file.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    all.push(b"subdivision=US-WA\nlatency_ms=us-east-1=12,eu-west-1=80\necs=2001:db8::/56\nip=192.0.2.1".to_vec());
    all.push(b"\x03www\x07example\x03com\x00".to_vec());
    Ok(all)
}
