//! From resources to the JSON that the AWS CLI would print of them.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::fields::Members;
use super::super::node::{Node, Problems};
use super::super::place_path::Array;
use super::fields::{HEALTH_CHECK, RECORD, converted};
use super::index::Index;
use super::places::TerraformPlaces;
use super::printed::Printed;
use super::references::Configuration;
use super::resources::{Kind, Origin, Resource, Resources, get, text};
use super::stand_in::CODE;
use super::zones::Zones;
use crate::diagnostic::{Diagnostic, Place};

/// Writes resources.
pub(super) struct Writer<'w, 't> {
    pub(super) configuration: &'w Configuration<'w, 't>,
    pub(super) resources: Resources<'t>,
    pub(super) zones: Zones,
    pub(super) places: TerraformPlaces,
    pub(super) problems: &'w mut Problems,
}

impl<'w, 't> Writer<'w, 't> {
    pub(super) fn new(
        configuration: &'w Configuration<'w, 't>,
        resources: Vec<Resource<'t>>,
        origin: Origin,
        problems: &'w mut Problems,
    ) -> Self {
        let places = TerraformPlaces::new(origin, resources.iter().map(|resource| resource.place.clone()).collect());
        let mut resources = Resources::new(resources);
        let zones = Zones::declared(&mut resources.list);
        Self { configuration, resources, zones, places, problems }
    }

    pub(super) fn write(mut self) -> Printed<'t> {
        for number in 0..self.resources.list.len() {
            self.look_at(number);
        }
        self.tell_new_ids();
        let record_sets = self.record_sets();
        let health_checks = self.health_checks();
        let cidr_collections = self.collections();
        self.places.zones = self.zones;
        Printed { record_sets, health_checks, cidr_collections, places: self.places }
    }

    /// Finds out what other resources need to know of one.
    fn look_at(&mut self, number: usize) {
        let Some(resource) = self.resources.get(number) else { return };
        match resource.kind {
            Kind::NotRead => {
                let message = format!("`{}` makes record sets, and is not read", resource.address);
                let finding = Diagnostic::lint("terraform-resource-not-read", message)
                    .help("add them as list-resource-record-sets prints them");
                finding.at(Place::new(self.problems.document, resource.place.path())).add_to(&mut self.problems.list);
            }
            Kind::Record => {
                let zone = self.zone_of_record(number);
                let Some(resource) = self.resources.list.get_mut(number) else { return };
                resource.zone = Some(zone);
                resource.name = self.zones.full_name(zone, &resource.values);
            }
            _ => {}
        }
    }

    /// Tells at the first of them which ids only `apply` can tell. Nothing is lost by that.
    fn tell_new_ids(&mut self) {
        /// Addresses that are spelled out.
        const NAMED: usize = 20;
        let is_named_by_id = |kind| matches!(kind, Kind::HealthCheck | Kind::CidrCollection);
        let mut new = self.resources.list.iter().filter(|each| each.is_new && is_named_by_id(each.kind));
        let Some(first) = new.clone().next() else { return };
        let count = new.clone().count();
        let mut names: Vec<String> = new.by_ref().take(NAMED).map(|each| format!("`{}`", each.address)).collect();
        names.extend(count.checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("{more} more")));
        let message = format!("`id` is known only after apply of {}; the address stands in for it", names.join(", "));
        let help = "name health checks by their addresses until then, in health reports too";
        let place = Place::new(self.problems.document, first.place.path());
        Diagnostic::lint(CODE, message).help(help).at(place).add_to(&mut self.problems.list);
    }

    fn zone_of_record(&mut self, number: usize) -> usize {
        let known = self.resources.get(number).and_then(|resource| text(&resource.values, "zone_id"));
        if let Some(id) = known {
            return self.zones.of_id(id);
        }
        let referents = self.configuration.referents(&self.resources, number, &["zone_id"]);
        let all = referents.iter().flat_map(|referent| &referent.resources).filter_map(|at| self.resources.get(*at));
        let mut zones: Vec<usize> =
            all.filter(|resource| resource.is_new).filter_map(|resource| resource.zone).collect();
        zones.sort_unstable();
        zones.dedup();
        match (zones.as_slice(), referents.as_slice()) {
            ([zone], _) => *zone,
            ([], [referent]) => self.zones.of_reference(&referent.text),
            _ => {
                let own = self.resources.get(number).map(|resource| format!("{}.zone_id", resource.address));
                self.zones.of_reference(&own.unwrap_or_default())
            }
        }
    }

    /// Takes the values of a resource of a kind.
    fn take(&mut self, number: usize, kind: Kind) -> Option<Members<'t>> {
        let resource =
            self.resources.list.get_mut(number).filter(|resource| resource.kind == kind && !resource.is_data())?;
        Some(core::mem::take(&mut resource.values))
    }

    fn record_sets(&mut self) -> Vec<(Members<'t>, bool)> {
        let mut record_sets = Vec::new();
        for number in 0..self.resources.list.len() {
            if let Some(values) = self.take(number, Kind::Record) {
                record_sets.extend(self.record_set(number, record_sets.len(), values));
            }
        }
        record_sets
    }

    /// Writes a record set; whether something that it needs is not known.
    fn record_set(&mut self, number: usize, index: usize, mut values: Members<'t>) -> Option<(Members<'t>, bool)> {
        let unknown = ["name", "type"].into_iter().find(|attribute| self.is_unknown(number, &values, attribute));
        let resource = self.resources.get(number)?;
        if let Some(attribute) = unknown {
            let message = format!(
                "`{attribute}` of `{}` is known only after apply; the record set is left out",
                resource.address
            );
            let finding = Diagnostic::lint(CODE, message).help("give the state once it is applied");
            finding.at(Place::new(self.problems.document, resource.place.path())).add_to(&mut self.problems.list);
            return None;
        }
        let (zone, name) = (resource.zone?, resource.name.clone());
        self.zones.note_use(zone);
        self.places.record_zones.push(zone);
        self.places.record_sets.push(number);
        values.retain(|(key, _)| key != "name" || name.is_none());
        values.extend(name.map(|name| (Cow::Borrowed("name"), Node::Text(name))));

        let damaged = self.fill(number, (Array::ResourceRecordSets, index), RECORD, &mut values);
        if matches!(text(&values, "type"), Some("TXT" | "SPF")) {
            quote(&mut values);
        }
        let mut members = converted(values, RECORD);
        if get(&members, "AliasTarget").is_some() {
            // The provider sends a TTL with values only, and a state may have 0 beside an alias.
            members.retain(|(key, _)| key != "TTL");
        }
        Some((members, damaged))
    }

    fn health_checks(&mut self) -> Vec<Node<'t>> {
        let mut checks = Vec::new();
        for number in 0..self.resources.list.len() {
            let Some(mut values) = self.take(number, Kind::HealthCheck) else { continue };
            let index = self.places.health_checks.len();
            self.places.health_checks.push(number);
            self.fill(number, (Array::HealthChecks, index), HEALTH_CHECK, &mut values);
            let id = self.resources.get(number).map(|resource| resource.id.clone()).unwrap_or_default();
            let config = health_check_config(values);
            checks.push(Node::Object(Vec::from([
                (Cow::Borrowed("Id"), Node::Text(id)),
                (Cow::Borrowed("HealthCheckConfig"), Node::Object(config)),
            ])));
        }
        checks
    }

    /// Collections with the blocks of their locations, which are resources of their own.
    fn collections(&mut self) -> Vec<Node<'t>> {
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
                .map(|(_, node)| core::mem::replace(node, Node::Null));
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

