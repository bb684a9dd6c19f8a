//! The documents after a batch, as one JSON object that can be given again.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::applied::Applied;
use crate::parse::node::KeySeed;
use crate::parse::{Document, Origin, SourceArray};

/// Joins all documents of a zone into one JSON object with the record sets as they are after the batch, each in the
/// words of the text that it comes from, an element a line.
///
/// `texts` are the texts of `documents`, in their order; `batch_text` is that of the batch. What bears on no answer, such
/// as paging, is left out. Blocks of list-cidr-blocks become a CIDR collection, since their own document does not say
/// which one they belong to.
///
/// ```
/// use pointsman_core::{parse::parse, validate::{Options, apply, apply_json}};
/// let zone = r#"{"HostedZone": {"Name": "example.com."}, "ResourceRecordSets": []}"#;
/// let batch = r#"{"Changes": [{"Action": "CREATE", "ResourceRecordSet":
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}"#;
/// let documents = [parse(0, zone)];
/// let applied = apply(&documents, &parse(1, batch), &Options::default());
/// assert_eq!(
///     apply_json(&documents, &[zone], batch, &applied),
///     r#"{
/// "HostedZone":{"Name":"example.com."},
/// "ResourceRecordSets":[
/// {"Name":"a.example.com.","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]}
/// ]
/// }
/// "#
/// );
/// ```
#[must_use]
pub fn apply_json(documents: &[Document<'_>], texts: &[&str], batch_text: &str, applied: &Applied) -> String {
    let pages: Vec<Page<'_>> =
        documents.iter().zip(texts).map(|(document, text)| Page { document, members: members(text) }).collect();
    let all = |key: &str| -> Vec<&RawValue> { pages.iter().filter_map(|page| page.get(key)).collect() };

    let mut output = Output { text: String::new() };
    match (all("HostedZone").as_slice(), &applied.zone) {
        ([], Some(zone)) => {
            output.member("HostedZone");
            output.text.push_str("{\"Name\":");
            output.string(&zone.name.to_string());
            if let Some(id) = &zone.id {
                output.text.push_str(",\"Id\":");
                output.string(id);
            }
            if zone.private {
                output.text.push_str(",\"Config\":{\"PrivateZone\":true}");
            }
            output.text.push('}');
        }
        (given, _) => output.object("HostedZone", given),
    }
    output.record_sets(&pages, batch_text, &applied.record_sets);
    output.list("HealthChecks", &all("HealthChecks"));
    output.collections(&pages);
    output.object("AliasTargets", &all("AliasTargets"));
    output.object("LatencyTable", &all("LatencyTable"));
    output.text.push_str("\n}\n");
    output.text
}

/// A document and the members of its text.
struct Page<'t> {
    document: &'t Document<'t>,
    members: Vec<Member<'t>>,
}

/// A key and its value as written.
type Member<'t> = (Cow<'t, str>, &'t RawValue);

impl<'t> Page<'t> {
    fn get(&self, key: &str) -> Option<&'t RawValue> {
        member(&self.members, key)
    }
}

/// The object that is being written.
struct Output {
    text: String,
}

impl Output {
    /// Starts a member of the top-level object.
    fn member(&mut self, key: &str) {
        self.text.push_str(if self.text.is_empty() { "{\n" } else { ",\n" });
        self.string(key);
        self.text.push(':');
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    /// Writes a value without the white space between its parts.
    fn value(&mut self, value: &RawValue) {
        let (mut in_string, mut escaped) = (false, false);
        for character in value.get().chars() {
            match character {
                ' ' | '\t' | '\r' | '\n' if !in_string => continue,
                _ if escaped => escaped = false,
                '\\' => escaped = in_string,
                '"' => in_string = !in_string,
                _ => {}
            }
            self.text.push(character);
        }
    }

    /// Writes an array, an element a line.
    fn elements<'t>(&mut self, elements: impl Iterator<Item = &'t RawValue>) {
        self.text.push('[');
        for (position, element) in elements.enumerate() {
            self.text.push_str(if position == 0 { "\n" } else { ",\n" });
            self.value(element);
        }
        self.text.push_str("\n]");
    }

    /// Writes the arrays of several documents as one; nothing when there is none.
    fn list(&mut self, key: &str, arrays: &[&RawValue]) {
        if !arrays.is_empty() {
            self.member(key);
            self.elements(arrays.iter().flat_map(|array| elements(array)));
        }
    }

    /// Writes the objects of several documents as one; nothing when there is none.
    fn object(&mut self, key: &str, objects: &[&RawValue]) {
        /// HostedZone and LatencyTable hold objects, whose members are joined too.
        const LEVELS: usize = 2;
        if !objects.is_empty() {
            self.member(key);
            self.joined(objects, LEVELS);
        }
    }

