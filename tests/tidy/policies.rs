//! The routing policies: what each must have, where code names one, and that a ninth cannot be forgotten.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tree::{code, files, read, report, root};

/// The eight policies: the file of each in core/src/policy, of its cases in tests/vectors, its row in docs/guide.md.
const POLICIES: [&str; 8] =
    ["failover", "geolocation", "geoproximity", "ip_based", "latency", "multivalue", "simple", "weighted"];

/// Files in core/src/policy that are no policy.
const NOT_POLICIES: [&str; 4] = ["choice", "draw", "mod", "why"];

/// The enums that have a variant for each policy, or for its part in a record set.
const ENUMS: [&str; 4] = ["PolicyKind", "RoutingPolicy", "Part", "Policy"];

/// Files with a match that names some policies and leaves the others to `_`. This list gets shorter.
const STILL_WITH_REST: [&str; 2] = ["core/src/explain/", "verify/src/"];

#[test]
fn each_policy_has_its_file_its_cases_and_its_row() -> Result<()> {
    let files: BTreeSet<String> = files(&[".rs"])?
        .iter()
        .filter_map(|file| Some(file.path.strip_prefix("core/src/policy/")?.strip_suffix(".rs")?.to_owned()))
        .filter(|name| !NOT_POLICIES.contains(&name.as_str()))
        .collect();
    assert_eq!(files, POLICIES.map(String::from).into(), "files of core/src/policy against those of tests/tidy");
    let guide = read("docs/guide.md")?;
    for policy in POLICIES {
        ensure!(root().join(format!("tests/vectors/{policy}.json")).is_file(), "no cases for {policy}");
        let link = format!("(../core/src/policy/{policy}.rs)");
        let rows = guide.lines().filter(|line| line.starts_with('|') && line.contains(&link)).count();
        ensure!(rows == 1, "docs/guide.md has {rows} table rows that link to {link}");
    }
    Ok(())
}

/// ARCHITECTURE.md lists where a policy is added. Code that names one stands there and nowhere else; geoproximity stands
/// for all, since no other word is like it.
#[test]
fn architecture_lists_where_a_policy_is_named() -> Result<()> {
    let map = read("ARCHITECTURE.md")?;
    let start = map.find("**A policy**").context("ARCHITECTURE.md does not say where a policy is added")?;
    let section = map.get(start..).unwrap_or_default();
    let end = section.find("\n**").unwrap_or(section.len());
    let section = section.get(..end).unwrap_or_default();
    let listed: BTreeSet<&str> = section.split('`').skip(1).step_by(2).filter(|word| word.contains('/')).collect();
    let is_below =
        |path: &str, listed: &str| path == listed || path.starts_with(&format!("{}/", listed.trim_end_matches('/')));

    let (mut faults, mut needed) = (Vec::new(), BTreeSet::new());
    for file in
        files(&[".rs"])?.iter().filter(|file| !file.path.contains("tests") || file.path.starts_with("tests/src/oracle"))
    {
        let Some(line) = file.text.lines().position(|line| code(line).contains("Geoproximity")) else { continue };
        match listed.iter().find(|listed| is_below(&file.path, listed)) {
            Some(listed) => drop(needed.insert(*listed)),
            None => {
                faults.push(format!("{}:{} names a policy, and ARCHITECTURE.md does not list it", file.path, line + 1))
            }
        }
    }
    for listed in &listed {
        if !root().join(listed).exists() {
            faults.push(format!("ARCHITECTURE.md lists `{listed}` for a policy, which does not exist"));
        } else if listed.ends_with(".rs") && !needed.contains(listed) {
            faults.push(format!("ARCHITECTURE.md lists `{listed}` for a policy, which names none"));
        }
    }
    report(&faults)
}

