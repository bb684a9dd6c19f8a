//! Zones that Route 53 refuses, as the filter takes them: what cannot be evaluated is kept out, and all of it is logged.

use pointsman_envoy::config::read;
use pointsman_envoy::load::load;
use serde_json::{Value, json};

#[test]
fn every_zone_that_route_53_refuses_is_refused_or_told_of() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/invalid.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut refused, mut told) = (0, 0);
    // A batch is for the command: a host loads zones.
    for case in cases.iter().filter(|case| case.get("change_batch").is_none()) {
        let config = json!({
            "zones": [{"documents": [case["zone"]]}],
            "question": {"name": {"fixed": "www.example.com"}},
            "answer": {"header": {}},
        });
        let text = config.to_string();
        let config = read(text.as_bytes()).unwrap();
        let lines = match load(&config) {
            Ok(loaded) => {
                told += 1;
                loaded.warnings
            }
            Err(faults) => {
                refused += 1;
                faults
            }
        };
        // Each line has its place and the finding's code, and there is one at least.
        assert!(!lines.is_empty(), "{} is taken without a word", case["id"]);
        for line in lines {
            assert!(line.starts_with("zones[0]") && line.contains(" ["), "{}: {line}", case["id"]);
        }
    }
    // One bad record set silences its own name; only what is about the whole zone refuses to start.
    assert!(refused < told && told >= 40, "{refused} refused, {told} told of: the cases have changed");
}
