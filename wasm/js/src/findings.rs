//! Findings as one JSON array: core's own line for each, with the bytes that it is about.

use alloc::format;
use alloc::string::String;

use pointsman_core::Findings;
use wasm_bindgen::JsValue;

/// The findings.
pub(crate) fn to_json(findings: &Findings) -> String {
    if findings.is_empty() {
        return "[]".into();
    }
    let mut array = String::new();
    for finding in findings.iter() {
        array.push(if array.is_empty() { '[' } else { ',' });
        let line = finding.to_json();
        match (&finding.place, &finding.location, line.strip_suffix('}')) {
            (Some(place), Some(location), Some(line)) => {
                array.push_str(line);
                array.push_str(&format!(
                    ",\"source\":{},\"start\":{},\"end\":{}}}",
                    place.document, location.start, location.end
                ));
            }
            _ => array.push_str(&line),
        }
    }
    array.push(']');
    array
}

/// Findings as what is thrown.
pub(crate) fn refused(findings: &Findings) -> JsValue {
    JsValue::from_str(&to_json(findings))
}
