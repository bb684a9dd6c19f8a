//! `check-probes-routed-name`
//!
//! **Finds** a health check without an IPAddress that connects to the very name whose record set it decides.
//!
//! **At night** the check of the dead Region resolves the name, is led to the living one like every client, and says
//! healthy. AWS calls the results of such a check unpredictable.
//!
//! **Example** latency record sets at `api.example.com` with a check each, both for `api.example.com`.
//!
//! **Quiet about** checks with an IPAddress, for which the name is only the Host header, and disabled ones.
//!
//! Semantics 3.1, 6.1.3.

use alloc::vec::Vec;

use super::index::Index;
use crate::diagnostic::Diagnostic;
use crate::map::Set;
use crate::model::{HealthCheck, HealthCheckKind, NameBuf, NameRef};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    let mut told: Set<(u32, NameRef<'_>)> = Set::default();
    for (record, set) in index.zone.record_sets.iter().enumerate() {
        let Some(own) = set.health_check else { continue };
        let name = set.name.as_ref();
        let children = match index.zone.health_checks.get(own as usize).map(|check| &check.kind) {
            Some(HealthCheckKind::Calculated { children, .. }) => children.as_slice(),
            _ => &[],
        };
        for number in core::iter::once(&own).chain(children) {
            let Some(check) = index.zone.health_checks.get(*number as usize) else { continue };
            if !probes(check, name) || !told.insert((*number, name)) {
                continue;
            }
            let message = format_args!(
                "health check `{}` connects to `{name}`, the name that it decides for {}: it tests whichever member the \
                 name leads to",
                check.id,
                index.describe(record)
            );
            let help = "give the check the IPAddress or a name of the one endpoint that the record set leads to";
            let mut finding = Diagnostic::lint("check-probes-routed-name", message).help(help);
            finding.place = index.place(record, &["HealthCheckId"]);
            finding.add_to(out);
        }
    }
}

fn probes(check: &HealthCheck, name: NameRef<'_>) -> bool {
    let HealthCheckKind::Endpoint(endpoint) = &check.kind else { return false };
    let probed = endpoint.fully_qualified_domain_name.as_deref().filter(|_| endpoint.ip_address.is_none());
    !check.disabled && probed.is_some_and(|text| NameBuf::parse(text).is_ok_and(|probed| probed.as_ref() == name))
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;
    use crate::validate::{Options, validate};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn found(target: &str) -> Vec<String> {
        let record = |region: &str| {
            format!(
                r#"{{"Name": "api.example.com.", "Type": "A", "SetIdentifier": "{region}", "Region": "{region}", "TTL": 60,
                "HealthCheckId": "{region}", "ResourceRecords": [{{"Value": "192.0.2.1"}}]}}"#
            )
        };
        let check = |id: &str, target: &str| {
            format!(r#"{{"Id": "{id}", "HealthCheckConfig": {{"Type": "HTTP", "Port": 80, {target}}}}}"#)
        };
        let text = format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}, {}],
            "HealthChecks": [{}, {}]}}"#,
            record("us-east-1"),
            record("eu-west-1"),
            check("us-east-1", target),
            check("eu-west-1", r#""FullyQualifiedDomainName": "eu.example.net""#),
        );
        let findings = validate(&[parse(0, &text)], &Options::default()).diagnostics;
        let lints = findings.iter().filter(|finding| finding.code == "check-probes-routed-name");
        lints.map(|finding| finding.message.clone()).collect()
    }

    #[test]
    fn the_name_itself_is_found_and_an_address_or_another_name_is_not() {
        let by_name = found(r#""FullyQualifiedDomainName": "API.example.com""#);
        assert_eq!(by_name.len(), 1, "{by_name:?}");
        assert!(by_name[0].contains("`us-east-1` connects to `api.example.com.`"), "{by_name:?}");
        assert_eq!(found(r#""FullyQualifiedDomainName": "us.example.com""#), [""; 0]);
        assert_eq!(found(r#""FullyQualifiedDomainName": "api.example.com", "IPAddress": "8.8.8.8""#), [""; 0]);
    }
}
