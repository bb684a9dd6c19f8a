//! Every way along a CNAME chain, with its probability.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::chain::{CHAIN_NAMES_MAX, ChainEnd, Next, next};
use crate::answer::{Rcode, Undetermined};
use crate::explain::{OddsAnswer, OddsError, OddsOutcome, Probability};
use crate::health::HealthView;
use crate::limits::ODDS_OUTCOMES_MAX;
use crate::model::{NameBuf, RecordType};
use crate::query::Query;

/// Every way along the chain of a query with its probability, over all draws of all names on it.
#[derive(Debug, Clone)]
pub struct ChainOdds<'v> {
    /// The ways, likeliest first. Their probabilities sum to 1.
    pub outcomes: Vec<ChainOutcome<'v>>,
    /// Why some pick on the way is only the tie rule's (10.13, 10.14).
    pub undetermined: Option<Undetermined>,
}

/// One way along a chain, and what is at its end.
#[derive(Debug, Clone)]
pub struct ChainOutcome<'v> {
    /// The names that CNAMEs lead to, in order; empty where none is followed.
    pub names: Vec<NameBuf>,
    /// How the chain ends.
    pub end: ChainEnd,
    /// The response code for the last name, which is that of the whole response (RFC 6604).
    pub rcode: Rcode,
    /// What the last name gives, with the probability of the whole way.
    pub last: OddsOutcome<'v>,
    /// The smallest TTL on the way, in seconds; `None` where no TTL on it is known.
    pub ttl: Option<u32>,
}

/// A name still to be looked at.
struct Open {
    names: Vec<NameBuf>,
    probability: Probability,
    ttl: Option<u32>,
}

impl HealthView {
    /// The probability of every way along the chain that a query begins; its draw plays no part, and the draws of its names
    /// do not depend on each other.
    ///
    /// # Errors
    /// [`OddsError`] when there are more than 100,000 ways.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, model::RecordType, query::Query, validate::{Options, validate}};
    /// # use pointsman_core::parse::{HealthReport, parse};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #  {"Name": "www.example.com.", "Type": "CNAME", "SetIdentifier": "1", "Weight": 3, "TTL": 60, "ResourceRecords": [{"Value": "a.example.com"}]},
    /// #  {"Name": "www.example.com.", "Type": "CNAME", "SetIdentifier": "2", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "cdn.example.net"}]},
    /// #  {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(zone, &HealthReport::default());
    /// // Two CNAMEs of weight 3 and 1, of which the second leaves the zone:
    /// let odds = view.follow_odds(&Query::new("www.example.com", RecordType::A).unwrap())?;
    /// let ways: Vec<(String, &str)> =
    ///     odds.outcomes.iter().map(|way| (way.last.probability.ratio(), way.end.as_str())).collect();
    /// assert_eq!(ways, [("3/4".into(), "answer"), ("1/4".into(), "outside-zone")]);
    /// # Ok::<(), pointsman_core::explain::OddsError>(())
    /// ```
    pub fn follow_odds(&self, query: &Query) -> Result<ChainOdds<'_>, OddsError> {
        let mut open = alloc::vec![Open { names: Vec::new(), probability: Probability::ONE, ttl: None }];
        let mut chain = ChainOdds { outcomes: Vec::new(), undetermined: None };
        while let Some(Open { names, probability, ttl }) = open.pop() {
            let name = names.last().copied().unwrap_or(query.name);
            let odds = self.odds(&Query { name, ..query.clone() })?;
            chain.undetermined = chain.undetermined.or(odds.undetermined);
            let rcode = odds.rcode;
            for mut last in odds.outcomes {
                last.probability = probability.and(last.probability);
                let ttl = ttl.into_iter().chain(ttl_of(&last.answer)).min();
                let cname = match &last.answer {
                    OddsAnswer::Values { values, .. } if rcode == Rcode::NoError => {
                        values.first().filter(|_| last.record_type == RecordType::Cname)
                    }
                    _ => None,
                };
                let end = match next(self, query.record_type, cname.copied()) {
                    Next::None => ChainEnd::Answer,
                    Next::Outside => ChainEnd::OutsideZone,
                    Next::Name(name) if query.name.as_ref() == name.as_ref() => ChainEnd::Loop,
                    Next::Name(name) if names.iter().any(|seen| seen.as_ref() == name.as_ref()) => ChainEnd::Loop,
                    Next::Name(_) if names.len().saturating_add(1) >= CHAIN_NAMES_MAX => ChainEnd::TooLong,
                    Next::Name(name) => {
                        let names = names.iter().copied().chain([name]).collect();
                        open.push(Open { names, probability: last.probability, ttl });
                        continue;
                    }
                };
                let rcode = if last.quarantined.is_some() { Rcode::ServFail } else { rcode };
                chain.outcomes.push(ChainOutcome { names: names.clone(), end, rcode, last, ttl });
            }
            let ways = chain.outcomes.len().saturating_add(open.len());
            if ways > ODDS_OUTCOMES_MAX {
                return Err(OddsError { outcomes: ways });
            }
        }
        chain.outcomes.sort_by_cached_key(|way| (Reverse(way.last.probability.fixed()), texts(&way.names)));
        Ok(chain)
    }
}

fn ttl_of(answer: &OddsAnswer<'_>) -> Option<u32> {
    match answer {
        OddsAnswer::Values { ttl, .. } => Some(*ttl),
        OddsAnswer::Resource(_) => None,
        OddsAnswer::Members { members, .. } => members.iter().map(|member| member.ttl).min(),
    }
}

fn texts(names: &[NameBuf]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_string()).collect()
}

impl ChainOdds<'_> {
    /// The odds as one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for ChainOdds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ChainOdds", 2)?;
        object.serialize_field("ways", &self.outcomes)?;
        if let Some(reason) = self.undetermined {
            object.serialize_field("undetermined", reason.as_str())?;
        }
        object.end()
    }
}

impl Serialize for ChainOutcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Way", 5)?;
        object.serialize_field("names", &texts(&self.names))?;
        object.serialize_field("end", self.end.as_str())?;
        object.serialize_field("rcode", self.rcode.as_str())?;
        object.serialize_field("chain_ttl", &self.ttl)?;
        object.serialize_field("outcome", &self.last)?;
        object.end()
    }
}
