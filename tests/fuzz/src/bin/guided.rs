//! A target under libFuzzer, which brings `main`: `POINTSMAN_FUZZ_TARGET` names it.
#![no_main]

use std::sync::LazyLock;

use pointsman_fuzz::{Target, find};

static TARGET: LazyLock<Option<&'static Target>> =
    LazyLock::new(|| find(&std::env::var("POINTSMAN_FUZZ_TARGET").unwrap_or_default()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match *TARGET {
        Some(target) => (target.run)(bytes),
        None => std::process::exit(2),
    }
});
