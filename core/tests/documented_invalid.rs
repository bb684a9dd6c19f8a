//! Every documented invalid zone is refused for the reason on record, and no documented good zone is.

#![allow(clippy::unwrap_used, reason = "a case that cannot be read must stop the test")]

use pointsman_core::diagnostic::{Class, Diagnostic, Severity};
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, Validated, validate};
use serde_json::Value;

/// Every case, with the name of its file.
fn cases() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .retain(|path| path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("schema.json"));
    let read = |path: std::path::PathBuf| {
        let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.into_iter().map(move |case| (name.clone(), case))
    };
    files.into_iter().flat_map(read).collect()
}

fn validated(case: &Value) -> Validated {
    let mut zone = case["zone"].clone();
    if let Some(targets) = case.get("alias_targets") {
        zone["AliasTargets"] = targets.clone();
    }
    let text = zone.to_string();
    validate(&[parse(0, &text)], &Options::default())
}

#[test]
fn what_route_53_refuses_is_refused_in_its_words() {
    let mut count = 0;
    for (file, case) in cases() {
        if case.get("expect_invalid").is_none() || case.get("change_batch").is_some() {
            continue;
        }
        count += 1;
        let findings = validated(&case).diagnostics;
        let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        let id = &case["id"];
        // One fault, one finding.
        let [error] = errors.as_slice() else { panic!("{file} {id}: {errors:#?}") };
        if let Some(wanted) = case["error"].as_str() {
            assert_eq!(error.route53_error.map(|error| error.as_str()), Some(wanted), "{file} {id}: {error:#?}");
        }
        if let Some(fragment) = case["message_contains"].as_str() {
            let says = error.route53_message.as_deref().unwrap_or_default();
            assert!(says.contains(fragment), "{file} {id}: {error:#?}");
        }
        assert!(!error.help.is_empty() && error.place.is_some(), "{file} {id}: {error:#?}");
    }
    assert!(count > 30, "only {count} cases were found");
}

#[test]
fn what_is_refused_only_by_route_53_can_be_evaluated() {
    for (file, case) in cases() {
        let validated = validated(&case);
        let cannot = validated.diagnostics.iter().any(|finding| finding.class == Class::CannotBeEvaluated);
        let kept_out = validated.zone.as_ref().is_none_or(|zone| !zone.quarantined.is_empty());
        // A health check or a CIDR block that nothing uses silences nothing.
        assert!(cannot || !kept_out, "{file} {}: {:#?}", case["id"], validated.diagnostics);
        let is_record_set = |finding: &Diagnostic| {
            finding.place.as_ref().is_some_and(|place| place.path.to_string().starts_with("$.ResourceRecordSets["))
        };
        let expected = validated.diagnostics.iter().filter(|finding| finding.class == Class::CannotBeEvaluated);
        assert!(!expected.clone().any(is_record_set) || kept_out, "{file} {}", case["id"]);
    }
}

#[test]
fn good_zones_have_no_errors() {
    let mut count = 0;
    for (file, case) in cases() {
        if case.get("expect_invalid").is_some() && case.get("change_batch").is_none() {
            continue;
        }
        count += 1;
        let validated = validated(&case);
        let errors = validated.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "{file} {}: {:#?}", case["id"], validated.diagnostics);
        assert!(validated.zone.is_some(), "{file} {}", case["id"]);
    }
    assert!(count > 100, "only {count} cases were found");
}
