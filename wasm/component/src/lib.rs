//! Pointsman as a WebAssembly component: the WIT package `pointsman:routing` over [`pointsman_core`], and nothing else.
//!
//! There are no rules here. `bindings` is generated from ../wit, `convert` turns core's types into the WIT's, `guest`
//! and `prepared` hold the exported functions, `runtime` is what a module without a standard library must bring itself.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(target_arch = "wasm32")]
mod prepared;
#[cfg(target_arch = "wasm32")]
mod runtime;
