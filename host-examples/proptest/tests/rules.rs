//! The rules of the shop's zone, each a sentence that has to hold in every situation.

use std::fs::{read_to_string, write};
use std::path::Path;

use pointsman_core::model::{Continent, RecordType};
use pointsman_core::proptest::{Counterexample, check_rule, clients, found, situations};
use pointsman_proptest::zone;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const EU: [&str; 2] = ["192.0.2.10", "192.0.2.20"];
const PAYMENTS_EAST: [&str; 2] = ["203.0.113.11", "203.0.113.12"];

/// Up to three failures at once, and any client in Europe: `check_rule` tries 256 such situations, and answers the
/// simplest one that breaks the rule.
#[test]
fn eu_clients_get_eu_endpoints_while_one_is_healthy() -> Result<(), Counterexample> {
    let zone = zone().unwrap();
    let cases = situations(&zone)
        .asking("www.shop.example", RecordType::A)
        .clients(clients(&zone).within(Continent::Eu))
        .failures(3);
    check_rule(&mut TestRunner::default(), "EU clients get EU endpoints while one is healthy", &cases, |situation| {
        let one_is_healthy = situation.is_up("www-dublin") || situation.is_up("www-frankfurt");
        for value in situation.answer().values {
            if one_is_healthy && !EU.contains(&&*value) {
                return Err(found(format!("an answer outside the EU, {value}")));
            }
        }
        Ok(())
    })
}

/// Any health report at all, and any client. Instead of one draw's answer, this looks at all that any draw may answer.
#[test]
fn payments_leave_us_east_1_only_when_it_is_down() -> Result<(), Counterexample> {
    let zone = zone().unwrap();
    let cases = situations(&zone).asking("payments.shop.example", RecordType::A);
    check_rule(&mut TestRunner::default(), "payments leave us-east-1 only when it is down", &cases, |situation| {
        let east_is_down = !situation.is_up("payments-east-a") && !situation.is_up("payments-east-b");
        let values = situation.possible_values();
        if !east_is_down && values.iter().any(|value| !PAYMENTS_EAST.contains(&&**value)) {
            return Err(found(format!("answers outside us-east-1: {}", values.join(", "))));
        }
        Ok(())
    })
}

proptest! {
    /// The same strategies in proptest's own macro, over every name of the zone.
    #[test]
    fn one_failure_never_sends_a_client_to_a_dead_endpoint(
        situation in situations(&zone().unwrap()).failures(1),
    ) {
        let rule = "one failure never sends a client to a dead endpoint";
        prop_assert!(!situation.answer().fail_open, "{}", situation.breaks(rule, "nothing healthy to choose from"));
    }
}

/// This rule sounds right and is wrong. The runner makes the same situations every time, so that its ticket can be kept.
#[test]
fn a_wrong_rule_is_answered_by_a_ticket() {
    let zone = zone().unwrap();
    let cases = situations(&zone)
        .asking("www.shop.example", RecordType::A)
        .clients(clients(&zone).within(Continent::Eu))
        .failures(3);
    let ticket = check_rule(&mut TestRunner::deterministic(), "EU clients never leave the EU", &cases, |situation| {
        match situation.answer().values.iter().find(|value| !EU.contains(&&***value)) {
            Some(value) => Err(found(format!("an answer outside the EU, {value}"))),
            None => Ok(()),
        }
    });
    let ticket = ticket.unwrap_err().to_string();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (golden, readme) = (folder.join("tests/ticket.txt"), folder.join("README.md"));
    let (known, guide) = (read_to_string(&golden).unwrap(), read_to_string(&readme).unwrap());
    if std::env::var_os("BLESS").is_some() {
        write(&golden, &ticket).unwrap();
        write(&readme, guide.replace(&known, &ticket)).unwrap();
        return;
    }
    assert_eq!(ticket, known, "if this is what it should be, run the test again with BLESS=1");
    assert!(guide.contains(&ticket), "the README shows another ticket");
}

#[test]
fn the_rule_in_the_readme_is_the_one_that_is_tested() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let guide = include_str!("../README.md");
    let rule = guide.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(words(include_str!("rules.rs")).contains(&words(rule)));
}
