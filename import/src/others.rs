//! Formats that are known by their looks and not read, each with the way that works.

use crate::format::Format;
use crate::read::Read;
use crate::sample::{Sample, Shape};

/// How to get at what a zone answers, whoever wrote it.
const LISTING: &str = "give what `aws route53 list-resource-record-sets --hosted-zone-id ID` prints once it is applied";

/// Formats of tools that write to Route 53 themselves.
pub(crate) const FORMATS: [Format; 9] = [
    Format {
        name: "an error of the AWS CLI",
        recognises: |sample| sample.has_line("An error occurred (") || sample.has_line("aws: error:"),
        read: |_, _| {
            refused(
                "aws-cli-error",
                "this is an error message of the AWS CLI",
                "run the command again and keep what it prints when it works",
            )
        },
    },
    Format {
        name: "a web page or XML",
        recognises: |sample| sample.shape == Shape::Text && sample.text.trim_ascii_start().starts_with('<'),
        read: |_, _| {
            refused(
                "xml",
                "this is XML or a web page, which is not read",
                "print the zone with the AWS CLI and `--output json`",
            )
        },
    },
    Format {
        name: "a Kubernetes manifest",
        recognises: |sample| has_keys(sample, &["apiVersion", "kind"]),
        read: |text, _| {
            let message = if text.contains("DNSEndpoint") {
                "this is a DNSEndpoint of external-dns, which is not read"
            } else {
                "this is a Kubernetes manifest, which is not read"
            };
            refused("kubernetes-manifest", message, LISTING)
        },
    },
    Format {
        name: "Pulumi's state or preview",
        recognises: |sample| {
            (sample.shape == Shape::Object
                && (sample.has("deployment") || (sample.has("steps") && sample.has("config"))))
                || has_keys(sample, &["runtime", "resources"])
        },
        read: |_, _| refused("pulumi", "this is Pulumi's, which is not read", LISTING),
    },
    Format {
        name: "an Ansible playbook",
        recognises: |sample| {
            sample.lines().any(|line| {
                ["amazon.aws.route53:", "community.aws.route53:", "route53:"]
                    .contains(&line.trim_start_matches([' ', '-']).trim_end())
            })
        },
        read: |_, _| refused("ansible", "this is an Ansible playbook, which is not read", LISTING),
    },
    Format {
        name: "OctoDNS's YAML",
        recognises: is_octodns,
        read: |_, _| refused("octodns", "this is OctoDNS's YAML, which is not read", LISTING),
    },
    Format {
        name: "DNSControl's configuration",
        recognises: |sample| sample.lines().any(|line| line.starts_with("D(") || line.contains("NewDnsProvider(")),
        read: |_, _| refused("dnscontrol", "this is a configuration of DNSControl, which is not read", LISTING),
    },
    Format {
        name: "a configuration of BIND",
        recognises: |sample| sample.lines().any(|line| line.starts_with("zone \"") || line.starts_with("options {")),
        read: |_, _| {
            refused(
                "bind-configuration",
                "this is a configuration of BIND, not a zone",
                "give the zone file that it names",
            )
        },
    },
    Format {
        name: "tinydns's data",
        recognises: is_tinydns,
        read: |_, _| {
            refused(
                "tinydns-data",
                "this is tinydns's data, which is not read",
                "serve it and give the zone as it is transferred: `dig @SERVER ZONE AXFR +noall +answer > zone.txt`",
            )
        },
    },
];

fn refused(code: &'static str, message: &str, help: &str) -> Read {
    Read::refused(code, message, help)
}

/// Whether an object, or the lines of a YAML mapping, has all these keys.
fn has_keys(sample: &Sample<'_>, keys: &[&str]) -> bool {
    match sample.shape {
        Shape::Text => keys.iter().all(|key| sample.has_line(&format!("{key}:"))),
        Shape::Object => keys.iter().all(|key| sample.has(key)),
        Shape::Stream | Shape::Array => false,
    }
}

/// Names with `type` and `value` or `values` in them, or the configuration with providers and zones.
fn is_octodns(sample: &Sample<'_>) -> bool {
    let has_inner = |word: &str| {
        sample.lines().any(|line| line.starts_with([' ', '-']) && line.trim_start_matches([' ', '-']).starts_with(word))
    };
    has_keys(sample, &["providers", "zones"]) || (has_inner("type:") && (has_inner("value:") || has_inner("values:")))
}

/// Lines such as `+www.example.com:192.0.2.1:300`.
fn is_tinydns(sample: &Sample<'_>) -> bool {
    let is_line = |line: &str| {
        let mut characters = line.chars();
        matches!(characters.next(), Some('+' | '=' | '&' | '.' | '@' | 'C' | '\'' | '^' | 'Z'))
            && line.split(':').count() >= 3
            && line.split(':').next().is_some_and(|name| name.contains('.') && !name.contains(' '))
    };
    let mut lines = sample.lines().filter(|line| !line.starts_with(['#', '-'])).take(20).peekable();
    lines.peek().is_some() && lines.all(is_line)
}
