//! Health checks and what a report says of them (6).

use serde_json::{Map, Value, json};

use super::rng::Rng;

/// Health checks of every kind; calculated ones count those before them.
pub(super) fn checks(rng: &mut Rng) -> Vec<Value> {
    let mut checks = Vec::new();
    let mut plain = Vec::new();
    for number in 0..rng.between(1, 9) {
        let id = format!("hc-{number}");
        let mut config = match rng.below(10) {
            0 | 1 if !plain.is_empty() => {
                let count = rng.between(1, 4);
                let children: Vec<String> = rng.some_of(&plain, count);
                let threshold = rng.between(0, children.len() + 1);
                json!({"Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": threshold})
            }
            2 | 3 => {
                let when = rng.one_of(&["Healthy", "Unhealthy", "LastKnownStatus"]);
                json!({"Type": "CLOUDWATCH_METRIC", "InsufficientDataHealthStatus": when,
                    "AlarmIdentifier": {"Region": "us-east-1", "Name": "alarm"}})
            }
            4 => json!({"Type": "RECOVERY_CONTROL", "RoutingControlArn":
                "arn:aws:route53-recovery-control::111122223333:controlpanel/0123456789abcdef0123456789abcdef/routingcontrol/0123456789abcdef"}),
            5 => json!({"Type": "TCP", "IPAddress": "203.0.112.9", "Port": 443}),
            6 => {
                json!({"Type": "HTTPS_STR_MATCH", "FullyQualifiedDomainName": "www.example.com", "SearchString": "ok"})
            }
            _ => json!({"Type": "HTTP", "FullyQualifiedDomainName": "www.example.com", "ResourcePath": "/"}),
        };
        if rng.percent(20) {
            config["Inverted"] = true.into();
        }
        if rng.percent(15) {
            config["Disabled"] = true.into();
        }
        if config["Type"] != "CALCULATED" {
            plain.push(id.clone());
        }
        checks.push(json!({"Id": id, "CallerReference": id, "HealthCheckVersion": 1, "HealthCheckConfig": config}));
    }
    checks
}

/// A report on checks and AWS resources. Some are not in it; calculated ones never are.
pub(super) fn report(rng: &mut Rng, checks: &[Value], resources: &[&str]) -> Value {
    // In some worlds most things are down, so that groups fail open.
    let sick = *rng.one_of(&[10, 40, 70, 95]);
    let word = |rng: &mut Rng| if rng.percent(sick) { "unhealthy" } else { "healthy" };
    let mut statuses = Map::new();
    for check in checks.iter().filter(|check| check["HealthCheckConfig"]["Type"] != "CALCULATED") {
        let is_alarm = check["HealthCheckConfig"]["Type"] == "CLOUDWATCH_METRIC";
        let status = match rng.below(10) {
            0 => continue,
            1 => observations(rng),
            2 | 3 if is_alarm => "insufficient".into(),
            4 | 5 if is_alarm => json!({"Status": "insufficient", "LastKnown": word(rng)}),
            6 => json!({"Status": word(rng)}),
            _ => word(rng).into(),
        };
        statuses.insert(check["Id"].as_str().unwrap_or_default().into(), status);
    }
    let mut targets = Map::new();
    for resource in resources {
        if rng.percent(70) {
            targets.insert((*resource).into(), word(rng).into());
        }
    }
    json!({"HealthChecks": statuses, "AliasTargets": targets})
}

/// What checkers say, as get-health-check-status prints it (10.43).
fn observations(rng: &mut Rng) -> Value {
    let all = rng.between(0, 17);
    let list: Vec<_> = (0..all)
        .map(|_| {
            let words = if rng.percent(20) { "Success: HTTP Status Code 200, OK" } else { "Failure: timed out" };
            json!({"Region": "us-east-1", "IPAddress": "192.0.2.9", "StatusReport": {"Status": words}})
        })
        .collect();
    json!({"HealthCheckObservations": list})
}
