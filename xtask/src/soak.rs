//! `cargo xtask soak`: the long forms of tests that `cargo xtask test` runs for seconds.

use anyhow::Result;

use crate::hosts;
use crate::process::{Steps, cargo, run, say};

/// A long form: its name, the file of the command's tests, the test in it, and the variables that make it long.
struct Long {
    name: &'static str,
    file: &'static str,
    test: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

const WATCH: [Long; 4] = [
    Long {
        name: "watch: killed two hundred times right after an answer",
        file: "watch_kept",
        test: "a_crash_right_after_the_answer_loses_nothing",
        variables: &[("POINTSMAN_KILLS", "200")],
    },
    Long {
        name: "watch: 10,000 checks die three times",
        file: "watch_outage",
        test: "most_endpoints_die_at_once_and_no_bystander_changes",
        variables: &[("POINTSMAN_OUTAGE_CHECKS", "10000"), ("POINTSMAN_OUTAGE_ROUNDS", "3")],
    },
    Long {
        name: "watch: a day of flapping at a thousand times the speed",
        file: "watch_load",
        test: "endpoints_that_flap_all_day_gather_nothing",
        // 8,640 intervals of 10 s.
        variables: &[("POINTSMAN_FLAPPING_INTERVALS", "8640")],
    },
    Long {
        name: "watch: everything at once for five minutes",
        file: "watch_load",
        test: "a_long_run_gathers_nothing",
        variables: &[("POINTSMAN_SOAK_SECONDS", "300")],
    },
];

/// Runs what `only` names (`coredns`, `watch`), or all of it.
pub(crate) fn run_all(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| !["coredns", "watch"].contains(&name.as_str())) {
        anyhow::bail!("there is no long form for `{unknown}`; there is coredns, watch");
    }
    let wants = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let long: &[Long] = if wants("watch") { &WATCH } else { &[] };
    let mut steps = Steps::new(long.len().saturating_add(usize::from(wants("coredns"))));
    for long in long {
        steps.step(long.name, || watch(long))?;
    }
    if wants("coredns") {
        steps.step("coredns", hosts::soak)?;
    }
    say(format_args!("nothing was lost or gathered\n{}", steps.summary()));
    Ok(())
}

fn watch(long: &Long) -> Result<()> {
    let mut command = cargo();
    command.args(["test", "--quiet", "--release", "--locked", "--package", "pointsman", "--test", long.file, "--"]);
    run(command.args(["--nocapture", "--exact", long.test]).envs(long.variables.iter().copied()))
}
