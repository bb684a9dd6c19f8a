//! A query as a line of JSON.

use alloc::format;

use super::fields::{object, text};
use super::node::{Node, NodePath, Problems, read};
use super::read_document::latency_row;
use crate::model::word::read_by_traits;
use crate::model::{Latencies, NameBuf};
use crate::query::{Client, Fact, Query, QueryError, name_fault, parse_type};

/// Reads a query as one line of JSON, with the words of [`Query`] and [`Client`].
///
/// # Errors
/// A [`QueryError`] for the first fault, which names the field.
///
/// ```
/// use pointsman_core::parse::parse_query;
/// let line = r#"{"name":"app.example.com","type":"A","client":{"country":"SG"},"draw":"12345"}"#;
/// assert_eq!(parse_query(line)?.draw, 12_345);
/// let error = parse_query(r#"{"name":"app.example.com","type":"A","draw":-1}"#).unwrap_err();
/// assert_eq!(error.to_string(), "draw: expected a decimal string or a whole number of 0 to 9007199254740991");
/// # Ok::<(), pointsman_core::query::QueryError>(())
/// ```
pub fn parse_query(line: &str) -> Result<Query, QueryError> {
    let mut problems = Problems::new(0);
    let node = read(line, &mut problems).map_err(|finding| QueryError::from_diagnostic(&finding))?;
    let members = object(node, &NodePath::ROOT, &mut problems).unwrap_or_default();
    let (mut name, mut record_type, mut client, mut draw) = (None, None, Client::default(), 0);
    for (key, value) in members {
        let at = NodePath::ROOT.key(&key);
        match &*key {
            "name" => {
                if let Some(word) = text(value, &at, &mut problems) {
                    name = Some(NameBuf::parse(&word).map_err(|error| name_fault(&word, error))?);
                }
            }
            "type" => {
                if let Some(word) = text(value, &at, &mut problems) {
                    record_type = Some(parse_type(&word)?);
                }
            }
            "client" => client = parse_client(value, &at, &mut problems)?,
            "draw" => draw = parse_draw(&value)?,
            _ => return Err(QueryError::new(&key, "is not a field of a query")),
        }
    }
    if let Some(finding) = problems.list.first() {
        return Err(QueryError::from_diagnostic(finding));
    }
    let name = name.ok_or_else(|| QueryError::new("name", "is missing"))?;
    let record_type = record_type.ok_or_else(|| QueryError::new("type", "is missing"))?;
    Ok(Query { name, record_type, client, draw })
}

fn parse_draw(node: &Node<'_>) -> Result<u64, QueryError> {
    const LIMIT: i64 = 9_007_199_254_740_991;
    let wrong = || QueryError::new("draw", format!("expected a decimal string or a whole number of 0 to {LIMIT}"));
    match node {
        Node::Null => Ok(0),
        Node::Integer(value) if (0..=LIMIT).contains(value) => Ok(value.unsigned_abs()),
        Node::Text(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

read_by_traits! {
    Query, QueryError, |line| parse_query(line);
}

fn parse_client(node: Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Result<Client, QueryError> {
    let mut client = Client::default();
    let (mut latitude, mut longitude) = (None, None);
    for (key, value) in object(node, at, problems).unwrap_or_default() {
        let here = at.key(&key);
        match &*key {
            "latency_ms" => {
                // An empty object says that no latency is known, whatever the zone's table holds.
                client.latency = Some(Latencies::UNKNOWN);
                for (region, milliseconds) in latency_row(value, &here, problems) {
                    client.set_latency(&region, milliseconds)?;
                }
            }
            "latitude" => latitude = super::fields::number(&value, &here, problems),
            "longitude" => longitude = super::fields::number(&value, &here, problems),
            "ip" | "ecs" | "country" | "continent" | "subdivision" | "vpc_region" => {
                if let Some(word) = text(value, &here, problems) {
                    set_fact(&mut client, &key, &word)?;
                }
            }
            _ => return Err(QueryError::new(&format!("client.{key}"), "is not a client fact")),
        }
    }
    match (latitude, longitude) {
        (None, None) => Ok(client),
        (Some(latitude), Some(longitude)) => client.set_position(latitude, longitude).map(|()| client),
        _ => Err(QueryError::new("client.latitude", "latitude and longitude must be given together")),
    }
}

/// Sets the client fact of that JSON name from its text. The command line's options come through here too.
///
/// # Errors
/// A [`QueryError`] that names the fact and what it should be.
pub fn set_fact(client: &mut Client, fact: &str, word: &str) -> Result<(), QueryError> {
    match Fact::ALL.into_iter().find(|known| known.as_str() == fact) {
        Some(fact) => client.set(fact, word),
        None => Err(QueryError::new(fact, "is not a client fact")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Region;
    use alloc::string::ToString;

    #[test]
    fn every_field_is_read() {
        let line = r#"{"name":"app.example.com","type":"A","client":{"ip":"198.51.100.7","ecs":"203.0.113.0/24",
            "country":"SG","continent":"AS","subdivision":"US-WA","latitude":1.3,"longitude":103.8,
            "latency_ms":{"us-east-1":210,"ap-southeast-1":4.5},"vpc_region":"us-east-1"},"draw":18446744073709551615}"#;
        assert!(parse_query(line).unwrap_err().to_string().starts_with("draw: "));
        let query = parse_query(&line.replace("18446744073709551615", "\"18446744073709551615\"")).unwrap();
        assert_eq!(query.draw, u64::MAX);
        assert_eq!(query.client.latency.unwrap().microseconds(Region::parse("ap-southeast-1").unwrap()), Some(4500));
        assert_eq!(query.client.ecs.unwrap().to_string(), "203.0.113.0/24");
    }

    #[test]
    fn faults_name_their_field() {
        for (line, message) in [
            ("{", "the JSON ends too early: EOF while parsing an object"),
            ("[]", "expected an object, found an array"),
            (r#"{"type":"A"}"#, "name: is missing"),
            (r#"{"name":"a..b","type":"A"}"#, "name: `a..b`: a label of the name is empty"),
            (r#"{"name":"a","type":"AXFR"}"#, "type: `AXFR` is not a record type that Route 53 knows"),
            (
                r#"{"name":"a","type":"A","client":{"country":"sg"}}"#,
                "client.country: `sg` is not a country code such as SG",
            ),
            (r#"{"name":"a","type":"A","client":{"contry":"SG"}}"#, "client.contry: is not a client fact"),
            (
                r#"{"name":"a","type":"A","client":{"latitude":1}}"#,
                "client.latitude: latitude and longitude must be given together",
            ),
            (r#"{"name":"a","name":"b","type":"A"}"#, "name: the key `name` is given twice in one object"),
        ] {
            assert_eq!(parse_query(line).unwrap_err().to_string(), message, "{line}");
        }
    }
}
