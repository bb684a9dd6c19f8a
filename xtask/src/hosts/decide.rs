//! The bindings that only decide, in wasmtime and in Node.js: they open images instead of documents.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Tests};
use crate::node::Node;
use crate::{decide, js, wasm};

/// A binding that only decides: the name of the host, and what builds it.
pub(super) struct Decide(&'static str, fn() -> Result<()>);

/// The component of the world `decide`, in wasmtime.
pub(super) const COMPONENT: Decide = Decide("component-decide", wasm::decide_component);
/// The module of integers and flat bytes.
pub(super) const PLAIN: Decide = Decide("plain-decide", decide::module);
/// The npm package's entry `pointsman/decide`.
pub(super) const JS: Decide = Decide("js-decide", || js::package().map(drop));

impl Host for Decide {
    fn name(&self) -> &'static str {
        self.0
    }

    fn build(&self) -> Result<()> {
        self.1()
    }

    fn tests(&self) -> Option<Tests> {
        None
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        if self.0 != COMPONENT.0 {
            Node::find()?.put_first(runner);
        }
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}
