//! Finding a Rust toolchain that can build for a target without an operating system: `wasm32-unknown-unknown`, or bare
//! metal.
//!
//! Tried in this order, and the one taken is named:
//! 1. the toolchain in use already has a standard library for the target;
//! 2. `rustup target add` works (not tried where `RUSTUP_AUTO_INSTALL=0` asks rustup to install nothing on its own);
//! 3. on Debian and Ubuntu, the packages rustc-web, cargo-web and rust-web-src: a compiler with the sources of its
//!    library, which Cargo then builds for the target;
//! 4. none: one error that ends with the command to type.
//!
//! Nothing is pinned in a rust-toolchain.toml: on a machine that cannot download, rustup would then refuse native builds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::process::{output, root, run, say};
use crate::system;

/// The one target of every binding. It has no system interface, so nothing built for it can import one.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain that can build for a target.
pub(crate) struct Toolchain {
    /// How it was found, for the person who waits.
    pub(crate) way: String,
    target: &'static str,
    kind: Kind,
}

enum Kind {
    /// The toolchain in use has a compiled standard library for the target.
    Ready,
    /// Debian's compiler, which builds the library from source; to link WebAssembly it has to be given a linker.
    Debian { linker: Option<PathBuf> },
}

/// The oldest compiler that builds the project: `rust-version` in the root manifest, which a test compares.
const RUST_VERSION: (u32, u32) = (1, 95);
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

impl Toolchain {
    /// Takes the first way to build bindings that works, installing what it needs. It is looked for once: asking rustup,
    /// which may have to wait for a network that is not there, takes its time.
    pub(crate) fn find() -> Result<&'static Self> {
        static FOUND: OnceLock<Toolchain> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found);
        }
        let found = Self::find_for(TARGET)?;
        Ok(FOUND.get_or_init(|| found))
    }

    /// The same for another target. Of those only libraries are built, which nothing links.
    pub(crate) fn find_for(target: &'static str) -> Result<Self> {
        if has_target_library(target) {
            return Ok(Self { way: format!("the toolchain in use has {target}"), target, kind: Kind::Ready });
        }
        if rustup_adds_target(target) && has_target_library(target) {
            return Ok(Self { way: format!("`rustup target add {target}`"), target, kind: Kind::Ready });
        }
        if system::has_apt() {
            return Self::debian(target);
        }
        bail!(
            "no Rust toolchain here can build for {target}; type this, then run the same again:\n    rustup target add {target}"
        )
    }

    fn debian(target: &'static str) -> Result<Self> {
        system::ensure_packages(&DEBIAN_PACKAGES, &format!("to build for {target}"))?;
        let verbose = output(DEBIAN_RUSTC, &["-vV"]).with_context(|| format!("{DEBIAN_RUSTC} does not run"))?;
        let version = field(&verbose, "release: ").and_then(major_minor).unwrap_or_default();
        if version < RUST_VERSION {
            let (major, minor) = RUST_VERSION;
            bail!(
                "{DEBIAN_RUSTC} is {}.{}, and the project needs {major}.{minor}; either turn on this release's security \
                 updates for apt, where rustc-web is newer, or type\n    rustup target add {target}",
                version.0,
                version.1
            );
        }
        let mut way = format!("Debian's rustc-web {}.{} with {target} built from source", version.0, version.1);
        let linker = (target == TARGET).then(|| linker(&verbose)).transpose()?;
        if let Some(linker) = &linker {
            way.push_str(&format!(", linked by {}", linker.display()));
        }
        Ok(Self { way, target, kind: Kind::Debian { linker } })
    }

    /// `cargo build` of one package of the workspace for the target, without panic messages where that is possible.
    pub(crate) fn build(&self, package: &str, profile: &str) -> Command {
        self.build_on("core,alloc", package, profile)
    }

    /// The same without the package's default features: a binding that only decides.
    pub(crate) fn build_to_decide(&self, package: &str, profile: &str) -> Command {
        let mut command = self.build(package, profile);
        command.arg("--no-default-features");
        command
    }

    /// The same for a binding that needs the standard library.
    pub(crate) fn build_with_std(&self, package: &str, profile: &str) -> Command {
        self.build_on("std,panic_abort", package, profile)
    }

    fn build_on(&self, libraries: &str, package: &str, profile: &str) -> Command {
        let mut flags = vec![remap("", &root()), remap("/cargo", &cargo_home())];
        let mut command = match &self.kind {
            Kind::Ready => crate::process::cargo(),
            Kind::Debian { linker } => {
                let mut command = Command::new(DEBIAN_CARGO);
                command.current_dir(root());
                // What the outer cargo set for its own compiler would lead this one astray.
                for name in [
                    "CARGO",
                    "RUSTUP_TOOLCHAIN",
                    "RUSTDOC",
                    "RUSTC_WRAPPER",
                    "RUSTC_WORKSPACE_WRAPPER",
                    "LD_LIBRARY_PATH",
                ] {
                    command.env_remove(name);
                }
                command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
                command.envs(linker.iter().map(|linker| ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)));
                command
            }
        };
        command.args(["build", "--locked", "--package", package, "--profile", profile, "--target", self.target]);
        command.arg("--target-dir").arg(target_dir());
        if let Kind::Debian { .. } = self.kind {
            // The library is compiled here anyway, so it can be compiled for a binding: a panic is a trap and has no words.
            command.arg(format!("-Zbuild-std={libraries}")).arg("-Zbuild-std-features=optimize_for_size");
            flags.extend(["-Zunstable-options".into(), "-Cpanic=immediate-abort".into()]);
        }
        command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR");
        // Separated by a unit separator, the one form that allows spaces in paths.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join(&OsString::from("\u{1f}")));
        command
    }
}

