//! `cargo xtask bare`: builds core for a target that has no standard library, which proves that it needs none.

use anyhow::Result;

use crate::process::{run, say};
use crate::toolchain::Toolchain;

/// The narrowest that is common: 32 bits, no operating system, no 64-bit atomics.
const TARGET: &str = "thumbv7em-none-eabi";

/// Builds core for the target. It has no standard library, so that a use of one does not compile.
pub(crate) fn core() -> Result<()> {
    let toolchain = Toolchain::find_for(TARGET)?;
    say(format_args!("building core without std: {}", toolchain.way));
    run(&mut toolchain.build("pointsman-core", "dev"))
}