/// A match that asks for one policy may leave the rest to `_`; one that tells policies apart names each, so that the
/// compiler asks about a ninth.
#[test]
fn a_match_over_policies_names_each() -> Result<()> {
    let (mut faults, mut exempted) = (Vec::new(), BTreeSet::new());
    for file in files(&[".rs"])?.iter().filter(|file| file.path.contains("/src/") && !file.path.starts_with("tests/")) {
        let tokens: TokenStream = file.text.parse().map_err(|error| anyhow::anyhow!("{}: {error}", file.path))?;
        for named in matches_with_rest(tokens) {
            match STILL_WITH_REST.iter().find(|prefix| file.path.starts_with(**prefix)) {
                Some(prefix) => drop(exempted.insert(*prefix)),
                None => faults.push(format!(
                    "{}: a match names {} and leaves other policies to `_`; name each",
                    file.path,
                    named.into_iter().collect::<Vec<_>>().join(", ")
                )),
            }
        }
    }
    let needless = STILL_WITH_REST.iter().filter(|prefix| !exempted.contains(*prefix));
    faults.extend(needless.map(|prefix| format!("{prefix} names every policy: take it out of STILL_WITH_REST")));
    report(&faults)
}

/// The policies that are named by each match which names two or more and has an arm for the rest.
fn matches_with_rest(tokens: TokenStream) -> Vec<BTreeSet<String>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        found.extend(matches_with_rest(group.stream()));
        let is_word = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if *ident == word);
        // The body of a match is the first block behind the word.
        let before = tokens.get(..at).unwrap_or_default();
        let is_block =
            |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let nearest = before.iter().rev().find(|token| is_block(token) || is_word(token, "match"));
        if !is_block(token) || !nearest.is_some_and(|token| is_word(token, "match")) {
            continue;
        }
        let arms: Vec<Vec<String>> = patterns(group.stream());
        let has_rest = arms.iter().any(|arm| arm.len() == 1 && arm.first().is_some_and(|word| word == "_"));
        let named: BTreeSet<String> = arms
            .iter()
            .flat_map(|arm| arm.windows(4))
            .filter_map(|words| match words {
                [kind, one, two, variant] if ENUMS.contains(&kind.as_str()) && one == ":" && two == ":" => {
                    Some(variant.clone())
                }
                _ => None,
            })
            .collect();
        if has_rest && named.len() > 1 {
            found.push(named);
        }
    }
    found
}

/// The patterns of a match's arms, as flat words.
fn patterns(block: TokenStream) -> Vec<Vec<String>> {
    let (mut arms, mut arm, mut in_pattern) = (Vec::new(), Vec::new(), true);
    let mut tokens = block.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_punct =
            |token: &TokenTree, character| matches!(token, TokenTree::Punct(punct) if punct.as_char() == character);
        if in_pattern && is_punct(&token, '=') && tokens.peek().is_some_and(|next| is_punct(next, '>')) {
            tokens.next();
            arms.push(std::mem::take(&mut arm));
            // A block ends its arm without a comma.
            in_pattern =
                matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
            if in_pattern {
                tokens.next();
                tokens.next_if(|next| is_punct(next, ','));
            }
        } else if in_pattern {
            flatten(token, &mut arm);
        } else if is_punct(&token, ',') {
            in_pattern = true;
        }
    }
    arms
}

fn flatten(token: TokenTree, words: &mut Vec<String>) {
    match token {
        TokenTree::Group(group) => group.stream().into_iter().for_each(|token| flatten(token, words)),
        other => words.push(other.to_string()),
    }
}

#[test]
fn matches_with_a_rest_are_found() -> Result<()> {
    let count = |text: &str| -> Result<usize> {
        Ok(matches_with_rest(text.parse().map_err(|error| anyhow::anyhow!("{text}: {error}"))?).len())
    };
    assert_eq!(count("fn f() { match p { PolicyKind::Simple => 1, PolicyKind::Latency => 2, _ => 3 } }")?, 1);
    assert_eq!(
        count("fn f() { let a = match p { Some(Part::Role(_)) => { g(); } Some(Part::Place(_)) => {}, _ => {} }; }")?,
        1
    );
    assert_eq!(count("fn f() { match p { PolicyKind::Simple | PolicyKind::Latency => 2, _ => 3 } }")?, 1);
    assert_eq!(count("fn f() { match p { RoutingPolicy::Weighted(weight) => *weight, _ => 0 } }")?, 0);
    assert_eq!(
        count("fn f() { match p { PolicyKind::Simple => match q { 1 => 2, _ => 3 }, PolicyKind::Latency => 2 } }")?,
        0
    );
    Ok(())
}