/// Where builds for other targets go: their own folder, because another compiler may have built them.
pub(crate) fn target_dir() -> PathBuf {
    root().join("target").join("wasm-build")
}

/// Where cargo puts native programs that were built with the profile of releases.
pub(crate) fn native_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join("release")
}

/// Way 1: the compiler's own folder for the target holds a `core`.
fn has_target_library(target: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Some(folder) = output(rustc, &["--print", "target-libdir", "--target", target]) else {
        return false;
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// Way 2: rustup fetches the library, unless it is set to fetch nothing unasked.
fn rustup_adds_target(target: &str) -> bool {
    if output("rustup", &["--version"]).is_none() {
        return false;
    }
    if std::env::var_os("RUSTUP_AUTO_INSTALL").is_some_and(|value| value == "0") {
        say(format_args!("RUSTUP_AUTO_INSTALL=0: not asking rustup for {target}"));
        return false;
    }
    say(format_args!("asking rustup for {target}"));
    let worked = run(Command::new("rustup").args(["target", "add", target])).is_ok();
    if !worked {
        say("rustup could not; looking for another way");
    }
    worked
}

/// A linker for way 3: rust-lld out of a rustup toolchain, or Debian's lld of the compiler's LLVM.
fn linker(debian_verbose: &str) -> Result<PathBuf> {
    if let (Some(sysroot), Some(verbose)) = (output("rustc", &["--print", "sysroot"]), output("rustc", &["-vV"]))
        && let Some(host) = field(&verbose, "host: ")
    {
        let candidate: PathBuf = [&sysroot, "lib", "rustlib", host, "bin", "rust-lld"].iter().collect();
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    let llvm = field(debian_verbose, "LLVM version: ").and_then(major_minor).map_or(0, |(major, _)| major);
    let candidate = PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/wasm-ld"));
    if !candidate.is_file() {
        system::ensure_packages(&[&format!("lld-{llvm}")], "to link WebAssembly")?;
    }
    Ok(candidate)
}

/// So that no path of the machine that builds stands in what it builds.
fn remap(to: &str, from: &Path) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"), PathBuf::from)
}

/// The rest of the line of `rustc -vV` that begins with `name`.
fn field<'a>(verbose: &'a str, name: &str) -> Option<&'a str> {
    verbose.lines().find_map(|line| line.strip_prefix(name))
}

fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERBOSE: &str =
        "rustc 1.96.0 (ac68faa20 2026-05-25)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8";

    #[test]
    fn the_fields_of_rustc_are_read() {
        assert_eq!(field(VERBOSE, "host: "), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(VERBOSE, "release: ").and_then(major_minor), Some((1, 96)));
        assert_eq!(field(VERBOSE, "LLVM version: ").and_then(major_minor), Some((22, 1)));
        assert_eq!(major_minor("nightly"), None);
    }

    #[test]
    fn the_oldest_compiler_is_the_one_in_the_manifest() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let (major, minor) = RUST_VERSION;
        assert!(manifest.contains(&format!("rust-version = \"{major}.{minor}\"")));
    }
}
