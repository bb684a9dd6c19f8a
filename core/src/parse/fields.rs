//! Typed readers of single fields: a wrong type is a finding and reads as absent; `null` reads as absent.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use super::node::{Node, NodePath, Problems};
use crate::diagnostic::{Class, Diagnostic, Route53Error, Severity};

pub(crate) type Members<'t> = Vec<(Cow<'t, str>, Node<'t>)>;

fn wrong_type(node: &Node<'_>, wanted: &str, at: &NodePath<'_>, problems: &mut Problems) {
    if *node != Node::Null {
        let message = format_args!("expected {wanted}, found {}", node.type_name());
        let help = match node {
            Node::Text(_) => format!("write {wanted} without quotation marks"),
            _ => format!("write {wanted}"),
        };
        let help = if wanted.starts_with("a string") { "put it between quotation marks".into() } else { help };
        problems.push(at, Diagnostic::cannot("wrong-type", message).help(help).error(Route53Error::InvalidInput));
    }
}

pub(crate) fn text<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Cow<'t, str>> {
    match node {
        Node::Text(text) => Some(text),
        other => {
            wrong_type(&other, "a string", at, problems);
            None
        }
    }
}

pub(crate) fn integer(node: &Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<i64> {
    match node {
        Node::Integer(value) => Some(*value),
        Node::Number(value) if *value >= 9e18 => Some(i64::MAX),
        Node::Number(value) if *value <= -9e18 => Some(i64::MIN),
        other => {
            wrong_type(other, "a whole number", at, problems);
            None
        }
    }
}

pub(crate) fn number(node: &Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<f64> {
    match node {
        Node::Integer(value) => Some(*value as f64),
        Node::Number(value) => Some(*value),
        other => {
            wrong_type(other, "a number", at, problems);
            None
        }
    }
}

pub(crate) fn boolean(node: &Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<bool> {
    match node {
        Node::Bool(value) => Some(*value),
        other => {
            wrong_type(other, "true or false", at, problems);
            None
        }
    }
}

pub(crate) fn object<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Members<'t>> {
    match node {
        Node::Object(members) => Some(members),
        other => {
            wrong_type(&other, "an object", at, problems);
            None
        }
    }
}

pub(crate) fn array<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Vec<Node<'t>>> {
    match node {
        Node::Array(elements) => Some(elements),
        other => {
            wrong_type(&other, "an array", at, problems);
            None
        }
    }
}

/// An array of strings; elements of other types are findings and are left out.
pub(crate) fn texts<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Vec<Cow<'t, str>>> {
    let elements = array(node, at, problems)?;
    let read = |(index, element)| text(element, &at.index(index), problems);
    Some(elements.into_iter().enumerate().filter_map(read).collect())
}

/// The warning for a field that the API model does not have.
pub(crate) fn unknown(key: &str, at: &NodePath<'_>, problems: &mut Problems) {
    let message = format_args!("unknown field `{key}` is ignored");
    let finding = Diagnostic::new("unknown-field", Severity::Warning, Class::Lint, message)
        .help("check the spelling against the Route 53 API, or remove it");
    problems.push(&at.key(key), finding);
}
