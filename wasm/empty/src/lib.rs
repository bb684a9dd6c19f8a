//! The WIT package `pointsman:routing` with nothing behind it, so that measurements can separate what a call costs from what
//! Pointsman costs.
//!
//! Glue and allocator are the component's own files, so that the two cannot drift apart. A query is taken over and
//! dropped; the answer is always the same, of the shape of a three-level tree's: one value, three set
//! identifiers. What is not measured traps.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
#[path = "../../component/src/bindings.rs"]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(target_arch = "wasm32")]
#[path = "../../component/src/runtime.rs"]
mod runtime;
