//! The hosted zones of a plan or a state, and the choice of one: Terraform holds what belongs together, not one zone.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::document::{Document, HostedZoneFields};
use super::super::fields::Members;
use super::super::node::Node;
use super::super::record_set::RecordSetFields;
use super::index::Index;
use super::resources::{Kind, Resource, get, text};
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::model::NameBuf;

/// A zone that is declared, or that records name.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// `None` while only `apply` can tell.
    id: Option<Box<str>>,
    /// The address, or what records say of a zone that is not declared.
    address: Box<str>,
    name: Option<Box<str>>,
    private: Option<bool>,
    /// The resource that declares it.
    pub(super) resource: Option<usize>,
    is_used: bool,
}

impl Zone {
    fn read(number: usize, resource: &Resource<'_>) -> Self {
        let values = &resource.values;
        let id = text(values, "zone_id").or_else(|| text(values, "id"));
        let private = match get(values, "private_zone") {
            Some(Node::Bool(private)) => Some(*private),
            // A zone of VPCs is private; of a data source `vpc` is not known.
            _ => match get(values, "vpc") {
                Some(Node::Array(vpcs)) => Some(!vpcs.is_empty()),
                _ => None,
            },
        };
        Self {
            id: id.map(|id| plain(id).into()),
            address: resource.address.as_ref().into(),
            name: text(values, "name").map(Into::into),
            private,
            resource: Some(number),
            is_used: false,
        }
    }

    fn fields<'t>(&self) -> HostedZoneFields<'t> {
        let owned = |text: &Option<Box<str>>| text.as_deref().map(|text| Cow::Owned(text.into()));
        HostedZoneFields { id: owned(&self.id), name: owned(&self.name), private_zone: self.private }
    }

    /// Whether a person may mean it by this word: its name, its id, or its address.
    fn is(&self, word: &str) -> bool {
        let same_name = |name: &str| match (NameBuf::parse(name), NameBuf::parse(word)) {
            (Ok(name), Ok(word)) => name.as_ref() == word.as_ref(),
            _ => false,
        };
        self.id.as_deref() == Some(plain(word)) || *self.address == *word || self.name.as_deref().is_some_and(same_name)
    }

    /// The name, with the address where that says more.
    fn shown(&self) -> String {
        let id = self.id.as_deref().unwrap_or(&self.address);
        self.name.as_deref().map_or_else(|| format!("`{id}`"), |name| format!("`{name}` ({id})"))
    }
}

/// The zones, those with records first known by them.
#[derive(Debug, Clone, Default)]
pub(super) struct Zones {
    all: Vec<Zone>,
    /// The number of each, by id and by address.
    index: Index,
    /// Those that records stand in.
    used: Vec<usize>,
}

impl Zones {
    /// The zones that resources declare; each resource is told its zone.
    pub(super) fn declared(resources: &mut [Resource<'_>]) -> Self {
        let mut zones = Self::default();
        for (number, resource) in resources.iter_mut().enumerate().filter(|(_, resource)| resource.kind == Kind::Zone) {
            let zone = Zone::read(number, resource);
            let known = zone.id.as_ref().and_then(|id| zones.index.get(id));
            resource.zone = Some(known.unwrap_or_else(|| zones.add(zone)));
        }
        zones
    }

    /// The zone of this id.
    pub(super) fn of_id(&mut self, id: &str) -> usize {
        let id = plain(id);
        self.known_by(id, Some(id.into()))
    }

    /// The zone that records lead to by this reference.
    pub(super) fn of_reference(&mut self, reference: &str) -> usize {
        self.known_by(reference, None)
    }

    fn known_by(&mut self, word: &str, id: Option<Box<str>>) -> usize {
        let undeclared = |address: &str| Zone {
            id,
            address: address.into(),
            name: None,
            private: None,
            resource: None,
            is_used: false,
        };
        self.index.get(word).unwrap_or_else(|| self.add(undeclared(word)))
    }

    fn add(&mut self, zone: Zone) -> usize {
        let number = self.all.len();
        for word in zone.id.iter().chain([&zone.address]) {
            self.index.add(word, number);
        }
        self.all.push(zone);
        number
    }

    /// Notes that records stand in a zone.
    pub(super) fn note_use(&mut self, zone: usize) {
        if let Some(known) = self.all.get_mut(zone).filter(|known| !known.is_used) {
            known.is_used = true;
            self.used.push(zone);
        }
    }

    /// The zone, if there is no choice.
    pub(super) fn only(&self) -> Option<&Zone> {
        match (self.used.as_slice(), self.all.as_slice()) {
            ([zone], _) => self.all.get(*zone),
            ([], [zone]) => Some(zone),
            _ => None,
        }
    }

    /// The only zone as get-hosted-zone would give it.
    pub(super) fn hosted_zone<'t>(&self) -> Option<HostedZoneFields<'t>> {
        self.only().map(Zone::fields)
    }

    /// The id of a zone for the records that lead there; its address while that is not known.
    pub(super) fn id<'t>(&self, zone: usize) -> Cow<'t, str> {
        let zone = self.all.get(zone);
        let text = zone.and_then(|zone| zone.id.as_deref().or(Some(&zone.address)));
        Cow::Owned(text.unwrap_or_default().into())
    }

    /// A record's name in full, as the provider works it out: one that does not end with the zone's name gets it.
    pub(super) fn full_name<'t>(&self, zone: usize, values: &Members<'t>) -> Option<Cow<'t, str>> {
        let Some(Node::Text(name)) = get(values, "name") else { return None };
        let Some(zone) = self.all.get(zone).and_then(|zone| zone.name.as_deref()) else {
            return Some(text(values, "fqdn").map_or_else(|| name.clone(), |fqdn| Cow::Owned(fqdn.into())));
        };
        let plain = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let zone = zone.strip_suffix('.').unwrap_or(zone);
        Some(if plain.ends_with(zone) {
            name.clone()
        } else if name.is_empty() {
            Cow::Owned(zone.to_string())
        } else {
            Cow::Owned(format!("{plain}.{zone}"))
        })
    }
}

