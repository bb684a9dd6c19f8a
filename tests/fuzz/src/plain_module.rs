//! The plain module's own sources: its crate is empty outside WebAssembly. Only what follows pointers is another here.

#[path = "../../../wasm/plain/src/convert.rs"]
pub(crate) mod convert;
#[path = "../../../wasm/plain/src/documents.rs"]
pub(crate) mod documents;
#[path = "../../../wasm/plain/src/exports.rs"]
pub(crate) mod exports;
#[path = "../../../wasm/plain/src/findings.rs"]
pub(crate) mod findings;
#[path = "../../../wasm/plain/src/layout.rs"]
pub(crate) mod layout;
#[path = "../../../wasm/plain/src/state.rs"]
pub(crate) mod state;
#[path = "../../../wasm/plain/src/statuses.rs"]
pub(crate) mod statuses;
