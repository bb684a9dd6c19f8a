//! The exact distribution of answers (5.8, 10.40).
//!
//! Probability flows from the group asked for down to the answers: each group passes what it got to what it may pick,
//! high groups before low ones, so that a group reached by several paths is looked at once.

use alloc::collections::BinaryHeap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::probability::Probability;
use crate::answer::{Outcome, Rcode, Undetermined, smallest_ttl, values_of};
use crate::compile::Zone;
use crate::health::HealthView;
use crate::limits::{MULTIVALUE_ANSWER_MAX, ODDS_OUTCOMES_MAX};
use crate::map::Map;
use crate::model::{NameRef, RecordType};
use crate::query::Query;
use crate::resolve::walk::{Next, Walk, follow};
use crate::resolve::{Found, PossibleChoices, Scratch, lookup};
use crate::sort::sort_by_key;

/// Every possible answer to a query with its probability over all draws.
#[derive(Debug, Clone)]
pub struct Odds<'v> {
    /// The response code: no draw changes it, but that SERVFAIL stands here only where every outcome is
    /// [quarantined](OddsOutcome::quarantined).
    pub rcode: Rcode,
    /// The possible answers, likeliest first; of equals the one by the lower SetIdentifier first. Their probabilities
    /// sum to 1.
    pub outcomes: Vec<OddsOutcome<'v>>,
    /// Why some pick on the way is only the tie rule's (10.13, 10.14).
    pub undetermined: Option<Undetermined>,
}

/// One possible answer.
#[derive(Debug, Clone)]
pub struct OddsOutcome<'v> {
    /// Its probability.
    pub probability: Probability,
    /// The type of the values.
    pub record_type: RecordType,
    /// What is answered.
    pub answer: OddsAnswer<'v>,
    /// Why this outcome is SERVFAIL, as [`Answer::quarantined`](crate::answer::Answer::quarantined) says it (10.51).
    pub quarantined: Option<&'v str>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum OddsAnswer<'v> {
    /// These values, none for NODATA, NXDOMAIN, REFUSED and SERVFAIL.
    Values {
        /// Seconds.
        ttl: u32,
        /// The values.
        values: Vec<&'v str>,
        /// The delegated name, in a referral.
        referral: Option<NameRef<'v>>,
    },
    /// The addresses of an AWS resource that are not known (10.35).
    Resource(NameRef<'v>),
    /// Any `choose` of these multivalue members, each set of that size as likely as the next (4.8.1).
    Members {
        /// How many are answered: eight.
        choose: usize,
        /// The members they are taken from.
        members: Vec<OddsMember<'v>>,
    },
}

/// A member that a multivalue answer may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct OddsMember<'v> {
    /// Its SetIdentifier.
    pub set_identifier: &'v str,
    /// Seconds.
    pub ttl: u32,
    /// Its values.
    pub values: Vec<&'v str>,
}

/// Too many outcomes to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OddsError {
    /// How many there are.
    pub outcomes: usize,
}

impl core::fmt::Display for OddsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "the query has {} possible outcomes, more than the {ODDS_OUTCOMES_MAX} that are listed",
            self.outcomes
        )
    }
}

impl core::error::Error for OddsError {}

/// What makes two outcomes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key<'v> {
    Values(u32, Vec<&'v str>),
    Resource(u32),
    Members(Vec<u32>),
    Quarantined(u32),
}

