//! Large zones for measurements: three-level trees, as many as it takes.

use std::fmt::Write as _;

/// Record sets of one tree: three latency aliases, two weighted aliases under each, and a failover pair under each of
/// those.
pub const RECORDS_PER_TREE: usize = 3 + 3 * 2 + 6 * 2;

/// A zone of about `records` record sets in trees `app-0.example.com.`, `app-1.example.com.` and so on, with two
/// health checks a failover pair: one for the primary, one for the secondary. `checks` of them exist; pairs share them
/// in turn.
#[must_use]
pub fn trees(records: usize, checks: usize) -> String {
    let mut text = String::from(r#"{"HostedZone":{"Id":"/hostedzone/Z1","Name":"example.com."},"HealthChecks":["#);
    for check in 0..checks {
        let comma = if check == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"Id":"hc-{check}","HealthCheckConfig":{{"Type":"HTTPS","FullyQualifiedDomainName":"origin-{check}.example.net","Port":443,"ResourcePath":"/health","RequestInterval":30,"FailureThreshold":3}}}}"#
        );
    }
    text.push_str(r#"],"ResourceRecordSets":[{"Name":"example.com.","Type":"SOA","TTL":900,"ResourceRecords":[{"Value":"ns-1.example.net. hostmaster.example.net. 1 7200 900 1209600 86400"}]}"#);
    let mut check = 0;
    let mut next_check = || {
        check = (check + 1) % checks.max(1);
        check
    };
    for tree in 0..records.div_ceil(RECORDS_PER_TREE) {
        for (region, name) in ["us-east-1", "eu-west-1", "ap-southeast-1"].into_iter().zip(["use1", "euw1", "apse1"]) {
            let _ = write!(
                text,
                r#",{{"Name":"app-{tree}.example.com.","Type":"A","SetIdentifier":"{name}","Region":"{region}","AliasTarget":{{"HostedZoneId":"Z1","DNSName":"{name}.app-{tree}.example.com.","EvaluateTargetHealth":true}}}}"#
            );
            for (weight, colour) in [(90, "blue"), (10, "green")] {
                let _ = write!(
                    text,
                    r#",{{"Name":"{name}.app-{tree}.example.com.","Type":"A","SetIdentifier":"{colour}","Weight":{weight},"AliasTarget":{{"HostedZoneId":"Z1","DNSName":"{colour}.{name}.app-{tree}.example.com.","EvaluateTargetHealth":true}}}}"#
                );
                for (role, host) in [("PRIMARY", 1), ("SECONDARY", 2)] {
                    let check = next_check();
                    let _ = write!(
                        text,
                        r#",{{"Name":"{colour}.{name}.app-{tree}.example.com.","Type":"A","SetIdentifier":"{role}","Failover":"{role}","HealthCheckId":"hc-{check}","TTL":60,"ResourceRecords":[{{"Value":"192.0.2.{host}"}}]}}"#
                    );
                }
            }
        }
    }
    text.push_str("]}");
    text
}
