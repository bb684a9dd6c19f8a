//! From resources to the JSON that the AWS CLI would print of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use pointsman_core::diagnostic::{Diagnostic, Path, Place};
use pointsman_core::parse::SourceArray;

use super::fields::{HEALTH_CHECK, KNOWN_AFTER_APPLY, RECORD, converted};
use super::places::TerraformPlaces;
use super::references::Configuration;
use super::resources::{Kind, Origin, Resource, Resources, text};
use super::zones::{Choice, Zones};
use crate::read::Read;
use crate::tree::{Members, Node, get};

/// Writes resources.
pub(super) struct Writer<'w, 't> {
    pub(super) configuration: &'w Configuration<'w, 't>,
    pub(super) resources: Resources<'t>,
    pub(super) zones: Zones,
    pub(super) notes: Notes,
    pub(super) places: TerraformPlaces,
}

/// What there is to say about what was written.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) findings: Vec<Diagnostic>,
    /// Values that stand for what only `apply` can tell.
    pub(super) placeholders: Vec<Path>,
    /// Whether some record set may name any of the health checks.
    pub(super) any_health_check: bool,
}

impl<'w, 't> Writer<'w, 't> {
    pub(super) fn new(configuration: &'w Configuration<'w, 't>, resources: Vec<Resource<'t>>, origin: Origin) -> Self {
        let places = TerraformPlaces::new(origin, resources.iter().map(|resource| resource.place.clone()).collect());
        let mut resources = Resources::new(resources);
        let zones = Zones::declared(&mut resources.list);
        Self { configuration, resources, zones, notes: Notes::default(), places }
    }

    /// Writes the zone that the word names.
    pub(super) fn write(mut self, word: Option<&str>) -> Read {
        self.find_zones();
        let chosen = self.choose(word);
        let here = |zone: Option<usize>| chosen.is_some_and(|chosen| zone == Some(chosen));
        for resource in &self.resources.list {
            if resource.kind == Kind::NotRead && (here(resource.zone) || chosen.is_none()) {
                let message = format!("`{}` makes record sets, and is not read", resource.address);
                let finding = Diagnostic::lint("terraform-resource-not-read", message)
                    .help("add them as list-resource-record-sets prints them");
                self.notes.findings.push(finding.at(Place::new(0, resource.place.path())));
            }
        }
        let (mut record_sets, mut incomplete) = (Vec::new(), Vec::new());
        let mut written: HashMap<String, usize> = HashMap::new();
        let (mut checks_here, mut checks_elsewhere) = (BTreeSet::new(), BTreeSet::new());
        for elsewhere in [false, true] {
            let kept = elsewhere.then(|| std::mem::take(&mut self.notes));
            for number in 0..self.resources.list.len() {
                let Some(resource) = self.resources.get(number).filter(|resource| resource.kind == Kind::Record) else {
                    continue;
                };
                if here(resource.zone) == elsewhere {
                    continue;
                }
                let Some(values) = self.take(number, Kind::Record) else { continue };
                let Some((members, is_incomplete)) = self.record_set(number, record_sets.len(), values) else {
                    continue;
                };
                let checks = if elsewhere { &mut checks_elsewhere } else { &mut checks_here };
                checks.extend(text(&members, "HealthCheckId").map(ToOwned::to_owned));
                if elsewhere {
                    continue;
                }
                let key = ["Name", "Type", "SetIdentifier"].map(|key| text(&members, key).unwrap_or_default());
                let first = *written.entry(key.join("\n")).or_insert(record_sets.len());
                let is_same = |other: &Node<'_>| other.members() == Some(&members);
                if record_sets.get(first).is_some_and(is_same) {
                    self.tell_twin(number, first);
                    continue;
                }
                if is_incomplete {
                    incomplete.push(record_sets.len());
                }
                self.places.record_sets.push(number);
                record_sets.push(Node::Object(members));
            }
            if let Some(kept) = kept {
                self.notes = kept;
            }
        }
        self.leave_out_checks(&checks_here, &checks_elsewhere);
        self.tell_new_ids();
        let health_checks = self.health_checks();
        let cidr_collections = self.collections();
        let zone = chosen.and_then(|zone| self.zones.get(zone));
        self.places.zone = zone.and_then(|zone| zone.resource);
        // A word that names no zone here is left to core, which says so.
        let meant = zone.filter(|zone| word.is_none_or(|word| zone.is(word)));
        let zone_name = meant.and_then(|zone| zone.name.as_deref()).map(ToOwned::to_owned);

        let mut members: Members<'_> = Vec::new();
        members.extend(zone.map(|zone| ("HostedZone".into(), Node::Object(zone.members()))));
        members.push((SourceArray::ResourceRecordSets.key().into(), Node::Array(record_sets)));
        for (array, nodes) in
            [(SourceArray::HealthChecks, health_checks), (SourceArray::CidrCollections, cidr_collections)]
        {
            if !nodes.is_empty() {
                members.push((array.key().into(), Node::Array(nodes)));
            }
        }
        Read {
            findings: self.notes.findings,
            placeholders: self.notes.placeholders,
            any_health_check: self.notes.any_health_check,
            incomplete,
            is_excerpt: true,
            zone_name,
            ..Read::of(Node::Object(members).json(), self.places)
        }
    }

