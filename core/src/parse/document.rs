//! One document: everything that one JSON text holds.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fields::{array, boolean, integer, number, object, text, texts, unknown};
use super::health_check::{HealthCheckFields, health_checks};
use super::node::{KeySeed, Link, Node, NodeSeed, Problems, check_top_level_key, not_json};
use super::place_path::{Array, Base};
use super::record_set::RecordSetFields;
use super::terraform::{Part, Terraform, TerraformPlaces};
use crate::diagnostic::{Diagnostic, Route53Error};

/// What one text holds, with the findings made while it was read; [`crate::validate`] joins documents into a zone.
#[derive(Debug, Clone, Default)]
pub struct Document<'t> {
    /// The document's number, which findings carry.
    pub number: usize,
    /// Findings of grammar: not JSON, wrong types, duplicate keys, unknown fields.
    pub diagnostics: Vec<Diagnostic>,
    /// `HostedZone`
    pub hosted_zone: Option<HostedZoneFields<'t>>,
    /// `ResourceRecordSets`
    pub record_sets: Option<Vec<RecordSetFields<'t>>>,
    /// `HealthChecks`, the array of list-health-checks.
    pub health_checks: Option<Vec<HealthCheckFields<'t>>>,
    /// `CidrCollections`
    pub cidr_collections: Option<Vec<CidrCollectionFields<'t>>>,
    /// `CidrBlocks` at the top level, as list-cidr-blocks prints them; they belong to `cidr_collection_id`.
    pub cidr_blocks: Option<CidrBlocks<'t>>,
    /// The collection that the blocks at the top level belong to, which their document does not say: set it after
    /// [`parse`].
    pub cidr_collection_id: Option<Box<str>>,
    /// `AliasTargets`: what AWS resources resolve to, by DNS name.
    pub alias_targets: Option<Vec<(Cow<'t, str>, AliasTargetAddresses<'t>)>>,
    /// `LatencyTable`
    pub latency_table: Option<LatencyRows<'t>>,
    /// `Changes`, at the top level or under `ChangeBatch`.
    pub changes: Option<Vec<Change<'t>>>,
    /// Where this page of a listing stands among its pages.
    pub page: Page<'t>,
    /// Where all this stands in the plan or state that Terraform printed, if it is one. Findings of this document, those
    /// in [`Document::diagnostics`] too, are made as if the AWS CLI had printed it; validation sets their places right.
    pub terraform: Option<Arc<TerraformPlaces>>,
}

/// The paging fields of a listing.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the API field of that name")]
pub struct Page<'t> {
    pub is_truncated: bool,
    pub next_record_name: Option<Cow<'t, str>>,
    pub next_record_type: Option<Cow<'t, str>>,
    pub next_record_identifier: Option<Cow<'t, str>>,
    pub marker: Option<Cow<'t, str>>,
    pub next_marker: Option<Cow<'t, str>>,
    pub next_token: Option<Cow<'t, str>>,
}

/// The fields of `HostedZone` that bear on answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostedZoneFields<'t> {
    /// `Id`
    pub id: Option<Cow<'t, str>>,
    /// `Name`
    pub name: Option<Cow<'t, str>>,
    /// `Config.PrivateZone`
    pub private_zone: Option<bool>,
}

/// The fields of a CIDR collection with its blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct CidrCollectionFields<'t> {
    /// Where it stands.
    pub base: Base,
    /// `Id`
    pub id: Option<Cow<'t, str>>,
    /// `CidrBlocks`: block and location name of each.
    pub cidr_blocks: Option<CidrBlocks<'t>>,
}

/// Blocks and their locations, in document order; a missing field is `None`.
pub type CidrBlocks<'t> = Vec<(Option<Cow<'t, str>>, Option<Cow<'t, str>>)>;

/// What an AWS resource resolves to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AliasTargetAddresses<'t> {
    /// `A`
    pub a: Option<Vec<Cow<'t, str>>>,
    /// `AAAA`
    pub aaaa: Option<Vec<Cow<'t, str>>>,
    /// `TTL`
    pub ttl: Option<i64>,
}

