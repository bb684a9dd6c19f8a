//! CloudFormation's templates, in JSON or YAML, as people write them and as the CDK does: the record sets that a stack will
//! have, so that rules are checked before they ship.
//!
//! Parameters, conditions and functions are worked out as far as the template says them itself. What only the stack can
//! tell is replaced by what it comes from.

mod fields;
mod value;
mod writer;
mod zones;

use pointsman_core::diagnostic::{Diagnostic, Path, Place};

use self::fields::{HEALTH_CHECK, RECORD_SET};
use self::value::{Template, Value};
use self::writer::{CODE, Writer};
use self::zones::{Zone, choose, same};
use crate::format::Format;
use crate::options::Options;
use crate::read::{Origin, Output, Read};
use crate::sample::{Sample, Shape};
use crate::spans::Spans;
use crate::tree::{Members, Node, duplicate_keys, get};
use crate::yaml;

/// A template.
pub(crate) const FORMAT: Format = Format { name: "a CloudFormation template", recognises, read };

fn recognises(sample: &Sample<'_>) -> bool {
    match sample.shape {
        Shape::Object => sample.has("AWSTemplateFormatVersion") || sample.has("Resources"),
        Shape::Text => {
            let has_type = || sample.text.contains("AWS::");
            sample.has_line("AWSTemplateFormatVersion:") || (sample.has_line("Resources:") && has_type())
        }
        Shape::Stream | Shape::Array => false,
    }
}

fn read(text: &str, options: &Options<'_>) -> Read {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (node, spans) = if body.trim_ascii_start().starts_with('{') {
        match Node::read(body) {
            Ok(node) => (node, None),
            Err(_) => return Read::not_json(text),
        }
    } else {
        match yaml::read(text) {
            Ok((node, spans)) => (node, Some(spans)),
            Err(read) => return *read,
        }
    };
    Stack::new(&node, options).read(options, spans)
}

/// A record set of the template: its zone, its fields, where it is, and the resource that it belongs to.
struct Record<'n, 't> {
    zone: usize,
    fields: &'n Members<'t>,
    from: Path,
    resource: &'n str,
}

/// What a template makes.
struct Stack<'n, 't> {
    node: &'n Node<'t>,
    template: Template<'n, 't>,
    zones: Vec<Zone>,
    records: Vec<Record<'n, 't>>,
    output: Output,
}

impl<'n, 't> Stack<'n, 't> {
    fn new(node: &'n Node<'t>, options: &'n Options<'_>) -> Self {
        let template = Template::new(node, options.parameters);
        Self { node, template, zones: Vec::new(), records: Vec::new(), output: Output::default() }
    }

