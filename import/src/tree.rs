//! JSON and YAML as one tree, and the same tree as JSON.
//!
//! Core's own tree is no use here: it is read field by field while the text streams by, and is not public.

use std::borrow::Cow;
use std::fmt;

use pointsman_core::diagnostic::Path;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(Cow<'t, str>),
    /// An array.
    Array(Vec<Node<'t>>),
    /// An object; a key that is given twice is there twice.
    Object(Members<'t>),
}

/// The members of an object, in their order.
pub(crate) type Members<'t> = Vec<(Cow<'t, str>, Node<'t>)>;

impl<'t> Node<'t> {
    /// Reads a JSON text.
    pub(crate) fn read(text: &'t str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// A text.
    pub(crate) fn text(text: impl Into<Cow<'t, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A member, of an object that has it; of a key given twice the last one.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.members().and_then(|members| get(members, key))
    }

    /// The members, of an object.
    pub(crate) fn members(&self) -> Option<&Members<'t>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements; none of what is no array.
    pub(crate) fn elements(&self) -> &[Node<'t>] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The text, of a text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The JSON of the value.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The value without borrows.
    pub(crate) fn into_owned(self) -> Node<'static> {
        match self {
            Self::Null => Node::Null,
            Self::Bool(value) => Node::Bool(value),
            Self::Integer(value) => Node::Integer(value),
            Self::Number(value) => Node::Number(value),
            Self::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Self::Array(elements) => Node::Array(elements.into_iter().map(Node::into_owned).collect()),
            Self::Object(members) => Node::Object(
                members.into_iter().map(|(key, node)| (Cow::Owned(key.into_owned()), node.into_owned())).collect(),
            ),
        }
    }
}

/// A member of an object; of a key given twice the last one.
pub(crate) fn get<'a, 't>(members: &'a Members<'t>, key: &str) -> Option<&'a Node<'t>> {
    members.iter().rev().find(|(known, _)| known == key).map(|(_, node)| node)
}

/// The paths of keys that are given twice in one object.
pub(crate) fn duplicate_keys(node: &Node<'_>) -> Vec<Path> {
    /// More are not looked for.
    const ENOUGH: usize = 20;
    let mut found = Vec::new();
    let mut open = vec![(Path::root(), node)];
    while let Some((path, node)) = open.pop() {
        match node {
            Node::Array(elements) => {
                open.extend(elements.iter().enumerate().map(|(index, node)| (path.clone().index(index), node)));
            }
            Node::Object(members) => {
                let mut keys: Vec<&str> = members.iter().map(|(key, _)| &**key).collect();
                keys.sort_unstable();
                let twice = keys.windows(2).filter_map(|pair| match pair {
                    [one, other] if one == other => Some(path.clone().key(one)),
                    _ => None,
                });
                found.extend(twice);
                open.extend(members.iter().map(|(key, node)| (path.clone().key(key), node)));
            }
            _ => {}
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    found
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

impl<'t> Deserialize<'t> for Node<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'t> Visitor<'t> for NodeVisitor {
    type Value = Node<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Node::Number(value as f64), Node::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Node::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'t str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Owned(value.into())))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Node::Array(elements))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<Key<'t>, Node<'t>>()? {
            members.push((key.0, value));
        }
        Ok(Node::Object(members))
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'t>(Cow<'t, str>);

impl<'t> Deserialize<'t> for Key<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'t> Visitor<'t> for KeyVisitor {
            type Value = Key<'t>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, value: &'t str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(value.into())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_it_was_read() {
        let text = r#"{"a":[1,-2.5,true,null,"\u0007\"x"],"b":{"a":{}},"a":2}"#;
        let node = Node::read(text).unwrap();
        assert_eq!(node.json(), text);
        assert_eq!(node.get("a"), Some(&Node::Integer(2)));
        assert_eq!(duplicate_keys(&node), [Path::root().key("a")]);
    }
}
