//! Pointsman as an npm package: the module that the TypeScript in ../ts drives, and nothing else.
//!
//! There are no rules here. `documents` loads, `view` asks with lines of JSON, `engine` asks with numbers, which is what
//! a query is after `words` has read each of its words once, `answers` gives equal answers equal numbers, so that
//! JavaScript keeps one object for each, and `runtime` is what a module without a standard library must bring itself.
//!
//! The crate is empty for any other target, so that a native build of the workspace needs no WebAssembly tools.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod answers;
#[cfg(target_arch = "wasm32")]
mod documents;
#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(target_arch = "wasm32")]
mod findings;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(target_arch = "wasm32")]
mod view;
#[cfg(target_arch = "wasm32")]
mod words;