    /// Finds out which zone each record is in, and what it is called there.
    fn find_zones(&mut self) {
        let has_zone =
            |resource: &&Resource<'_>| matches!(resource.kind, Kind::Record | Kind::NotRead) && !resource.is_data();
        let numbers: Vec<usize> = (0..self.resources.list.len())
            .filter(|at| self.resources.get(*at).as_ref().is_some_and(has_zone))
            .collect();
        // Records of which only the reference is known, and the zones that they may be in. Those of one reference are in
        // one zone, so that what is said of one of them holds for all.
        let mut hints: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for number in &numbers {
            let (zone, hint) = self.zone_of_record(*number);
            if self.zones.is_reference(zone) {
                hints.entry(zone).or_default().extend(hint);
            }
            if let Some(resource) = self.resources.list.get_mut(*number) {
                resource.zone = Some(zone);
            }
        }
        for number in &numbers {
            let Some(resource) = self.resources.list.get_mut(*number) else { continue };
            let Some(mut zone) = resource.zone else { continue };
            if let Some([hint]) = hints.get(&zone).map(|hints| hints.iter().copied().collect::<Vec<_>>()).as_deref() {
                zone = *hint;
            }
            resource.zone = Some(zone);
            if resource.kind == Kind::Record {
                self.zones.note_use(zone);
                resource.name = self.zones.full_name(zone, &resource.values);
            }
        }
    }

    /// The zone of a record; of one that is known by a reference alone, the zone that it is likely to be.
    fn zone_of_record(&mut self, number: usize) -> (usize, Option<usize>) {
        let Some(resource) = self.resources.get(number) else { return (0, None) };
        if let Some(id) = text(&resource.values, "zone_id") {
            return (self.zones.of_id(id), None);
        }
        let referents = self.configuration.referents(&self.resources, number, &["zone_id"]);
        let referred: Vec<usize> = referents.iter().flat_map(|referent| referent.resources.iter().copied()).collect();
        let name = text(&resource.values, "name");
        if let Some(zone) = self.zones.narrowed(&self.new_zones(&referred), name) {
            return (zone, None);
        }
        // What leads nowhere, such as a local value, leads to a zone that `apply` makes: else the id would be known.
        let called = self.new_zones(&self.configuration.called_with(&self.resources, number));
        let hint = match called.as_slice() {
            [] => self.zones.likely(resource.module(), name, &self.resources.list),
            called => self.zones.narrowed(called, name),
        };
        let reference = match referents.as_slice() {
            [referent] => referent.text.strip_suffix(resource.key()).unwrap_or(&referent.text).to_owned(),
            _ => format!("{}{}.zone_id", resource.module(), resource.base()),
        };
        (self.zones.of_reference(&reference), hint)
    }

    /// The zones among some resources that `apply` makes.
    fn new_zones(&self, resources: &[usize]) -> Vec<usize> {
        let all = resources.iter().filter_map(|at| self.resources.get(*at));
        let mut zones: Vec<usize> =
            all.filter(|resource| resource.is_new).filter_map(|resource| resource.zone).collect();
        zones.sort_unstable();
        zones.dedup();
        zones
    }

    /// The zone that is read; says so when it is not clear which.
    fn choose(&mut self, word: Option<&str>) -> Option<usize> {
        let records = self.resources.list.iter().filter(|resource| resource.kind == Kind::Record);
        let records: Vec<_> = records.filter_map(|resource| Some((resource.zone?, resource.name.clone()))).collect();
        let chosen = match self.zones.choose(word, &records) {
            Choice::Zone(zone) => zone,
            Choice::None => return None,
            Choice::Unclear(message, help) => {
                let finding = Diagnostic::cannot("several-hosted-zones", message).help(help);
                self.notes.findings.push(finding.at(Place::new(0, Path::root())));
                return None;
            }
        };
        if let Some(word) = word {
            self.zones.set_name(chosen, word);
        }
        self.adopt(chosen);
        Some(chosen)
    }