impl HealthView {
    /// The probability of every answer to a query; its draw plays no part.
    ///
    /// # Errors
    /// [`OddsError`] when there are more than 100,000 outcomes.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, model::RecordType, query::Query, validate::{Options, validate}};
    /// # use pointsman_core::parse::{HealthReport, parse};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 3, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(zone, &HealthReport::default());
    /// // Two members of weight 3 and 1:
    /// let odds = view.odds(&Query::new("a.example.com", RecordType::A).unwrap())?;
    /// let ratios: Vec<String> = odds.outcomes.iter().map(|outcome| outcome.probability.ratio()).collect();
    /// assert_eq!(ratios, ["3/4", "1/4"]);
    /// # Ok::<(), pointsman_core::explain::OddsError>(())
    /// ```
    pub fn odds(&self, query: &Query) -> Result<Odds<'_>, OddsError> {
        let zone = &**self.zone();
        let nothing = |rcode, ttl| Odds {
            rcode,
            outcomes: vec![OddsOutcome {
                probability: Probability::ONE,
                record_type: query.record_type,
                answer: OddsAnswer::Values { ttl, values: Vec::new(), referral: None },
                quarantined: None,
            }],
            undetermined: None,
        };
        let group = match lookup(zone, query.name.as_ref(), query.record_type) {
            Found::Group { group, .. } => group,
            Found::NoData { .. } => return Ok(nothing(Rcode::NoError, zone.negative_ttl())),
            Found::NxDomain { .. } => return Ok(nothing(Rcode::NxDomain, zone.negative_ttl())),
            Found::Outside => return Ok(nothing(Rcode::Refused, 0)),
            Found::Referral { node, record } => {
                if let Next::End(Outcome::Quarantined(reason)) = follow(zone, record, query.record_type) {
                    let mut odds = nothing(Rcode::ServFail, 0);
                    odds.outcomes
                        .iter_mut()
                        .for_each(|outcome| outcome.quarantined = Some(zone.quarantine_code(reason)));
                    return Ok(odds);
                }
                let mut odds = nothing(Rcode::NoError, 0);
                let answer = OddsAnswer::Values {
                    ttl: smallest_ttl(zone, &[record]).unwrap_or(0),
                    values: record_values(zone, record, RecordType::Ns),
                    referral: Some(zone.node_name(node)),
                };
                odds.outcomes = vec![OddsOutcome {
                    probability: Probability::ONE,
                    record_type: RecordType::Ns,
                    answer,
                    quarantined: None,
                }];
                return Ok(odds);
            }
        };
        let record_type = zone.group(group).map_or(query.record_type, |group| group.record_type);
        let mut scratch = Scratch::new(zone);
        scratch.begin(zone);
        let walk = Walk::new(self, &query.client, &mut scratch);
        let (found, undetermined) = Flow { zone, record_type, walk, found: Map::default() }.run(group);
        if found.len() > ODDS_OUTCOMES_MAX {
            return Err(OddsError { outcomes: found.len() });
        }
        let mut found: Vec<(Key<'_>, (Probability, usize))> = found.into_entries();
        sort_by_key(&mut found, |(_, (probability, seen))| (Reverse(probability.fixed()), *seen));
        let outcomes = found.into_iter().map(|(key, (probability, _))| {
            let quarantined = match key {
                Key::Quarantined(reason) => Some(zone.quarantine_code(reason)),
                _ => None,
            };
            let record_type = if quarantined.is_some() { query.record_type } else { record_type };
            OddsOutcome { probability, record_type, answer: answer(zone, key, record_type), quarantined }
        });
        let outcomes: Vec<_> = outcomes.collect();
        let is_failed = outcomes.iter().all(|outcome| outcome.quarantined.is_some());
        let rcode = if is_failed { Rcode::ServFail } else { Rcode::NoError };
        Ok(Odds { rcode, outcomes, undetermined })
    }
}

struct Flow<'v, 'w, 's> {
    zone: &'v Zone,
    record_type: RecordType,
    walk: Walk<'w, 's>,
    /// Probability by outcome, and when it was first seen.
    found: Map<Key<'v>, (Probability, usize)>,
}

impl<'v> Flow<'v, '_, '_> {
    fn run(mut self, group: u32) -> (Map<Key<'v>, (Probability, usize)>, Option<Undetermined>) {
        let height = |zone: &Zone, group: u32| zone.group(group).map_or(0, |group| group.height);
        let mut undetermined = None;
        // A group waits until every group above it was looked at; what it is reached with by then adds up.
        let mut waiting = BinaryHeap::from([(height(self.zone, group), Reverse(group))]);
        let mut reached: Map<u32, Probability> = Map::default();
        reached.insert(group, Probability::ONE);
        while let Some((_, Reverse(group))) = waiting.pop() {
            let probability = reached.get(&group).copied().unwrap_or(Probability::ONE);
            let (selection, _) = self.walk.possible_choices(group);
            undetermined = undetermined.or(self.walk.undetermined);
            let (records, total) = match selection {
                PossibleChoices::One(record) => (vec![(record, 1)], 1),
                PossibleChoices::Shares(shares, total) => (shares, total),
                PossibleChoices::Several(members) => {
                    self.several(members, probability);
                    continue;
                }
                PossibleChoices::Nothing => {
                    self.end(Key::Values(self.zone.negative_ttl(), Vec::new()), probability);
                    continue;
                }
            };
            for (record, share) in records {
                let probability = probability.times(share, total);
                match follow(self.zone, record, self.record_type) {
                    Next::Group(next) => {
                        if let Some(sum) = reached.get_mut(&next) {
                            *sum = sum.plus(probability);
                        } else {
                            reached.insert(next, probability);
                            waiting.push((height(self.zone, next), Reverse(next)));
                        }
                    }
                    Next::End(outcome) => self.end(key(self.zone, outcome, record, self.record_type), probability),
                }
            }
        }
        (self.found, undetermined)
    }