    fn read(mut self, options: &Options<'_>, spans: Option<Spans>) -> Read {
        for path in duplicate_keys(self.node) {
            let key = match path.0.last() {
                Some(pointsman_core::diagnostic::Step::Key(key)) => key.clone(),
                _ => String::new(),
            };
            self.output.findings.push(yaml::duplicate_key(path, &key));
        }
        for name in self.template.strangers() {
            let finding = Diagnostic::lint("parameter-unknown", format!("the template has no parameter `{name}`"))
                .help("check the name given with --parameter");
            self.output.findings.push(finding.at(Place::new(0, Path::root())));
        }
        let resources = self.resources();
        self.declare_zones(&resources);
        for (id, type_name, properties, path) in &resources {
            match *type_name {
                "AWS::Route53::RecordSet" => self.find_record(id, properties, None, path.clone()),
                "AWS::Route53::RecordSetGroup" => self.find_group(id, properties, path),
                _ => {}
            }
        }
        let chosen = self.choose(options.zone);
        if let Some(zone) = chosen.and_then(|at| self.zones.get_mut(at)) {
            // The word may be what says how a zone is called that only an id names.
            let word = options.zone.filter(|word| zone.name.is_none() && *word != zone.key);
            zone.name = zone.name.take().or_else(|| word.map(ToOwned::to_owned));
        }
        let zone = chosen.and_then(|at| self.zones.get(at)).cloned();
        if let Some(zone) = &zone {
            self.write_zone(zone);
        }
        let records = std::mem::take(&mut self.records);
        let (here, elsewhere): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| Some(record.zone) == chosen);
        for record in &here {
            self.write_record(record);
        }
        self.write_checks(&resources, &here, &elsewhere);
        self.write_collections(&resources);
        let mut read = self.output.finish(spans);
        read.is_excerpt = true;
        // A word that names no zone here is left to core, which says so.
        let meant = zone.filter(|zone| options.zone.is_none_or(|word| zone.is(word)));
        read.zone_name = meant.and_then(|zone| zone.name);
        read
    }

    /// The resources that the conditions let be: logical id, type, properties and their place.
    fn resources(&mut self) -> Vec<(&'n str, &'n str, &'n Members<'t>, Path)> {
        let mut found = Vec::new();
        let all = self.node.get("Resources").and_then(Node::members);
        for (id, resource) in all.into_iter().flatten() {
            let Some(type_name) = resource.get("Type").and_then(Node::as_text) else { continue };
            let Some(properties) = resource.get("Properties").and_then(Node::members) else { continue };
            if !type_name.starts_with("AWS::Route53::") {
                continue;
            }
            let path = Path::root().key("Resources").key(id);
            if let Some(condition) = resource.get("Condition").and_then(Node::as_text) {
                match self.template.holds(condition) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(text) => {
                        let message = format!(
                            "whether `{id}` is there depends on `{text}`, which is not known; it is taken to be there"
                        );
                        let help = "give what it depends on with --parameter NAME=VALUE";
                        let finding = Diagnostic::lint(CODE, message).help(help);
                        self.output.findings.push(finding.at(Place::new(0, path.clone().key("Condition"))));
                    }
                }
            }
            found.push((&**id, type_name, properties, path.key("Properties")));
        }
        found
    }

    fn declare_zones(&mut self, resources: &[(&'n str, &'n str, &'n Members<'t>, Path)]) {
        for (id, _, properties, path) in resources.iter().filter(|resource| resource.1 == "AWS::Route53::HostedZone") {
            let name = get(properties, "Name").and_then(|node| match self.template.value(node) {
                Value::Known(Node::Text(name)) => Some(name.into_owned()),
                _ => None,
            });
            let private = get(properties, "VPCs").map(|vpcs| !self.template.list(vpcs).is_empty());
            self.zones.push(Zone {
                key: (*id).to_owned(),
                name,
                id: None,
                private: Some(private.unwrap_or(false)),
                declared: Some(path.clone()),
                is_used: false,
            });
        }
    }

    /// The zone that `HostedZoneId` or `HostedZoneName` names.
    fn zone_of(&mut self, properties: &Members<'t>) -> Option<usize> {
        let (key, name, id) = if let Some(node) = get(properties, "HostedZoneId") {
            match self.template.value(node) {
                Value::Known(node) => {
                    let id = node.as_text().unwrap_or_default();
                    let id = id.strip_prefix("/hostedzone/").unwrap_or(id).to_owned();
                    (id.clone(), None, Some(id))
                }
                Value::Id(id) | Value::Unknown(id) => (id, None, None),
                Value::Absent => return None,
            }
        } else {
            match self.template.value(get(properties, "HostedZoneName")?) {
                Value::Known(node) => {
                    let name = node.as_text().unwrap_or_default().to_owned();
                    (name.clone(), Some(name), None)
                }
                Value::Id(name) | Value::Unknown(name) => (name, None, None),
                Value::Absent => return None,
            }
        };
        let is_it = |zone: &Zone| {
            zone.key == key || zone.name.as_deref().zip(name.as_deref()).is_some_and(|(one, other)| same(one, other))
        };
        Some(self.zones.iter().position(is_it).unwrap_or_else(|| {
            self.zones.push(Zone { key, name, id, private: None, declared: None, is_used: false });
            self.zones.len().saturating_sub(1)
        }))
    }

    fn find_record(&mut self, id: &'n str, fields: &'n Members<'t>, group: Option<usize>, from: Path) {
        let zone = self.zone_of(fields).or(group).unwrap_or_else(|| {
            let message = format!("`{id}` does not say which zone it is in");
            let finding = Diagnostic::lint("zone-not-given", message).help("give HostedZoneId or HostedZoneName");
            self.output.findings.push(finding.at(Place::new(0, from.clone())));
            let key = "no zone";
            self.zones.iter().position(|zone| zone.key == key).unwrap_or_else(|| {
                let zone =
                    Zone { key: key.into(), name: None, id: None, private: None, declared: None, is_used: false };
                self.zones.push(zone);
                self.zones.len().saturating_sub(1)
            })
        });
        if let Some(zone) = self.zones.get_mut(zone) {
            zone.is_used = true;
        }
        self.records.push(Record { zone, fields, from, resource: id });
    }

    fn find_group(&mut self, id: &'n str, properties: &'n Members<'t>, path: &Path) {
        let zone = self.zone_of(properties);
        let Some(list) = get(properties, "RecordSets") else { return };
        let path = path.clone().key("RecordSets");
        for (index, element) in list.elements().iter().enumerate() {
            if let Some(fields) = self.template.block(element).and_then(Node::members) {
                self.find_record(id, fields, zone, path.clone().index(index));
            }
        }
    }

    fn choose(&mut self, word: Option<&str>) -> Option<usize> {
        let name = |record: &Record<'_, 't>| match self.template.value(get(record.fields, "Name")?) {
            Value::Known(Node::Text(name)) => Some((record.zone, name.into_owned())),
            _ => None,
        };
        let records: Vec<_> = self.records.iter().filter_map(name).collect();
        choose(&self.zones, &records, word).unwrap_or_else(|(all, is_ambiguous)| {
            let help = if is_ambiguous {
                "--zone names two of them: give the id or the logical id of one"
            } else {
                "choose one with --zone: its name, its id, or its logical id"
            };
            let message = format!("records of several hosted zones are given: {all}");
            let finding = Diagnostic::cannot("several-hosted-zones", message).help(help);
            self.output.findings.push(finding.at(Place::new(0, Path::root())));
            None
        })
    }

    fn write_zone(&mut self, zone: &Zone) {
        let mut members = Members::new();
        members.extend(zone.id.clone().map(|id| ("Id".into(), Node::text(id))));
        members.extend(zone.name.clone().map(|name| ("Name".into(), Node::text(name))));
        let config = |private| Node::Object(vec![("PrivateZone".into(), Node::Bool(private))]);
        members.extend(zone.private.map(|private| ("Config".into(), config(private))));
        self.output.hosted_zone(members, zone.declared.clone().map(Origin::Path));
    }

    fn write_record(&mut self, record: &Record<'n, 't>) {
        for name in ["Name", "Type"] {
            if let Some(Value::Unknown(text)) = get(record.fields, name).map(|node| self.template.value(node)) {
                let message = format!(
                    "`{name}` of a record set of `{}` is known only once the stack is there (`{text}`); it is left out",
                    record.resource
                );
                let help = match self.template.parameter_in(&text) {
                    Some(name) => format!("give it with --parameter {name}=VALUE"),
                    None => "give a listing once the stack is there".into(),
                };
                let finding = Diagnostic::lint(CODE, message).help(help);
                self.output.findings.push(finding.at(Place::new(0, record.from.clone().key(name))));
                return;
            }
        }
        let at = self.output.next_record_set();
        let (members, is_incomplete) = self.writer(record.resource).block(record.fields, RECORD_SET, &at, &record.from);
        if is_incomplete {
            let number = self.output.record_set_count();
            self.output.incomplete.push(number);
        }
        self.output.record_set(members, Origin::Path(record.from.clone()));
    }

    fn writer<'w>(&'w mut self, resource: &'w str) -> Writer<'w, 'n, 't> {
        Writer { template: &self.template, output: &mut self.output, resource }
    }

    /// Writes the health checks but those that only record sets of other zones name.
    fn write_checks(
        &mut self,
        resources: &[(&'n str, &'n str, &'n Members<'t>, Path)],
        here: &[Record<'n, 't>],
        elsewhere: &[Record<'n, 't>],
    ) {
        let check = |record: &Record<'_, 't>| match self.template.value(get(record.fields, "HealthCheckId")?) {
            Value::Id(id) => Some(id),
            _ => None,
        };
        let mut needed: Vec<String> = here.iter().filter_map(check).collect();
        let others: Vec<String> = elsewhere.iter().filter_map(check).collect();
        let checks = || resources.iter().filter(|resource| resource.1 == "AWS::Route53::HealthCheck");
        // Checks that a calculated one of this zone combines.
        let mut at = 0;
        while let Some(id) = needed.get(at).cloned() {
            at = at.saturating_add(1);
            let config = checks().find(|check| check.0 == id).and_then(|check| get(check.2, "HealthCheckConfig"));
            let children = config.and_then(|config| config.get("ChildHealthChecks"));
            for child in children.map(|list| self.template.list(list)).unwrap_or_default() {
                if let Value::Id(id) = child
                    && !needed.contains(&id)
                {
                    needed.push(id);
                }
            }
        }
        for (id, _, properties, path) in checks() {
            if others.iter().any(|other| other == id) && !needed.iter().any(|needed| needed == id) {
                continue;
            }
            let at = self.output.next_health_check();
            let mut members: Members<'static> = vec![("Id".into(), Node::text((*id).to_owned()))];
            let config = get(properties, "HealthCheckConfig").and_then(|config| self.template.block(config));
            if let Some(config) = config.and_then(Node::members) {
                let (at, from) = (at.key("HealthCheckConfig"), path.clone().key("HealthCheckConfig"));
                let (config, _) = self.writer(id).block(config, HEALTH_CHECK, &at, &from);
                members.push(("HealthCheckConfig".into(), Node::Object(config)));
            }
            self.output.health_check(members, Origin::Path(path.clone()));
        }
    }

    fn write_collections(&mut self, resources: &[(&'n str, &'n str, &'n Members<'t>, Path)]) {
        let collections = resources.iter().filter(|resource| resource.1 == "AWS::Route53::CidrCollection");
        for (number, (id, _, properties, path)) in collections.enumerate() {
            let at = Path::root().key("CidrCollections").index(number).key("CidrBlocks");
            let mut blocks = Vec::new();
            let locations = get(properties, "Locations").map(Node::elements).unwrap_or_default();
            for (index, location) in locations.iter().enumerate() {
                let name = location.get("LocationName").map(|name| self.template.value(name));
                let Some(list) = location.get("CidrList") else { continue };
                let from = path.clone().key("Locations").index(index);
                for (number, block) in self.template.list(list).into_iter().enumerate() {
                    let Value::Known(block) = block else { continue };
                    let here = at.clone().index(blocks.len());
                    self.output.map.add(here.clone(), Origin::Path(from.clone().key("CidrList").index(number)));
                    self.output.map.add(here.key("LocationName"), Origin::Path(from.clone().key("LocationName")));
                    let mut members: Members<'static> = vec![("CidrBlock".into(), block)];
                    if let Some(Value::Known(name)) = &name {
                        members.push(("LocationName".into(), name.clone()));
                    }
                    blocks.push(Node::Object(members));
                }
            }
            let members: Members<'static> =
                vec![("Id".into(), Node::text((*id).to_owned())), ("CidrBlocks".into(), Node::Array(blocks))];
            self.output.cidr_collection(members, Origin::Path(path.clone()));
        }
    }
}
