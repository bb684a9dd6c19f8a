//! Health checks as list-health-checks prints them.

use alloc::vec::Vec;
use alloc::{format, vec};

use super::{Check, CheckType, check_id};
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::proptest::json::{Json, number, object, word};

/// The elements of `HealthChecks`.
pub(in crate::proptest) fn json(checks: &[Check]) -> Json {
    let element =
        |check: &Check| object(vec![("Id", word(check_id(check.key))), ("HealthCheckConfig", object(config(check)))]);
    Json::List(checks.iter().map(element).collect())
}

fn config(check: &Check) -> Vec<(&'static str, Json)> {
    let key = check.key;
    let mut fields = vec![("Type", word(check.kind.as_str()))];
    match check.kind {
        CheckType::Calculated => {
            let children = check.children.iter().map(|child| word(check_id(*child)));
            fields.push(("HealthThreshold", number(check.health_threshold)));
            fields.push(("ChildHealthChecks", Json::List(children.collect())));
        }
        CheckType::CloudwatchMetric => {
            let alarm = object(vec![("Region", word("us-east-1")), ("Name", word(format!("alarm-{key}")))]);
            fields.push(("AlarmIdentifier", alarm));
            fields.push(("InsufficientDataHealthStatus", word(insufficient_word(check.insufficient))));
        }
        CheckType::RecoveryControl => {
            let arn =
                format!("arn:aws:route53-recovery-control::111122223333:controlpanel/sample/routingcontrol/{key}");
            fields.push(("RoutingControlArn", word(arn)));
        }
        CheckType::Tcp | CheckType::Http | CheckType::Https | CheckType::HttpStrMatch | CheckType::HttpsStrMatch => {
            if check.by_name {
                fields.push(("FullyQualifiedDomainName", word(format!("origin-{key}.example.net"))));
            } else {
                // A public address, as Route 53 wants it (6.1.3).
                let [high, low] = key.to_be_bytes();
                fields.push(("IPAddress", word(format!("13.32.{high}.{low}"))));
            }
            fields.push(("Port", number(443)));
            if matches!(check.kind, CheckType::HttpStrMatch | CheckType::HttpsStrMatch) {
                fields.push(("SearchString", word("ready")));
            }
            fields.push(("RequestInterval", number(if check.fast { 10 } else { 30 })));
            fields.push(("FailureThreshold", number(check.failure_threshold)));
        }
    }
    fields.push(("Inverted", Json::Bool(check.inverted)));
    fields.push(("Disabled", Json::Bool(check.disabled)));
    fields
}

/// The API word.
pub(super) fn insufficient_word(status: InsufficientDataHealthStatus) -> &'static str {
    match status {
        InsufficientDataHealthStatus::Healthy => "Healthy",
        InsufficientDataHealthStatus::Unhealthy => "Unhealthy",
        InsufficientDataHealthStatus::LastKnownStatus => "LastKnownStatus",
    }
}
