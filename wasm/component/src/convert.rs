//! Between the WIT's types and core's, one function a type. Nothing is decided here. These are what both worlds have; `said` has
//! what only the full one says.

use alloc::borrow::ToOwned;
use alloc::string::ToString;

use pointsman_core::answer::{Answer, Rcode};
use pointsman_core::query::{Client, Fact, Query, QueryError};

use crate::bindings::wit;

/// Reads a query into room that is there; core checks each fact and words what is wrong.
pub(crate) fn query(words: &wit::Query, query: &mut Query) -> Result<(), wit::QueryError> {
    let checked = query.ask(&words.name, &words.type_).and_then(|()| client(&words.client, &mut query.client));
    query.draw = words.draw;
    checked.map_err(query_error)
}

/// Reads what is known of a client into a client of whom nothing is.
pub(crate) fn client(facts: &wit::Client, client: &mut Client) -> Result<(), QueryError> {
    for (fact, word) in [
        (Fact::Ip, &facts.ip),
        (Fact::Ecs, &facts.ecs),
        (Fact::Country, &facts.country),
        (Fact::Continent, &facts.continent),
        (Fact::Subdivision, &facts.subdivision),
        (Fact::VpcRegion, &facts.vpc_region),
    ] {
        if let Some(word) = word {
            client.set(fact, word)?;
        }
    }
    if let Some(wit::Coordinates { latitude, longitude }) = facts.location {
        client.set_position(latitude, longitude)?;
    }
    for wit::Latency { region, milliseconds } in &facts.latency {
        client.set_latency(region, *milliseconds)?;
    }
    Ok(())
}

/// Why a query has no answer.
pub(crate) fn query_error(error: QueryError) -> wit::QueryError {
    wit::QueryError { field: error.field, message: error.message }
}

/// An answer.
pub(crate) fn answer(answer: &Answer<'_>) -> wit::Answer {
    wit::Answer {
        rcode: rcode(answer.rcode()),
        type_: answer.record_type().as_str().to_owned(),
        ttl: answer.ttl(),
        values: answer.values().map(str::to_owned).collect(),
        set_identifiers: answer.set_identifiers().map(str::to_owned).collect(),
        fail_open: answer.fail_open(),
        scope_prefix_length: answer.scope_prefix_length(),
        referral: answer.referral().map(|name| name.to_string()),
        alias_target: answer.alias_target().map(|name| name.to_string()),
        undetermined: answer.undetermined().map(|reason| reason.as_str().to_owned()),
        quarantined: answer.quarantined().map(str::to_owned),
    }
}

/// A response code.
pub(crate) fn rcode(rcode: Rcode) -> wit::Rcode {
    match rcode {
        Rcode::NoError => wit::Rcode::Noerror,
        Rcode::NxDomain => wit::Rcode::Nxdomain,
        Rcode::Refused => wit::Rcode::Refused,
        Rcode::ServFail => wit::Rcode::Servfail,
    }
}
