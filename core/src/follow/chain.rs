//! One draw's way along a chain.

use alloc::vec::Vec;

use crate::answer::{Answer, Rcode};
use crate::health::HealthView;
use crate::model::{NameBuf, RecordType};
use crate::policy::draw::DrawStream;
use crate::query::Query;

/// Names in a chain before it is given up, as resolvers do: BIND and Unbound follow 11 CNAMEs.
pub const CHAIN_NAMES_MAX: usize = 12;

/// How a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainEnd {
    /// With an answer of the type asked for, no data, NXDOMAIN, or a referral.
    Answer,
    /// With a CNAME whose target lies outside the zone, so that another zone has the answer.
    OutsideZone,
    /// With a CNAME whose target is a name that the chain has been at: resolvers return SERVFAIL.
    Loop,
    /// After [`CHAIN_NAMES_MAX`] names: resolvers return SERVFAIL.
    TooLong,
}

impl ChainEnd {
    /// The JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::OutsideZone => "outside-zone",
            Self::Loop => "loop",
            Self::TooLong => "too-long",
        }
    }
}

/// One client's way along a chain.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
/// use pointsman_core::{follow::{Chain, ChainEnd}, model::RecordType, query::Query, resolve::Scratch};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #   {"Name": "www.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "app.example.com"}]},
/// #   {"Name": "app.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
/// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
/// # let (view, _) = HealthView::new(zone, &HealthReport::default());
/// let mut scratch = Scratch::new(view.zone());
/// let mut chain = Chain::new(Query::new("www.example.com", RecordType::A)?);
/// let end = loop {
///     let answer = view.resolve(chain.query(), &mut scratch);
///     if let Some(end) = chain.follow(&view, &answer) {
///         assert_eq!(answer.values().collect::<Vec<_>>(), ["192.0.2.1"]);
///         break end;
///     }
/// };
/// assert_eq!(end, ChainEnd::Answer);
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chain {
    query: Query,
    draw: u64,
    /// The names that the chain has been at, the last one included.
    seen: Vec<NameBuf>,
}

impl Chain {
    /// The chain that begins with this query.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self { draw: query.draw, seen: alloc::vec![query.name], query }
    }

    /// What is to be resolved next.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Goes on to the name that the answer's CNAME holds; returns how the chain ends where it does not go on.
    ///
    /// The resolver sends a query of its own for each name, so each name has a draw of its own, made from the first one
    /// (10.37).
    pub fn follow(&mut self, view: &HealthView, answer: &Answer<'_>) -> Option<ChainEnd> {
        let is_cname = answer.rcode() == Rcode::NoError && answer.record_type() == RecordType::Cname;
        let value = if is_cname { answer.values().next() } else { None };
        let target = match next(view, self.query.record_type, value) {
            Next::None => return Some(ChainEnd::Answer),
            Next::Outside => return Some(ChainEnd::OutsideZone),
            Next::Name(name) => name,
        };
        if self.seen.iter().any(|seen| seen.as_ref() == target.as_ref()) {
            return Some(ChainEnd::Loop);
        }
        if self.seen.len() >= CHAIN_NAMES_MAX {
            return Some(ChainEnd::TooLong);
        }
        let at = self.seen.len() as u64;
        self.seen.push(target);
        self.query.name = target;
        self.query.draw = DrawStream::at_level(self.draw, u64::MAX.wrapping_sub(at)).word(0);
        None
    }
}

/// Where an answer leads.
#[expect(clippy::large_enum_variant, reason = "it lives on the stack for a moment, as the query's own name does")]
pub(super) enum Next {
    /// Nowhere: it is what was asked for.
    None,
    /// To a name of another zone.
    Outside,
    /// To a name of this zone.
    Name(NameBuf),
}

