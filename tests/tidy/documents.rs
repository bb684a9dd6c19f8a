//! Documents speak of what exists: links, files, and the numbers of docs/semantics.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::tree::{comment, files, read, report, root};

/// The lines of a Markdown text outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// What GitHub makes of a heading for links to it.
fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[test]
fn links_lead_somewhere() -> Result<()> {
    let mut faults = Vec::new();
    for file in files(&[".md"])? {
        let folder = root().join(&file.path).parent().map(Path::to_path_buf).unwrap_or_default();
        for (number, line) in prose(&file.text) {
            for rest in line.split("](").skip(1) {
                let link = rest.split(')').next().unwrap_or_default();
                if link.contains("://") || link.starts_with("mailto:") {
                    continue;
                }
                let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
                let target = if path.is_empty() { root().join(&file.path) } else { folder.join(path) };
                let place = format!("{}:{}: {link}", file.path, number + 1);
                if !target.exists() {
                    faults.push(format!("{place} does not exist"));
                } else if !anchor.is_empty() {
                    let text = fs::read_to_string(&target).unwrap_or_default();
                    if !prose(&text).any(|(_, line)| line.starts_with('#') && slug(line) == anchor) {
                        faults.push(format!("{place} has no such heading"));
                    }
                }
            }
        }
    }
    report(&faults)
}

#[test]
fn files_that_documents_name_exist() -> Result<()> {
    let tops: BTreeSet<String> = fs::read_dir(root())?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !matches!(name.as_str(), "target" | ".git"))
        .collect();
    let mut faults = Vec::new();
    for file in files(&[".md"])? {
        for (number, line) in prose(&file.text) {
            for word in line.split('`').skip(1).step_by(2) {
                let is_path = word.split_once('/').is_some_and(|(top, _)| tops.contains(top));
                if is_path && !word.contains([' ', '*', '<', '{', '…']) && !root().join(word).exists() {
                    faults.push(format!("{}:{}: `{word}` does not exist", file.path, number + 1));
                }
            }
        }
    }
    report(&faults)
}

/// The numbers of docs/semantics.md: sections, subsections and rules.
fn semantics_numbers() -> Result<BTreeSet<String>> {
    let mut numbers = BTreeMap::new();
    for (at, line) in read("docs/semantics.md")?.lines().enumerate() {
        let number = match (line.strip_prefix("- **"), line.strip_prefix("## "), line.strip_prefix("### ")) {
            (Some(rule), ..) => rule.split("**").next(),
            (_, Some(heading), _) | (.., Some(heading)) => heading.split(' ').next(),
            _ => None,
        };
        if let Some(number) = number.filter(|number| is_number(number))
            && let Some(before) = numbers.insert(number.to_owned(), at)
        {
            bail!("docs/semantics.md has {number} twice, in lines {} and {}", before + 1, at + 1);
        }
    }
    Ok(numbers.into_keys().collect())
}

