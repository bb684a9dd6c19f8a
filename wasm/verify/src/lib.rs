//! The analyses, and the reader of other formats, as core WebAssembly modules: one request as JSON in, one result as JSON
//! out. A page that asks for one does not load the other, so each is a feature and a module of its own.
//!
//! There are no rules here. `exports` holds the exported functions, `progress` the one import, `request` the requests,
//! `refusal` errors. `answer` sends each request where it is carried out: `analyses` (`pointsman_verify`) or `formats`
//! (`pointsman_import`). `documents` turns texts into a zone, and findings into an error.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#[cfg(all(target_arch = "wasm32", feature = "analyses"))]
mod analyses;
#[cfg(target_arch = "wasm32")]
mod answer;
#[cfg(all(target_arch = "wasm32", feature = "analyses"))]
mod documents;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(all(target_arch = "wasm32", feature = "formats"))]
mod formats;
#[cfg(all(target_arch = "wasm32", feature = "analyses"))]
mod progress;
#[cfg(target_arch = "wasm32")]
mod refusal;
#[cfg(target_arch = "wasm32")]
mod request;
