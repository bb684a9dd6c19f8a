//! Counting instructions: the same cases once more under Valgrind's callgrind, which counts while one function runs.
//!
//! Times depend on what else the machine does; counts do not. Callgrind writes a file each time [`counted`] returns,
//! with the instructions of that call and everything below it, WebAssembly that was compiled meanwhile included.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::case::Case;

/// Whether Valgrind is there.
#[must_use]
pub fn is_possible() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Runs this program again as `count SECTION` under callgrind. Gives instructions for each repetition, by case.
pub fn run(section: &str, smoke: bool, folder: &Path) -> Result<Vec<(String, f64)>> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join(format!("callgrind.{section}"));
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet", "--smc-check=all-non-file", "--compress-strings=no"]);
    command.arg(format!("--toggle-collect={COUNTED}")).arg(format!("--dump-after={COUNTED}"));
    command.arg(format!("--callgrind-out-file={}", file.display()));
    command.arg(program).args(["count", section]).args(smoke.then_some("--smoke"));
    let output = command.stderr(Stdio::inherit()).output().context("cannot start valgrind")?;
    ensure!(output.status.success(), "valgrind ended with {}", output.status);
    let listed = String::from_utf8(output.stdout).context("the list of cases is not text")?;
    let mut counts = Vec::new();
    for (number, line) in listed.lines().enumerate() {
        let (id, times) = line.split_once('\t').with_context(|| format!("not a case: {line}"))?;
        let times: f64 = times.parse().with_context(|| format!("not a number: {line}"))?;
        let part = folder.join(format!("callgrind.{section}.{}", number + 1));
        let text = std::fs::read_to_string(&part).with_context(|| format!("cannot read {}", part.display()))?;
        std::fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
        counts.push((id.to_owned(), total(&text)? / times));
    }
    Ok(counts)
}

/// The instructions of one of callgrind's files.
fn total(text: &str) -> Result<f64> {
    if !text.lines().any(|line| line == "events: Ir") {
        bail!("callgrind counted something else than instructions");
    }
    let line = text.lines().find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")));
    line.context("callgrind's file has no total")?.trim().parse().context("callgrind's total is not a number")
}

/// Under callgrind: runs each case once to warm it up, then as often as it wants to be counted, and prints which.
pub fn all(cases: &mut [Case]) -> Result<()> {
    for case in cases.iter_mut().filter(|case| case.count > 0) {
        (case.run)(1)?;
        counted_by_callgrind(case)?;
        println!("{}\t{}", case.id, case.count);
    }
    Ok(())
}

/// The next function, by the name that callgrind knows it by.
const COUNTED: &str = concat!(module_path!(), "::counted_by_callgrind");

#[inline(never)]
fn counted_by_callgrind(case: &mut Case) -> Result<()> {
    (case.run)(case.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_file_is_read() {
        assert!((total("version: 1\nevents: Ir\nsummary: 1234\n\nfn=a\n1 2\n").unwrap() - 1234.0).abs() < 0.5);
        assert!(total("events: Ir Dr\nsummary: 1 2\n").is_err());
        assert!(total("events: Ir\n").is_err());
    }
}
