//! The clients of a comparison: those that any version of a zone tells apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Position, RoutingPolicy};
use pointsman_core::query::Client;

use super::atoms::{self, Choice, Version};
use super::consults::Consults;
use super::earth::{Site, survey};
use super::label::describe_classes;
use super::one::Class;
use super::orders::Orders;
use super::sample::Sample;
use crate::subject::Subject;
use crate::text::percent;
use crate::tree::Tree;

/// A comparison takes decisions of so many versions at once: a moment's, and those before and after it.
const VERSIONS_AT_ONCE: usize = 3;

/// The common refinement of the classes that each version has of a question.
#[derive(Debug, Default)]
pub(crate) struct Refinement {
    /// Clients that no version tells apart.
    pub(crate) list: Vec<Class>,
    /// By class and version: its number among the version's own classes.
    pub(crate) numbers: Vec<Vec<usize>>,
    /// By version: one client of each of its own classes.
    pub(crate) own: Vec<Vec<Client>>,
    /// What is not covered.
    pub(crate) samples: Vec<Sample>,
    /// Whether a LatencyTable gives the latencies of clients.
    pub(crate) by_table: bool,
    /// The share of the Earth that a position stands for.
    earth: BTreeMap<Position, f64>,
}

impl Refinement {
    /// The clients of a question that each of these groups answers in its version; versions without a group have one
    /// class.
    pub(crate) fn of(versions: &[(&Subject, Option<usize>)]) -> Self {
        let mut refinement = Self { own: vec![Vec::new(); versions.len()], ..Self::default() };
        let consulted: Vec<Version<'_>> = versions
            .iter()
            .filter_map(|(subject, group)| Some(Version { subject, consults: Consults::of(subject, (*group)?) }))
            .collect();
        let positions = refinement.positions(&consulted);
        let choice = Choice { orders: Orders::Decisions(decisions(&consulted)), positions: Some(&positions) };
        let clients = match consulted.is_empty() {
            true => vec![Client::default()],
            false => atoms::representatives(&consulted, &choice, &mut refinement.samples),
        };
        refinement.by_table = consulted.iter().any(|version| {
            !version.subject.zone.private
                && !version.consults.regions.is_empty()
                && version.subject.zone.latency_table.is_some()
        });
        // Of clients with one tree, those whom only a tie rule sends somewhere stand for nobody else.
        let mut trees: Vec<HashMap<(Tree, Vec<u32>), usize>> = vec![HashMap::new(); versions.len()];
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        for client in clients {
            let mut numbers = Vec::with_capacity(versions.len());
            let mut consulted = consulted.iter();
            for (((subject, group), trees), own) in versions.iter().zip(&mut trees).zip(&mut refinement.own) {
                let tree = group.map_or(Tree { nodes: Vec::new() }, |group| Tree::of(subject, group, &client));
                let version = group.and_then(|_| consulted.next());
                let unknown = version.map(|version| version.unknown(&client)).unwrap_or_default();
                let next = trees.len();
                let number = *trees.entry((tree, unknown)).or_insert(next);
                if number == next {
                    own.push(client.clone());
                }
                numbers.push(number);
            }
            match known.get(&numbers).and_then(|class| refinement.list.get_mut(*class)) {
                Some(class) => class.others.push(client),
                None => {
                    known.insert(numbers.clone(), refinement.list.len());
                    refinement.numbers.push(numbers);
                    refinement.list.push(Class::only(client));
                }
            }
        }
        refinement
    }

    /// One position in each part of the Earth where some group has an order of its own, and those of Regions and members.
    fn positions(&mut self, versions: &[Version<'_>]) -> Vec<Position> {
        let mut groups: Vec<Vec<Site>> = Vec::new();
        for version in versions.iter().filter(|version| !version.subject.zone.private) {
            let consulted = version.consults.groups.iter().filter_map(|group| version.subject.group(*group));
            for group in consulted.filter(|group| group.policy == PolicyKind::Geoproximity) {
                let parts = group.members.iter().filter_map(|record| version.subject.policy_part(*record));
                let sites = parts.filter_map(|part| match part {
                    RoutingPolicy::Geoproximity(place) => Some(Site::new(place.position, place.bias)),
                    _ => None,
                });
                groups.push(sites.collect());
            }
        }
        if groups.is_empty() {
            return Vec::new();
        }
        let earth = survey(&groups);
        self.samples.push(Sample::Earth { unsettled: earth.unsettled });
        let mut positions: Vec<Position> = earth.faces.iter().map(|(position, _)| *position).collect();
        for (position, share) in earth.faces {
            *self.earth.entry(position).or_default() += share;
        }
        positions.extend(atoms::known_positions(versions.iter().map(|version| version.subject)));
        positions
    }

    /// Classes in words.
    pub(crate) fn describe(&self, classes: &[usize]) -> String {
        let words = describe_classes(&self.list, classes);
        match self.share(classes) {
            Some(share) if classes.len() < self.list.len() => format!("{words} ({} of the Earth)", percent(share)),
            _ => words,
        }
    }

    /// The share of the Earth that these classes' positions stand for; `None` when positions play no part.
    pub(crate) fn share(&self, classes: &[usize]) -> Option<f64> {
        if self.earth.is_empty() {
            return None;
        }
        let members = classes.iter().filter_map(|class| self.list.get(*class));
        let positions: BTreeSet<Position> =
            members.flat_map(Class::clients).filter_map(|client| client.position).collect();
        Some(positions.iter().filter_map(|position| self.earth.get(position)).sum())
    }
}

/// How many latency groups decide at once.
fn decisions(versions: &[Version<'_>]) -> usize {
    let is_latency =
        |subject: &Subject, group: usize| subject.group(group).is_some_and(|group| group.policy == PolicyKind::Latency);
    let mut counts: Vec<usize> = versions
        .iter()
        .map(|version| {
            let groups = version.consults.groups.iter();
            let latency = groups.filter(|group| is_latency(version.subject, **group)).count();
            if version.consults.regions.is_empty() { 0 } else { latency.max(1) }
        })
        .collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.iter().take(VERSIONS_AT_ONCE).sum::<usize>().max(1)
}
