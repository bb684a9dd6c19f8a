//! Pointsman as a core WebAssembly module: [`pointsman_core`] behind functions of integers and flat bytes, for runtimes
//! that run core modules only. The ABI is described in wasm/plain/README.md, and nowhere else.
//!
//! There are no rules here. `exports` holds the exported functions, `layout` the flat forms of a query and an answer,
//! `convert` turns them into core's types and back, `memory` is the one place that follows pointers, `state` what is
//! loaded, `runtime` what a module without a standard library must bring itself.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(all(target_arch = "wasm32", not(feature = "documents")))]
mod allocator;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod documents;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod findings;
#[cfg(target_arch = "wasm32")]
mod layout;
#[cfg(target_arch = "wasm32")]
mod memory;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(target_arch = "wasm32")]
mod statuses;
