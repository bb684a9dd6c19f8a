//! Pointsman as a WebAssembly component: the WIT package `pointsman:routing` over [`pointsman_core`], and nothing else.
//!
//! There are no rules here. `bindings` is generated from ../wit, `convert` and `said` turn core's types into the WIT's, `guest`
//! and `prepared` hold the exported functions, or `decide` those of the world of that name, `runtime` is what a module without a standard library must bring itself.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod bindings;
#[cfg(all(target_arch = "wasm32", not(feature = "documents")))]
#[path = "bindings_decide.rs"]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(all(target_arch = "wasm32", not(feature = "documents")))]
mod decide;
#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod guest;
#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod prepared;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(all(target_arch = "wasm32", feature = "documents"))]
mod said;
