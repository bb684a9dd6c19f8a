//! A core module on its way to a host: made smaller, and weighed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{self, say};
use crate::system;

/// A module as `wasm-opt` of binaryen leaves it after these passes, which is smaller by a tenth. Where it is not to be had, the
/// module goes on as the compiler made it: it is the same module, only larger.
pub(crate) fn optimized(module: &Path, passes: &[&str]) -> Result<Vec<u8>> {
    if process::output("wasm-opt", &["--version"]).is_none()
        && (!system::has_apt() || system::ensure_packages(&["binaryen"], "to make modules smaller").is_err())
    {
        say("no wasm-opt (it comes with binaryen): the module stays as the compiler made it");
        return fs::read(module).with_context(|| format!("cannot read {}", module.display()));
    }
    let smaller = module.with_extension("opt.wasm");
    // What the compiler takes for granted, an older wasm-opt needs as flags; the module uses no more than before.
    let features =
        ["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals", "reference-types", "multivalue"];
    let features = features.map(|feature| format!("--enable-{feature}"));
    process::run(Command::new("wasm-opt").args(passes).args(features).arg(module).arg("-o").arg(&smaller))?;
    fs::read(&smaller).with_context(|| format!("cannot read {}", smaller.display()))
}

/// What the bytes weigh in a gzip file: deflate at its best, a header of ten bytes and a trailer of eight.
pub(crate) fn gzip_size(bytes: &[u8]) -> usize {
    const HEADER_AND_TRAILER: usize = 18;
    miniz_oxide::deflate::compress_to_vec(bytes, 9).len().saturating_add(HEADER_AND_TRAILER)
}

/// 1234567 as `1,234,567`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(300_000), "300,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
