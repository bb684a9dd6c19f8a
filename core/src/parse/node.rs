//! JSON as a tree that borrows from its text, with every duplicate key reported.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;

use crate::map::Set;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::{Diagnostic, Path, Place, Step};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'t> {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(Cow<'t, str>),
    Array(Vec<Node<'t>>),
    Object(Vec<(Cow<'t, str>, Node<'t>)>),
}

impl Node<'_> {
    /// The value's type, with an article.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Where the reader is, as a list on the stack: no path is spelled out unless something is wrong there.
#[derive(Clone, Copy)]
pub(crate) struct NodePath<'a> {
    parent: Option<&'a NodePath<'a>>,
    step: NodePathStep<'a>,
}

#[derive(Clone, Copy)]
enum NodePathStep<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> NodePath<'a> {
    pub(crate) const ROOT: NodePath<'static> = NodePath { parent: None, step: NodePathStep::Root };

    pub(crate) fn key(&'a self, key: &'a str) -> NodePath<'a> {
        NodePath { parent: Some(self), step: NodePathStep::Key(key) }
    }

    pub(crate) fn index(&'a self, index: usize) -> NodePath<'a> {
        NodePath { parent: Some(self), step: NodePathStep::Index(index) }
    }

    pub(crate) fn path(&self) -> Path {
        let mut steps = vec![];
        let mut at = Some(self);
        while let Some(link) = at {
            match link.step {
                NodePathStep::Root => {}
                NodePathStep::Key(key) => steps.push(Step::Key(key.to_string())),
                NodePathStep::Index(index) => steps.push(Step::Index(index)),
            }
            at = link.parent;
        }
        steps.reverse();
        Path(steps)
    }
}

/// Findings of one document while it is read.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) document: usize,
    pub(crate) list: Vec<Diagnostic>,
}

impl Problems {
    pub(crate) fn new(document: usize) -> Self {
        Self { document, list: Vec::new() }
    }

    pub(crate) fn push(&mut self, at: &NodePath<'_>, diagnostic: Diagnostic) {
        self.list.push(diagnostic.at(Place::new(self.document, at.path())));
    }

    fn duplicate(&mut self, at: &NodePath<'_>, key: &str) {
        let message = format_args!("the key `{key}` is given twice in one object");
        let help = "remove one of the two; which one counts would be a guess";
        self.push(&at.key(key), Diagnostic::cannot("duplicate-key", message).help(help));
    }
}

/// The finding for a text that is not JSON.
pub(crate) fn not_json(document: usize, text: &str, error: &serde_json::Error) -> Diagnostic {
    let mut message = error.to_string();
    if let Some(at) = message.rfind(" at line ") {
        message.truncate(at);
    }
    let (code, message, help): (_, String, _) = if text.trim_ascii().is_empty() {
        (
            "empty-document",
            "the document is empty".into(),
            "give the output of the AWS CLI, such as `aws route53 list-resource-record-sets`",
        )
    } else if error.is_eof() {
        ("truncated-json", format!("the JSON ends too early: {message}"), "the file is cut off; write it again")
    } else if error.is_data() {
        // serde's words for the two are not JSON's.
        let message = message.replace("sequence", "array").replace("map", "object");
        let help = if text.trim_ascii_start().starts_with('"') {
            "this is a text that holds a document; give the document itself, not encoded a second time"
        } else {
            "compare with what the AWS CLI prints (see the README)"
        };
        ("unexpected-shape", message, help)
    } else if message.contains("recursion") {
        (
            "nested-too-deeply",
            "the JSON is nested more than 127 levels deep".into(),
            "no Route 53 document is; check where the file comes from",
        )
    } else {
        (
            "not-json",
            format!("the text is not JSON: {message}"),
            "give the JSON that the AWS CLI prints with `--output json`",
        )
    };
    let mut place = Place::new(document, Path::root());
    place.line_column = Some((error.line().max(1), error.column().max(1)));
    Diagnostic::cannot(code, message).help(help).at(place)
}

/// Reads a whole text as one value; duplicate keys are reported and the last one is kept.
pub(crate) fn read<'t>(text: &'t str, problems: &mut Problems) -> Result<Node<'t>, Diagnostic> {
    let document = problems.document;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    NodeSeed { at: &NodePath::ROOT, problems }
        .deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node))
        .map_err(|error| not_json(document, text, &error))
}

/// Reads one value at a place.
pub(crate) struct NodeSeed<'a> {
    pub(crate) at: &'a NodePath<'a>,
    pub(crate) problems: &'a mut Problems,
}

impl<'t> DeserializeSeed<'t> for NodeSeed<'_> {
    type Value = Node<'t>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for NodeSeed<'_> {
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
        loop {
            let at = self.at.index(elements.len());
            match sequence.next_element_seed(NodeSeed { at: &at, problems: self.problems })? {
                Some(element) => elements.push(element),
                None => return Ok(Node::Array(elements)),
            }
        }
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'t, str>, Node<'t>)> = Vec::new();
        let mut seen = Keys::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let at = self.at.key(&key);
            let value = map.next_value_seed(NodeSeed { at: &at, problems: self.problems })?;
            if seen.is_new(&key, members.iter().map(|(key, _)| key)) {
                members.push((key, value));
            } else {
                self.problems.duplicate(self.at, &key);
                if let Some(member) = members.iter_mut().find(|(known, _)| *known == key) {
                    member.1 = value;
                }
            }
        }
        Ok(Node::Object(members))
    }
}

/// Finds duplicate keys: by looking through a small object, by hashing in a large one.
#[derive(Default)]
struct Keys<'t> {
    hashed: Set<Cow<'t, str>>,
}

impl<'t> Keys<'t> {
    #[expect(clippy::ptr_arg, reason = "a key is kept as it is, borrowed or not")]
    fn is_new<'m>(&mut self, key: &Cow<'t, str>, known: impl ExactSizeIterator<Item = &'m Cow<'t, str>>) -> bool
    where
        't: 'm,
    {
        const SMALL: usize = 24;
        if known.len() < SMALL {
            return !{ known }.any(|other| other == key);
        }
        if self.hashed.is_empty() {
            self.hashed.extend(known.cloned());
        }
        self.hashed.insert(key.clone())
    }
}

/// Reads an object's key, borrowed where it has no escapes.
pub(crate) struct KeySeed;

impl<'t> DeserializeSeed<'t> for KeySeed {
    type Value = Cow<'t, str>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for KeySeed {
    type Value = Cow<'t, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, value: &'t str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.into()))
    }
}

/// Reports a key of the top-level object that was given before; for readers that stream it.
#[expect(clippy::ptr_arg, reason = "a key is kept as it is, borrowed or not")]
pub(crate) fn check_top_level_key<'t>(key: &Cow<'t, str>, seen: &mut Vec<Cow<'t, str>>, problems: &mut Problems) {
    if seen.contains(key) {
        problems.duplicate(&NodePath::ROOT, key);
    } else if seen.len() < 64 {
        seen.push(key.clone());
    }
}