/// Where a CNAME's value leads somebody who asks for another type than CNAME.
pub(super) fn next(view: &HealthView, asked: RecordType, cname: Option<&str>) -> Next {
    let Some(value) = cname.filter(|_| asked != RecordType::Cname) else { return Next::None };
    match NameBuf::parse(value) {
        Ok(target) if target.as_ref().is_within(view.zone().name()) => Next::Name(target),
        Ok(_) | Err(_) => Next::Outside,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::*;
    use crate::compile::compile;
    use crate::parse::{HealthReport, parse};
    use crate::resolve::Scratch;
    use crate::validate::{Options, validate};

    fn view(record_sets: &[String]) -> HealthView {
        let zone = format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}]}}"#,
            record_sets.join(",")
        );
        let validated = validate(&[parse(0, &zone)], &Options::default());
        let zone = Arc::new(compile(&validated.zone.unwrap_or_else(|| panic!("{:?}", validated.diagnostics))));
        HealthView::new(zone, &HealthReport::default()).0
    }

    fn cname(from: &str, to: &str, more: &str) -> String {
        format!(
            r#"{{"Name": "{from}.example.com.", "Type": "CNAME", "TTL": 60, {more}"ResourceRecords": [{{"Value": "{to}"}}]}}"#
        )
    }

    /// The names of a chain, and how it ends.
    fn walk(view: &HealthView, name: &str, record_type: RecordType, draw: u64) -> (Vec<String>, ChainEnd) {
        let mut scratch = Scratch::new(view.zone());
        let mut chain = Chain::new(Query { draw, ..Query::new(name, record_type).unwrap() });
        loop {
            let answer = view.resolve(chain.query(), &mut scratch);
            if let Some(end) = chain.follow(view, &answer) {
                return (chain.seen.iter().map(|name| name.as_ref().to_string()).collect(), end);
            }
        }
    }

    #[test]
    fn chains_end_in_every_way() {
        let long: Vec<String> =
            (0..20).map(|n| cname(&format!("n{n}"), &format!("n{}.example.com", n + 1), "")).collect();
        let loops =
            [cname("a", "b.example.com", ""), cname("b", "a.EXAMPLE.com.", ""), cname("out", "cdn.example.net", "")];
        let view = view(&[loops.as_slice(), &long].concat());
        let ends = |name: &str, record_type| {
            let (names, end) = walk(&view, name, record_type, 0);
            (names.len(), end)
        };
        assert_eq!(ends("a.example.com", RecordType::A), (2, ChainEnd::Loop));
        assert_eq!(ends("a.example.com", RecordType::Cname), (1, ChainEnd::Answer));
        assert_eq!(ends("out.example.com", RecordType::A), (1, ChainEnd::OutsideZone));
        assert_eq!(ends("n0.example.com", RecordType::A), (CHAIN_NAMES_MAX, ChainEnd::TooLong));
        assert_eq!(ends("n15.example.com", RecordType::A), (6, ChainEnd::Answer)); // n20 does not exist
        for name in ["a.example.com", "out.example.com", "n0.example.com", "n15.example.com"] {
            let query = Query::new(name, RecordType::A).unwrap();
            let odds = view.follow_odds(&query).unwrap();
            let [way] = odds.outcomes.as_slice() else { panic!("{odds:?}") };
            let (names, end) = walk(&view, name, RecordType::A, 0);
            assert_eq!((way.names.len() + 1, way.end), (names.len(), end), "{name}");
        }
    }

    /// Two weighted names in a row: four ways, each as likely as its weights say, and draws do not depend on each other.
    #[test]
    fn draws_of_the_names_are_independent() {
        let weighted = |from: &str, to: &str, id: u8| {
            cname(from, to, &format!(r#""SetIdentifier": "{id}", "Weight": {}, "#, if id == 1 { 3 } else { 1 }))
        };
        let view = view(&[
            weighted("www", "x.example.com", 1),
            weighted("www", "y.example.com", 2),
            weighted("x", "1.example.net", 1),
            weighted("x", "2.example.net", 2),
            weighted("y", "3.example.net", 1),
            weighted("y", "4.example.net", 2),
        ]);
        let odds = view.follow_odds(&Query::new("www.example.com", RecordType::A).unwrap()).unwrap();
        let ratios: Vec<String> = odds.outcomes.iter().map(|way| way.last.probability.ratio()).collect();
        assert_eq!(ratios, ["9/16", "3/16", "3/16", "1/16"]);
        let mut scratch = Scratch::new(view.zone());
        let mut seen = [0_u32; 4];
        for draw in 0..4096 {
            let mut chain = Chain::new(Query { draw, ..Query::new("www.example.com", RecordType::A).unwrap() });
            loop {
                let answer = view.resolve(chain.query(), &mut scratch);
                if chain.follow(&view, &answer).is_some() {
                    let value = answer.values().next().unwrap();
                    seen[usize::from(value.as_bytes()[0] - b'1')] += 1;
                    break;
                }
            }
        }
        for (seen, sixteenths) in seen.into_iter().zip([9_u32, 3, 3, 1]) {
            let expected = 4096 * sixteenths / 16;
            assert!(seen.abs_diff(expected) * seen.abs_diff(expected) < 16 * expected, "{seen} of about {expected}");
        }
    }
}
