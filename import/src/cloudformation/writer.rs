//! From resources to the AWS CLI's words.

use std::borrow::Cow;

use pointsman_core::diagnostic::{Diagnostic, Path, Place};
use pointsman_core::model::NameBuf;

use super::fields::Shape;
use super::value::{Template, Value, function};
use crate::read::{Origin, Output};
use crate::tree::{Members, Node, get};

/// The code of every finding about a value that is known only once the stack is there.
pub(super) const CODE: &str = "known-after-deployment";

/// Writes the fields of one resource.
pub(super) struct Writer<'w, 'n, 't> {
    pub(super) template: &'w Template<'n, 't>,
    pub(super) output: &'w mut Output,
    /// The resource's logical id.
    pub(super) resource: &'w str,
}

impl<'t> Writer<'_, '_, 't> {
    /// Writes an object: `at` is where it will stand in the AWS CLI's words, `from` where it is in the template. Says
    /// whether something that decides is not known.
    pub(super) fn block(
        &mut self,
        properties: &Members<'t>,
        fields: &[(&'static str, Shape)],
        at: &Path,
        from: &Path,
    ) -> (Members<'static>, bool) {
        let (mut members, mut is_incomplete) = (Members::new(), false);
        for (name, shape) in fields {
            let Some(node) = get(properties, name) else {
                if matches!(shape, Shape::BoolOrFalse) {
                    members.push((Cow::Borrowed(*name), Node::Bool(false)));
                }
                continue;
            };
            let (at, from) = (at.clone().key(name), from.clone().key(name));
            let written = match shape {
                Shape::Block(fields) => self.template.block(node).and_then(Node::members).map(|inner| {
                    let (inner, lacks) = self.block(inner, fields, &at, &from);
                    is_incomplete |= lacks;
                    Node::Object(inner)
                }),
                Shape::Values | Shape::Texts => self.list(node, shape, &at, &from),
                Shape::Text | Shape::Integer | Shape::Bool | Shape::BoolOrFalse => {
                    match self.single(name, shape, node, &at) {
                        Ok(written) => written,
                        Err(()) => {
                            is_incomplete = true;
                            None
                        }
                    }
                }
            };
            let is_block_unknown = matches!(shape, Shape::Block(_)) && written.is_none() && function(node).is_some();
            if is_block_unknown && self.template.value(node) != Value::Absent {
                self.needed(name, &at);
                is_incomplete = true;
            }
            members.extend(written.map(|node| (Cow::Borrowed(*name), node)));
        }
        (members, is_incomplete)
    }

    /// A list of texts; one that is not known as a whole is one text.
    fn list(&mut self, node: &Node<'t>, shape: &Shape, at: &Path, from: &Path) -> Option<Node<'static>> {
        let values = self.template.list(node);
        let is_list = matches!(node, Node::Array(_));
        let mut written = Vec::new();
        for value in values {
            let here = at.clone().index(written.len());
            let text = match value {
                Value::Known(Node::Text(text)) => text.into_owned(),
                Value::Known(other) => other.json(),
                Value::Id(id) => {
                    self.output.placeholders.push(here.clone());
                    id
                }
                Value::Unknown(text) => {
                    self.stands_in(&here, &text, here.clone());
                    text
                }
                Value::Absent => continue,
            };
            let from = if is_list { from.clone().index(written.len()) } else { from.clone() };
            self.output.map.add(here, Origin::Path(from));
            written.push(match shape {
                Shape::Values => Node::Object(vec![("Value".into(), Node::text(text))]),
                _ => Node::text(text),
            });
        }
        if written.is_empty() && !is_list { None } else { Some(Node::Array(written)) }
    }

    /// A text, number, or boolean; an error when it is not known and decides.
    fn single(&mut self, name: &str, shape: &Shape, node: &Node<'t>, at: &Path) -> Result<Option<Node<'static>>, ()> {
        let node = match self.template.value(node) {
            Value::Absent => return Ok(None),
            Value::Known(node) => node,
            Value::Id(id) => {
                self.output.placeholders.push(at.clone());
                return Ok(Some(Node::text(id)));
            }
            Value::Unknown(text) => {
                let is_replaceable = matches!(shape, Shape::Text)
                    && !matches!(name, "Region" | "Failover" | "ContinentCode" | "CountryCode" | "SubdivisionCode")
                    && !matches!(name, "AWSRegion" | "LocalZoneGroup" | "Latitude" | "Longitude" | "LocationName");
                if !is_replaceable {
                    self.needed(name, at);
                    return Err(());
                }
                let text = match name {
                    "DNSName" if NameBuf::parse(&text).is_err() => "known.after.deployment".to_owned(),
                    _ => text,
                };
                self.output.any_health_check |= name == "HealthCheckId";
                if name == "DNSName" {
                    // Whether the zone's id is the right one for the name cannot be told.
                    let beside = Path(at.0.split_last().map(|(_, steps)| steps.to_vec()).unwrap_or_default());
                    self.output.placeholders.push(beside.key("HostedZoneId"));
                }
                self.stands_in(at, &text, at.clone());
                return Ok(Some(Node::text(text)));
            }
        };
        // A template may write any of them as a text.
        Ok(Some(match (shape, &node) {
            (Shape::Integer, Node::Text(text)) => text.trim().parse().map_or(node, Node::Integer),
            (Shape::Bool | Shape::BoolOrFalse, Node::Text(text)) if text.eq_ignore_ascii_case("true") => {
                Node::Bool(true)
            }
            (Shape::Bool | Shape::BoolOrFalse, Node::Text(text)) if text.eq_ignore_ascii_case("false") => {
                Node::Bool(false)
            }
            (Shape::Text, Node::Integer(_) | Node::Number(_) | Node::Bool(_)) => Node::text(node.json()),
            _ => node,
        }))
    }

    /// Says of a value that something stands in for it.
    fn stands_in(&mut self, at: &Path, text: &str, placeholder: Path) {
        let message =
            format!("a value of `{}` is known only once the stack is there; `{text}` stands in for it", self.resource);
        let finding = Diagnostic::lint(CODE, message).help(self.help(text));
        self.output.findings.push(finding.at(Place::new(0, at.clone())));
        self.output.placeholders.push(placeholder);
    }

    /// Says that a value that decides is not known.
    fn needed(&mut self, name: &str, at: &Path) {
        let message = format!("`{name}` of `{}` is known only once the stack is there", self.resource);
        let help = "give its parameter with --parameter NAME=VALUE, or a listing once the stack is there: without it \
                    nothing can be answered";
        self.output.findings.push(Diagnostic::cannot(CODE, message).help(help).at(Place::new(0, at.clone())));
    }

    /// What to do about what is not known.
    pub(super) fn help(&self, text: &str) -> String {
        match self.template.parameter_in(text) {
            Some(name) => format!("give it with --parameter {name}=VALUE; until then answers and reports name it so"),
            None => "answers and health reports name it so; give a listing once the stack is there".into(),
        }
    }
}
