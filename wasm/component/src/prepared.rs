//! The interface `prepared`: questions and clients that are read once, answers in numbers.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use pointsman_core::answer::{Answer, Undetermined};
use pointsman_core::compile;
use pointsman_core::model::RecordType;
use pointsman_core::query::Query;
use pointsman_core::resolve;

use crate::bindings::{Component, prepared, wit};
use crate::convert;
use crate::guest::{View, Zone};

/// A name and type, looked up.
pub(crate) struct Question(resolve::Question);

/// A client, checked.
pub(crate) struct ClientFacts(pointsman_core::query::Client);

impl prepared::Guest for Component {
    type Question = Question;
    type ClientFacts = ClientFacts;

    fn decide(
        view: wit::ViewBorrow<'_>,
        question: prepared::QuestionBorrow<'_>,
        client: prepared::ClientFactsBorrow<'_>,
        draw: u64,
    ) -> prepared::Decision {
        let View { view, room, .. } = view.get();
        let (Question(question), ClientFacts(client)) = (question.get(), client.get());
        decision(&view.health_view().resolve_question(question, client, draw, &mut room.borrow_mut().scratch))
    }

    fn resolve(
        view: wit::ViewBorrow<'_>,
        question: prepared::QuestionBorrow<'_>,
        client: prepared::ClientFactsBorrow<'_>,
        draw: u64,
    ) -> wit::Answer {
        let View { view, room, .. } = view.get();
        let (Question(question), ClientFacts(client)) = (question.get(), client.get());
        convert::answer(&view.health_view().resolve_question(question, client, draw, &mut room.borrow_mut().scratch))
    }

    fn describe(zone: wit::ZoneBorrow<'_>, number: u32) -> Option<prepared::RecordSet> {
        record_set(zone.get::<Zone>().0.compiled(), number)
    }
}

impl prepared::GuestQuestion for Question {
    fn look_up(zone: wit::ZoneBorrow<'_>, name: String, type_: String) -> Result<prepared::Question, wit::QueryError> {
        let mut query = Query::room();
        query.ask(&name, &type_).map_err(convert::query_error)?;
        let zone: &Arc<compile::Zone> = zone.get::<Zone>().0.compiled();
        Ok(prepared::Question::new(Self(resolve::Question::new(zone, query.name.as_ref(), query.record_type))))
    }
}

impl prepared::GuestClientFacts for ClientFacts {
    fn check(client: wit::Client) -> Result<prepared::ClientFacts, wit::QueryError> {
        let mut facts = pointsman_core::query::Client::UNKNOWN;
        convert::client(&client, &mut facts).map_err(convert::query_error)?;
        Ok(prepared::ClientFacts::new(Self(facts)))
    }
}

/// How many record sets a decision has room for.
const ROOM: usize = 12;

fn decision(answer: &Answer<'_>) -> prepared::Decision {
    use prepared::Source;
    let (path, chosen) = (answer.path(), answer.record_sets());
    // The single record set at the end of the path is on the path already.
    let more = if path.last() == chosen.last() { &[] } else { chosen };
    let (source, with_values) = if answer.referral().is_some() {
        (Source::Referral, 1)
    } else if answer.alias_target().is_some() {
        (Source::AliasTarget, 0)
    } else if answer.resource().is_some() {
        (Source::RecordSets, 1)
    } else if chosen.is_empty() || answer.quarantined().is_some() {
        (Source::Nothing, 0)
    } else {
        (Source::RecordSets, chosen.len())
    };
    let count = path.len().saturating_add(more.len());
    let mut numbers = path.iter().chain(more).copied().filter(|_| count <= ROOM);
    let numbers: [u32; ROOM] = core::array::from_fn(|_| numbers.next().unwrap_or(0));
    prepared::Decision {
        rcode: convert::rcode(answer.rcode()),
        type_: record_type(answer.record_type()),
        ttl: answer.ttl(),
        fail_open: answer.fail_open(),
        scope_prefix_length: answer.scope_prefix_length(),
        undetermined: answer.undetermined().map(|reason| match reason {
            Undetermined::LatencyUnknown => prepared::Undetermined::LatencyUnknown,
            Undetermined::PositionUnknown => prepared::Undetermined::PositionUnknown,
        }),
        source,
        with_values: u8::try_from(with_values).unwrap_or(u8::MAX),
        count: u8::try_from(count).unwrap_or(u8::MAX),
        record_sets: numbers.into(),
    }
}

fn record_set(zone: &compile::Zone, number: u32) -> Option<prepared::RecordSet> {
    let record_set = zone.record_set(number)?;
    let (alias_target, addresses) = record_set.alias_target().unzip();
    Some(prepared::RecordSet {
        name: record_set.name.to_string(),
        type_: record_type(record_set.record_type),
        set_identifier: record_set.set_identifier().map(str::to_owned),
        ttl: record_set.ttl,
        values: record_set.values().chain(addresses.into_iter().flatten()).map(str::to_owned).collect(),
        alias_target: alias_target.map(|name| name.to_string()),
        quarantined: record_set.quarantined().map(str::to_owned),
    })
}

fn record_type(record_type: RecordType) -> prepared::RecordType {
    match record_type {
        RecordType::Soa => prepared::RecordType::Soa,
        RecordType::A => prepared::RecordType::A,
        RecordType::Txt => prepared::RecordType::Txt,
        RecordType::Ns => prepared::RecordType::Ns,
        RecordType::Cname => prepared::RecordType::Cname,
        RecordType::Mx => prepared::RecordType::Mx,
        RecordType::Naptr => prepared::RecordType::Naptr,
        RecordType::Ptr => prepared::RecordType::Ptr,
        RecordType::Srv => prepared::RecordType::Srv,
        RecordType::Spf => prepared::RecordType::Spf,
        RecordType::Aaaa => prepared::RecordType::Aaaa,
        RecordType::Caa => prepared::RecordType::Caa,
        RecordType::Ds => prepared::RecordType::Ds,
        RecordType::Tlsa => prepared::RecordType::Tlsa,
        RecordType::Sshfp => prepared::RecordType::Sshfp,
        RecordType::Svcb => prepared::RecordType::Svcb,
        RecordType::Https => prepared::RecordType::Https,
    }
}
