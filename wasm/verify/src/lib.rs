//! Drill, diff and recovery times as a core WebAssembly module: one request as JSON in, one result as JSON out.
//!
//! There are no rules here. `exports` holds the exported functions and the one import, `request` the requests, `answer`
//! carries each out with [`pointsman_verify`], `documents` reads what was given, in every format that
//! [`pointsman_import`] knows.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#[cfg(target_arch = "wasm32")]
mod answer;
#[cfg(target_arch = "wasm32")]
mod documents;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod request;
