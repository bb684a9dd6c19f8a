//! What the reader of a format gives: the AWS CLI's JSON, and where each part of it comes from.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use pointsman_core::diagnostic::{Diagnostic, Path, Place};
use pointsman_core::parse::SourceArray;

use crate::spans::Spans;
use crate::tree::{Members, Node};

/// Where something in the AWS CLI's words comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A value of the user's own JSON or YAML.
    Path(Path),
    /// A piece of the user's own text.
    Bytes(Range<usize>),
    /// A value of a JSON text that is a piece of the user's own.
    Within(Range<usize>, Path),
}

/// A map from places in the AWS CLI's words to the user's own text.
pub(crate) trait Places: fmt::Debug + Send + Sync {
    /// Where what stands at `path` comes from; `None` when the path is one of the user's own already.
    fn origin(&self, path: &Path) -> Option<Origin>;
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Read {
    /// The AWS CLI's JSON; `None` when the text is only known for what it is, and a finding says why.
    pub(crate) json: Option<String>,
    pub(crate) places: Box<dyn Places>,
    /// Where the values of the user's text are; of JSON it is found out when it is asked for.
    pub(crate) spans: Option<Spans>,
    /// Findings, at places in the AWS CLI's words or at the user's own.
    pub(crate) findings: Vec<Diagnostic>,
    /// Values in the AWS CLI's words that stand for what is not known.
    pub(crate) placeholders: Vec<Path>,
    /// Whether one of them may name any health check.
    pub(crate) any_health_check: bool,
    /// Record sets that lack something that is not known, which a finding says.
    pub(crate) incomplete: Vec<usize>,
    /// Whether it holds what it manages, and not all there is.
    pub(crate) is_excerpt: bool,
    /// The zone's name, where it is known or was chosen.
    pub(crate) zone_name: Option<String>,
    /// The instances of a traffic policy whose record sets these are.
    pub(crate) instances: Vec<String>,
}

impl Read {
    /// A text that is known for what it is and not read.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        let finding = Diagnostic::cannot(code, message.into()).help(help.into());
        Self {
            json: None,
            findings: vec![finding.at(Place::new(0, Path::root()))],
            ..Self::of(String::new(), Map::default())
        }
    }

    /// A text that is no JSON although it looks like it, in core's words.
    pub(crate) fn not_json(text: &str) -> Self {
        let findings = pointsman_core::parse::parse(0, text).diagnostics;
        Self { json: None, findings, ..Self::of(String::new(), Map::default()) }
    }

    /// A text that has no fault of grammar.
    pub(crate) fn of(json: String, places: impl Places + 'static) -> Self {
        Self {
            json: Some(json),
            places: Box::new(places),
            spans: None,
            findings: Vec::new(),
            placeholders: Vec::new(),
            any_health_check: false,
            incomplete: Vec::new(),
            is_excerpt: false,
            zone_name: None,
            instances: Vec::new(),
        }
    }
}

/// A map that names the origin of whole values; what lies in them has the same steps in the user's text, as far as it is
/// there.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// By the first one or two steps of the paths.
    entries: HashMap<String, Vec<(Path, Origin)>>,
}

impl Map {
    /// Notes where a value comes from.
    pub(crate) fn add(&mut self, path: Path, origin: Origin) {
        self.entries.entry(start(&path, 2)).or_default().push((path, origin));
    }
}

fn start(path: &Path, steps: usize) -> String {
    Path(path.0.iter().take(steps).cloned().collect()).to_string()
}

impl Places for Map {
    fn origin(&self, path: &Path) -> Option<Origin> {
        let lists = [2, 1, 0].into_iter().filter_map(|steps| self.entries.get(&start(path, steps)));
        let found = lists.flatten().filter(|(prefix, _)| path.0.starts_with(&prefix.0));
        let (prefix, origin) = found.max_by_key(|(prefix, _)| prefix.0.len())?;
        let rest = path.0.get(prefix.0.len()..).unwrap_or_default();
        let extended = |path: &Path| Path(path.0.iter().chain(rest).cloned().collect());
        Some(match origin {
            Origin::Path(path) => Origin::Path(extended(path)),
            Origin::Bytes(bytes) => Origin::Bytes(bytes.clone()),
            Origin::Within(bytes, path) => Origin::Within(bytes.clone(), extended(path)),
        })
    }
}

