//! A target under libFuzzer, which brings `main`: `POINTSMAN_FUZZ_TARGET` names it. With `POINTSMAN_FUZZ_SEEDS`
//! nothing is run: the target's seeds are written into the folder that this names.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use pointsman_fuzz::{Target, find, write_seeds};

static TARGET: LazyLock<Option<&'static Target>> =
    LazyLock::new(|| find(&std::env::var("POINTSMAN_FUZZ_TARGET").unwrap_or_default()));

libfuzzer_sys::fuzz_target!(
    init: {
        if let (Some(target), Some(folder)) = (*TARGET, std::env::var_os("POINTSMAN_FUZZ_SEEDS")) {
            std::process::exit(i32::from(write_seeds(target, Path::new(&folder)).is_err()));
        }
    },
    |bytes: &[u8]| {
        let Some(target) = *TARGET else { std::process::exit(2) };
        (target.run)(bytes);
    }
);
