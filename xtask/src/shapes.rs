//! `cargo xtask shapes`: what the AWS CLI prints, OctoDNS compiles, dnspython writes and the CDK synthesises, against the
//! command line.

use anyhow::Result;

use crate::process::{self, cargo, say};
use crate::venv::Venv;

const VENV: Venv = Venv {
    folder: "venv",
    requirements: "tests/shapes/requirements.txt",
    what: "the AWS CLI, a stand-in for Route 53, OctoDNS, and the CDK",
};
const TESTS: [&str; 3] = ["api_shapes.py", "octodns_shapes.py", "formats_shapes.py"];

/// Installs what the tests need and runs them.
pub(crate) fn run() -> Result<()> {
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    for test in TESTS {
        say(format_args!("tests/shapes/{test}"));
        let mut command = VENV.command()?;
        command.arg("tests/shapes/".to_owned() + test);
        process::run(&mut command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::process::root;

    #[test]
    fn every_package_is_pinned_and_listed_once() {
        let list = fs::read_to_string(root().join(VENV.requirements)).unwrap();
        let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut names: Vec<String> = lines
            .map(|line| line.split_once("==").unwrap_or_else(|| panic!("{line} is not pinned")).0.to_lowercase())
            .collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        assert!(names.len() > 20, "{names:?}");
    }
}
