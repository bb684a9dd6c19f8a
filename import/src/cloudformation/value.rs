//! What the values of a template come to: references, functions and conditions, as far as the template says it itself.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::tree::{Members, Node, get};

/// Conditions that lead to each other, and functions in functions, that are followed.
const HOPS_MAX: usize = 64;

/// What a value comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// It is known.
    Known(Node<'static>),
    /// It is the id of a resource of this template, whose logical id takes its place everywhere.
    Id(String),
    /// It is known only once the stack is there; what it comes from takes its place.
    Unknown(String),
    /// It is not given: `AWS::NoValue`.
    Absent,
}

impl Value {
    fn text(self) -> Result<String, String> {
        match self {
            Self::Known(Node::Text(text)) => Ok(text.into_owned()),
            Self::Known(node) => Ok(node.json()),
            Self::Id(id) | Self::Unknown(id) => Err(id),
            Self::Absent => Ok(String::new()),
        }
    }
}

/// A template's parts that values refer to.
#[derive(Debug)]
pub(super) struct Template<'n, 't> {
    parameters: Option<&'n Members<'t>>,
    mappings: Option<&'n Node<'t>>,
    conditions: Option<&'n Members<'t>>,
    /// Types of the resources, by logical id.
    types: HashMap<&'n str, &'n str>,
    given: &'n [(String, String)],
}

impl<'n, 't> Template<'n, 't> {
    pub(super) fn new(template: &'n Node<'t>, given: &'n [(String, String)]) -> Self {
        let resources = template.get("Resources").and_then(Node::members);
        let types =
            resources.into_iter().flatten().filter_map(|(id, node)| Some((&**id, node.get("Type")?.as_text()?)));
        Self {
            parameters: template.get("Parameters").and_then(Node::members),
            mappings: template.get("Mappings"),
            conditions: template.get("Conditions").and_then(Node::members),
            types: types.collect(),
            given,
        }
    }

