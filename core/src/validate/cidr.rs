//! CIDR collections: blocks with their locations, and the record sets that name them (1.7, 4.7, 8.3.15).

mod block;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::map::{Map, Set};

use self::block::{Collection, DEFAULT, is_location_name, malformed_location};
pub(super) use self::block::{has_host_bits, host_bits};
use super::context::RecordSetContext;
use super::gaps::Gaps;
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Path, Place, Route53Error};
use crate::limits::{CIDR_BLOCKS_QUOTA, CIDR_COLLECTIONS_QUOTA};
use crate::model::CidrCollection;
use crate::model::routing::CidrRoutingConfig;
use crate::parse::Document;

/// Collections by id.
#[derive(Debug, Default)]
pub(super) struct Collections<'a> {
    list: Vec<Collection<'a>>,
    index: Map<&'a str, u32>,
    /// Whether any document lists the collections of the account.
    given: bool,
    /// Collections that record sets name and nobody describes, each reported once.
    unknown: Set<&'a str>,
    /// Whether collections or blocks are given whose collection is not known.
    nameless: bool,
}

impl<'a> Collections<'a> {
    /// Reads CidrCollections and list-cidr-blocks documents.
    pub(super) fn read(documents: &'a [&'a Document<'a>], gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) -> Self {
        let given = documents.iter().any(|document| document.cidr_collections.is_some());
        let mut this = Self { given, ..Self::default() };
        for document in documents {
            for fields in document.cidr_collections.iter().flatten() {
                let Some(id) = fields.id.as_deref() else {
                    this.nameless = true;
                    if !gaps.damages(&fields.origin.place()) {
                        let finding = Diagnostic::cannot("cidr-collection-without-id", "the CIDR collection has no Id");
                        finding
                            .help("give the Id that list-cidr-collections prints")
                            .at(fields.origin.place())
                            .add_to(out);
                    }
                    continue;
                };
                let is_known = this.index.contains_key(id);
                let Some(collection) = this.collection(id) else { continue };
                collection.nameless |= gaps.damages(&fields.origin.place());
                let Some(blocks) = &fields.cidr_blocks else { continue };
                if is_known && collection.has_blocks {
                    let message = format!("the blocks of the CIDR collection `{}` are given twice", Shown(id));
                    let finding = Diagnostic::cannot("cidr-collection-twice", message);
                    finding.help("keep one").at(fields.origin.place()).add_to(out);
                    continue;
                }
                collection.add(blocks, &fields.origin.field(&["CidrBlocks"]), gaps, out);
            }
        }
        for document in documents {
            let Some(blocks) = &document.cidr_blocks else { continue };
            let list = Place::new(document.number, Path::root().key("CidrBlocks"));
            let Some(id) = document.cidr_collection_id.as_deref() else {
                this.nameless = true;
                let message = "nothing says which CIDR collection these blocks belong to";
                let finding = Diagnostic::cannot("cidr-blocks-without-collection", message)
                    .help("say which collection the blocks belong to");
                finding.at(list).add_to(out);
                continue;
            };
            if let Some(collection) = this.collection(id) {
                collection.add(blocks, &list, gaps, out);
            }
        }
        this.check_quotas(documents, out);
        this
    }

