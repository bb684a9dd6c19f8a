//! Texts of the live service, word for word, each with where it is on public record.

#![allow(clippy::unwrap_used, reason = "a case that cannot be read must stop the test")]

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, apply, validate};
use serde_json::{Value, json};

/// What provokes a text.
enum Given {
    /// Record sets of a listing.
    Zone(Vec<Value>),
    /// Record sets that are there, and changes of one batch: action and record set.
    Batch(Vec<Value>, Vec<(&'static str, Value)>),
    /// The HealthCheckConfig of a health check.
    Check(Value),
}

use Given::{Batch, Check, Zone};

/// The zone `example.com.` with the id Z1.
fn zone(record_sets: &[Value], checks: &[Value]) -> String {
    let private = record_sets.iter().any(|set| set.get("Private").is_some());
    let sets: Vec<Value> = record_sets
        .iter()
        .map(|set| {
            let mut set = set.clone();
            set.as_object_mut().unwrap().remove("Private");
            set
        })
        .collect();
    json!({"HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": private}},
        "ResourceRecordSets": sets, "HealthChecks": checks})
    .to_string()
}

/// Every text that the service would say.
fn texts(given: &Given) -> Vec<String> {
    let findings = match given {
        Zone(sets) => validate(&[parse(0, &zone(sets, &[]))], &Options::default()).diagnostics,
        Batch(sets, changes) => {
            let changes: Vec<Value> =
                changes.iter().map(|(action, set)| json!({"Action": action, "ResourceRecordSet": set})).collect();
            let batch = json!({ "Changes": changes }).to_string();
            apply(&[parse(0, &zone(sets, &[]))], &parse(1, &batch), &Options::default()).diagnostics
        }
        Check(config) => {
            let check = json!({"Id": "c", "HealthCheckConfig": config});
            validate(&[parse(0, &zone(&[], &[check]))], &Options::default()).diagnostics
        }
    };
    findings.iter().filter_map(|finding| finding.route53_message.clone()).collect()
}

fn set(name: &str, kind: &str, value: &str) -> Value {
    json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]})
}

fn a(name: &str) -> Value {
    set(name, "A", "192.0.2.1")
}

fn with(mut set: Value, fields: Value) -> Value {
    for (key, value) in fields.as_object().unwrap() {
        set[key] = value.clone();
    }
    set
}

fn member(id: &str, fields: Value) -> Value {
    with(with(a("w.example.com."), json!({ "SetIdentifier": id })), fields)
}

