//! The README and the guide show what is: every `pointsman` command in their console blocks, run in order in one session,
//! prints what stands below it, stdout and stderr as a terminal mixes them; their Rust is taken from sources that compile.
//!
//! `BLESS=1` writes what the commands print now into both.
#![cfg(unix)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use pointsman_core::model::RecordType;
use pointsman_core::{Query, Zone};
use serde_json::Value;

/// The documents that are followed, each in a session of its own that begins at the root.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/guide.md"];

/// What the README may have, in lines: it is read whole.
const README_LINES_MAX: usize = 150;

const ACTIVE_ACTIVE: &str = include_str!("../host-examples/zones/active-active.json");
const LATENCY: &str = include_str!("../host-examples/zones/latency.json");

/// The Rust of the README's section on programs.
#[test]
fn the_embedding_in_rust_answers() -> Result<()> {
    let zone = Zone::load([ACTIVE_ACTIVE, LATENCY])?;
    let view = zone.health(r#"{"HealthChecks": {"hc-us-east-1": "unhealthy"}}"#)?;

    let mut query = Query::new("app.example.com", RecordType::A)?;
    query.client.country = Some("US".parse()?);
    assert_eq!(view.resolve(&query).values, ["198.51.100.10"]);
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Builds the command as these tests are built, and returns where it is.
fn program() -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--package", "pointsman", "--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.current_dir(root()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8(output.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        if let (Some("pointsman"), Some(path)) = (message["target"]["name"].as_str(), message["executable"].as_str()) {
            return Ok(path.into());
        }
    }
    bail!("cargo built no command `pointsman`")
}

/// What a reader's shell remembers from one command to the next.
struct Session {
    folder: PathBuf,
    path: String,
    exit_code: i32,
}

impl Session {
    /// What a command prints; `None` for one that takes too long for a test.
    fn run(&mut self, command: &str) -> Result<Option<String>> {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder.push(folder);
            ensure!(self.folder.is_dir(), "`{command}` leads nowhere");
            return Ok(Some(String::new()));
        }
        if command == "echo $?" {
            return Ok(Some(format!("{}\n", self.exit_code)));
        }
        if command.starts_with("cargo ") {
            return Ok(None);
        }
        ensure!(command.starts_with("pointsman "), "`{command}` is not one that tests/readme.rs runs");
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(&self.folder)
            .env_clear()
            .envs([("PATH", self.path.as_str()), ("LC_ALL", "C")])
            .output()?;
        self.exit_code = output.status.code().with_context(|| format!("`{command}` was killed"))?;
        Ok(Some(String::from_utf8(output.stdout)?))
    }
}

/// The README with what its commands print now.
fn replay(readme: &str, session: &mut Session) -> Result<String> {
    let (mut replayed, mut in_console, mut keeps_output) = (String::new(), false, true);
    for line in readme.lines() {
        match line {
            "```console" => in_console = true,
            "```" => (in_console, keeps_output) = (false, true),
            _ if in_console && !line.starts_with("$ ") && !keeps_output => continue,
            _ => {}
        }
        writeln!(replayed, "{line}")?;
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) {
            let output = session.run(command)?;
            keeps_output = output.is_none();
            for line in output.iter().flat_map(|output| output.lines()) {
                writeln!(replayed, "{}", line.trim_end())?;
            }
        }
    }
    Ok(replayed)
}

#[test]
fn commands_print_what_the_documents_show() -> Result<()> {
    let program = program()?;
    let folder = program.parent().context("a program is in a folder")?;
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    for name in DOCUMENTS {
        let mut session = Session { folder: root(), path: path.clone(), exit_code: 0 };
        let file = root().join(name);
        let document = std::fs::read_to_string(&file)?;
        let replayed = replay(&document, &mut session)?;
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, &replayed)?;
            continue;
        }
        let mut command = "";
        for (was, is) in document.lines().zip(replayed.lines()) {
            if was.starts_with("$ ") {
                command = was;
            }
            ensure!(was == is, "{command}\n  {name}: {was}\n  it prints: {is}\nBLESS=1 accepts, after reading");
        }
        ensure!(
            document == replayed,
            "{name} and what its commands print differ in length; BLESS=1 accepts, after reading"
        );
    }
    Ok(())
}

#[test]
fn the_readme_is_short() -> Result<()> {
    let lines = std::fs::read_to_string(root().join("README.md"))?.lines().count();
    ensure!(lines <= README_LINES_MAX, "README.md has {lines} lines of {README_LINES_MAX}; docs/guide.md has room");
    Ok(())
}

/// Within a quarter: compilers differ, and a reader wants to know the order of it.
#[test]
fn the_size_in_the_guide_is_about_that_of_the_component() -> Result<()> {
    let Ok(file) = std::fs::metadata(root().join("target/wasm/pointsman.component.wasm")) else {
        return Ok(()); // not built yet; `cargo xtask test` builds it before it runs this
    };
    let guide = std::fs::read_to_string(root().join("docs/guide.md"))?;
    let shown = guide.split("The component weighs ").nth(1).and_then(|rest| rest.split(" KB").next());
    let shown: u64 = shown.context("the guide does not say what the component weighs")?.parse()?;
    let weighs = file.len() / 1000;
    ensure!(weighs.abs_diff(shown) * 4 <= shown, "docs/guide.md says {shown} KB, and the component weighs {weighs} KB");
    Ok(())
}

/// Each Rust block stands, line for line, in the file that the link before it names; `// …` leaves lines out.
#[test]
fn rust_in_the_documents_is_taken_from_sources() -> Result<()> {
    for name in DOCUMENTS {
        let file = root().join(name);
        let document = std::fs::read_to_string(&file)?;
        let folder = file.parent().context("a document is in a folder")?;
        let mut blocks = 0;
        for (at, _) in document.match_indices("\n```rust\n") {
            let (before, block) = document.split_at(at);
            let block = block.trim_start_matches("\n```rust\n").split("```").next().unwrap_or_default();
            let link = before.rsplit("](").find_map(|rest| rest.split(')').next().filter(|link| link.ends_with(".rs")));
            let link = link.with_context(|| format!("{name}: no link to a source before a Rust block"))?;
            let source = std::fs::read_to_string(folder.join(link)).with_context(|| format!("cannot read {link}"))?;
            let source: String = source.lines().map(|line| format!("{}\n", line.trim())).collect();
            let mut rest = source.as_str();
            for piece in block.split("// …\n") {
                let (_, after) = rest.split_once(piece).with_context(|| format!("{link} does not have\n{piece}"))?;
                rest = after;
            }
            blocks += 1;
        }
        ensure!(blocks > 0, "{name} has no Rust");
    }
    Ok(())
}
