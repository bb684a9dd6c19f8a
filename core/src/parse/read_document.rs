//! Reads the JSON text of one document.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::document::{
    AliasTargetAddresses, Change, ChangeAction, CidrBlocks, CidrCollectionFields, Document, HostedZoneFields,
    LatencyRow, LatencyRows,
};
use super::fields::{array, boolean, integer, number, object, text, texts, unknown};
use super::health_check::health_checks;
use super::node::{KeySeed, Node, NodePath, NodeSeed, Problems, check_top_level_key, not_json};
use super::origin::{Origin, SourceArray};
use super::record_set::RecordSetFields;
use crate::diagnostic::{Diagnostic, Route53Error};

/// Reads one document. What is wrong with it is in [`Document::diagnostics`]; a text that is not JSON gives an empty
/// document with one error.
///
/// ```
/// use pointsman_core::parse::parse;
/// let document = parse(0, r#"{"ResourceRecordSets": [{"Name": "example.com.", "TTL": "60"}]}"#);
/// let finding = &document.diagnostics[0];
/// assert_eq!(finding.code, "wrong-type");
/// assert_eq!(finding.place.as_ref().unwrap().path.to_string(), "$.ResourceRecordSets[0].TTL");
/// ```
#[must_use]
pub fn parse(number: usize, text: &str) -> Document<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut document = Document { number, ..Document::default() };
    let mut problems = Problems::new(number);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = DocumentSeed { document: &mut document, problems: &mut problems };
    let read = seed.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Err(error) = read {
        return Document { number, diagnostics: vec![not_json(number, text, &error)], ..Document::default() };
    }
    document.diagnostics = problems.list;
    document
}

struct DocumentSeed<'a, 't> {
    document: &'a mut Document<'t>,
    problems: &'a mut Problems,
}

impl<'t> DeserializeSeed<'t> for DocumentSeed<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for DocumentSeed<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object as the AWS CLI prints it, such as {\"ResourceRecordSets\": [...]}")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { document, problems } = self;
        let mut seen = Vec::new();
        let mut known = false;
        let before = problems.list.len();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            check_top_level_key(&key, &mut seen, problems);
            if key == "ResourceRecordSets" {
                let number = document.number;
                let into = document.record_sets.get_or_insert_default();
                map.next_value_seed(RecordSetsSeed { number, into, problems })?;
                known = true;
            } else {
                let at = NodePath::ROOT.key(&key);
                let value = map.next_value_seed(NodeSeed { at: &at, problems })?;
                known |= document.take(&key, value, &at, problems);
            }
        }
        if !known {
            // A document of another kind has no misspelled fields.
            problems.list.truncate(before);
            let message = "the document holds nothing that Pointsman reads";
            let help = "give one with ResourceRecordSets, HealthChecks, CidrCollections, HostedZone, Changes, \
                        LatencyTable or AliasTargets, as the AWS CLI prints it";
            problems.push(&NodePath::ROOT, Diagnostic::cannot("unknown-document", message).help(help));
        }
        Ok(())
    }
}

/// Reads record sets one by one, so that no tree of the whole listing is ever held.
struct RecordSetsSeed<'a, 't> {
    number: usize,
    into: &'a mut Vec<RecordSetFields<'t>>,
    problems: &'a mut Problems,
}

impl<'t> DeserializeSeed<'t> for RecordSetsSeed<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for RecordSetsSeed<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of record sets")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<(), A::Error> {
        let array = NodePath::ROOT.key("ResourceRecordSets");
        for index in 0_u32.. {
            let at = array.index(index as usize);
            let Some(node) = sequence.next_element_seed(NodeSeed { at: &at, problems: self.problems })? else {
                break;
            };
            let origin = Origin { document: self.number as u32, array: SourceArray::ResourceRecordSets, index };
            self.into.extend(RecordSetFields::read(node, &at, origin, self.problems));
        }
        Ok(())
    }
}