    fn several(&mut self, members: Vec<u32>, probability: Probability) {
        let key = if members.len() > MULTIVALUE_ANSWER_MAX {
            Key::Members(members)
        } else {
            let values = members.iter().flat_map(|member| record_values(self.zone, *member, self.record_type));
            Key::Values(smallest_ttl(self.zone, &members).unwrap_or(0), values.collect())
        };
        self.end(key, probability);
    }

    fn end(&mut self, key: Key<'v>, probability: Probability) {
        let seen = self.found.len();
        match self.found.get_mut(&key) {
            Some((sum, _)) => *sum = sum.plus(probability),
            None => {
                self.found.insert(key, (probability, seen));
            }
        }
    }
}

fn record_values(zone: &Zone, record: u32, record_type: RecordType) -> Vec<&str> {
    let range = match zone.record(record).map(|record| record.target) {
        Some(crate::compile::Target::Values { first, count, .. }) => first..first.saturating_add(count),
        _ => return values_of(zone, Outcome::Nothing, &[], record_type).collect(),
    };
    zone.texts().range(range).collect()
}

fn key(zone: &Zone, outcome: Outcome, record: u32, record_type: RecordType) -> Key<'_> {
    match outcome {
        Outcome::Records => {
            Key::Values(smallest_ttl(zone, &[record]).unwrap_or(0), record_values(zone, record, record_type))
        }
        Outcome::Resource(resource) => {
            let ttl = zone.resource(resource).map_or(0, |resource| resource.ttl);
            Key::Values(ttl, values_of(zone, outcome, &[], record_type).collect())
        }
        Outcome::UnknownResource(resource) => Key::Resource(resource),
        Outcome::Quarantined(reason) => Key::Quarantined(reason),
        Outcome::Referral { .. } | Outcome::Nothing => Key::Values(zone.negative_ttl(), Vec::new()),
    }
}

fn answer<'v>(zone: &'v Zone, key: Key<'v>, record_type: RecordType) -> OddsAnswer<'v> {
    match key {
        Key::Values(ttl, values) => OddsAnswer::Values { ttl, values, referral: None },
        Key::Quarantined(_) => OddsAnswer::Values { ttl: 0, values: Vec::new(), referral: None },
        Key::Resource(resource) => {
            OddsAnswer::Resource(zone.resource(resource).map_or(NameRef::ROOT, |resource| resource.name.as_ref()))
        }
        Key::Members(members) => OddsAnswer::Members {
            choose: MULTIVALUE_ANSWER_MAX,
            members: members
                .into_iter()
                .map(|member| OddsMember {
                    set_identifier: zone.set_identifier(member).unwrap_or_default(),
                    ttl: smallest_ttl(zone, &[member]).unwrap_or(0),
                    values: record_values(zone, member, record_type),
                })
                .collect(),
        },
    }
}

impl Odds<'_> {
    /// Whether every probability is an exact fraction (10.40).
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.probability.is_exact())
    }

    /// The odds as one line of JSON, the same bytes on every host.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Odds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Odds", 2)?;
        object.serialize_field("rcode", self.rcode.as_str())?;
        object.serialize_field("outcomes", &self.outcomes)?;
        if !self.is_exact() {
            object.serialize_field("exact", &false)?;
        }
        if let Some(reason) = self.undetermined {
            object.serialize_field("undetermined", reason.as_str())?;
        }
        object.end()
    }
}

impl Serialize for OddsOutcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Outcome", 5)?;
        object.serialize_field("probability", &self.probability.as_f64())?;
        object.serialize_field("ratio", &self.probability.ratio())?;
        object.serialize_field("type", self.record_type.as_str())?;
        match &self.answer {
            OddsAnswer::Values { ttl, values, referral } => {
                object.serialize_field("ttl", ttl)?;
                object.serialize_field("values", values)?;
                if let Some(name) = referral {
                    object.serialize_field("referral", &name.to_string())?;
                }
            }
            OddsAnswer::Resource(name) => {
                object.serialize_field("ttl", &None::<u32>)?;
                object.serialize_field("values", &[""; 0])?;
                object.serialize_field("alias_target", &name.to_string())?;
            }
            OddsAnswer::Members { choose, members } => {
                object.serialize_field("choose", choose)?;
                object.serialize_field("members", members)?;
            }
        }
        if let Some(code) = self.quarantined {
            object.serialize_field("quarantined", code)?;
        }
        object.end()
    }
}

impl Serialize for OddsMember<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Member", 3)?;
        object.serialize_field("set_identifier", self.set_identifier)?;
        object.serialize_field("ttl", &self.ttl)?;
        object.serialize_field("values", &self.values)?;
        object.end()
    }
}
