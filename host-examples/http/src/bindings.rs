//! What the Pointsman component offers, generated from the WIT package.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    reason = "generated from the WIT package, which documents every item"
)]

wit_bindgen::generate!({ path: "../../wasm/wit", world: "imports" });

pub(crate) use pointsman::routing::routing::{Diagnostic, Document, LoadOptions, View, Zone};