impl<'t> Document<'t> {
    /// Takes one top-level member; returns whether it is one that bears on anything.
    fn take(&mut self, key: &str, value: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> bool {
        let origin = |array| Origin { document: self.number as u32, array, index: 0 };
        match key {
            "HostedZone" => self.hosted_zone = Some(hosted_zone(value, at, problems)),
            "HealthChecks" if matches!(value, Node::Object(_)) => report_as_zone(at, problems),
            "HealthChecks" => {
                self.health_checks = Some(health_checks(value, at, origin(SourceArray::HealthChecks), problems));
            }
            "CidrCollections" => {
                let origin = origin(SourceArray::CidrCollections);
                self.cidr_collections = Some(cidr_collections(value, at, origin, problems));
            }
            "CidrBlocks" => self.cidr_blocks = Some(cidr_blocks(value, at, problems)),
            "AliasTargets" => self.alias_targets = Some(alias_targets(value, at, problems)),
            "LatencyTable" => self.latency_table = Some(latency_table(value, at, problems)),
            "Changes" => self.changes = Some(changes(value, at, origin(SourceArray::Changes), problems)),
            "ChangeBatch" => {
                for (key, value) in object(value, at, problems).unwrap_or_default() {
                    let here = at.key(&key);
                    match &*key {
                        "Changes" => {
                            self.changes =
                                Some(changes(value, &here, origin(SourceArray::ChangeBatchChanges), problems));
                        }
                        "Comment" => {}
                        _ => unknown(&key, at, problems),
                    }
                }
            }
            _ => {
                self.take_paging(key, value, at, problems);
                return false;
            }
        }
        true
    }

    #[inline(never)]
    fn take_paging(&mut self, key: &str, value: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) {
        match key {
            "IsTruncated" => self.page.is_truncated = boolean(&value, at, problems).unwrap_or(false),
            "NextRecordName" => self.page.next_record_name = text(value, at, problems),
            "NextRecordType" => self.page.next_record_type = text(value, at, problems),
            "NextRecordIdentifier" => self.page.next_record_identifier = text(value, at, problems),
            "Marker" => self.page.marker = text(value, at, problems),
            "NextMarker" => self.page.next_marker = text(value, at, problems),
            "NextToken" => self.page.next_token = text(value, at, problems),
            "HostedZoneId" => self.hosted_zone_id = text(value, at, problems),
            // The AWS SDKs put what they know of the response beside it.
            "MaxItems" | "DelegationSet" | "VPCs" | "Comment" | "ResponseMetadata" | "$metadata" => {}
            _ => unknown(key, &NodePath::ROOT, problems),
        }
    }
}

#[inline(never)]
fn report_as_zone(at: &NodePath<'_>, problems: &mut Problems) {
    let message = "this is a health report, not a part of a zone";
    let help = "give it as a health report; HealthChecks of a zone is the array that list-health-checks prints";
    problems.push(at, Diagnostic::cannot("health-report-as-zone", message).help(help));
}

fn hosted_zone<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> HostedZoneFields<'t> {
    let mut fields = HostedZoneFields::default();
    for (key, value) in object(node, at, problems).unwrap_or_default() {
        let here = at.key(&key);
        match &*key {
            "Id" => fields.id = text(value, &here, problems),
            "Name" => fields.name = text(value, &here, problems),
            "Config" => {
                for (key, value) in object(value, &here, problems).unwrap_or_default() {
                    match &*key {
                        "PrivateZone" => fields.private_zone = boolean(&value, &here.key(&key), problems),
                        "Comment" => {}
                        _ => unknown(&key, &here, problems),
                    }
                }
            }
            "CallerReference" | "ResourceRecordSetCount" | "LinkedService" | "Features" => {}
            _ => unknown(&key, at, problems),
        }
    }
    fields
}

#[inline(never)]
fn cidr_collections<'t>(
    node: Node<'t>,
    at: &NodePath<'_>,
    origin: Origin,
    problems: &mut Problems,
) -> Vec<CidrCollectionFields<'t>> {
    let mut collections = Vec::new();
    for (index, element) in (0_u32..).zip(array(node, at, problems).unwrap_or_default()) {
        let at = at.index(index as usize);
        let mut fields = CidrCollectionFields { origin: Origin { index, ..origin }, id: None, cidr_blocks: None };
        for (key, value) in object(element, &at, problems).unwrap_or_default() {
            let here = at.key(&key);
            match &*key {
                "Id" => fields.id = text(value, &here, problems),
                "CidrBlocks" => fields.cidr_blocks = Some(cidr_blocks(value, &here, problems)),
                "Arn" | "Name" | "Version" => {}
                _ => unknown(&key, &at, problems),
            }
        }
        collections.push(fields);
    }
    collections
}

#[inline(never)]
fn cidr_blocks<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> CidrBlocks<'t> {
    let mut blocks = Vec::new();
    for (index, element) in array(node, at, problems).unwrap_or_default().into_iter().enumerate() {
        let at = at.index(index);
        let (mut block, mut location) = (None, None);
        for (key, value) in object(element, &at, problems).unwrap_or_default() {
            let here = at.key(&key);
            match &*key {
                "CidrBlock" => block = text(value, &here, problems),
                "LocationName" => location = text(value, &here, problems),
                _ => unknown(&key, &at, problems),
            }
        }
        blocks.push((block, location));
    }
    blocks
}

