//! CIDR collections with the blocks of their locations, which are resources of their own.

use std::borrow::Cow;

use super::index::Index;
use super::resources::{Kind, text};
use super::writer::Writer;
use crate::tree::{Node, get};

impl<'t> Writer<'_, 't> {
    /// Collections with the blocks of their locations, which are resources of their own.
    pub(super) fn collections(&mut self) -> Vec<Node<'t>> {
        let mut collections: Vec<(Cow<'t, str>, Vec<Node<'t>>)> = Vec::new();
        let mut index = Index::default();
        for number in 0..self.resources.list.len() {
            let Some(resource) = self.resources.get(number) else { continue };
            let id = match resource.kind {
                Kind::CidrCollection => resource.id.clone(),
                Kind::CidrLocation => self.collection_of(number),
                _ => continue,
            };
            let at = index.get(&id).unwrap_or_else(|| {
                index.add(&id, collections.len());
                collections.push((id, Vec::new()));
                self.places.collections.push((number, Vec::new()));
                collections.len().saturating_sub(1)
            });
            let Some(mut values) = self.take(number, Kind::CidrLocation) else { continue };
            let name = text(&values, "name").map(String::from);
            let given = values
                .iter_mut()
                .find(|(key, _)| key == "cidr_blocks")
                .map(|(_, node)| std::mem::replace(node, Node::Null));
            let (Some(Node::Array(given)), Some((_, blocks)), Some((_, places))) =
                (given, collections.get_mut(at), self.places.collections.get_mut(at))
            else {
                continue;
            };
            for (index, block) in given.into_iter().enumerate() {
                let mut members = Vec::from([(Cow::Borrowed("CidrBlock"), block)]);
                members.extend(name.clone().map(|name| (Cow::Borrowed("LocationName"), Node::Text(name.into()))));
                blocks.push(Node::Object(members));
                places.push((number, index));
            }
        }
        let written = |(id, blocks)| {
            let members = [(Cow::Borrowed("Id"), Node::Text(id)), (Cow::Borrowed("CidrBlocks"), Node::Array(blocks))];
            Node::Object(members.into())
        };
        collections.into_iter().map(written).collect()
    }

    /// The id of a location's collection, or what leads there.
    fn collection_of(&self, number: usize) -> Cow<'t, str> {
        let Some(resource) = self.resources.get(number) else { return Cow::default() };
        if let Some(Node::Text(id)) = get(&resource.values, "cidr_collection_id") {
            return id.clone();
        }
        let path = ["cidr_collection_id"];
        let referents = self.configuration.referents(&self.resources, number, &path);
        match (self.linked(&referents, &path).as_slice(), referents.as_slice()) {
            ([linked], _) => linked.clone(),
            (_, [referent]) => Cow::Owned(referent.text.clone()),
            _ => Cow::Owned(format!("{}.cidr_collection_id", resource.address)),
        }
    }
}