fn is_within(fields: &RecordSetFields<'_>, zone: &str) -> bool {
    match (fields.name.as_deref().map(NameBuf::parse), NameBuf::parse(zone)) {
        (Some(Ok(name)), Ok(zone)) => name.as_ref().is_within(zone.as_ref()),
        _ => false,
    }
}

/// `/hostedzone/Z1` and `Z1` are one (10.44).
fn plain(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").unwrap_or(id)
}

/// The documents with one zone each, and the zone's name as it was asked for. Where Terraform holds several zones, the
/// word that names the zone chooses; a document in which it chooses none is left empty and says why.
pub(crate) fn choose<'d, 't, 'w>(
    documents: &'d [Document<'t>],
    word: Option<&'w str>,
) -> (Cow<'d, [Document<'t>]>, Option<Cow<'w, str>>) {
    let mut asked = word.map(Cow::Borrowed);
    if !documents.iter().any(Document::has_several_zones) {
        return (Cow::Borrowed(documents), asked);
    }
    let mut chosen = documents.to_vec();
    for document in chosen.iter_mut().filter(|document| document.has_several_zones()) {
        let Some(places) = document.terraform.clone() else { continue };
        let zones = &places.zones;
        let zone_of = |fields: &RecordSetFields<'_>| places.record_zones.get(fields.base.index as usize).copied();
        let fits = |is: &dyn Fn(usize, &Zone) -> bool| -> Vec<usize> {
            zones.used.iter().copied().filter(|at| zones.all.get(*at).is_some_and(|zone| is(*at, zone))).collect()
        };
        let mut fitting = word.map(|word| fits(&|_, zone| zone.is(word))).unwrap_or_default();
        if let (Some(word), true) = (word, fitting.is_empty()) {
            // Nothing says what some zone is called; the word may, if all its names lie there.
            let mut lies_there: Vec<bool> = zones.all.iter().map(|zone| zone.name.is_none()).collect();
            for fields in document.record_sets.iter().flatten().filter(|fields| !is_within(fields, word)) {
                let there = zone_of(fields).and_then(|zone| lies_there.get_mut(zone));
                there.into_iter().for_each(|there| *there = false);
            }
            fitting = fits(&|at, _| lies_there.get(at) == Some(&true));
        }
        match fitting.as_slice() {
            [zone] => {
                document.record_sets.iter_mut().for_each(|list| list.retain(|fields| zone_of(fields) == Some(*zone)));
                document.hosted_zone = zones.all.get(*zone).map(Zone::fields);
                // An id or an address did its work; the name is what it stood for.
                if let Some(name) = document.hosted_zone.as_ref().and_then(|zone| zone.name.as_deref()) {
                    asked = Some(Cow::Owned(name.into()));
                }
            }
            fitting => {
                document.record_sets.iter_mut().for_each(Vec::clear);
                let all: Vec<String> = zones.used.iter().filter_map(|at| zones.all.get(*at)).map(Zone::shown).collect();
                let message = format!("records of several hosted zones are given: {}", all.join(", "));
                let help = if fitting.len() > 1 {
                    "--zone names two of them by name: give the id or the address of one"
                } else {
                    "choose one with --zone: its name, its id, or its address"
                };
                let place = Place::new(document.number, Path::root());
                document.diagnostics.push(Diagnostic::cannot("several-hosted-zones", message).help(help).at(place));
            }
        }
    }
    (Cow::Owned(chosen), asked)
}

impl Document<'_> {
    fn has_several_zones(&self) -> bool {
        self.terraform.as_ref().is_some_and(|places| places.zones.used.len() > 1)
    }
}