fn alias(name: &str, zone_id: &str, target: &str) -> Value {
    json!({"Name": name, "Type": "A",
        "AliasTarget": {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": false}})
}

/// Source, what provokes the text, and the text.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(&'static str, Given, &'static str)> {
    let create = |set: Value| Batch(vec![], vec![("CREATE", set)]);
    vec![
        // Names and values.
        (
            "gh:hashicorp/terraform#18482, gh:GSA-TTS/dns#101",
            create(a("lean.example.com..example.com")),
            "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'lean.example.com..example.com'",
        ),
        (
            "gh:plesk/ext-route53#13",
            create(a("sp ace.example.com")),
            "FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with ' '",
        ),
        (
            "gh:harmony-one/harmony-ops#491",
            create(alias("x.example.com", "Z35SXDOTRQ7X7K", "")),
            "FATAL problem: DomainNameEmpty (Domain name is empty) encountered with ''",
        ),
        (
            "gh:redhat-cop/infra-ansible#376, gh:kubernetes-sigs/external-dns#4792",
            create(set("t.example.com", "TXT", "cVlzlmT8gQxdHd2mx1mMIG4-zkwdAaPIarqg0yHreyg")),
            "Invalid Resource Record: FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) \
             encountered with 'cVlzlmT8gQxdHd2mx1mMIG4-zkwdAaPIarqg0yHreyg'",
        ),
        (
            "gh:gomodules/dns#7",
            create(set("x.example.com", "A", "ns-738.awsdns-28.net.")),
            "Invalid Resource Record: FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) \
             encountered with 'ns-738.awsdns-28.net.'",
        ),
        (
            "gh:amazon-archives/service-discovery-ecs-dns#23",
            create(set("x.example.com", "SRV", "1 1 32769 ip-10-0-6-110.testapi. eu-central-1.compute.internal.")),
            "Invalid Resource Record: FATAL problem: SRVRRDATANotFourFields (SRV record doesn't have 4 fields) encountered \
             with '1 1 32769 ip-10-0-6-110.testapi. eu-central-1.compute.internal.'",
        ),
        (
            "gh:kubernetes-sigs/external-dns#1929",
            create(json!({"Name": "x.example.com", "Type": "A", "TTL": 60,
                "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "192.0.2.1"}]})),
            "Duplicate Resource Record: '192.0.2.1'",
        ),
        // The schema.
        (
            "gh:chilts/nice-route53#8, gh:chilts/nice-route53#12",
            create(json!({"Name": "x.example.com", "Type": "A", "TTL": 60, "ResourceRecords": []})),
            "Invalid XML ; cvc-complex-type.2.4.b: The content of element 'ResourceRecords' is not complete. One of \
             '{\"https://route53.amazonaws.com/doc/2013-04-01/\":ResourceRecord}' is expected.",
        ),
        (
            "gh:boto/boto#2096",
            create(json!({"Name": "x.example.com", "Type": "A",
                "AliasTarget": {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "lb.us-east-1.elb.amazonaws.com"}})),
            "Invalid XML ; cvc-complex-type.2.4.b: The content of element 'AliasTarget' is not complete. One of \
             '{\"https://route53.amazonaws.com/doc/2013-04-01/\":EvaluateTargetHealth}' is expected.",
        ),
        (
            "gh:hashicorp/terraform-provider-aws#882, gh:hashicorp/terraform#8844",
            create(alias(
                "x.example.com",
                "papito-backoffice-elb-elb-233329122.eu-west-1.elb.amazonaws.com",
                "papito-backoffice-elb-elb-233329122.eu-west-1.elb.amazonaws.com",
            )),
            "Invalid XML ; cvc-maxLength-valid: Value 'papito-backoffice-elb-elb-233329122.eu-west-1.elb.amazonaws.com' with \
             length = '63' is not facet-valid with respect to maxLength '32' for type 'ResourceId'.",
        ),
        (
            "gh:kubernetes-sigs/external-dns#1541",
            create(member("d", json!({"GeoLocation": {"ContinentCode": "Default"}}))),
            "Invalid XML ; cvc-length-valid: Value 'Default' with length = '7' is not facet-valid with respect to length '2' \
             for type 'ContinentCode'.",
        ),
        (
            "gh:getmoto/moto#5222",
            Batch(vec![], vec![("INVALID_ACTION", a("x.example.com"))]),
            "Invalid XML ; cvc-enumeration-valid: Value 'INVALID_ACTION' is not facet-valid with respect to enumeration \
             '[CREATE, DELETE, UPSERT]'. It must be a value from the enumeration.",
        ),
        (
            "cdk-preflight pf-route53-weight-range",
            create(member("d", json!({"Weight": 256}))),
            "Invalid XML ; cvc-maxInclusive-valid: Value '256' is not facet-valid with respect to maxInclusive '255'",
        ),
        // What a record set is made of.
        (
            "gh:hashicorp/terraform-provider-aws#19778",
            Batch(vec![], vec![("UPSERT", with(a("foo.example.com"), json!({"SetIdentifier": "test"})))]),
            "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, \
             GeoProximityLocation, or CidrRoutingConfig], but found none in Change with [Action=UPSERT, Name=foo.example.com, \
             Type=A, SetIdentifier=test]",
        ),
        (
            "cdk-preflight pf-route53-routing-policy-exclusive",
            create(member("s", json!({"Weight": 1, "Failover": "SECONDARY"}))),
            "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, \
             GeoProximityLocation, or CidrRoutingConfig], but found more than one in Change with [Action=CREATE, \
             Name=w.example.com., Type=A, SetIdentifier=s]",
        ),
        (
            "gh:boto/boto3#612",
            Batch(
                vec![],
                vec![(
                    "UPSERT",
                    json!({"Name": "www.example.com", "Type": "A", "ResourceRecords": [{"Value": "10.0.0.1"}]}),
                )],
            ),
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
             TrafficPolicyInstanceId], but found none in Change with [Action=UPSERT, Name=www.example.com, Type=A, \
             SetIdentifier=null]",
        ),
        (
            "cdk-preflight pf-route53-set-identifier-pairing, gh:aws/aws-sdk-php#475",
            create(with(a("w.example.com."), json!({"Weight": 1}))),
            "Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=w.example.com., Type=A, \
             SetIdentifier=null]",
        ),
        // Aliases.
        (
            "gh:aws/aws-cdk#19643, gh:harmony-one/harmony-ops#491",
            create(alias("x.example.com", "Z1", "s0-stn-us-west-1-875734585.us-west-1.elb.amazonaws.com")),
            "Tried to create an alias that targets s0-stn-us-west-1-875734585.us-west-1.elb.amazonaws.com., type A in zone Z1, \
             but the alias target name does not lie within the target zone, Tried to create an alias that targets \
             s0-stn-us-west-1-875734585.us-west-1.elb.amazonaws.com., type A in zone Z1, but that target was not found",
        ),
        (
            "gh:hashicorp/terraform#21021, gh:pulumi/pulumi-aws#2330",
            create(alias("x.example.com", "Z1BKCTXD74EZPE", "website.s3.amazonaws.com")),
            "Tried to create an alias that targets website.s3.amazonaws.com., type A in zone Z1BKCTXD74EZPE, but the alias \
             target name does not lie within the target zone",
        ),
        (
            "gh:barnybug/cli53#213",
            create(alias("x.example.com", "Z2FDTNDATAQYW2", "dualstack.myname.us-east-1.elb.amazonaws.com.")),
            "Tried to create an alias that targets dualstack.myname.us-east-1.elb.amazonaws.com., type A in zone \
             Z2FDTNDATAQYW2, but the alias target name does not lie within the target zone",
        ),
        (
            "gh:barnybug/cli53#227",
            create(alias("x.example.com", "Z1", "webserver.example.com")),
            "Tried to create an alias that targets webserver.example.com., type A in zone Z1, but that target was not found",
        ),
        (
            "gh:DNSControl/dnscontrol#2107",
            Zone(vec![alias("x.example.com", "Z1", "x.example.com")]),
            "RRSet of type A with DNS name x.example.com. is not permitted as it creates a CNAME or alias loop in the zone.",
        ),
        (
            "gh:kubernetes-sigs/external-dns#630",
            create(set("bar.foo.example.com", "CNAME", "bar.foo.example.com")),
            "RRSet of type CNAME with DNS name bar.foo.example.com. is not permitted as it creates a CNAME or alias loop in \
             the zone.",
        ),
        (
            "cdk-preflight pf-route53-multivalue-alias",
            create(with(
                alias("x.example.com", "Z35SXDOTRQ7X7K", "a.us-east-1.elb.amazonaws.com"),
                json!({"SetIdentifier": "m", "MultiValueAnswer": true}),
            )),
            "Multivalue answer rrset should not be an alias rrset. No changes made.",
        ),
        // Names beside each other.
        (
            "gh:cert-manager/cert-manager#5719",
            create(a("www.example.net")),
            "RRSet with DNS name www.example.net. is not permitted in zone example.com.",
        ),
        (
            "gh:CMS-Enterprise/npd#217",
            create(set("example.com", "CNAME", "x.example.net")),
            "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.",
        ),
        (
            "gh:aws/aws-sdk-java#1996",
            Batch(vec![a("x.example.com")], vec![("CREATE", set("x.example.com", "CNAME", "y.example.net"))]),
            "RRSet of type CNAME with DNS name x.example.com. is not permitted as it conflicts with other records with the \
             same DNS name in zone example.com.",
        ),
        (
            "gh:RJPearson94/terraform-aws-open-next#24",
            Batch(vec![set("x.example.com", "CNAME", "y.example.net")], vec![("CREATE", a("x.example.com"))]),
            "RRSet of type A with DNS name x.example.com. is not permitted because a conflicting RRSet of type CNAME with the \
             same DNS name already exists in zone example.com.",
        ),
        (
            "cdk-preflight pf-route53-record-name-wildcard-ns",
            create(set("*.example.com", "NS", "ns1.example.net")),
            "Changing wildcard NS record sets are not supported. No changes made.",
        ),
        // What is there, and what is not.
        (
            "gh:barnybug/cli53#317",
            Batch(
                vec![member("Default", json!({"GeoLocation": {"CountryCode": "*"}}))],
                vec![("CREATE", member("Default", json!({"GeoLocation": {"CountryCode": "*"}})))],
            ),
            "Tried to create resource record set [name='w.example.com.', type='A', set-identifier='Default'] but it already \
             exists",
        ),
        (
            "gh:octodns/octodns#32",
            Batch(vec![a("x.example.com")], vec![("DELETE", with(a("x.example.com"), json!({"TTL": 61})))]),
            "Tried to delete resource record set [name='x.example.com.', type='A'] but the values provided do not match the \
             current values",
        ),
        (
            "API ChangeResourceRecordSets, InvalidChangeBatch",
            Batch(vec![], vec![("DELETE", a("x.example.com"))]),
            "Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found",
        ),
        (
            "gh:virtualmin/virtualmin-gpl#1000, gh:DNSControl/dnscontrol#1128",
            Batch(vec![], vec![("UPSERT", a("x.example.com")), ("UPSERT", a("x.example.com"))]),
            "The request contains an invalid set of changes for a resource record set 'A x.example.com.'",
        ),
        // Groups.
        (
            "gh:hashicorp/terraform-provider-aws#1961",
            Batch(
                vec![member("live", json!({"Weight": 1})), member("canary", json!({"Weight": 1}))],
                vec![("UPSERT", member("live", json!({"Weight": 1, "TTL": 30})))],
            ),
            "RRSet with DNS name w.example.com., type A, SetIdentifier live cannot be created as weighted sets must contain \
             the same TTL.",
        ),
        (
            "gh:octodns/octodns#32",
            Batch(
                vec![member("d", json!({"GeoLocation": {"CountryCode": "*"}}))],
                vec![("UPSERT", a("w.example.com"))],
            ),
            "RRSet with DNS name w.example.com., type A cannot be created as other RRSets exist with the same name and type.",
        ),
        (
            "gh:hashicorp/terraform-provider-aws#1668",
            Batch(
                vec![member("one", json!({"Region": "eu-west-1"}))],
                vec![("UPSERT", member("two", json!({"Region": "eu-west-1"})))],
            ),
            "RRSet with DNS name w.example.com., type A, SetIdentifier two, and Region Name=eu-west-1 cannot be created \
             because a latency RRSet with the same name, type and region already exists.",
        ),
        (
            "cdk-preflight pf-route53-latency-region-enum",
            create(member("r", json!({"Region": "us-west-9"}))),
            "Cannot find region 'us-west-9'. No changes made.",
        ),
        (
            "cdk-preflight pf-route53-geolocation-unsupported-country",
            create(member("g", json!({"GeoLocation": {"CountryCode": "BV"}}))),
            "Cannot find location: 'country = BV'. No changes made.",
        ),
        (
            "gh:kubernetes-sigs/external-dns#1288",
            create(with(a("x.example.com"), json!({"HealthCheckId": "c"}))),
            "DNS name must have alternate ResourceRecordSet responses configured via a routing policy (e.g., Weight, Region, \
             etc.) if a health check is attached. No changes made.",
        ),
        (
            "cdk-preflight pf-route53-failover-requires-health-check",
            create(member("p", json!({"Failover": "PRIMARY"}))),
            "A non-alias primary ResourceRecordSet must have an associated health check. No changes made.",
        ),
        (
            "cdk-preflight pf-route53-failover-alias-evaluate-target-health",
            create(with(
                alias("w.example.com", "Z35SXDOTRQ7X7K", "a.us-east-1.elb.amazonaws.com"),
                json!({"SetIdentifier": "p", "Failover": "PRIMARY"}),
            )),
            "RRSet with DNS name w.example.com., type A, SetIdentifier p cannot be a primary without EvaluateTargetHealth set \
             to true or an associated health check as a secondary would never be returned.",
        ),
        (
            "cdk-preflight pf-route53-record-type-routing-policy",
            create(with(set("w.example.com", "NS", "ns1.example.net"), json!({"SetIdentifier": "n", "Weight": 1}))),
            "RRSet with DNS name w.example.com., type NS, SetIdentifier n cannot be created because this type of RRSet is not \
             supported.",
        ),
        // Health checks.
        (
            "gh:hashicorp/terraform-provider-aws#39428, gh:hashicorp/terraform-provider-aws#44004",
            Check(json!({"Type": "CALCULATED", "ChildHealthChecks": []})),
            "Invalid parameter : Calculated health checks must have a health threshold specified.",
        ),
        (
            "cdk-preflight pf-route53-healthcheck-requestinterval-discrete",
            Check(json!({"Type": "HTTP", "IPAddress": "8.8.8.8", "RequestInterval": 20})),
            "Invalid XML ; cvc-enumeration-valid: Value '20' is not facet-valid with respect to enumeration '[10, 30]'. It \
             must be a value from the enumeration.",
        ),
    ]
}

#[test]
fn the_texts_of_the_live_service_are_said_word_for_word() {
    let cases = cases();
    for (source, given, wanted) in &cases {
        let said = texts(given);
        assert!(said.iter().any(|text| text == wanted), "{source}\n  wanted: {wanted}\n  said:   {said:#?}");
        assert!(!source.is_empty());
    }
    assert!(cases.len() >= 40, "only {} texts", cases.len());
}
