//! The questions that versions of a zone may answer differently, names without record sets included.
//!
//! A name that no version has is answered by the nearest name above it that exists: by the wildcard there, by the
//! delegation at or above it, or not at all (2.2 - 2.4, 10.22). Of all names under the same nearest one, in the names of
//! all versions together, each version answers the same, so one of them stands for all. What exists without record sets,
//! because something lies below, is a name like any other. And of all types that none of the record sets in question
//! has, one stands for the rest.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::{Name, NameBuf, RecordType};

use crate::subject::Subject;
use crate::text::listed;

/// Types that may stand for those without record sets, the likeliest first.
const OTHER: [RecordType; 17] = [
    RecordType::A,
    RecordType::Aaaa,
    RecordType::Txt,
    RecordType::Mx,
    RecordType::Srv,
    RecordType::Caa,
    RecordType::Https,
    RecordType::Svcb,
    RecordType::Ptr,
    RecordType::Naptr,
    RecordType::Spf,
    RecordType::Sshfp,
    RecordType::Tlsa,
    RecordType::Cname,
    RecordType::Ds,
    RecordType::Ns,
    RecordType::Soa,
];

/// What a question stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Of a name that no version has: every such name whose nearest existing name above is one of these. Otherwise
    /// empty, and the question is of its name alone.
    pub below: Vec<String>,
    /// Of a type that stands for all that no record set in question has: the types that it does not stand for.
    pub types_but: Option<Vec<RecordType>>,
}

impl Scope {
    /// The question with what it stands for: `www.example.com. A`.
    #[must_use]
    pub fn question(&self, name: &str, record_type: RecordType) -> String {
        let types = match self.types_but.as_deref() {
            None => record_type.to_string(),
            Some([]) => format!("every type (such as {record_type})"),
            Some(but) => {
                let but: Vec<&str> = but.iter().map(|kind| kind.as_str()).collect();
                format!("every type but {} (such as {record_type})", listed(&but, but.len()))
            }
        };
        match self.below.as_slice() {
            [] if self.types_but.is_none() => format!("{name} {types}"),
            [] => format!("{name}, {types}"),
            below => format!("names below {} that do not exist (such as {name}), {types}", listed(below, 3)),
        }
    }

    /// Whether it is one name and one type.
    #[must_use]
    pub const fn is_one(&self) -> bool {
        self.below.is_empty() && self.types_but.is_none()
    }
}

/// A question to every version.
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) record_type: RecordType,
    pub(super) scope: Scope,
}

/// All questions, by name.
pub(super) fn questions(versions: &[&Subject]) -> Vec<Question> {
    let space = Space::of(versions);
    let mut all = Vec::new();
    for (name, types) in &space.types {
        let everywhere = space.exist.iter().all(|names| names.contains(name));
        let mut asked: BTreeSet<RecordType> = types.clone();
        if !everywhere {
            space.add_wildcards(name, &mut asked);
        }
        if types.contains(&RecordType::Ns) && !versions.iter().any(|version| version.zone.name == *name) {
            // The parent side answers DS at the cut (10.46).
            asked.insert(RecordType::Ds);
        }
        add(&mut all, name, Vec::new(), &asked);
        if let Some(child) = space.child(name) {
            let mut asked = BTreeSet::new();
            space.add_wildcards(&child, &mut asked);
            add(&mut all, &child, vec![name.to_string()], &asked);
        }
    }
    all
}

/// A question for each type, and one for all others.
fn add(all: &mut Vec<Question>, name: &Name, below: Vec<String>, types: &BTreeSet<RecordType>) {
    let question = |record_type, types_but| Question {
        name: name.clone(),
        record_type,
        scope: Scope { below: below.clone(), types_but },
    };
    all.extend(types.iter().map(|record_type| question(*record_type, None)));
    if let Some(other) = OTHER.into_iter().find(|kind| !types.contains(kind)) {
        all.push(question(other, Some(types.iter().copied().collect())));
    }
}

/// The names that exist in any version, with the types of their record sets.
struct Space {
    types: BTreeMap<Name, BTreeSet<RecordType>>,
    /// By version: the names that exist.
    exist: Vec<BTreeSet<Name>>,
}

impl Space {
    fn of(versions: &[&Subject]) -> Self {
        let mut space = Self { types: BTreeMap::new(), exist: Vec::with_capacity(versions.len()) };
        for version in versions {
            let apex = version.zone.name.as_ref();
            let mut names = BTreeSet::from([version.zone.name.clone()]);
            for group in &version.groups {
                space.types.entry(group.name.clone()).or_default().insert(group.record_type);
                let mut at = Some(group.name.as_ref());
                while let Some(name) = at.filter(|name| name.is_within(apex)) {
                    if !names.insert(name.to_name()) {
                        break;
                    }
                    at = name.parent();
                }
            }
            for name in &names {
                if !space.types.contains_key(name) {
                    space.types.insert(name.clone(), BTreeSet::new());
                }
            }
            space.exist.push(names);
        }
        space
    }

    /// The types of every wildcard that may stand for a name.
    fn add_wildcards(&self, name: &Name, types: &mut BTreeSet<RecordType>) {
        let mut at = name.as_ref().parent();
        while let Some(above) = at {
            let wildcard = below(&above.to_name(), b"*");
            types.extend(wildcard.and_then(|wildcard| self.types.get(&wildcard)).into_iter().flatten());
            at = above.parent();
        }
    }

    /// A name right below that no version has; `None` when there is no room for one.
    fn child(&self, name: &Name) -> Option<Name> {
        let labels = std::iter::once("any".to_owned()).chain((1_u32..).map(|number| format!("any-{number}")));
        for label in labels {
            let child = below(name, label.as_bytes())?;
            if !self.types.contains_key(&child) {
                return Some(child);
            }
        }
        None
    }
}

/// A name one label down.
fn below(name: &Name, label: &[u8]) -> Option<Name> {
    let mut wire = vec![u8::try_from(label.len()).ok()?];
    wire.extend_from_slice(label);
    wire.extend_from_slice(name.as_ref().wire());
    NameBuf::from_wire(&wire).ok().map(|name| name.as_ref().to_name())
}
