//! Every chore of the project, as `cargo xtask WORD`: one file a word.
//!
//! A word does its own set-up (it installs what is missing or prints the exact command), says what it is doing while it
//! does it, and ends with a non-zero exit code if anything failed.

mod bare;
mod bench;
mod bench_dns;
mod conformance;
mod decide;
mod demo;
mod dist;
mod filter;
mod fleet;
mod foresight;
mod fuzz;
mod fuzz_guided;
mod host;
mod hosts;
mod http;
mod js;
mod module;
mod node;
mod plain;
mod process;
mod shapes;
mod site;
mod soak;
mod system;
mod test;
mod toolchain;
mod venv;
mod wasm;

use std::process::ExitCode;

use lexopt::prelude::*;

const HELP: &str = "\
Every chore of the project.

Usage: cargo xtask WORD

Words:
  demo            install what is missing, build the component, and take a Region down on a real zone
  test            everything that a change must pass: format, lints, tests, WebAssembly, conformance, hosts, real API shapes
  test --quick    only the native tests of core and the command line, in seconds
  test --from N   go on at step N, after what stopped it was mended
  wasm            build every binding into target/wasm, and weigh the component
  hosts           the tests of the host examples, each against its real host
  js              only the npm package, and its tests in Node.js
  plain           only pointsman_plain.wasm, the module for runtimes without components
  decide          only the bindings that open images and decide, and weigh them
  coredns         only CoreDNS with the plugin, and its tests with dig, kdig and a Go client
  envoy           only the filter for Envoy, and its tests; `envoy build` builds it and installs Envoy
  fleet           only the tests of a fleet of watches, against a real etcd
  http            only the component behind HTTP, for `jco serve` and `wasmtime serve`
  playground      serve the playground; --build only writes it to target/playground
  bare            build core for a target without a standard library
  soak            the long forms of tests: `pointsman watch` killed 200 times, 10,000 checks that die three times, a day of
                  flapping; CoreDNS under 1,000 reloads, a minute of noise and a million names
  soak --only NAME[,NAME]
                  only those of watch or coredns
  bench           measure everything against its budget and write BENCHMARKS.md
  bench --only NAME[,NAME]
                  measure only these again
  dist            every artefact that people install, in target/dist, with checksums and a bill of materials each
  dist --test     the same, then each installed and used in an empty folder, in the slow ways, too
  dist --built    of what is built already, as the last step of `test` does; installed in the quick ways
  site            everything that there is to read, in target/site: the guide and all other pages with a search, the
                  documentation of the crates and of the npm package, and the playground; its links are checked
  shapes          a zone exported by the AWS CLI, and zones that OctoDNS compiled, against the command line
  fuzz [--minutes N] [--seed N]
                  engine against oracle, laws, broken documents and schedules of a fleet: a million questions a round, from new
                  seeds each time
  fuzz --guided [TARGET] [--for 10m]
                  every reader of foreign bytes, or one, with inputs that coverage guides
  conformance --host NAME --cases FILE [--questions] [--image]
                  run documented cases against one host (native, component, js, plain, js-decide, plain-decide, worker,
                  browser, python, python-native, coredns, envoy) and list those that fail; --questions asks 100,000 fixed
                  questions, too, which must give the same bytes as native

On Debian or Ubuntu, as root, missing system packages are installed; otherwise the command that does it is printed.
";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let mut parser = lexopt::Parser::from_env();
    let word = match parser.next()? {
        Some(Value(word)) => word.string()?,
        None | Some(Short('h') | Long("help")) => {
            print!("{HELP}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    if word == "conformance" {
        // The runner owns these options; see `cargo xtask conformance --help`.
        return conformance::run(parser.raw_args()?.collect());
    }

    let (mut quick, mut build, mut only, mut first) = (false, false, Vec::new(), 1_usize);
    let mut dist_options = dist::Options::default();
    let mut fuzz_options = fuzz::Options::default();
    let (mut is_guided, mut guided_options) = (false, fuzz_guided::Options::default());
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            Long("quick") if word == "test" => quick = true,
            Long("from") if word == "test" => first = parser.value()?.parse()?,
            Long("built") if word == "dist" => dist_options.built = true,
            Long("test") if word == "dist" => dist_options.test = true,
            Long("build") if word == "playground" => build = true,
            Value(value) if word == "envoy" && value == "build" => build = true,
            Long("only") if word == "bench" => only.extend(parser.value()?.string()?.split(',').map(String::from)),
            Long("only") if word == "soak" => only.extend(parser.value()?.string()?.split(',').map(String::from)),
            Long("guided") if word == "fuzz" => is_guided = true,
            Long("for") if word == "fuzz" && is_guided => {
                guided_options.time = fuzz_guided::time(&parser.value()?.string()?)?;
            }
            Value(target) if word == "fuzz" && is_guided => guided_options.target = Some(target.string()?),
            Long("minutes") if word == "fuzz" => fuzz_options.minutes = Some(parser.value()?.parse()?),
            Long("seed") if word == "fuzz" => fuzz_options.seed = Some(parser.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    match word.as_str() {
        "bare" => bare::core()?,
        "bench" => bench::all(&only)?,
        "coredns" => hosts::test("coredns")?,
        "decide" => wasm::decide()?,
        "dist" => dist::run(dist_options)?,
        "demo" => demo::run()?,
        "envoy" if build => hosts::build("envoy")?,
        "envoy" => hosts::test("envoy")?,
        "fuzz" if is_guided => fuzz_guided::guided(&guided_options)?,
        "fleet" => fleet::tests()?,
        "fuzz" => fuzz::fuzz(&fuzz_options)?,
        "hosts" => hosts::run()?,
        "http" => http::composed()?,
        "js" => js::test()?,
        "playground" => hosts::playground(build)?,
        "plain" => plain::module()?,
        "shapes" => shapes::run()?,
        "site" => site::build()?,
        "soak" => soak::run_all(&only)?,
        "test" if quick => test::quick()?,
        "test" => test::all(first)?,
        "wasm" => wasm::run()?,
        "help" => print!("{HELP}"),
        unknown => anyhow::bail!("there is no word `{unknown}`; `cargo xtask --help` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}
