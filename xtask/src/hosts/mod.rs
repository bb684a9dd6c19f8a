//! The hosts, one file each, and `cargo xtask hosts`: the tests of the host examples, each against its real host.

mod browser;
mod component;
mod coredns;
mod decide;
mod envoy;
mod native;
mod nodejs;
mod plain;
mod python;
mod worker;

use anyhow::{Context as _, Result};

pub(crate) use browser::serve as playground;
pub(crate) use coredns::{
    build_bench as build_dns_bench, fuzz_events, program as go_program, programs as go_programs, soak,
};
pub(crate) use envoy::{bench as bench_envoy, loads as envoy_loads};
pub(crate) use python::program as python;

use crate::host::Host;
use crate::process::{Steps, say};

/// Every host, those first that are built and asked quickest.
pub(crate) const ALL: [&dyn Host; 13] = [
    &native::Native,
    &component::Component,
    &nodejs::NodeJs,
    &decide::COMPONENT,
    &decide::PLAIN,
    &decide::JS,
    &plain::Plain,
    &coredns::CoreDns,
    &python::Python,
    &python::Native,
    &worker::Worker,
    &browser::Browser,
    &envoy::Envoy,
];

/// The host with this name.
pub(crate) fn named(name: &str) -> Option<&'static dyn Host> {
    ALL.into_iter().find(|host| host.name() == name)
}

/// Builds every host and runs its tests.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new(tested().count());
    add_tests(&mut steps)?;
    say(format_args!("every host passed\n{}", steps.summary()));
    Ok(())
}

/// Builds one host.
pub(crate) fn build(name: &str) -> Result<()> {
    named(name).with_context(|| format!("there is no host `{name}`"))?.build()
}

/// Builds and tests one host, as a word of its own does.
pub(crate) fn test(name: &str) -> Result<()> {
    build(name)?;
    tested().filter(|(host, ..)| host.name() == name).try_for_each(|(.., tests)| tests())
}

/// The hosts with tests of their own.
pub(crate) fn tested() -> impl Iterator<Item = (&'static dyn Host, &'static str, fn() -> Result<()>)> {
    ALL.into_iter().filter_map(|host| host.tests().map(|(title, tests)| (host, title, tests)))
}

/// A step for each host with tests.
pub(crate) fn add_tests(steps: &mut Steps) -> Result<()> {
    for (host, title, tests) in tested() {
        steps.step(format!("host: {title}"), || {
            host.build()?;
            tests()
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for host in ALL {
            assert_eq!(ALL.into_iter().filter(|other| other.name() == host.name()).count(), 1, "{}", host.name());
            assert!(named(host.name()).is_some());
        }
        assert!(named("nowhere").is_none());
        assert!(tested().count() > 5);
    }
}