    /// Takes records whose zone is not known for those of the zone that was chosen where they may be, and names the others.
    fn adopt(&mut self, chosen: usize) {
        let unclear: Vec<usize> = (0..self.resources.list.len())
            .filter(|number| {
                let resource = self.resources.get(*number).filter(|resource| resource.kind == Kind::Record);
                let zone = resource.and_then(|resource| resource.zone);
                zone.is_some_and(|zone| zone != chosen && self.zones.is_reference(zone))
            })
            .collect();
        let name = self.zones.get(chosen).and_then(|zone| zone.name.as_deref()).unwrap_or_default().to_owned();
        for number in unclear {
            let Some(resource) = self.resources.list.get_mut(number) else { continue };
            let Some(zone) = resource.zone else { continue };
            let reference = self.zones.id(zone);
            let message = format!("the zone of `{}` is known only after apply (`{reference}`); ", resource.address);
            let is_taken = self.zones.may_be(zone, chosen);
            let message = match is_taken {
                true => format!("{message}it is taken to be `{name}`"),
                false => format!("{message}the record set is left out"),
            };
            let finding = Diagnostic::lint(KNOWN_AFTER_APPLY, message).help("give the state once it is applied");
            self.notes.findings.push(finding.at(Place::new(0, resource.place.path())));
            if is_taken {
                resource.zone = Some(chosen);
                resource.name = self.zones.full_name(chosen, &resource.values);
            }
        }
    }

    /// Reports at the first of them which ids are known only after `apply`. Nothing is lost by that.
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
        let place = Place::new(0, first.place.path());
        self.notes.findings.push(Diagnostic::lint(KNOWN_AFTER_APPLY, message).help(help).at(place));
    }

    /// Takes the values of a resource of a kind.
    pub(super) fn take(&mut self, number: usize, kind: Kind) -> Option<Members<'t>> {
        let resource =
            self.resources.list.get_mut(number).filter(|resource| resource.kind == kind && !resource.is_data())?;
        Some(std::mem::take(&mut resource.values))
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
            let finding = Diagnostic::lint(KNOWN_AFTER_APPLY, message).help("give the state once it is applied");
            self.notes.findings.push(finding.at(Place::new(0, resource.place.path())));
            return None;
        }
        let name = resource.name.clone();
        values.retain(|(key, _)| key != "name" || name.is_none());
        values.extend(name.map(|name| (Cow::Borrowed("name"), Node::Text(name))));

        let damaged = self.fill(number, (SourceArray::ResourceRecordSets, index), RECORD, &mut values);
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

    /// Names a resource that makes a record set that is written already, as `allow_overwrite` lets two of them do.
    fn tell_twin(&mut self, number: usize, first: usize) {
        let first = self.places.record_sets.get(first).and_then(|first| self.resources.get(*first));
        let (Some(first), Some(second)) = (first, self.resources.get(number)) else { return };
        let message = format!("`{}` makes the record set that `{}` makes", second.address, first.address);
        let finding = Diagnostic::lint("terraform-record-twice", message)
            .help("keep one: when either resource is destroyed, the record set is gone");
        self.notes.findings.push(finding.at(Place::new(0, second.place.path())));
    }

    /// Leaves out the health checks that record sets of other zones name and none of this one does.
    fn leave_out_checks(&mut self, here: &BTreeSet<String>, elsewhere: &BTreeSet<String>) {
        let mut children: HashMap<&str, Vec<String>> = HashMap::new();
        for (number, resource) in self.resources.list.iter().enumerate() {
            if resource.kind == Kind::HealthCheck {
                let path = ["child_healthchecks"];
                let named = get(&resource.values, "child_healthchecks").map(Node::elements).unwrap_or_default();
                let known = named.iter().filter_map(Node::as_text).map(ToOwned::to_owned);
                let referents = self.configuration.referents(&self.resources, number, &path);
                let linked = self.linked(&referents, &path).into_iter().map(Cow::into_owned);
                children.insert(&resource.id, known.chain(linked).collect());
            }
        }
        let closure = |roots: &BTreeSet<String>| {
            let mut open: Vec<String> = roots.iter().cloned().collect();
            let mut found: BTreeSet<String> = BTreeSet::new();
            while let Some(id) = open.pop() {
                if found.insert(id.clone()) {
                    open.extend(children.get(id.as_str()).into_iter().flatten().cloned());
                }
            }
            found
        };
        let (here, elsewhere) = (closure(here), closure(elsewhere));
        for resource in self.resources.list.iter_mut().filter(|resource| resource.kind == Kind::HealthCheck) {
            if elsewhere.contains(&*resource.id) && !here.contains(&*resource.id) {
                resource.kind = Kind::LeftOut;
            }
        }
    }

    fn health_checks(&mut self) -> Vec<Node<'t>> {
        let mut checks = Vec::new();
        for number in 0..self.resources.list.len() {
            let Some(mut values) = self.take(number, Kind::HealthCheck) else { continue };
            let index = self.places.health_checks.len();
            self.places.health_checks.push(number);
            self.fill(number, (SourceArray::HealthChecks, index), HEALTH_CHECK, &mut values);
            let id = self.resources.get(number).map(|resource| resource.id.clone()).unwrap_or_default();
            let config = health_check_config(values);
            checks.push(Node::Object(Vec::from([
                (Cow::Borrowed("Id"), Node::Text(id)),
                (Cow::Borrowed("HealthCheckConfig"), Node::Object(config)),
            ])));
        }
        checks
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
