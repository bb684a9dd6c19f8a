//! The register of the findings that reading other formats makes: every code with who objects, what it means and what to do.
//!
//! It adds to the register of core, which knows no format but the AWS CLI's JSON; `pointsman explain-code` and
//! `docs/findings.md` read both. A test of this crate holds it to the codes in the sources.

use pointsman_core::diagnostic::{Class, FindingKind, Severity, Source};

const fn cannot(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::CannotBeEvaluated), severity: Severity::Error, meaning, help }
}

const fn lint(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::Lint), severity: Severity::Warning, meaning, help }
}

/// Every kind of finding that reading another format makes, by code.
///
/// ```
/// use pointsman_import::FINDING_KINDS;
/// assert!(FINDING_KINDS.iter().any(|kind| kind.code == "known-after-apply"));
/// ```
#[rustfmt::skip]
pub const FINDING_KINDS: &[FindingKind] = &[
    cannot("ansible", "The document is an Ansible playbook, which is not read.", "Give what `aws route53 list-resource-record-sets` prints once it is applied."),
    cannot("aws-cli-error", "The document is an error message of the AWS CLI.", "Run the command again, and keep what it prints when it works."),
    cannot("aws-cli-text", "The document is the AWS CLI's text or table output.", "Print it with `--output json`."),
    cannot("bind-configuration", "The document is a configuration of BIND, not a zone.", "Give the zone file that it names."),
    cannot("dnscontrol", "The document is a configuration of DNSControl, which is not read.", "Give what `aws route53 list-resource-record-sets` prints once it is applied."),
    lint("known-after-apply", "A value in a Terraform plan is known only after it is applied; what stands in for it is named.", "Give the state once it is applied."),
    lint("known-after-deployment", "A value in a CloudFormation template is known only once the stack is there; what stands in for it is named.", "Give a listing once the stack is there, or `--parameter`."),
    cannot("kubernetes-manifest", "The document is a Kubernetes manifest, which is not read.", "Give what `aws route53 list-resource-record-sets` prints once it is applied."),
    cannot("not-yaml", "The document looks like YAML, and is not.", "Correct it where the finding points."),
    cannot("octodns", "The document is OctoDNS's YAML, which is not read.", "Give what `aws route53 list-resource-record-sets` prints once it is applied."),
    lint("parameter-unknown", "A parameter is given that the CloudFormation template does not have.", "Correct its name."),
    cannot("pulumi", "The document is Pulumi's, which is not read.", "Give what `aws route53 list-resource-record-sets` prints once it is applied."),
    cannot("several-hosted-zones", "The document holds several hosted zones.", "Say which one is meant, by name, id or address."),
    cannot("terraform-configuration", "The document is Terraform's configuration, which says what to make and not what is there.", "Give what `terraform show -json` prints of a plan or a state."),
    cannot("terraform-log", "The document is what `terraform plan -json` logs, not the plan.", "Write the plan with `-out`, and give what `terraform show -json` prints of it."),
    lint("terraform-record-twice", "Two Terraform resources make one record set; it counts once.", "Remove one of them."),
    lint("terraform-resource-not-read", "A Terraform resource makes record sets and is not read.", "Add them as list-resource-record-sets prints them."),
    lint("terraform-step-refused", "The end of a plan is valid, and a step on the way to it is refused, because Terraform applies one record set at a time.", "Apply it in the order that the finding gives."),
    cannot("terraform-without-values", "The document is Terraform's, and holds no values.", "Give what `terraform show -json` prints."),
    cannot("tinydns-data", "The document is tinydns's data, which is not read.", "Serve it, and give the zone as it is transferred."),
    cannot("traffic-policy-instance-incomplete", "A traffic policy instance does not say its id, name, TTL, policy and version.", "Print it again with `aws route53 list-traffic-policy-instances`."),
    cannot("traffic-policy-listing", "The document lists traffic policies without their documents.", "Give what `aws route53 get-traffic-policy` prints of each, with what `list-traffic-policy-instances` prints."),
    cannot("traffic-policy-not-json", "The document in a traffic policy is not JSON.", "Print it again with `aws route53 get-traffic-policy`."),
    cannot("traffic-policy-without-name", "A traffic policy says how a name is answered, and not which one.", "Give what `aws route53 list-traffic-policy-instances` prints, or the name of its instance with `--name`, and its TTL with `--ttl`."),
    lint("traffic-policy-endpoint-unknown", "An endpoint of a traffic policy has a type that is not known.", "Check its Type."),
    cannot("traffic-policy-incomplete", "A traffic policy lacks something that it needs.", "Add what the finding names."),
    cannot("traffic-policy-reference", "A traffic policy refers to a rule or an endpoint that it does not have, or in a circle.", "Correct the reference."),
    cannot("traffic-policy-rule-unknown", "A rule of a traffic policy has a type that is not known.", "Use failover, geo, geoproximity, latency, multivalue or weighted."),
    lint("traffic-policy-ttl-assumed", "A traffic policy says no TTL; one is assumed.", "Give the TTL of its instance with `--ttl`."),
    cannot("xml", "The document is XML or a web page.", "Print the zone with the AWS CLI and `--output json`."),
    cannot("yaml-too-large", "A YAML document is too deep, or its aliases expand to too much.", "Give a smaller document, or JSON."),
    lint("zone-file-directive", "A directive of a zone file is not known, and left out.", "Write its records out."),
    cannot("zone-file-malformed", "A line of a zone file is not an entry (RFC 1035 5.1).", "Correct it where the finding points."),
    cannot("zone-file-routing", "cli53's routing comment of a zone file's entry cannot be read.", "Write it as cli53 exports it."),
    lint("zone-file-ttl-differs", "Entries of one name and type in a zone file have different TTLs; a record set has one.", "Give all of them the same TTL (RFC 2181 5.2)."),
    cannot("zone-file-without-origin", "A zone file uses relative names, and says no origin.", "Begin it with `$ORIGIN`, or name the zone."),
    cannot("zone-file-without-ttl", "An entry of a zone file has no TTL, and the file says none before it.", "Begin the file with `$TTL`."),
    cannot("zone-not-given", "The zone that is asked for is not in the document.", "Give one of those that it has."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::FINDING_KINDS;

    /// Every text of the sources that stands where a code is given: behind a constructor of a finding.
    fn given(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                given(&path, codes);
            } else if let Ok(text) = fs::read_to_string(&path)
                && !path.ends_with("register.rs")
            {
                for constructor in ["Diagnostic::cannot(", "Diagnostic::lint(", "refused("] {
                    for rest in text.split(constructor).skip(1) {
                        let code = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                        codes.extend(code.map(String::from));
                    }
                }
            }
        }
    }

    #[test]
    fn every_code_in_the_sources_is_registered_in_whole_sentences() {
        let mut codes = BTreeSet::new();
        given(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut codes);
        assert!(codes.len() > 20, "only {codes:?}");
        let registered: BTreeSet<&str> = FINDING_KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!(registered.len(), FINDING_KINDS.len(), "a code stands there twice");
        let known = |code: &&String| {
            registered.contains(code.as_str()) || pointsman_core::diagnostic::finding_kind(code).is_some()
        };
        let missing: Vec<&String> = codes.iter().filter(|code| !known(code)).collect();
        assert!(missing.is_empty(), "not registered: {missing:?}");
        for kind in FINDING_KINDS {
            assert!(kind.meaning.ends_with('.') && kind.help.ends_with('.'), "{}", kind.code);
        }
    }
}
