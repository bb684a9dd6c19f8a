//! Documents and comments use the words of CONTRIBUTING's glossary, and none of those that it refuses.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

use crate::tree::{File, files, read, report};

/// Verbs that a function is not said to do, as they would begin a sentence; it returns.
const NOT_VERBS: [&str; 5] =
    ["Answers how ", "Answers whether ", "Answers what ", "Answers the greatest ", "Answers true"];
/// What nobody is: name who reads it.
const NOT_SAID: [&str; 2] = ["is told ", "are told "];

/// The refused words of the glossary, those in bold, each with the word to use. The others in its last column have uses
/// of their own, which no test can tell apart.
fn refused(contributing: &str) -> BTreeMap<String, String> {
    let rows = contributing.lines().filter(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells.get(1).copied().unwrap_or_default(), cells.get(3).copied().unwrap_or_default())
    });
    rows.flat_map(|(word, not)| not.split("**").skip(1).step_by(2).map(move |refused| (refused.into(), word.into())))
        .collect()
}

/// A line without what is quoted: code, names and other people's words.
fn unquoted(line: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match quote {
            // What is escaped ends nothing.
            Some('"') if character == '\\' => drop(characters.next()),
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if matches!(character, '`' | '"') => quote = Some(character),
            None => text.push(character),
        }
    }
    text
}

/// The words of a text, in lower case and in the singular. One with hyphens is a name of its own.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-').map(|word| {
        let word = word.to_lowercase();
        word.strip_suffix('s').map(str::to_owned).unwrap_or(word)
    })
}

/// What is written for people in a file: its prose, or the comments of its code. Comments that end a line of code count.
fn written(file: &File) -> Vec<(usize, String)> {
    let lines = file.text.lines().enumerate().map(|(number, line)| (number.saturating_add(1), line));
    let is = |endings: &[&str]| endings.iter().any(|ending| file.path.ends_with(ending));
    if is(&[".md"]) {
        let mut in_code = false;
        let prose = lines.filter(|(_, line)| {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            !in_code && !fence && !line.starts_with('|')
        });
        return prose.map(|(number, line)| (number, unquoted(line))).collect();
    }
    let mark = if is(&[".toml", ".py"]) { "#" } else { "//" };
    // A mark inside a string is none; what stands in quotes is gone by then.
    let comments = lines.filter_map(|(number, line)| {
        let line = unquoted(line);
        line.split_once(mark)
            .map(|(_, comment)| (number, comment.trim_start_matches(['/', '!', '#']).trim().to_owned()))
    });
    comments.collect()
}

#[test]
fn documents_and_comments_use_the_words_of_the_glossary() -> Result<()> {
    let refused = refused(&read("CONTRIBUTING.md")?);
    ensure!(refused.len() >= 4, "the glossary of CONTRIBUTING.md refuses only {refused:?}");
    let mut faults = Vec::new();
    for file in files(&[".rs", ".md", ".toml", ".wit", ".ts", ".mjs", ".go", ".py"])? {
        // What was released under a name stays known by it.
        if file.path == "CHANGELOG.md" {
            continue;
        }
        for (number, text) in written(&file) {
            for (word, instead) in words(&text).filter_map(|word| refused.get_key_value(&word)) {
                faults.push(format!("{}:{number}: say `{instead}`, not `{word}`", file.path));
            }
            for verb in NOT_VERBS.iter().chain(&NOT_SAID).filter(|verb| text.contains(**verb)) {
                faults.push(format!("{}:{number}: `{}` (see *Words* in CONTRIBUTING.md)", file.path, verb.trim()));
            }
        }
    }
    report(&faults)
}

#[test]
fn refused_words_are_found_however_they_are_written() -> Result<()> {
    let table = "| word | what it is | not |\n|---|---|---|\n| binding | the core | **carrier**, wrapper |";
    let refused = refused(table);
    ensure!(refused.len() == 1 && refused.get("carrier").is_some_and(|instead| instead == "binding"), "{refused:?}");
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let found = |path: &str, text: &str| {
        written(&file(path, text)).iter().any(|(_, text)| words(text).any(|word| refused.contains_key(&word)))
    };
    for (path, text) in [
        ("a.md", "Two Carriers."),
        ("a.rs", "/// The carrier."),
        ("a.rs", "let x = 1; // a carrier"),
        ("a.toml", "# carrier"),
        ("a.py", "x = '#'  # carriers"),
    ] {
        ensure!(found(path, text), "{text}");
    }
    for (path, text) in [
        ("a.md", "the field `carrier`"),
        ("a.md", "```\ncarrier\n```"),
        ("a.rs", "let carrier = \"// carrier\";"),
        ("a.rs", "/// The aircraft_carriership."),
    ] {
        ensure!(!found(path, text), "{text}");
    }
    let (_, text) = written(&file("a.rs", "    /// Answers how many.")).into_iter().next().context("a comment")?;
    ensure!(text == "Answers how many.", "{text}");
    Ok(())
}
