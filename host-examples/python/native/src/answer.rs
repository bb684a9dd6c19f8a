//! An answer as a dictionary: the members of its JSON, in their order. The conformance runner holds them against its bytes.

use pointsman_core::answer::Answer;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The dictionary of an answer.
pub(crate) fn dictionary<'py>(py: Python<'py>, answer: &Answer<'_>) -> PyResult<Bound<'py, PyDict>> {
    let members = PyDict::new(py);
    members.set_item(intern!(py, "rcode"), answer.rcode().as_str())?;
    members.set_item(intern!(py, "type"), answer.record_type().as_str())?;
    members.set_item(intern!(py, "ttl"), answer.ttl())?;
    members.set_item(intern!(py, "values"), list(py, answer.values())?)?;
    members.set_item(intern!(py, "set_identifiers"), list(py, answer.set_identifiers())?)?;
    members.set_item(intern!(py, "fail_open"), answer.fail_open())?;
    members.set_item(intern!(py, "scope_prefix_length"), answer.scope_prefix_length())?;
    if let Some(name) = answer.referral() {
        members.set_item(intern!(py, "referral"), name.to_string())?;
    }
    if let Some(name) = answer.alias_target() {
        members.set_item(intern!(py, "alias_target"), name.to_string())?;
    }
    if let Some(reason) = answer.undetermined() {
        members.set_item(intern!(py, "undetermined"), reason.as_str())?;
    }
    if let Some(code) = answer.quarantined() {
        members.set_item(intern!(py, "quarantined"), code)?;
    }
    Ok(members)
}

/// Texts, of which there are a handful.
fn list<'py, 'a>(py: Python<'py>, texts: impl Iterator<Item = &'a str>) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for text in texts {
        list.append(text)?;
    }
    Ok(list)
}
