//! The hosted zones of a plan or a state, and the choice of one: Terraform holds what belongs together, not one zone.

use std::borrow::Cow;

use pointsman_core::model::NameBuf;

use super::index::Index;
use super::resources::{Kind, Resource, text};
use crate::tree::{Members, Node, get};

/// A zone that is declared, or that records name.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// `None` while only `apply` can tell.
    pub(super) id: Option<Box<str>>,
    /// The address, or what records say of a zone that is not declared.
    pub(super) address: Box<str>,
    pub(super) name: Option<Box<str>>,
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

    /// The zone as get-hosted-zone would give it.
    pub(super) fn members(&self) -> Members<'static> {
        let text = |text: &Option<Box<str>>| text.as_deref().map(|text| Node::text(text.to_owned()));
        let mut members = Members::new();
        members.extend(text(&self.id).map(|id| ("Id".into(), id)));
        members.extend(text(&self.name).map(|name| ("Name".into(), name)));
        let config = |private| Node::Object(vec![("PrivateZone".into(), Node::Bool(private))]);
        members.extend(self.private.map(|private| ("Config".into(), config(private))));
        members
    }

    /// Whether it is declared and made by `apply`.
    fn is_new(&self) -> bool {
        self.resource.is_some() && self.id.is_none()
    }

    /// Whether nothing is known of it but that records refer to it.
    fn is_reference(&self) -> bool {
        self.resource.is_none() && self.id.is_none()
    }

    /// Whether a person may mean it by this word: its name, its id, or its address.
    pub(super) fn is(&self, word: &str) -> bool {
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

/// Which zone is read.
#[derive(Debug)]
pub(super) enum Choice {
    /// This one.
    Zone(usize),
    /// There is none.
    None,
    /// It is not clear: what is the matter, and what to do.
    Unclear(String, &'static str),
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
    /// The zones that resources declare; each resource gets its zone.
    pub(super) fn declared(resources: &mut [Resource<'_>]) -> Self {
        let mut zones = Self::default();
        for (number, resource) in resources.iter_mut().enumerate().filter(|(_, resource)| resource.kind == Kind::Zone) {
            let zone = Zone::read(number, resource);
            let known = zone.id.as_ref().and_then(|id| zones.index.get(id));
            resource.zone = Some(known.unwrap_or_else(|| zones.add(zone)));
        }
        zones
    }

    pub(super) fn get(&self, zone: usize) -> Option<&Zone> {
        self.all.get(zone)
    }

    /// Gives a zone of which nothing says what it is called the name that somebody gave it.
    pub(super) fn set_name(&mut self, zone: usize, name: &str) {
        if let Some(zone) = self.all.get_mut(zone) {
            zone.name.get_or_insert_with(|| name.into());
        }
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

    /// Of the zones that `apply` makes, the one that a record lies in whose reference does not say which: the only one of
    /// its module, else the only one there is, else the one with the longest name that the record's name ends with.
    pub(super) fn likely(&self, module: &str, name: Option<&str>, resources: &[Resource<'_>]) -> Option<usize> {
        let new = || (0..self.all.len()).filter(|at| self.get(*at).is_some_and(Zone::is_new));
        let is_of_module = |at: &usize| {
            let resource = self.get(*at).and_then(|zone| resources.get(zone.resource?));
            resource.is_some_and(|resource| resource.module() == module)
        };
        let near: Vec<usize> = new().filter(is_of_module).collect();
        let candidates: Vec<usize> = if near.is_empty() { new().collect() } else { near };
        self.narrowed(&candidates, name)
    }

    /// The only one of some zones, or the one with the longest name that a record's name ends with.
    pub(super) fn narrowed(&self, candidates: &[usize], name: Option<&str>) -> Option<usize> {
        if let [only] = candidates {
            return Some(*only);
        }
        let name = NameBuf::parse(name?).ok()?;
        let length = |at: &usize| {
            let zone = NameBuf::parse(self.get(*at)?.name.as_deref()?).ok()?;
            name.as_ref().is_within(zone.as_ref()).then(|| zone.as_ref().to_string().len())
        };
        let longest = candidates.iter().filter_map(length).max()?;
        let mut found = candidates.iter().filter(|at| length(at) == Some(longest));
        match (found.next(), found.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }

    /// Notes that records stand in a zone.
    pub(super) fn note_use(&mut self, zone: usize) {
        if let Some(known) = self.all.get_mut(zone).filter(|known| !known.is_used) {
            known.is_used = true;
            self.used.push(zone);
        }
    }

    /// Whether the records of `zone`, of which nothing is known but a reference, may be those of the zone that was chosen:
    /// one that `apply` makes and that nothing refers to plainly.
    pub(super) fn may_be(&self, zone: usize, chosen: usize) -> bool {
        let is_reference = self.get(zone).is_some_and(Zone::is_reference);
        is_reference && self.get(chosen).is_some_and(|chosen| chosen.is_new() && !chosen.is_used)
    }

    /// Whether nothing is known of a zone but a reference.
    pub(super) fn is_reference(&self, zone: usize) -> bool {
        self.get(zone).is_some_and(Zone::is_reference)
    }

    /// The zone that a word names; without one, the zone of all records. `records` has the zone and the name of each.
    pub(super) fn choose(&self, word: Option<&str>, records: &[(usize, Option<Cow<'_, str>>)]) -> Choice {
        let only = match (self.used.as_slice(), self.all.as_slice()) {
            ([zone], _) => Some(*zone),
            ([], [_]) => Some(0),
            _ => None,
        };
        let fitting = word.map(|word| self.fitting(word, records)).unwrap_or_default();
        match (fitting.as_slice(), only) {
            ([zone], _) => return Choice::Zone(*zone),
            ([], Some(zone)) => return Choice::Zone(zone),
            ([], None) if self.used.is_empty() => return Choice::None,
            _ => {}
        }
        let several = if self.used.len() > 1 { self.used.clone() } else { fitting.clone() };
        let all: Vec<String> = several.iter().filter_map(|at| self.get(*at)).map(Zone::shown).collect();
        let message = format!("records of several hosted zones are given: {}", all.join(", "));
        let help = if fitting.len() > 1 {
            "--zone names two of them by name: give the id or the address of one"
        } else {
            "choose one with --zone: its name, its id, or its address"
        };
        Choice::Unclear(message, help)
    }

    fn fitting(&self, word: &str, records: &[(usize, Option<Cow<'_, str>>)]) -> Vec<usize> {
        let all = || (0..self.all.len()).filter(|at| self.get(*at).is_some_and(|zone| zone.is(word)));
        let used: Vec<usize> = all().filter(|at| self.used.contains(at)).collect();
        let fitting = if used.is_empty() { all().collect() } else { used };
        if !fitting.is_empty() {
            return fitting;
        }
        // Nothing says what some zone is called; the word may, if all its names lie there.
        let mut lies_there: Vec<bool> = self.all.iter().map(|zone| zone.name.is_none() && zone.is_used).collect();
        for (zone, name) in records {
            let is_within = match (name.as_deref().map(NameBuf::parse), NameBuf::parse(word)) {
                (Some(Ok(name)), Ok(word)) => name.as_ref().is_within(word.as_ref()),
                _ => false,
            };
            if let Some(there) = lies_there.get_mut(*zone).filter(|_| !is_within) {
                *there = false;
            }
        }
        (0..self.all.len()).filter(|at| lies_there.get(*at) == Some(&true)).collect()
    }

    /// The id of a zone for the records that lead there; its address while that is not known.
    pub(super) fn id<'t>(&self, zone: usize) -> Cow<'t, str> {
        let text = self.get(zone).and_then(|zone| zone.id.as_deref().or(Some(&zone.address)));
        Cow::Owned(text.unwrap_or_default().into())
    }

    /// A record's name in full, as the provider works it out: one that does not end with the zone's name gets it.
    pub(super) fn full_name<'t>(&self, zone: usize, values: &Members<'t>) -> Option<Cow<'t, str>> {
        let Some(Node::Text(name)) = get(values, "name") else { return None };
        let Some(zone) = self.get(zone).and_then(|zone| zone.name.as_deref()) else {
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

/// `/hostedzone/Z1` and `Z1` are one (10.44).
fn plain(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").unwrap_or(id)
}