    fn collection(&mut self, id: &'a str) -> Option<&mut Collection<'a>> {
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let number = self.index.known_or(id, next);
        if number == next {
            self.list.push(Collection {
                model: CidrCollection { id: id.into(), blocks: Vec::new() },
                has_blocks: false,
                is_reported: false,
                is_odd: false,
                locations: Set::default(),
                nameless: false,
                seen: Map::default(),
            });
        }
        self.list.get_mut(number as usize)
    }

    fn check_quotas(&self, documents: &[&Document<'_>], out: &mut Vec<Diagnostic>) {
        let document = documents.iter().find(|document| document.cidr_collections.is_some());
        let place = document.map(|document| Place::new(document.number, Path::root().key("CidrCollections")));
        let mut warn = |code, message, help: &str| {
            let mut finding = Diagnostic::refused(code, Route53Error::LimitsExceeded, message).help(help).downgraded();
            finding.place = place.clone();
            finding.add_to(out);
        };
        if self.list.len() > CIDR_COLLECTIONS_QUOTA {
            let count = self.list.len();
            let message =
                format!("there are {count} CIDR collections; the quota of an account is {CIDR_COLLECTIONS_QUOTA}");
            warn("cidr-collections-quota", message, "ask AWS for a higher quota on CIDR collections");
        }
        for collection in self.list.iter().filter(|each| each.model.blocks.len() > CIDR_BLOCKS_QUOTA) {
            let count = collection.model.blocks.len();
            let message = format!(
                "the CIDR collection `{}` has {count} blocks; the quota is {CIDR_BLOCKS_QUOTA}",
                Shown(&collection.model.id)
            );
            warn("cidr-blocks-quota", message, "ask AWS for a higher quota on CIDR blocks per collection");
        }
    }

    /// The collection and location that a record set names.
    pub(super) fn routing(
        &mut self,
        context: RecordSetContext<'a, '_>,
        given: (Option<&'a str>, Option<&'a str>),
        gaps: &Gaps<'_>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<CidrRoutingConfig> {
        const KEY: &str = "CidrRoutingConfig";
        let (Some(id), Some(location)) = given else {
            if !context.fields.damaged {
                let missing = if given.0.is_none() { "CollectionId" } else { "LocationName" };
                let finding =
                    Diagnostic::cannot("cidr-routing-incomplete", format_args!("CidrRoutingConfig has no {missing}"))
                        .help("give CollectionId and LocationName; LocationName `*` is the default")
                        .error(Route53Error::InvalidInput);
                finding.at(context.at(&[KEY])).add_to(out);
            }
            return None;
        };
        let known = self.index.get(id).copied();
        if known.is_none() && !gaps.collections && !self.nameless && self.unknown.insert(id) {
            self.unknown(id).at(context.at(&[KEY, "CollectionId"])).add_to(out);
        }
        // One that nobody describes has no blocks, so that only its `*` applies (10.52).
        let number = known.or_else(|| {
            let described = self.collection(id)?;
            described.is_reported = true;
            described.is_odd = true;
            self.index.get(id).copied()
        })?;
        let is_open = gaps.collections || self.nameless;
        let collection = self.list.get_mut(number as usize)?;
        if !is_uuid(id) && !core::mem::replace(&mut collection.is_odd, true) {
            odd_id(id).at(context.at(&[KEY, "CollectionId"])).add_to(out);
        }
        if location == DEFAULT {
            return Some(CidrRoutingConfig { collection: number, location: None });
        }
        if !collection.has_blocks {
            if !is_open && !core::mem::replace(&mut collection.is_reported, true) {
                let message = format!("the blocks of the CIDR collection `{}` are not given", Shown(id));
                not_given("cidr-blocks-missing", message, id).at(context.at(&[KEY, "CollectionId"])).add_to(out);
            }
            return Some(CidrRoutingConfig { collection: number, location: Some(location.into()) });
        }
        if !collection.locations.contains(location) {
            if !is_open && !collection.nameless {
                let finding = Diagnostic::cannot(
                    "cidr-location-unknown",
                    format_args!("the CIDR collection `{}` has no location `{}`", Shown(id), Shown(location)),
                )
                .help("give a location that has blocks, or `*` for the default")
                .error(Route53Error::InvalidChangeBatch);
                finding.at(context.at(&[KEY, "LocationName"])).add_to(out);
            }
            return None;
        }
        if !is_location_name(location) {
            malformed_location(location, "DefaultAllowed").at(context.at(&[KEY, "LocationName"])).add_to(out);
        }
        Some(CidrRoutingConfig { collection: number, location: Some(location.into()) })
    }

    /// A collection that record sets name and no document describes: missing where all are listed, else not given, which
    /// is the documents' fault and not the zone's.
    fn unknown(&self, id: &str) -> Diagnostic {
        if !self.given {
            let message = format!("the CIDR collection `{}` is not given, so that only its `*` applies", Shown(id));
            return not_given("cidr-collections-not-given", message, id);
        }
        let message = format!("there is no CIDR collection `{}`", Shown(id));
        Diagnostic::refused("cidr-collection-unknown", Route53Error::NoSuchCidrCollection, message)
            .help("give the whole of list-cidr-collections, or correct CollectionId; until then only its `*` applies")
    }

    /// The collections.
    pub(super) fn finish(self) -> Vec<CidrCollection> {
        self.list.into_iter().map(|collection| collection.model).collect()
    }
}

/// The warning that blocks are missing from the documents, whatever Route 53 has (10.52).
fn not_given(code: &'static str, message: String, id: &str) -> Diagnostic {
    let id = Shown(id);
    Diagnostic::lint(code, message).help(format_args!(
        "add what `aws route53 list-cidr-blocks --collection-id {id}` prints, as the blocks of `{id}`"
    ))
}

/// The form of ids that Route 53 gives.
fn is_uuid(id: &str) -> bool {
    let is_hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    id.split('-').map(|part| if is_hexadecimal(part) { part.len() } else { 0 }).eq([8, 4, 4, 4, 12])
}

fn odd_id(id: &str) -> Diagnostic {
    let id = Shown(id);
    let message = format!("`{id}` is not an id of a CIDR collection in Route 53");
    Diagnostic::refused("cidr-collection-id-form", Route53Error::InvalidInput, message)
        .help("give the Id that list-cidr-collections prints, a UUID in lower case")
        .says(format_args!(
            "1 validation error detected: Value '{id}' at \
             'changeBatch.changes.1.member.resourceRecordSet.cidrRoutingConfig.collectionId' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: \
             [0-9a-f]{{8}}-(?:[0-9a-f]{{4}}-){{3}}[0-9a-f]{{12}}"
        ))
}