    fn joined(&mut self, values: &[&RawValue], levels: usize) {
        let lists: Vec<Vec<Member<'_>>> = values.iter().map(|value| members(value.get())).collect();
        let Some(deeper) = levels.checked_sub(1).filter(|_| lists.iter().any(|list| !list.is_empty())) else {
            if let Some(first) = values.first() {
                self.value(first);
            }
            return;
        };
        let mut joined: Vec<(&str, Vec<&RawValue>)> = vec![];
        let mut index: crate::map::Map<&str, usize> = crate::map::Map::default();
        for (key, value) in lists.iter().flatten() {
            let position = index.known_or(key, joined.len());
            match joined.get_mut(position) {
                Some((_, values)) => values.push(value),
                None => joined.push((key, vec![value])),
            }
        }
        self.text.push('{');
        for (position, (key, values)) in joined.iter().enumerate() {
            if position > 0 {
                self.text.push(',');
            }
            self.string(key);
            self.text.push(':');
            self.joined(values, deeper);
        }
        self.text.push('}');
    }

    fn record_sets(&mut self, pages: &[Page<'_>], batch_text: &str, origins: &[Origin]) {
        let listed: Vec<(u32, Vec<&RawValue>)> = pages
            .iter()
            .map(|page| {
                let array = page.get("ResourceRecordSets").map(elements).unwrap_or_default();
                (u32::try_from(page.document.number).unwrap_or(u32::MAX), array)
            })
            .collect();
        let changed = changes(batch_text);
        self.member("ResourceRecordSets");
        self.elements(origins.iter().filter_map(|origin| {
            let index = origin.index as usize;
            match origin.array {
                SourceArray::Changes | SourceArray::ChangeBatchChanges => changed.get(index).copied().flatten(),
                _ => listed.iter().find(|(number, _)| *number == origin.document)?.1.get(index).copied(),
            }
        }));
    }

    /// Writes CidrCollections with the blocks that stand in documents of their own.
    fn collections(&mut self, pages: &[Page<'_>]) {
        let mut apart: Vec<(&str, Vec<&RawValue>)> = vec![];
        for page in pages {
            let (Some(id), Some(blocks)) = (page.document.cidr_collection_id.as_deref(), page.get("CidrBlocks")) else {
                continue;
            };
            match apart.iter_mut().find(|(known, _)| *known == id) {
                Some((_, list)) => list.extend(elements(blocks)),
                None => apart.push((id, elements(blocks))),
            }
        }
        let collections: Vec<&RawValue> =
            pages.iter().filter_map(|page| page.get("CidrCollections")).flat_map(elements).collect();
        if apart.is_empty() && collections.is_empty() {
            return;
        }
        self.member("CidrCollections");
        let mut separator = "[\n";
        for collection in collections {
            self.text.push_str(separator);
            separator = ",\n";
            let members = members(collection.get());
            let id: Option<String> = member(&members, "Id").and_then(|id| serde_json::from_str(id.get()).ok());
            match apart.iter().position(|(known, _)| Some(*known) == id.as_deref()) {
                Some(position) => self.collection(&members, apart.swap_remove(position)),
                None => self.value(collection),
            }
        }
        for blocks in apart {
            self.text.push_str(separator);
            separator = ",\n";
            self.collection(&[], blocks);
        }
        self.text.push_str("\n]");
    }

    /// Writes a collection with more blocks than its own.
    fn collection(&mut self, members: &[Member<'_>], (id, blocks): (&str, Vec<&RawValue>)) {
        self.text.push_str("{\"Id\":");
        self.string(id);
        for (key, value) in members.iter().filter(|(key, _)| key != "Id" && key != "CidrBlocks") {
            self.text.push(',');
            self.string(key);
            self.text.push(':');
            self.value(value);
        }
        self.text.push_str(",\"CidrBlocks\":");
        let own = members.iter().filter(|(key, _)| key == "CidrBlocks").flat_map(|(_, value)| elements(value));
        self.elements(own.chain(blocks));
        self.text.push('}');
    }
}

/// The record set of each change of a batch.
fn changes(text: &str) -> Vec<Option<&RawValue>> {
    let top = members(text);
    let list = match member(&top, "ChangeBatch") {
        Some(batch) => member(&members(batch.get()), "Changes"),
        None => member(&top, "Changes"),
    };
    let changes = list.map(elements).unwrap_or_default();
    changes.into_iter().map(|change| member(&members(change.get()), "ResourceRecordSet")).collect()
}

fn member<'t>(members: &[Member<'t>], key: &str) -> Option<&'t RawValue> {
    members.iter().find(|(known, _)| known == key).map(|(_, value)| *value)
}

/// The members of an object; none when the text is no object.
fn members(text: &str) -> Vec<Member<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Members<'_>>(text).map(|members| members.0).unwrap_or_default()
}

/// The elements of an array; none when the value is no array.
fn elements(value: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(value.get()).unwrap_or_default()
}

struct Members<'t>(Vec<Member<'t>>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            members.push((key, map.next_value()?));
        }
        Ok(Members(members))
    }
}
