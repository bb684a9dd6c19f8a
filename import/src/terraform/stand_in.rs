//! What stands in for values that only `apply` can tell.
//!
//! A reference to a resource of Route 53 loses nothing: its address takes the place of its id on both sides. Other values
//! are replaced by the reference itself, such as `aws_eip.eu.public_ip`, which then stands in answers.

use std::borrow::Cow;

use super::fields::{Field, KNOWN_AFTER_APPLY, Shape, api_steps};
use super::references::Referent;
use super::resources::Kind;
use super::writer::Writer;
use crate::tree::{Members, Node, get};
use pointsman_core::diagnostic::{Diagnostic, Path, Place};
use pointsman_core::model::NameBuf;
use pointsman_core::parse::SourceArray;

/// What a value is replaced by.
enum Replacement<'t> {
    /// By what leads to the same resource.
    Linked(Node<'t>),
    /// By text that says where it comes from.
    Text(Node<'t>, String),
    /// By nothing, and it is needed.
    None,
}

impl<'t> Writer<'_, 't> {
    /// Whether an attribute has a value that is not known yet: it is left out, although the configuration gives it.
    pub(super) fn is_unknown(&self, number: usize, values: &Members<'t>, attribute: &str) -> bool {
        let given = |resource| self.configuration.gives(resource, attribute);
        get(values, attribute).is_none() && self.resources.get(number).is_some_and(given)
    }

    /// Replaces what is not known of a resource's values; returns whether something needed remains unknown.
    pub(super) fn fill(
        &mut self,
        number: usize,
        (array, index): (SourceArray, usize),
        fields: &'static [Field],
        values: &mut Members<'t>,
    ) -> bool {
        let mut damaged = false;
        for path in self.unknown(number, fields, values) {
            let replacement = self.replacement(number, &path);
            let mut api = Path::root().key(array.key()).index(index);
            if array == SourceArray::HealthChecks {
                api = api.key("HealthCheckConfig");
            }
            api.0.extend(api_steps(fields, &path));
            let told = self.tell(number, &path, api.clone(), &replacement);
            damaged |= told.is_some_and(|needed| needed);
            let is_linked = matches!(replacement, Replacement::Linked(_));
            let (Replacement::Linked(node) | Replacement::Text(node, _)) = replacement else { continue };
            self.notes.any_health_check |= path == ["health_check_id"] && !is_linked;
            self.notes.placeholders.push(api);
            put(values, &path, node);
        }
        damaged
    }

    /// The attributes that are not known: those that the configuration gives and the plan leaves out, and in blocks
    /// all that are left out, since what is not given is there as null.
    fn unknown(&self, number: usize, fields: &'static [Field], values: &Members<'t>) -> Vec<Vec<&'static str>> {
        let mut unknown = Vec::new();
        for field in fields {
            let Some(given) = get(values, field.terraform) else {
                if self.is_unknown(number, values, field.terraform) {
                    unknown.push(Vec::from([field.terraform]));
                }
                continue;
            };
            let Node::Array(elements) = given else { continue };
            match (&field.shape, elements.first()) {
                (Shape::Block(inner), Some(Node::Object(block))) => {
                    let missing = inner.iter().filter(|inner| get(block, inner.terraform).is_none());
                    unknown.extend(missing.map(|inner| Vec::from([field.terraform, inner.terraform])));
                }
                (Shape::Only(name), Some(Node::Object(block))) if get(block, name).is_none() => {
                    unknown.push(Vec::from([field.terraform, *name]));
                }
                (_, Some(_)) if elements.contains(&Node::Null) => unknown.push(Vec::from([field.terraform])),
                _ => {}
            }
        }
        unknown
    }

    fn replacement(&self, number: usize, path: &[&str]) -> Replacement<'t> {
        let referents = self.configuration.referents(&self.resources, number, path);
        let Some(resource) = self.resources.get(number) else { return Replacement::None };
        let text = |text: String| Replacement::Text(Node::Text(text.clone().into()), text);
        let own = || format!("{}.{}", resource.address, path.join("."));
        let first = || match referents.as_slice() {
            [referent] => referent.text.clone(),
            _ => own(),
        };
        match path {
            ["health_check_id"] | ["alias", "zone_id" | "name"] | ["cidr_routing_policy", "collection_id"] => {
                let mut linked = self.linked(&referents, path);
                let first = first();
                if let (Some(linked), true) = (linked.pop(), linked.is_empty()) {
                    Replacement::Linked(Node::Text(linked))
                } else if *path == ["alias", "name"] && NameBuf::parse(&first).is_err() {
                    text("known.after.apply".into())
                } else {
                    text(first)
                }
            }
            ["child_healthchecks"] => {
                let children = self.linked(&referents, path);
                if children.is_empty() {
                    return Replacement::None;
                }
                Replacement::Linked(Node::Array(children.into_iter().map(Node::Text).collect()))
            }
            ["records"] => {
                let texts: Vec<String> = referents.iter().map(|referent| referent.text.clone()).collect();
                let texts = if texts.is_empty() { Vec::from([own()]) } else { texts };
                let told = texts.join("`, `");
                Replacement::Text(Node::Array(texts.into_iter().map(|text| Node::Text(text.into())).collect()), told)
            }
            ["set_identifier"] => text(resource.address.clone().into_owned()),
            ["fqdn" | "resource_path" | "search_string" | "cloudwatch_alarm_name" | "routing_control_arn"] => {
                text(first())
            }
            // Where it probes bears on no answer; an address must be one, a name need not.
            ["ip_address"] => text(first()),
            _ => Replacement::None,
        }
    }

    /// What the resources that are referred to are known by, each once. What is unknown cannot come from those that are
    /// there already; more than one is a choice that only Terraform can make.
    pub(super) fn linked(&self, referents: &[Referent], path: &[&str]) -> Vec<Cow<'t, str>> {
        let mut linked = Vec::new();
        for at in referents.iter().flat_map(|referent| &referent.resources) {
            let Some(resource) = self.resources.get(*at).filter(|resource| resource.is_new) else { continue };
            let known_by = match (path, resource.kind) {
                (["health_check_id" | "child_healthchecks"], Kind::HealthCheck)
                | ([.., "collection_id" | "cidr_collection_id"], Kind::CidrCollection) => Some(resource.id.clone()),
                (["alias", "zone_id"], Kind::Zone | Kind::Record) => resource.zone.map(|zone| self.zones.id(zone)),
                (["alias", "name"], Kind::Record) => resource.name.clone(),
                _ => None,
            };
            linked.extend(known_by.filter(|known_by| !linked.contains(known_by)));
        }
        linked
    }

    /// Reports a value that is not known; returns whether it is needed, `None` when nothing is lost.
    fn tell(&mut self, number: usize, path: &[&str], api: Path, replacement: &Replacement<'t>) -> Option<bool> {
        let address = &self.resources.get(number)?.address;
        let message = format!("`{}` of `{address}` is known only after apply", path.join("."));
        let finding = match replacement {
            Replacement::Linked(_) => return None,
            Replacement::Text(_, text) => {
                Diagnostic::lint(KNOWN_AFTER_APPLY, format!("{message}; `{text}` stands in for it"))
                    .help("answers and health reports name it so; give the state once it is applied")
            }
            Replacement::None => Diagnostic::cannot(KNOWN_AFTER_APPLY, message).help(
                "give the plan of a later step, or the state once it is applied: without it nothing can be answered",
            ),
        };
        let is_needed = matches!(replacement, Replacement::None);
        self.notes.findings.push(finding.at(Place::new(0, api)));
        Some(is_needed)
    }
}

fn put<'t>(values: &mut Members<'t>, path: &[&'static str], node: Node<'t>) {
    match path {
        [name, inner] => {
            let block = values.iter_mut().find(|(key, _)| key == name).map(|(_, node)| node);
            if let Some(Node::Array(blocks)) = block
                && let Some(Node::Object(block)) = blocks.first_mut()
            {
                block.push((Cow::Borrowed(inner), node));
            }
        }
        [name] => {
            values.retain(|(key, _)| key != name);
            values.push((Cow::Borrowed(name), node));
        }
        _ => {}
    }
}