/// A TXT value without its outer quotation marks, which the provider adds.
fn quote(values: &mut Members<'_>) {
    let records = values.iter_mut().find(|(key, _)| key == "records").map(|(_, node)| node);
    let Some(Node::Array(records)) = records else { return };
    for record in records {
        if let Node::Text(text) = record {
            *text = Cow::Owned(format!("\"{text}\""));
        }
    }
}

fn health_check_config(mut values: Members<'_>) -> Members<'_> {
    let is_calculated = text(&values, "type").is_some_and(|name| name.eq_ignore_ascii_case("CALCULATED"));
    let mut take = |key: &str| values.iter().position(|(known, _)| known == key).map(|at| values.swap_remove(at).1);
    let is_text = |node: &Node<'_>| matches!(node, Node::Text(text) if !text.is_empty());
    let alarm = [("Name", "cloudwatch_alarm_name"), ("Region", "cloudwatch_alarm_region")];
    let alarm = alarm.into_iter().filter_map(|(api, key)| Some((Cow::Borrowed(api), take(key).filter(is_text)?)));
    let alarm: Members<'_> = alarm.collect();
    // Zero says that nothing is given, but for a calculated check, of which it says that it is always healthy.
    let threshold = if is_calculated { take("child_health_threshold") } else { None };
    let mut config = converted(values, HEALTH_CHECK);
    config.extend(threshold.map(|threshold| (Cow::Borrowed("HealthThreshold"), threshold)));
    if !alarm.is_empty() {
        config.push((Cow::Borrowed("AlarmIdentifier"), Node::Object(alarm)));
    }
    config
}
