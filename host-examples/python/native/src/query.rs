//! A query out of a dictionary. What is not plainly a query is left to core's reader of JSON, whose words say what is wrong.

use pointsman_core::query::{Client, Fact, Query};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString};

/// The largest whole number that JSON carries in every language, and that a fraction holds.
const WHOLE_MAX: u64 = 9_007_199_254_740_991;

/// Reads a query into room that is there. `false`: it has to go as a line of JSON.
pub(crate) fn read(asked: &Bound<'_, PyAny>, query: &mut Query) -> PyResult<bool> {
    let Ok(fields) = asked.cast_exact::<PyDict>() else { return Ok(false) };
    let (mut name, mut record_type, mut draw, mut client) = (None, None, 0, None);
    for (key, value) in fields {
        let Some(key) = word(&key) else { return Ok(false) };
        match key {
            "name" => name = Some(value),
            "type" => record_type = Some(value),
            "client" => client = Some(value),
            "draw" => match whole(&value) {
                Some(number) => draw = number,
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
    }
    let (Some(name), Some(record_type)) = (name.as_ref().and_then(word), record_type.as_ref().and_then(word)) else {
        return Ok(false);
    };
    if query.ask(name, record_type).is_err() {
        return Ok(false);
    }
    query.draw = draw;
    Ok(client.is_none_or(|client| read_client(&client, &mut query.client).is_some()))
}

/// Reads what is known of a client, or `None`.
fn read_client(given: &Bound<'_, PyAny>, client: &mut Client) -> Option<()> {
    let (mut latitude, mut longitude) = (None, None);
    for (key, value) in given.cast_exact::<PyDict>().ok()? {
        match word(&key)? {
            "latitude" => latitude = Some(number(&value)?),
            "longitude" => longitude = Some(number(&value)?),
            "latency_ms" => {
                let latencies = value.cast_exact::<PyDict>().ok()?;
                // None at all is something else than nothing said, and JSON has the words for it.
                if latencies.is_empty() {
                    return None;
                }
                for (region, milliseconds) in latencies {
                    client.set_latency(word(&region)?, number(&milliseconds)?).ok()?;
                }
            }
            fact => {
                let fact = Fact::ALL.into_iter().find(|known| known.as_str() == fact)?;
                client.set(fact, word(&value)?).ok()?;
            }
        }
    }
    match (latitude, longitude) {
        (None, None) => Some(()),
        (Some(latitude), Some(longitude)) => client.set_position(latitude, longitude).ok(),
        _ => None,
    }
}

/// A text that is one in Rust, too.
fn word<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a str> {
    value.cast_exact::<PyString>().ok()?.to_str().ok()
}

/// A whole number of 64 bits; `True` is none.
fn whole(value: &Bound<'_, PyAny>) -> Option<u64> {
    value.cast_exact::<PyInt>().ok()?.extract().ok()
}

/// A number with or without a fraction.
fn number(value: &Bound<'_, PyAny>) -> Option<f64> {
    match value.cast_exact::<PyFloat>() {
        Ok(number) => Some(number.value()),
        Err(_) => whole(value).filter(|number| *number <= WHOLE_MAX).map(|number| number as f64),
    }
}