/// The AWS CLI's JSON while it is written, with the map of its places.
#[derive(Debug, Default)]
pub(crate) struct Output {
    hosted_zone: Option<Node<'static>>,
    record_sets: Vec<Node<'static>>,
    health_checks: Vec<Node<'static>>,
    cidr_collections: Vec<Node<'static>>,
    pub(crate) map: Map,
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) placeholders: Vec<Path>,
    pub(crate) any_health_check: bool,
    pub(crate) incomplete: Vec<usize>,
}

impl Output {
    /// The path of the next record set.
    pub(crate) fn next_record_set(&self) -> Path {
        Path::root().key(SourceArray::ResourceRecordSets.key()).index(self.record_sets.len())
    }

    /// The path of the next health check.
    pub(crate) fn next_health_check(&self) -> Path {
        Path::root().key(SourceArray::HealthChecks.key()).index(self.health_checks.len())
    }

    /// How many record sets there are.
    pub(crate) fn record_set_count(&self) -> usize {
        self.record_sets.len()
    }

    /// Adds a record set.
    pub(crate) fn record_set(&mut self, members: Members<'static>, origin: Origin) {
        self.map.add(self.next_record_set(), origin);
        self.record_sets.push(Node::Object(members));
    }

    /// Adds a health check.
    pub(crate) fn health_check(&mut self, members: Members<'static>, origin: Origin) {
        self.map.add(self.next_health_check(), origin);
        self.health_checks.push(Node::Object(members));
    }

    /// Adds a CIDR collection.
    pub(crate) fn cidr_collection(&mut self, members: Members<'static>, origin: Origin) {
        let path = Path::root().key(SourceArray::CidrCollections.key()).index(self.cidr_collections.len());
        self.map.add(path, origin);
        self.cidr_collections.push(Node::Object(members));
    }

    /// Sets the hosted zone.
    pub(crate) fn hosted_zone(&mut self, members: Members<'static>, origin: Option<Origin>) {
        if let Some(origin) = origin {
            self.map.add(Path::root().key("HostedZone"), origin);
        }
        self.hosted_zone = Some(Node::Object(members));
    }

    /// What was read; `spans` as in [`Read`].
    pub(crate) fn finish(self, spans: Option<Spans>) -> Read {
        let has_checks = !self.health_checks.is_empty();
        let mut members: Members<'static> = Vec::new();
        members.extend(self.hosted_zone.map(|zone| ("HostedZone".into(), zone)));
        members.push((SourceArray::ResourceRecordSets.key().into(), Node::Array(self.record_sets)));
        for (array, nodes) in
            [(SourceArray::HealthChecks, self.health_checks), (SourceArray::CidrCollections, self.cidr_collections)]
        {
            if !nodes.is_empty() {
                members.push((array.key().into(), Node::Array(nodes)));
            }
        }
        Read {
            spans,
            findings: self.findings,
            placeholders: self.placeholders,
            any_health_check: self.any_health_check,
            incomplete: self.incomplete,
            is_excerpt: has_checks,
            ..Read::of(Node::Object(members).json(), self.map)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_value_around_a_place_says_where_it_comes_from() {
        let path = |text: &str| Path::parse(text).unwrap();
        let mut map = Map::default();
        map.add(path("$.ResourceRecordSets"), Origin::Path(path("$")));
        map.add(path("$.ResourceRecordSets[1]"), Origin::Path(path("$.x")));
        map.add(path("$.ResourceRecordSets[1].TTL"), Origin::Bytes(3..4));
        let origin = |text: &str| map.origin(&path(text));
        assert_eq!(origin("$.ResourceRecordSets[0].Name"), Some(Origin::Path(path("$[0].Name"))));
        assert_eq!(origin("$.ResourceRecordSets[1].Name"), Some(Origin::Path(path("$.x.Name"))));
        assert_eq!(origin("$.ResourceRecordSets[1].TTL"), Some(Origin::Bytes(3..4)));
        assert_eq!(origin("$.HealthChecks[1]"), None);
    }
}
