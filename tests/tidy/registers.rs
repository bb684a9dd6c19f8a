//! The registers of codes: findings and explanations, their pages, and the code that gives them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Result, ensure};
use pointsman_core::diagnostic::{Class, FINDING_KINDS, Source};
use pointsman_core::explain::{ReasonCode, ReasonKind};
use pointsman_core::model::Region;
use pointsman_import::FINDING_KINDS as IMPORT_KINDS;

use crate::tree::{code, files, read, report, root};

/// Words with hyphens in the places where findings are made that are no codes of findings.
const NOT_CODES: [&str; 11] = [
    // What to do with an old report.
    "no-data",
    "not-ready",
    // Classes of findings.
    "kebab-case",
    "cannot-be-evaluated",
    "refused-by-api",
    // Words that stand in documents and messages.
    "no-default-alpn",
    "s3-website",
    "execute-api",
    "link-local",
    "geo-proximity",
    "us-east-1-bos-1",
];

/// Where findings are made.
const MAKERS: [&str; 6] = [
    "core/src/diagnostic",
    "core/src/health/",
    "core/src/parse/",
    "core/src/validate/",
    "verify/src/drill/",
    "cli/src/",
];

/// Whether a word is like a code: small letters and digits with a hyphen between.
fn is_like_a_code(word: &str) -> bool {
    word.contains('-')
        && !word.starts_with('-')
        && !word.ends_with('-')
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The texts between quotation marks of what a file does outside its tests, each with what stands before it.
fn literals(text: &str) -> Vec<(String, String)> {
    let own = text.split("mod tests {").next().unwrap_or_default();
    let own: String = own
        .lines()
        .map(|line| if line.trim_start().starts_with("//") { "" } else { code(line) })
        .collect::<Vec<_>>()
        .join(" ");
    let parts: Vec<&str> = own.split('"').collect();
    parts
        .windows(2)
        .filter_map(|pair| match pair {
            [before, literal] => Some((before.trim_end().to_owned(), (*literal).to_owned())),
            _ => None,
        })
        .collect()
}

#[test]
fn every_code_of_a_finding_is_registered_and_given() -> Result<()> {
    let registered: BTreeMap<&str, Source> = FINDING_KINDS.iter().map(|kind| (kind.code, kind.source)).collect();
    ensure!(registered.len() == FINDING_KINDS.len(), "a code stands in the register twice");
    let (mut given, mut faults) = (BTreeSet::new(), Vec::new());
    for file in files(&[".rs"])? {
        let is_maker = MAKERS.iter().any(|folder| file.path.starts_with(folder));
        let is_test = file.path.ends_with("tests.rs") || file.path.ends_with("/fixture.rs");
        if !is_maker || is_test || file.path == "core/src/diagnostic/register.rs" {
            continue;
        }
        for (before, literal) in literals(&file.text) {
            let constructor =
                [("cannot(", Class::CannotBeEvaluated), ("refused(", Class::RefusedByApi), ("lint(", Class::Lint)];
            let class = constructor.into_iter().find(|(word, _)| before.ends_with(word)).map(|(_, class)| class);
            if let Some(Source::Documents(wanted)) = registered.get(literal.as_str())
                && class.is_some_and(|class| class != *wanted)
                && !before.contains("fn ")
            {
                faults.push(format!("{}: `{literal}` is given as {class:?}, and registered as {wanted:?}", file.path));
            }
            if registered.contains_key(literal.as_str()) {
                given.insert(literal);
            } else if before.ends_with("code:")
                || (is_like_a_code(&literal)
                    && file.path.starts_with("core/src/")
                    && !NOT_CODES.contains(&literal.as_str())
                    && Region::parse(&literal).is_none())
            {
                faults.push(format!("{}: `{literal}` is not in core/src/diagnostic/register.rs", file.path));
            }
        }
    }
    for kind in FINDING_KINDS.iter().filter(|kind| !given.contains(kind.code)) {
        faults.push(format!("nothing gives `{}`, which core/src/diagnostic/register.rs has", kind.code));
    }
    for kind in FINDING_KINDS {
        if !kind.meaning.ends_with('.') || !kind.help.ends_with('.') {
            faults.push(format!("`{}` is not registered in whole sentences", kind.code));
        }
    }
    report(&faults)
}

/// docs/findings.md as the register has it.
fn findings() -> Result<String> {
    let mut document = String::from(
        "# Findings\n\n\
         Every code that a finding can have, in `pointsman check`, `apply` and `drill`, in the diagnostics of the libraries, \
         and in\n`pointsman explain-code CODE`. Codes are stable. Written from `core/src/diagnostic/register.rs`\nand `import/src/register.rs`.\n",
    );
    let lints = read("docs/lints.md")?;
    let is_lint = |code: &str| lints.contains(&format!("\n## `{code}`\n"));
    for (heading, source) in [
        (
            "## Cannot be evaluated\n\nNo answer can be computed until it is corrected.",
            Source::Documents(Class::CannotBeEvaluated),
        ),
        (
            "## Refused by Route 53\n\nAn answer can be computed, but Route 53 does not store it.",
            Source::Documents(Class::RefusedByApi),
        ),
        (
            "## Lints and warnings\n\nNobody refuses it, but it surprises. [Lints](lints.md) tells more of those with a link.",
            Source::Documents(Class::Lint),
        ),
        ("## Found by drill\n\nHow bad it is depends on what was found; see [drill](verify.md#drill).", Source::Drill),
    ] {
        document
            .push_str(&format!("\n{heading}\n\n| code | severity | what it means | what to do |\n|---|---|---|---|\n"));
        let mut kinds: Vec<_> = FINDING_KINDS.iter().chain(IMPORT_KINDS).filter(|kind| kind.source == source).collect();
        kinds.sort_by_key(|kind| kind.code);
        for kind in kinds {
            let code = match is_lint(kind.code) {
                true => format!("[`{0}`](lints.md#{0})", kind.code),
                false => format!("`{}`", kind.code),
            };
            let severity = if source == Source::Drill { "" } else { kind.severity.as_str() };
            document.push_str(&format!("| {code} | {severity} | {} | {} |\n", kind.meaning, kind.help));
        }
    }
    Ok(document)
}

/// docs/explanations.md as the register has it.
fn explanations() -> String {
    let mut document = String::from(
        "# Explanations\n\n\
         `pointsman explain --json`, and `explain` of every binding, return steps. A step has a `reason`: a stable `code` and \
         its\nparameters; `text` is the sentence for people. A member's step has a `health_reason` too.\n\n\
         | member of a step | what it is |\n|---|---|\n\
         | `parent` | the number of the step that it belongs under, `null` at the top |\n\
         | `kind` | `lookup`, `group`, `member`, `health-check`, `alias-target` or `note` |\n\
         | `subject` | a SetIdentifier, `NAME TYPE`, a health check's id, a DNS name |\n\
         | `part` | a member's part in its policy, a health check's type; left out where there is none |\n\
         | `verdict` | `chosen`, `healthy`, `unhealthy`, `not-a-candidate` or `null` |\n\
         | `health` | of members, alias targets and health checks: `healthy` or `unhealthy` for this client, whatever the verdict |\n\
         | `policy`, `record_sets`, `candidates`, `healthy`, `fail_open` | of groups: how many record sets there are, apply to this client, are healthy among those; whether an unhealthy one was chosen because none is healthy |\n\
         | `reason`, `health_reason` | a code of the tables below, and its parameters |\n\
         | `text` | the sentence |\n\n\
         Parameters that do not apply are left out. `rank` counts from 1 in the order in which the policy tests the candidates; \
         `runner_up`\nis the record set that would be chosen if the chosen one alone were unhealthy; `pool` says what was chosen \
         from: `healthy`, `all`,\nand for weighted groups `healthy-with-weight`, `healthy-without-weight`, `all-with-weight` or \
         `all`. Written from\n`core/src/explain/codes.rs`.\n",
    );
    for kind in ReasonKind::ALL {
        let heading = kind.as_str();
        document
            .push_str(&format!("\n## Reasons of {heading}\n\n| code | parameters | what it means |\n|---|---|---|\n"));
        for code in ReasonCode::ALL.iter().filter(|code| code.kind() == kind) {
            let parameters: Vec<String> = code.parameters().iter().map(|name| format!("`{name}`")).collect();
            document.push_str(&format!("| `{}` | {} | {} |\n", code.as_str(), parameters.join(", "), code.meaning()));
        }
    }
    document
}

#[test]
fn pages_of_codes_say_what_the_registers_say() -> Result<()> {
    for (path, document) in [("docs/findings.md", findings()?), ("docs/explanations.md", explanations())] {
        if std::env::var_os("BLESS").is_some() {
            fs::write(root().join(path), &document)?;
        }
        ensure!(
            fs::read_to_string(root().join(path)).unwrap_or_default() == document,
            "{path} is out of date; BLESS=1 writes it anew"
        );
    }
    Ok(())
}

/// The npm package's types name the codes of explanations; this holds them to the register.
#[test]
fn types_of_the_npm_package_have_every_code_of_an_explanation() -> Result<()> {
    let types = read("wasm/js/ts/types.ts")?;
    let mut faults = Vec::new();
    for code in ReasonCode::ALL {
        if !types.contains(&format!("\"{}\"", code.as_str())) {
            faults.push(format!("wasm/js/ts/types.ts lacks `{}`", code.as_str()));
        }
        for parameter in code.parameters().iter().filter(|name| !types.contains(&format!("readonly {name}?: "))) {
            faults.push(format!("wasm/js/ts/types.ts lacks the parameter `{parameter}` of `{}`", code.as_str()));
        }
    }
    report(&faults)
}