    /// Parameters that were given and that the template does not have.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &'n str> {
        let is_known =
            |name: &str| name.starts_with("AWS::") || self.parameters.is_some_and(|all| get(all, name).is_some());
        self.given.iter().map(|(name, _)| name.as_str()).filter(move |name| !is_known(name))
    }

    /// Whether a text that stands for what is not known is that of a parameter, which could be given.
    pub(super) fn parameter_in<'p>(&self, text: &'p str) -> Option<&'p str> {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':');
        words.find(|word| {
            self.parameters.is_some_and(|all| get(all, word).is_some())
                || matches!(*word, "AWS::Region" | "AWS::AccountId" | "AWS::StackName")
        })
    }

    /// What a value comes to; a list or an object as it is, with what is in it still to be worked out.
    pub(super) fn value(&self, node: &Node<'t>) -> Value {
        self.value_within(node, HOPS_MAX)
    }

    /// The elements of a list, each worked out; those that are not given are left out.
    pub(super) fn list(&self, node: &Node<'t>) -> Vec<Value> {
        self.list_within(node, HOPS_MAX)
    }

    fn list_within(&self, node: &Node<'t>, hops: usize) -> Vec<Value> {
        let Some(hops) = hops.checked_sub(1) else { return Vec::new() };
        let one = |value: Value| match value {
            Value::Known(Node::Array(elements)) => elements.into_iter().map(Value::Known).collect(),
            // What a parameter of type CommaDelimitedList says.
            Value::Known(Node::Text(text)) if !matches!(node, Node::Text(_)) => {
                text.split(',').map(|part| Value::Known(Node::text(part.trim().to_owned()))).collect()
            }
            other => vec![other],
        };
        let values = match node {
            Node::Array(elements) => elements.iter().map(|element| self.value_within(element, hops)).collect(),
            _ => match function(node) {
                Some(("Fn::If", _)) => self
                    .branch(node, hops)
                    .map(|branch| self.list_within(branch, hops))
                    .unwrap_or_else(|| one(self.value_within(node, hops))),
                _ => one(self.value_within(node, hops)),
            },
        };
        values.into_iter().filter(|value| *value != Value::Absent).collect()
    }

    /// The object or list that a value leads to, through `Fn::If`; `None` when it is not given or not known.
    pub(super) fn block<'b>(&self, node: &'b Node<'t>) -> Option<&'b Node<'t>> {
        let mut node = node;
        for _ in 0..HOPS_MAX {
            match function(node) {
                Some(("Fn::If", _)) => node = self.branch(node, HOPS_MAX)?,
                Some(_) => return None,
                None => return Some(node),
            }
        }
        None
    }

    /// The branch that `Fn::If` takes.
    fn branch<'b>(&self, node: &'b Node<'t>, hops: usize) -> Option<&'b Node<'t>> {
        let (_, arguments) = function(node)?;
        let [condition, yes, no] = arguments.elements() else { return None };
        match self.condition_named(condition.as_text()?, hops) {
            Ok(true) => Some(yes),
            Ok(false) => Some(no),
            Err(_) => None,
        }
    }

    fn value_within(&self, node: &Node<'t>, hops: usize) -> Value {
        let Some(hops) = hops.checked_sub(1) else { return Value::Unknown("too.many.references".into()) };
        let Some((name, argument)) = function(node) else { return Value::Known(node.clone().into_owned()) };
        let unknown = |text: &str| Value::Unknown(text.to_owned());
        match name {
            "Ref" => argument.as_text().map_or_else(|| unknown("Ref"), |name| self.reference(name)),
            "Fn::GetAtt" => {
                let (resource, attribute) = match argument {
                    Node::Text(text) => text.split_once('.').unwrap_or((text, "")),
                    Node::Array(parts) => match parts.as_slice() {
                        [resource, attribute] => {
                            (resource.as_text().unwrap_or_default(), attribute.as_text().unwrap_or("attribute"))
                        }
                        _ => ("", ""),
                    },
                    _ => ("", ""),
                };
                self.attribute(resource, attribute)
            }
            "Fn::Sub" => self.substituted(argument, hops),
            "Fn::Join" => {
                let [separator, list] = argument.elements() else { return unknown("Fn::Join") };
                let parts = self.list_within(list, hops).into_iter().map(Value::text);
                joined(parts.collect(), separator.as_text().unwrap_or_default())
            }
            "Fn::Select" => {
                let [index, list] = argument.elements() else { return unknown("Fn::Select") };
                let index = self.value_within(index, hops).text().ok().and_then(|index| index.parse::<usize>().ok());
                let list = self.list_within(list, hops);
                match (index.and_then(|index| list.get(index)), list.as_slice(), index) {
                    // An element of a list that is not known as a whole.
                    (_, [Value::Unknown(text)], Some(index)) => unknown(&format!("{text}.{index}")),
                    (Some(element), ..) => element.clone(),
                    (None, ..) => unknown("Fn::Select"),
                }
            }
            "Fn::Split" => {
                let [separator, text] = argument.elements() else { return unknown("Fn::Split") };
                match (separator.as_text(), self.value_within(text, hops).text()) {
                    (Some(separator), Ok(text)) if !separator.is_empty() => Value::Known(Node::Array(
                        text.split(separator).map(|part| Node::text(part.to_owned())).collect(),
                    )),
                    (_, Err(text)) => Value::Unknown(text),
                    _ => unknown("Fn::Split"),
                }
            }
            "Fn::If" => match self.branch(node, hops) {
                Some(branch) => self.value_within(branch, hops),
                None => unknown(argument.elements().first().and_then(Node::as_text).unwrap_or("Fn::If")),
            },
            "Fn::FindInMap" => {
                let keys: Vec<_> =
                    argument.elements().iter().take(3).map(|key| self.value_within(key, hops).text()).collect();
                let keys: Result<Vec<String>, String> = keys.into_iter().collect();
                match keys {
                    Err(text) => Value::Unknown(text),
                    Ok(keys) => {
                        let found = keys.iter().try_fold(self.mappings, |node, key| Some(node?.get(key)));
                        found
                            .flatten()
                            .map_or_else(|| unknown("Fn::FindInMap"), |node| Value::Known(node.clone().into_owned()))
                    }
                }
            }
            "Fn::ImportValue" => match self.value_within(argument, hops).text() {
                Ok(text) | Err(text) => Value::Unknown(text),
            },
            other => unknown(other),
        }
    }

    fn reference(&self, name: &str) -> Value {
        if let Some((_, value)) = self.given.iter().find(|(known, _)| known == name) {
            return Value::Known(Node::text(value.clone()));
        }
        match name {
            "AWS::NoValue" => return Value::Absent,
            "AWS::URLSuffix" => return Value::Known(Node::text("amazonaws.com")),
            "AWS::Partition" => return Value::Known(Node::text("aws")),
            _ => {}
        }
        if let Some(parameter) = self.parameters.and_then(|all| get(all, name)) {
            return match parameter.get("Default") {
                Some(default) => Value::Known(default.clone().into_owned()),
                None => Value::Unknown(name.to_owned()),
            };
        }
        match self.types.get(name) {
            Some(&("AWS::Route53::HealthCheck" | "AWS::Route53::HostedZone" | "AWS::Route53::CidrCollection")) => {
                Value::Id(name.to_owned())
            }
            _ => Value::Unknown(name.to_owned()),
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Value {
        match (self.types.get(resource).copied(), attribute) {
            (Some("AWS::Route53::HealthCheck"), "HealthCheckId")
            | (Some("AWS::Route53::HostedZone" | "AWS::Route53::CidrCollection"), "Id") => {
                Value::Id(resource.to_owned())
            }
            _ => Value::Unknown(format!("{resource}.{attribute}")),
        }
    }

    /// `Fn::Sub`: a text with `${Name}` and `${Name.Attribute}` in it, perhaps with values of its own.
    fn substituted(&self, argument: &Node<'t>, hops: usize) -> Value {
        let (text, own) = match argument {
            Node::Text(text) => (&**text, None),
            Node::Array(parts) => match parts.as_slice() {
                [text, own] => (text.as_text().unwrap_or_default(), Some(own)),
                _ => return Value::Unknown("Fn::Sub".into()),
            },
            _ => return Value::Unknown("Fn::Sub".into()),
        };
        let mut parts: Vec<Result<String, String>> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            parts.push(Ok(before.to_owned()));
            let Some((name, behind)) = after.split_once('}') else {
                parts.push(Ok(format!("${{{after}")));
                rest = "";
                break;
            };
            rest = behind;
            let name = name.trim();
            parts.push(match (name.strip_prefix('!'), own.and_then(|own| own.get(name)), name.split_once('.')) {
                (Some(literal), ..) => Ok(format!("${{{literal}}}")),
                (_, Some(own), _) => self.value_within(own, hops).text(),
                (.., Some((resource, attribute))) => self.attribute(resource, attribute).text(),
                _ => self.reference(name).text(),
            });
        }
        parts.push(Ok(rest.to_owned()));
        // A text that is one reference is what that is.
        if let [Ok(before), Err(_), Ok(after)] = parts.as_slice()
            && before.is_empty()
            && after.is_empty()
        {
            let name = text.trim_start_matches("${").trim_end_matches('}').trim();
            if own.is_none() {
                return match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute(resource, attribute),
                    None => self.reference(name),
                };
            }
        }
        joined(parts, "")
    }

    /// Whether a condition holds; what it depends on when that is not known.
    pub(super) fn condition_named(&self, name: &str, hops: usize) -> Result<bool, String> {
        let node = self.conditions.and_then(|all| get(all, name)).ok_or_else(|| name.to_owned())?;
        self.condition(node, hops.checked_sub(1).ok_or_else(|| name.to_owned())?)
    }

    /// Whether a resource's condition holds.
    pub(super) fn holds(&self, name: &str) -> Result<bool, String> {
        self.condition_named(name, HOPS_MAX)
    }

    fn condition(&self, node: &Node<'t>, hops: usize) -> Result<bool, String> {
        let hops = hops.checked_sub(1).ok_or("conditions that lead to each other")?;
        let (name, argument) = function(node).ok_or("a condition without a function")?;
        let arguments = argument.elements();
        match name {
            "Condition" => self.condition_named(argument.as_text().unwrap_or_default(), hops),
            "Fn::Equals" => {
                let [one, other] = arguments else { return Err("Fn::Equals".into()) };
                Ok(self.value_within(one, hops).text()? == self.value_within(other, hops).text()?)
            }
            "Fn::Not" => {
                let [one] = arguments else { return Err("Fn::Not".into()) };
                self.condition(one, hops).map(|holds| !holds)
            }
            "Fn::And" | "Fn::Or" => {
                let decisive = name == "Fn::Or";
                let all: Vec<_> = arguments.iter().map(|one| self.condition(one, hops)).collect();
                if all.contains(&Ok(decisive)) {
                    return Ok(decisive);
                }
                all.into_iter().find(Result::is_err).unwrap_or(Ok(!decisive))
            }
            other => Err(other.to_owned()),
        }
    }
}

