//! Every seed and everything that was ever found, through its target: what the fuzzer found once stays mended.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use pointsman_fuzz::{TARGETS, find, regressions};

#[test]
fn every_seed_passes() -> Result<()> {
    for target in TARGETS {
        let seeds = (target.seeds)().with_context(|| target.name.to_owned())?;
        ensure!(!seeds.is_empty(), "{} has no seeds", target.name);
        for seed in seeds {
            (target.run)(&seed);
        }
    }
    Ok(())
}

#[test]
fn every_finding_stays_mended() -> Result<()> {
    for folder in fs::read_dir(regressions())? {
        let folder = folder?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = find(&name).with_context(|| format!("regressions/{name} is of no target"))?;
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            println!("{}", file.display());
            (target.run)(&fs::read(file)?);
        }
    }
    Ok(())
}