/// Rows of a `LatencyTable`: Region and milliseconds.
pub type LatencyRow<'t> = Vec<(Cow<'t, str>, f64)>;

/// A `LatencyTable` as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LatencyRows<'t> {
    /// `Networks`: network in CIDR form -> row.
    pub networks: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Countries`: country code -> row.
    pub countries: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Continents`: continent code -> row.
    pub continents: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Default`
    pub default: Option<LatencyRow<'t>>,
}

/// One change of a change batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'t> {
    /// Where the record set stands; `Action` is its sibling.
    pub base: Base,
    /// The action, `None` when it is missing or unknown, which is reported already.
    pub action: Option<ChangeAction>,
    /// `ResourceRecordSet`
    pub record_set: Option<RecordSetFields<'t>>,
}

/// What a change does (8.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the API word of that name")]
pub enum ChangeAction {
    Create,
    Upsert,
    Delete,
}

impl ChangeAction {
    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Upsert => "UPSERT",
            Self::Delete => "DELETE",
        }
    }
}

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
        let mut terraform = Terraform::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            check_top_level_key(&key, &mut seen, problems);
            if key == "ResourceRecordSets" {
                let number = document.number;
                let into = document.record_sets.get_or_insert_default();
                map.next_value_seed(RecordSetsSeed { number, into, problems })?;
                known = true;
            } else if let Some(part) = terraform.part(&key) {
                match part {
                    Part::Skip => map.next_value::<IgnoredAny>().map(|_| ())?,
                    Part::Keep(slot) => {
                        *slot = Some(map.next_value_seed(NodeSeed { at: &Link::ROOT.key(&key), problems })?);
                    }
                }
            } else {
                let at = Link::ROOT.key(&key);
                let value = map.next_value_seed(NodeSeed { at: &at, problems })?;
                known |= document.take(&key, value, &at, problems);
            }
        }
        known |= terraform.finish(document, problems);
        if !known {
            let message = "the document holds nothing that Pointsman reads";
            let help = "give one with ResourceRecordSets, HealthChecks, CidrCollections, HostedZone, Changes, \
                        LatencyTable or AliasTargets, or what `terraform show -json` prints";
            problems.push(&Link::ROOT, Diagnostic::cannot("unknown-document", message).help(help));
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
        let array = Link::ROOT.key("ResourceRecordSets");
        for index in 0_u32.. {
            let at = array.index(index as usize);
            let Some(node) = sequence.next_element_seed(NodeSeed { at: &at, problems: self.problems })? else {
                break;
            };
            let base = Base { document: self.number as u32, array: Array::ResourceRecordSets, index };
            self.into.extend(RecordSetFields::read(node, &at, base, self.problems));
        }
        Ok(())
    }
}

impl<'t> Document<'t> {
    /// Takes one top-level member; answers whether it is one that bears on anything.
    pub(super) fn take(&mut self, key: &str, value: Node<'t>, at: &Link<'_>, problems: &mut Problems) -> bool {
        let base = |array| Base { document: self.number as u32, array, index: 0 };
        match key {
            "HostedZone" => self.hosted_zone = Some(hosted_zone(value, at, problems)),
            "HealthChecks" if matches!(value, Node::Object(_)) => report_as_zone(at, problems),
            "HealthChecks" => {
                self.health_checks = Some(health_checks(value, at, base(Array::HealthChecks), problems));
            }
            "CidrCollections" => {
                let base = base(Array::CidrCollections);
                self.cidr_collections = Some(cidr_collections(value, at, base, problems));
            }
            "CidrBlocks" => self.cidr_blocks = Some(cidr_blocks(value, at, problems)),
            "AliasTargets" => self.alias_targets = Some(alias_targets(value, at, problems)),
            "LatencyTable" => self.latency_table = Some(latency_table(value, at, problems)),
            "Changes" => self.changes = Some(changes(value, at, base(Array::Changes), problems)),
            "ChangeBatch" => {
                for (key, value) in object(value, at, problems).unwrap_or_default() {
                    let here = at.key(&key);
                    match &*key {
                        "Changes" => {
                            self.changes = Some(changes(value, &here, base(Array::ChangeBatchChanges), problems));
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
    fn take_paging(&mut self, key: &str, value: Node<'t>, at: &Link<'_>, problems: &mut Problems) {
        match key {
            "IsTruncated" => self.page.is_truncated = boolean(&value, at, problems).unwrap_or(false),
            "NextRecordName" => self.page.next_record_name = text(value, at, problems),
            "NextRecordType" => self.page.next_record_type = text(value, at, problems),
            "NextRecordIdentifier" => self.page.next_record_identifier = text(value, at, problems),
            "Marker" => self.page.marker = text(value, at, problems),
            "NextMarker" => self.page.next_marker = text(value, at, problems),
            "NextToken" => self.page.next_token = text(value, at, problems),
            "MaxItems" | "DelegationSet" | "VPCs" | "Comment" | "HostedZoneId" | "ResponseMetadata" => {}
            _ => unknown(key, &Link::ROOT, problems),
        }
    }
}

#[inline(never)]
fn report_as_zone(at: &Link<'_>, problems: &mut Problems) {
    let message = "this is a health report, not a part of a zone";
    let help = "give it as a health report; HealthChecks of a zone is the array that list-health-checks prints";
    problems.push(at, Diagnostic::cannot("health-report-as-zone", message).help(help));
}

fn hosted_zone<'t>(node: Node<'t>, at: &Link<'_>, problems: &mut Problems) -> HostedZoneFields<'t> {
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
    at: &Link<'_>,
    base: Base,
    problems: &mut Problems,
) -> Vec<CidrCollectionFields<'t>> {
    let mut collections = Vec::new();
    for (index, element) in (0_u32..).zip(array(node, at, problems).unwrap_or_default()) {
        let at = at.index(index as usize);
        let mut fields = CidrCollectionFields { base: Base { index, ..base }, id: None, cidr_blocks: None };
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
fn cidr_blocks<'t>(node: Node<'t>, at: &Link<'_>, problems: &mut Problems) -> CidrBlocks<'t> {
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
    at: &Link<'_>,
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
fn latency_table<'t>(node: Node<'t>, at: &Link<'_>, problems: &mut Problems) -> LatencyRows<'t> {
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
pub(crate) fn latency_row<'t>(node: Node<'t>, at: &Link<'_>, problems: &mut Problems) -> LatencyRow<'t> {
    let members = object(node, at, problems).unwrap_or_default();
    members
        .into_iter()
        .filter_map(|(region, value)| {
            let milliseconds = number(&value, &at.key(&region), problems)?;
            Some((region, milliseconds))
        })
        .collect()
}

fn changes<'t>(node: Node<'t>, at: &Link<'_>, base: Base, problems: &mut Problems) -> Vec<Change<'t>> {
    let mut changes = Vec::new();
    for (index, element) in (0_u32..).zip(array(node, at, problems).unwrap_or_default()) {
        let at = at.index(index as usize);
        let base = Base { index, ..base };
        let mut change = Change { base, action: None, record_set: None };
        let mut action_given = false;
        for (key, value) in object(element, &at, problems).unwrap_or_default() {
            let here = at.key(&key);
            match &*key {
                "Action" => {
                    action_given = true;
                    change.action = action(value, &here, problems);
                }
                "ResourceRecordSet" => change.record_set = RecordSetFields::read(value, &here, base, problems),
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

fn action(node: Node<'_>, at: &Link<'_>, problems: &mut Problems) -> Option<ChangeAction> {
    let word = text(node, at, problems)?;
    let all = [ChangeAction::Create, ChangeAction::Upsert, ChangeAction::Delete];
    let action = all.into_iter().find(|action| action.as_str() == word);
    if action.is_none() {
        let message = format_args!("`{word}` is not an action");
        let finding = Diagnostic::cannot("unknown-action", message).help("use CREATE, UPSERT or DELETE");
        problems.push(at, finding.error(Route53Error::InvalidInput));
    }
    action
}
