//! The zone of every measurement: blocks of nine names, one for each policy and one for a three-level tree, as many as
//! it takes.

use std::fmt::Write as _;

/// Record sets of one block.
pub const RECORDS_PER_BLOCK: usize = 1 + 2 + 4 + 3 + 4 + 3 + 3 + 8 + TREE;
/// Record sets of one tree: three latency aliases, two weighted aliases under each, a failover pair under each of those.
const TREE: usize = 3 + 3 * 2 + 6 * 2;
/// Health checks, which record sets share in turn; one more has a record set of its own, and 200 are an account's quota.
const SHARED_CHECKS: usize = 199;
/// The check of one record set alone: the first tree's `use1`, `blue`, `PRIMARY`.
pub const CHECK_OF_ONE: &str = "hc-one";
/// One of the shared checks.
pub const SHARED_CHECK: &str = "hc-7";
/// A record set of the first tree that another can stand in for, for `without`.
pub const RECORD_SET: &str = "use1.tree-0.example.com/A/blue";

/// A name of the block with its policy, and what is known of the client who asks for it: what the policy reads.
pub struct Question {
    /// The policy, as the first label of the name says it.
    pub policy: &'static str,
    /// The client, as the JSON of a query.
    pub client: &'static str,
}

/// One question for each policy, and the tree.
pub const QUESTIONS: [Question; 9] = [
    Question { policy: "simple", client: "{}" },
    Question { policy: "failover", client: "{}" },
    Question { policy: "weighted", client: "{}" },
    Question { policy: "latency", client: LATENCY },
    Question { policy: "geolocation", client: r#"{"subdivision":"US-OR"}"# },
    Question { policy: "geoproximity", client: r#"{"latitude":1.3,"longitude":103.8}"# },
    Question { policy: "ip-based", client: r#"{"ip":"10.1.2.3"}"# },
    Question { policy: "multivalue", client: "{}" },
    Question { policy: TREE_NAME, client: LATENCY },
];

/// The first label of the three-level trees.
pub const TREE_NAME: &str = "tree";
const LATENCY: &str = r#"{"latency_ms":{"us-east-1":210,"eu-west-1":160,"ap-southeast-1":4}}"#;
const COLLECTION: &str = "c0ffee00-0000-4000-8000-000000000001";
const REGIONS: [(&str, &str); 3] = [("us-east-1", "use1"), ("eu-west-1", "euw1"), ("ap-southeast-1", "apse1")];

/// How many blocks a zone of about so many record sets has.
#[must_use]
pub fn blocks(records: usize) -> usize {
    records.div_ceil(RECORDS_PER_BLOCK)
}

/// The questions for one policy, one a line, in as many blocks as there are up to `limit`, spread over the zone.
#[must_use]
pub fn queries(question: &Question, records: usize, limit: usize) -> Vec<String> {
    // A prime stride, so that neighbours in time are not neighbours in memory.
    const STRIDE: usize = 7919;
    let blocks = blocks(records);
    (0..limit)
        .map(|number| {
            let block = number.wrapping_mul(STRIDE) % blocks.max(1);
            let draw = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let Question { policy, client } = question;
            format!(r#"{{"name":"{policy}-{block}.example.com","type":"A","client":{client},"draw":"{draw}"}}"#)
        })
        .collect()
}

/// A zone of about `records` record sets, as the AWS CLI prints it.
#[must_use]
pub fn zone(records: usize) -> String {
    let mut writer = Writer { text: String::new(), check: 0 };
    writer.text.push_str(r#"{"HostedZone":{"Id":"/hostedzone/Z1","Name":"example.com."},"HealthChecks":["#);
    writer.check_of(CHECK_OF_ONE);
    for check in 0..SHARED_CHECKS {
        writer.text.push(',');
        writer.check_of(&format!("hc-{check}"));
    }
    let _ = write!(
        writer.text,
        r#"],"CidrCollections":[{{"Id":"{COLLECTION}","Name":"networks","CidrBlocks":[{{"CidrBlock":"10.2.0.0/16","LocationName":"lab"}},{{"CidrBlock":"10.1.0.0/16","LocationName":"office"}}]}}]"#
    );
    writer.text.push_str(r#","ResourceRecordSets":[{"Name":"example.com.","Type":"SOA","TTL":900,"ResourceRecords":[{"Value":"ns-1.example.net. hostmaster.example.net. 1 7200 900 1209600 86400"}]}"#);
    for block in 0..blocks(records) {
        writer.block(block);
    }
    writer.text.push_str("]}");
    writer.text
}

struct Writer {
    text: String,
    check: usize,
}

impl Writer {
    fn check_of(&mut self, id: &str) {
        let _ = write!(
            self.text,
            r#"{{"Id":"{id}","HealthCheckConfig":{{"Type":"HTTPS","FullyQualifiedDomainName":"origin-{id}.example.net","Port":443,"ResourcePath":"/health","RequestInterval":30,"FailureThreshold":3}}}}"#
        );
    }

    /// The next of the shared checks.
    fn next_check(&mut self) -> String {
        self.check = (self.check + 1) % SHARED_CHECKS;
        format!("hc-{}", self.check)
    }

    fn block(&mut self, block: usize) {
        let _ = write!(
            self.text,
            r#",{{"Name":"simple-{block}.example.com.","Type":"A","TTL":60,"ResourceRecords":[{{"Value":"192.0.2.1"}}]}}"#
        );
        self.group("failover", block, &[r#""Failover":"PRIMARY""#, r#""Failover":"SECONDARY""#]);
        self.group("weighted", block, &[r#""Weight":1"#, r#""Weight":2"#, r#""Weight":3"#, r#""Weight":4"#]);
        let regions = REGIONS.map(|(region, _)| format!(r#""Region":"{region}""#));
        self.group("latency", block, &regions.each_ref().map(String::as_str));
        let places = [
            r#"{"CountryCode":"US","SubdivisionCode":"WA"}"#,
            r#"{"CountryCode":"US"}"#,
            r#"{"ContinentCode":"EU"}"#,
            r#"{"CountryCode":"*"}"#,
        ];
        let places = places.map(|place| format!(r#""GeoLocation":{place}"#));
        self.group("geolocation", block, &places.each_ref().map(String::as_str));
        let positions = REGIONS.map(|(region, _)| format!(r#""GeoProximityLocation":{{"AWSRegion":"{region}"}}"#));
        self.group("geoproximity", block, &positions.each_ref().map(String::as_str));
        let networks = ["office", "lab", "*"].map(|location| {
            format!(r#""CidrRoutingConfig":{{"CollectionId":"{COLLECTION}","LocationName":"{location}"}}"#)
        });
        self.group("ip-based", block, &networks.each_ref().map(String::as_str));
        self.group("multivalue", block, &[r#""MultiValueAnswer":true"#; 8]);
        self.tree(block);
    }

    /// A group of record sets, each with the fields of its policy and a check.
    fn group(&mut self, policy: &str, block: usize, fields: &[&str]) {
        for (number, fields) in fields.iter().enumerate() {
            let check = self.next_check();
            let _ = write!(
                self.text,
                r#",{{"Name":"{policy}-{block}.example.com.","Type":"A","SetIdentifier":"member-{number}",{fields},"HealthCheckId":"{check}","TTL":60,"ResourceRecords":[{{"Value":"192.0.2.{number}"}}]}}"#
            );
        }
    }

    fn tree(&mut self, block: usize) {
        let name = format!("{TREE_NAME}-{block}.example.com.");
        for (region, short) in REGIONS {
            let _ = write!(
                self.text,
                r#",{{"Name":"{name}","Type":"A","SetIdentifier":"{short}","Region":"{region}","AliasTarget":{{"HostedZoneId":"Z1","DNSName":"{short}.{name}","EvaluateTargetHealth":true}}}}"#
            );
            for (weight, colour) in [(90, "blue"), (10, "green")] {
                let _ = write!(
                    self.text,
                    r#",{{"Name":"{short}.{name}","Type":"A","SetIdentifier":"{colour}","Weight":{weight},"AliasTarget":{{"HostedZoneId":"Z1","DNSName":"{colour}.{short}.{name}","EvaluateTargetHealth":true}}}}"#
                );
                for (role, host) in [("PRIMARY", 1), ("SECONDARY", 2)] {
                    let is_first = block == 0 && (short, colour, role) == ("use1", "blue", "PRIMARY");
                    let check = if is_first { CHECK_OF_ONE.to_owned() } else { self.next_check() };
                    let _ = write!(
                        self.text,
                        r#",{{"Name":"{colour}.{short}.{name}","Type":"A","SetIdentifier":"{role}","Failover":"{role}","HealthCheckId":"{check}","TTL":60,"ResourceRecords":[{{"Value":"192.0.2.{host}"}}]}}"#
                    );
                }
            }
        }
    }
}

/// Bytes of names, SetIdentifiers, values and alias targets in a document: what record sets say themselves.
#[must_use]
pub fn own_text(text: &str) -> usize {
    let pieces = [r#""Name":""#, r#""SetIdentifier":""#, r#""Value":""#, r#""DNSName":""#];
    pieces
        .iter()
        .flat_map(|piece| text.match_indices(piece).filter_map(|(at, _)| text.get(at + piece.len()..)))
        .filter_map(|rest| rest.find('"'))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pointsman_core::parse::{parse, parse_query};
    use pointsman_core::validate::{Options, validate};

    #[test]
    fn the_zone_is_as_large_as_asked_for_and_has_no_findings() {
        // Smaller ones leave checks unused.
        for records in [300, 1000] {
            let text = zone(records);
            let validated = validate(&[parse(0, &text)], &Options::default());
            assert!(validated.diagnostics.is_empty(), "{:#?}", validated.diagnostics);
            let zone = pointsman_core::compile::compile(&validated.zone.unwrap());
            assert_eq!(zone.record_set_count(), blocks(records) * RECORDS_PER_BLOCK + 1);
        }
    }

    #[test]
    fn every_question_is_answered_by_its_own_policy() {
        let text = zone(100);
        let validated = validate(&[parse(0, &text)], &Options::default());
        let zone = std::sync::Arc::new(pointsman_core::compile::compile(&validated.zone.unwrap()));
        let (view, _) = pointsman_core::health::HealthView::new(zone, &Default::default());
        for question in &QUESTIONS {
            for line in queries(question, 100, 3) {
                let told = view.explain(&parse_query(&line).unwrap()).to_string();
                let policy = if question.policy == TREE_NAME { "latency" } else { question.policy };
                assert!(told.to_lowercase().contains(&format!("a: {policy}")), "{policy}: {told}");
                assert!(told.contains("NOERROR") && !told.contains("too little"), "{told}");
            }
        }
    }

    #[test]
    fn own_text_is_what_stands_between_the_quotes() {
        assert_eq!(own_text(r#"{"Name":"a.b.","SetIdentifier":"x","TTL":60,"Value":"1.2.3.4"}"#), 4 + 1 + 7);
    }
}
