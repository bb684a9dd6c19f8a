//! An error as a host gets it.

use serde_json::json;

/// An error as JSON; an empty help is none.
pub(crate) fn refused(code: &str, message: &str, help: &str) -> String {
    let help = (!help.is_empty()).then_some(help);
    json!({"code": code, "message": message, "help": help}).to_string()
}
