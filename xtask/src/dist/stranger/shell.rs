//! At a shell: the tar file unpacked, its checksum verified, the command, the manual pages and the completions used.

use anyhow::{Result, ensure};

use super::folder::{Folder, answers, prints};
use crate::dist::archive::text;
use crate::dist::made::Dist;
use crate::system;

/// Unpacks and asks.
pub(super) fn uses(dist: &Dist) -> Result<()> {
    let folder = Folder::new("shell")?;
    let top = format!("pointsman-{}-{}", dist.facts.version, dist.host);
    prints(folder.command("sha256sum").current_dir(&dist.folder).args(["--check", "--quiet", "SHA256SUMS"]))?;
    folder.unpack(&dist.path(&format!("{top}.tar.gz")))?;
    let unpacked = folder.0.join(&top);

    let mut ask = folder.command(unpacked.join("bin/pointsman"));
    answers(ask.args(["resolve", "www.example.com", "A", "-z", "zone.json", "-H", "report.json", "--draw", "0"]))?;
    let version = prints(folder.command(unpacked.join("bin/pointsman")).arg("--version"))?;
    ensure!(version.trim() == format!("pointsman {}", dist.facts.version), "the command says that it is {version}");

    // Every command of `--help` has a page, and the page renders.
    if system::has_apt() {
        system::ensure_packages(&["groff-base"], "to render manual pages")?;
    }
    let help = prints(folder.command(unpacked.join("bin/pointsman")).arg("-h"))?;
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    // A description that is wrapped goes on further to the right.
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let commands: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    ensure!(commands.len() > 10, "`pointsman -h` lists no commands:\n{help}");
    for command in commands {
        let page = unpacked.join(format!("share/man/man1/pointsman-{command}.1"));
        let rendered = prints(folder.command("groff").args(["-man", "-Tascii", "-ww", "-z"]).arg(&page));
        let rendered = rendered.and_then(|_| prints(folder.command("groff").args(["-man", "-Tascii"]).arg(&page)))?;
        let rendered = plain(&rendered);
        ensure!(rendered.contains("OPTIONS") && rendered.contains("--help"), "the page of {command} lacks its options");
    }
    // Bash completes the beginning of a command.
    let script = ". share/bash-completion/completions/pointsman; COMP_WORDS=(pointsman res); COMP_CWORD=1; \
                  _pointsman pointsman res pointsman; echo \"${COMPREPLY[*]}\"";
    let completed = prints(folder.command("bash").current_dir(&unpacked).args(["-c", script]))?;
    ensure!(completed.trim() == "resolve", "bash completes `res` to {completed:?}");
    let licences = text(&unpacked.join("share/doc/pointsman/LICENSES-OF-OTHERS.txt"))?;
    ensure!(licences.contains("Permission is hereby granted"), "the licences of others have no text");
    Ok(())
}

/// A terminal's text without what makes it bold: a letter, a step back, the letter again.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut plain, letter| {
        if letter == '\u{8}' {
            plain.pop();
        } else {
            plain.push(letter);
        }
        plain
    })
}