#[inline(never)]
fn alias_targets<'t>(
    node: Node<'t>,
    at: &NodePath<'_>,
    problems: &mut Problems,
) -> Vec<(Cow<'t, str>, AliasTargetAddresses<'t>)> {
    let mut targets = Vec::new();
    for (name, value) in object(node, at, problems).unwrap_or_default() {
        let here = at.key(&name);
        if matches!(&value, Node::Text(status) if matches!(&**status, "healthy" | "unhealthy")) {
            report_as_zone(&here, problems);
            continue;
        }
        let mut addresses = AliasTargetAddresses::default();
        for (key, value) in object(value, &here, problems).unwrap_or_default() {
            let there = here.key(&key);
            match &*key {
                "A" => addresses.a = texts(value, &there, problems),
                "AAAA" => addresses.aaaa = texts(value, &there, problems),
                "TTL" => addresses.ttl = integer(&value, &there, problems),
                _ => unknown(&key, &here, problems),
            }
        }
        targets.push((name, addresses));
    }
    targets
}

#[inline(never)]
fn latency_table<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> LatencyRows<'t> {
    let mut table = LatencyRows::default();
    for (key, value) in object(node, at, problems).unwrap_or_default() {
        let here = at.key(&key);
        let rows = match &*key {
            "Networks" => &mut table.networks,
            "Countries" => &mut table.countries,
            "Continents" => &mut table.continents,
            "Default" => {
                table.default = Some(latency_row(value, &here, problems));
                continue;
            }
            _ => {
                unknown(&key, at, problems);
                continue;
            }
        };
        for (place, row) in object(value, &here, problems).unwrap_or_default() {
            let row = latency_row(row, &here.key(&place), problems);
            rows.push((place, row));
        }
    }
    table
}

/// Region -> milliseconds, also the `latency_ms` of a client.
pub(crate) fn latency_row<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> LatencyRow<'t> {
    let members = object(node, at, problems).unwrap_or_default();
    members
        .into_iter()
        .filter_map(|(region, value)| {
            let milliseconds = number(&value, &at.key(&region), problems)?;
            Some((region, milliseconds))
        })
        .collect()
}

fn changes<'t>(node: Node<'t>, at: &NodePath<'_>, origin: Origin, problems: &mut Problems) -> Vec<Change<'t>> {
    let mut changes = Vec::new();
    for (index, element) in (0_u32..).zip(array(node, at, problems).unwrap_or_default()) {
        let at = at.index(index as usize);
        let origin = Origin { index, ..origin };
        let mut change = Change { origin, action: None, record_set: None };
        let mut action_given = false;
        for (key, value) in object(element, &at, problems).unwrap_or_default() {
            let here = at.key(&key);
            match &*key {
                "Action" => {
                    action_given = true;
                    change.action = action(value, &here, problems);
                }
                "ResourceRecordSet" => change.record_set = RecordSetFields::read(value, &here, origin, problems),
                _ => unknown(&key, &at, problems),
            }
        }
        for (missing, field) in [(!action_given, "Action"), (change.record_set.is_none(), "ResourceRecordSet")] {
            if missing {
                let message = format_args!("a change has no `{field}`");
                let help = "give each change an Action of CREATE, UPSERT or DELETE and a ResourceRecordSet";
                let finding = Diagnostic::cannot("change-incomplete", message).help(help);
                problems.push(&at, finding.error(Route53Error::InvalidInput));
            }
        }
        changes.push(change);
    }
    changes
}

fn action(node: Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<ChangeAction> {
    let word = text(node, at, problems)?;
    let all = [ChangeAction::Create, ChangeAction::Upsert, ChangeAction::Delete];
    let action = all.into_iter().find(|action| action.as_str() == word);
    if action.is_none() {
        let message = format_args!("`{word}` is not an action");
        let finding = Diagnostic::cannot("unknown-action", message).help("use CREATE, UPSERT or DELETE").says(format_args!(
            "Invalid XML ; cvc-enumeration-valid: Value '{word}' is not facet-valid with respect to enumeration '[CREATE, \
             DELETE, UPSERT]'. It must be a value from the enumeration."
        ));
        problems.push(at, finding.error(Route53Error::InvalidInput));
    }
    action
}