/// `4`, `4.3`, `4.3.6`, `6.1.3a`
fn is_number(text: &str) -> bool {
    let digits = text.strip_suffix('a').unwrap_or(text);
    !digits.is_empty() && digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The numbers at the start of a text: `6.2 - 6.6, 8 and what follows` gives 6.2, 6.6 and 8.
fn leading_numbers(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .map(|word| word.trim_matches([',', ';', ')', ':']).trim_end_matches('.'))
        .take_while(|word| is_number(word) || matches!(*word, "-" | "–" | "and" | "to"))
        .filter(|word| is_number(word))
        .collect()
}

/// The numbers that a comment cites: those after the word "semantics", those that fill a pair of brackets or a part of
/// it, and those that are all of the comment.
fn citations(comment: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for word in ["semantics ", "Semantics "] {
        comment.split(word).skip(1).for_each(|rest| found.extend(leading_numbers(rest)));
    }
    let brackets = comment.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    for part in brackets.chain([comment]).flat_map(|inside| inside.split([',', ';'])) {
        let ends: Vec<&str> = part.split(['-', '–']).map(str::trim).collect();
        if ends.iter().all(|end| is_number(end) && end.contains('.')) {
            found.extend(ends);
        }
    }
    found
}

#[test]
fn numbers_that_are_cited_exist() -> Result<()> {
    assert_eq!(
        citations("Health (semantics 3.1 - 3.3, 6 and 10.41) of 1.5 things (quota, 1.7)"),
        ["3.1", "3.3", "6", "10.41", "1.7"]
    );
    assert_eq!(citations("10.4"), ["10.4"]);
    assert_eq!(citations("18.75 % of them (RFC 1035 2.3.4; 1.1.1)"), ["1.1.1"]);

    let numbers = semantics_numbers()?;
    ensure!(numbers.len() > 150, "docs/semantics.md has only {} numbers", numbers.len());
    let (mut faults, mut cited) = (Vec::new(), 0_usize);
    for file in files(&[".rs", ".wit", ".md", ".toml"])? {
        if file.path == "docs/semantics.md" || file.path == "tests/tidy.rs" {
            continue;
        }
        let is_rust = file.path.ends_with(".rs");
        for (number, line) in file.text.lines().enumerate() {
            let text = if is_rust { comment(line) } else { Some(line).filter(|line| line.contains("emantics ")) };
            for citation in text.map(citations).unwrap_or_default() {
                cited += 1;
                if !numbers.contains(citation) {
                    faults.push(format!("{}:{}: semantics {citation} does not exist", file.path, number + 1));
                }
            }
        }
    }
    ensure!(cited > 100, "only {cited} citations found: does the search still work?");
    report(&faults)
}

#[test]
fn every_choice_of_section_10_is_listed() -> Result<()> {
    let numbers = semantics_numbers()?;
    let choices: BTreeSet<u32> = numbers.iter().filter_map(|number| number.strip_prefix("10.")?.parse().ok()).collect();
    // Code cites them, so a number is never given to another choice; a choice that goes says so at its number.
    assert_eq!(choices, (1..=choices.len() as u32).collect());
    Ok(())
}

#[test]
fn the_map_names_every_module_of_core() -> Result<()> {
    let map = read("ARCHITECTURE.md")?;
    let rows: Vec<&str> = map.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let library = read("core/src/lib.rs")?;
    let modules: Vec<&str> = library
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    ensure!(!modules.is_empty(), "core/src/lib.rs declares nothing");
    for module in modules {
        ensure!(rows.contains(&module), "ARCHITECTURE.md has no row for `{module}`");
    }
    Ok(())
}

/// docs/lints.md as the lints' own comments say it.
fn lints() -> Result<String> {
    let mut document = String::from(
        "# Lints\n\n\
         What nobody refuses and yet surprises at night. `pointsman check` prints these as warnings; they never make it \
         fail.\nA lint that speaks about a good zone is a mistake of ours: please report it.\n\n\
         Written from the comments in `core/src/validate/lint`; numbers are those of [semantics](semantics.md).\n",
    );
    let mut told = 0;
    for file in files(&[".rs"])?.iter().filter(|file| file.path.starts_with("core/src/validate/lint/")) {
        let comment: Vec<&str> = file.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let Some(code) = comment.first().and_then(|line| line.trim().strip_prefix('`')?.strip_suffix('`')) else {
            continue;
        };
        ensure!(file.text.contains(&format!("lint(\"{code}\"")), "{} finds no `{code}`", file.path);
        for part in ["**Finds**", "**At night**", "**Example**", "**Quiet about**", "Semantics "] {
            ensure!(comment.iter().any(|line| line.trim().starts_with(part)), "{} does not say {part}", file.path);
        }
        told += 1;
        document.push_str(&format!("\n## `{code}`\n"));
        for line in comment.iter().skip(1) {
            document.push_str(line.strip_prefix(' ').unwrap_or(line));
            document.push('\n');
        }
    }
    let run = read("core/src/validate/lint/mod.rs")?.matches("::check, ").count();
    ensure!(told == run, "{told} lints begin with a comment that names their code, and {run} are run");
    Ok(document)
}

#[test]
fn docs_lints_says_what_the_lints_say() -> Result<()> {
    let document = lints()?;
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join("docs/lints.md"), &document)?;
    }
    ensure!(read("docs/lints.md")? == document, "docs/lints.md is out of date; BLESS=1 writes it anew");
    Ok(())
}
