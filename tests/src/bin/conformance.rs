//! Runs documented cases against a host:
//! `conformance --host HOST --cases FILE...`, with native, component, js, plain, component-decide, plain-decide, js-decide,
//! worker, browser, python, python-native, coredns or envoy as HOST.
//!
//! The ids of failed cases come first, then the line `N passed, N failed`. `--questions` asks the fixed questions, too:
//! the host has to give the same bytes as the engine in this process; they count as one case. `--image` has the host open
//! the image of each zone instead of its documents, which those that only decide do anyway.

use std::path::PathBuf;
use std::process::ExitCode;

use pointsman_tests::coredns::Verdict;
use pointsman_tests::decide::Decide;
use pointsman_tests::engine::{Engine, Native};
use pointsman_tests::judge::judge;
use pointsman_tests::lines::Lines;
use pointsman_tests::questions::compare;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conformance: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<bool> {
    let (mut host, mut files) = (String::from("native"), Vec::<PathBuf>::new());
    let (mut questions, mut image) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| anyhow::anyhow!("{argument} needs a value"));
        match argument.as_str() {
            "--host" => host = value()?,
            "--cases" => files.push(value()?.into()),
            "--questions" => questions = true,
            "--image" => image = true,
            other => match other.split_once('=') {
                Some(("--host", name)) => host = name.into(),
                Some(("--cases", file)) => files.push(file.into()),
                _ => anyhow::bail!("unknown argument `{other}`; use --host NAME --cases FILE [--questions] [--image]"),
            },
        }
    }
    if files.is_empty() && !questions {
        anyhow::bail!("no cases; use --host NAME --cases FILE, or --questions");
    }
    match host.as_str() {
        "coredns" => return sampled(&files, image),
        "component" | "js" | "worker" | "browser" | "python" | "envoy" if image => {
            anyhow::bail!("{host} reads documents, and no images")
        }
        "envoy" => return pointsman_tests::envoy::conformance(&files),
        _ => {}
    }
    let mut subject = subject(&host, image)?;
    let (mut passed, mut failed) = (0_u32, 0_u32);
    for file in &files {
        for case in pointsman_tests::cases(file)? {
            match judge(&case, &mut *subject) {
                Ok(()) => passed = passed.saturating_add(1),
                Err(error) => {
                    failed = failed.saturating_add(1);
                    println!("{}", case.id);
                    eprintln!("{} ({}): {error:#}", case.id, case.source);
                }
            }
        }
    }
    if questions {
        match compare(&mut *subject) {
            Ok(count) => {
                passed = passed.saturating_add(1);
                eprintln!("{count} fixed questions: the same bytes as native");
            }
            Err(error) => {
                failed = failed.saturating_add(1);
                println!("fixed-questions");
                eprintln!("fixed-questions: {error:#}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// A host that can only be asked, and so is judged by its answers to many draws.
fn sampled(files: &[PathBuf], by_image: bool) -> anyhow::Result<bool> {
    let mut cases = Vec::new();
    for file in files {
        cases.extend(pointsman_tests::cases(file)?);
    }
    let (mut passed, mut failed, mut skipped) = (0_u32, 0_u32, 0_u32);
    for (case, verdict) in cases.iter().zip(pointsman_tests::coredns::run(&cases, by_image)?) {
        match verdict {
            Verdict::Passed => passed = passed.saturating_add(1),
            Verdict::Skipped => skipped = skipped.saturating_add(1),
            Verdict::Failed(failure) => {
                failed = failed.saturating_add(1);
                println!("{}", case.id);
                eprintln!("{} ({}): {failure}", case.id, case.source);
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(failed == 0)
}

fn subject(host: &str, by_image: bool) -> anyhow::Result<Box<dyn Engine>> {
    match host {
        "native" if by_image => Ok(Box::new(Native::by_image())),
        "native" => Ok(Box::new(Native::default())),
        "plain" => Ok(Box::new(pointsman_tests::plain::Plain::open(by_image)?)),
        #[cfg(feature = "component")]
        "component" => Ok(Box::new(pointsman_tests::component::Component::open()?)),
        #[cfg(feature = "component")]
        "component-decide" => Ok(Box::new(pointsman_tests::component_decide::ComponentDecide::open()?)),
        "plain-decide" | "js-decide" => match Decide::open(host) {
            Some(engine) => Ok(Box::new(engine?)),
            None => anyhow::bail!("unknown host `{host}`"),
        },
        _ => match Lines::script(host) {
            Some(script) => Ok(Box::new(Lines::start(script)?)),
            None => anyhow::bail!("unknown host `{host}`"),
        },
    }
}