/// Parts put together; what is not known is in it by what it comes from.
fn joined(parts: Vec<Result<String, String>>, separator: &str) -> Value {
    let is_known = parts.iter().all(Result::is_ok);
    let parts: Vec<String> = parts.into_iter().map(|part| part.unwrap_or_else(|text| text)).collect();
    let text = parts.join(separator);
    if is_known { Value::Known(Node::Text(Cow::Owned(text))) } else { Value::Unknown(text) }
}

/// The function that a value is, by its long name, with its argument.
pub(super) fn function<'n, 't>(node: &'n Node<'t>) -> Option<(&'static str, &'n Node<'t>)> {
    const NAMES: [&str; 20] = [
        "Ref",
        "Condition",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::If",
        "Fn::FindInMap",
        "Fn::ImportValue",
        "Fn::Equals",
        "Fn::Not",
        "Fn::And",
        "Fn::Or",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::GetAZs",
        "Fn::Transform",
        "Fn::ToJsonString",
        "Fn::Length",
    ];
    let Node::Object(members) = node else { return None };
    let [(key, argument)] = members.as_slice() else { return None };
    let short = key.strip_prefix('!');
    let is_it = |name: &&&str| short.map_or(key == **name, |short| name.strip_prefix("Fn::").unwrap_or(name) == short);
    NAMES.iter().find(is_it).map(|name| (*name, argument))
}
