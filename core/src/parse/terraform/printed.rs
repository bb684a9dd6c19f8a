//! A plan or a state as the AWS CLI would print it.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::document::Document;
use super::super::fields::Members;
use super::super::node::{Link, Node, Problems};
use super::super::place_path::{Array, Base};
use super::super::record_set::RecordSetFields;
use super::places::TerraformPlaces;

/// What the AWS CLI would print, and where it stands in Terraform's document.
pub(super) struct Printed<'t> {
    /// The record sets, each with whether something that it needs is not known, which is told already.
    pub(super) record_sets: Vec<(Members<'t>, bool)>,
    pub(super) health_checks: Vec<Node<'t>>,
    pub(super) cidr_collections: Vec<Node<'t>>,
    pub(super) places: TerraformPlaces,
}

impl<'t> Printed<'t> {
    /// Reads it as what it looks like.
    pub(super) fn read(self, document: &mut Document<'t>, problems: &mut Problems) {
        document.hosted_zone = self.places.zones.hosted_zone();
        let array = Link::ROOT.key(Array::ResourceRecordSets.key());
        let mut record_sets = Vec::with_capacity(self.record_sets.len());
        for (index, (members, damaged)) in (0_u32..).zip(self.record_sets) {
            let base = Base { document: document.number as u32, array: Array::ResourceRecordSets, index };
            let fields = RecordSetFields::read(Node::Object(members), &array.index(index as usize), base, problems);
            record_sets.extend(fields.map(|mut fields| {
                fields.damaged |= damaged;
                fields
            }));
        }
        document.record_sets = Some(record_sets);
        for (array, nodes) in
            [(Array::HealthChecks, self.health_checks), (Array::CidrCollections, self.cidr_collections)]
        {
            if !nodes.is_empty() {
                document.take(array.key(), Node::Array(nodes), &Link::ROOT.key(array.key()), problems);
            }
        }
        document.terraform = Some(Arc::new(self.places));
    }

    /// The text of it, without the hosted zone.
    pub(super) fn json(self) -> String {
        let record_sets = self.record_sets.into_iter().map(|(members, _)| Node::Object(members)).collect();
        let members = [
            (Array::ResourceRecordSets, record_sets),
            (Array::HealthChecks, self.health_checks),
            (Array::CidrCollections, self.cidr_collections),
        ];
        let members = members.into_iter().filter(|(_, nodes)| !nodes.is_empty());
        let members = members.map(|(array, nodes)| (array.key().into(), Node::Array(nodes))).collect();
        serde_json::to_string(&Node::Object(members)).unwrap_or_default()
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
