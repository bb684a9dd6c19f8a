//! `pointsman drill`: every failure, tried on every name and every client.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

use anstyle::Style;
use clap::Args;
use pointsman_verify::drill::{self, Finding, Options, Reproduce, Severity};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::{Invariants, Verdict};
use pointsman_verify::subject::Subject;
use pointsman_verify::text::quoted;
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::load::ZoneArguments;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean, count};
use crate::source::Reader;

/// Try every failure on every name, type and class of clients, and tell what goes wrong
///
/// A world is a set of dead endpoints: values and alias targets. A health check reads the endpoint that it names or
/// hangs on. Findings come worst first, each with the smallest set of failures that shows it and the command that does.
/// Exits 1 when there is a danger or a warning that the baseline does not have.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman drill -z <FILE>... [OPTIONS]")]
pub(crate) struct Drill {
    #[command(flatten)]
    zone: ZoneArguments,

    /// A TOML file with what the zone does not say: [domains] that fail together, [regions] of endpoints, traffic of
    /// [clients]
    #[arg(long, value_name = "FILE")]
    facts: Option<String>,

    /// Only findings of at most so many failures at once; a failure domain is one [default: any number]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,

    /// Findings to live with: what an earlier `drill --json` printed
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,

    /// A TOML file with promises of your own, in CEL; each is tried on every class of clients and every failure
    #[arg(long, value_name = "FILE")]
    invariants: Option<String>,

    /// Write the verdict as JUnit XML, a test for each name and type
    #[arg(long, value_name = "FILE")]
    junit: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Drill {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let facts = read_facts(self.facts.as_deref(), &mut reader)?;
        let baseline = self.baseline.as_deref().map(|file| read_baseline(file, &mut reader)).transpose()?;
        let invariants = self.invariants.as_deref().map(|file| read_invariants(file, &mut reader)).transpose()?;
        let subject = Subject::new(self.zone.load(&mut reader)?, facts);
        let verdicts = match &invariants {
            Some(invariants) => invariants
                .check(&subject)
                .map_err(|error| Stop::cannot(error, "docs/verify.md lists what a rule sees"))?,
            None => Vec::new(),
        };
        let options = Options { depth: self.depth, ..Options::default() };
        let drill = drill::drill(&subject, options, &mut progress);
        for word in &drill.unknown {
            output::warning(&format!("the facts name `{word}`, which the zone does not have"), "");
        }
        for finding in &drill.unconfirmed {
            let help = "please report it with the zone; the finding is left out";
            output::warning(&format!("core does not confirm a finding of the drill: {finding}"), help);
        }
        let is_new = |finding: &&Finding| {
            let known = baseline.as_ref().is_some_and(|known| known.contains(&finding.fingerprint()));
            finding.severity != Severity::Note && !known
        };
        let new = drill.findings.iter().filter(is_new).count();
        let is_broken = verdicts.iter().any(|verdict| verdict.broken.is_some());
        if let Some(file) = &self.junit {
            let xml = junit(&subject, &drill, &verdicts, |finding| is_new(&finding));
            std::fs::write(file, xml)
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        if self.json {
            output::line(&to_json(&drill, &subject, &verdicts).to_string())?;
        } else {
            self.show(&subject, &drill, baseline.is_some().then_some(new))?;
            self.show_verdicts(&verdicts)?;
        }
        if new > 0 || is_broken { Err(Stop::No) } else { Ok(()) }
    }

    fn show(&self, subject: &Subject, drill: &drill::Drill, new: Option<usize>) -> Result<(), Stop> {
        let mut out = output::stdout();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}  {}, {} of clients, {} that can fail, {}",
            subject.zone.name,
            if drill.questions == 1 {
                "1 name and type".into()
            } else {
                format!("{} names and types", drill.questions)
            },
            if drill.classes == 1 { "1 class".into() } else { format!("{} classes", drill.classes) },
            if drill.failures == 1 { "1 thing".into() } else { format!("{} things", drill.failures) },
            if drill.bounded.is_empty() { "in every combination" } else { "not all in every combination" },
        )?;
        for (why, questions) in &drill.sampled {
            writeln!(out, "{WARN}sampled{WARN:#} for {}: {why}", count(*questions, "name"))?;
        }
        if !drill.bounded.is_empty() {
            let names: Vec<&str> = drill.bounded.iter().map(String::as_str).collect();
            writeln!(
                out,
                "{WARN}bounded{WARN:#}: each failure alone, and pairs of up to 200 endpoints, for {}",
                output::list(&names, 5)
            )?;
        }
        for finding in &drill.findings {
            writeln!(out)?;
            self.show_finding(&mut out, finding)?;
        }
        let of = |severity| drill.findings.iter().filter(move |finding| finding.severity == severity).count();
        let (dangers, warnings, notes) = (of(Severity::Danger), of(Severity::Warning), of(Severity::Note));
        writeln!(out)?;
        match new {
            Some(0) if dangers + warnings > 0 => write!(out, "{GOOD}nothing new{GOOD:#}: ")?,
            Some(new) if new > 0 => write!(out, "{BAD}{new} not in the baseline{BAD:#}: ")?,
            _ if dangers + warnings == 0 => write!(out, "{GOOD}nothing goes wrong{GOOD:#}: ")?,
            _ => {}
        }
        writeln!(out, "{}, {}, {}", count(dangers, "danger"), count(warnings, "warning"), count(notes, "note"))?;
        Ok(())
    }

    fn show_finding(&self, out: &mut impl Write, finding: &Finding) -> Result<(), Stop> {
        let style = match finding.severity {
            Severity::Danger => BAD,
            Severity::Warning => WARN,
            Severity::Note => Style::new(),
        };
        let word = finding.severity.as_str();
        writeln!(out, "{style}{word}[{}]{style:#}: {}", finding.code, clean(&finding.message))?;
        let mut fact = |label: &str, text: &str| writeln!(out, "  {QUIET}{label:<5}{QUIET:#} {}", clean(text));
        let shown = 3;
        for (question, clients) in finding.questions.iter().take(shown) {
            fact("asked", &format!("{question}, by {clients}"))?;
        }
        if let Some(more @ 1..) = finding.questions.len().checked_sub(shown) {
            fact("asked", &format!("and {more} more"))?;
        }
        if !finding.failures.is_empty() {
            fact("down", &finding.failures.join(", "))?;
        }
        if !finding.also.is_empty() {
            let names: Vec<&str> = finding.also.iter().map(String::as_str).collect();
            fact("more", &format!("when more is down, {} too", output::list(&names, shown)))?;
        }
        fact("why", &finding.why)?;
        if finding.severity != Severity::Note {
            fact("do", &finding.help)?;
        }
        if let Some(command) = self.command(finding) {
            fact("see", &command)?;
        }
        Ok(())
    }

    fn show_verdicts(&self, verdicts: &[Verdict]) -> Result<(), Stop> {
        let mut out = output::stdout();
        if !verdicts.is_empty() {
            writeln!(out)?;
        }
        for verdict in verdicts {
            let name = clean(&verdict.name);
            let Some(broken) = &verdict.broken else {
                let bounded =
                    if verdict.is_bounded { ", at most two dead at once where there are many endpoints" } else { "" };
                if verdict.tried > 0 {
                    writeln!(out, "{GOOD}holds{GOOD:#}  {name} ({}{bounded})", count(verdict.tried, "situation"))?;
                }
                continue;
            };
            writeln!(out, "{BAD}broken{BAD:#} {name}")?;
            let mut fact = |label: &str, text: &str| writeln!(out, "  {QUIET}{label:<5}{QUIET:#} {}", clean(text));
            fact("asked", &format!("{}, by {}", broken.question, broken.clients))?;
            fact("down", &if broken.failures.is_empty() { "nothing".into() } else { broken.failures.join(", ") })?;
            fact("gets", &broken.answers)?;
            fact("see", &self.typed("odds", &broken.reproduce))?;
        }
        match verdicts.iter().filter(|verdict| verdict.tried == 0).count() {
            0 => {}
            some => writeln!(
                out,
                "{QUIET}{} not asked: the zone has none of their names or clients{QUIET:#}",
                count(some, "rule")
            )?,
        }
        Ok(())
    }

    /// The command that shows a finding.
    fn command(&self, finding: &Finding) -> Option<String> {
        let word = if finding.code == "load-shift" { "odds" } else { "explain" };
        Some(self.typed(word, finding.reproduce.as_ref()?))
    }

    fn typed(&self, word: &str, reproduce: &Reproduce) -> String {
        let [name, record_type] = &reproduce.question;
        let mut words =
            vec!["pointsman".to_owned(), word.into(), name.trim_end_matches('.').into(), record_type.clone()];
        words.extend(self.zone.words());
        words.extend(reproduce.client.iter().cloned());
        words.extend(reproduce.down.iter().flat_map(|id| ["--down".to_owned(), id.clone()]));
        let mut command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        if !reproduce.unnoticed.is_empty() {
            let names: Vec<&str> = reproduce.unnoticed.iter().map(String::as_str).collect();
            command.push_str(&format!("   # nothing notices that {} is dead", output::list(&names, 3)));
        }
        command
    }
}

/// Reads the facts file, if there is one.
pub(super) fn read_facts(file: Option<&str>, reader: &mut Reader) -> Result<Facts, Stop> {
    let Some(file) = file else { return Ok(Facts::default()) };
    let source = reader.read(file, "facts")?;
    Facts::parse(&source.text)
        .map_err(|error| Stop::cannot(format!("`{file}`: {}", error.trim_end()), "see docs/verify.md"))
}

fn read_invariants(file: &str, reader: &mut Reader) -> Result<Invariants, Stop> {
    let source = reader.read(file, "invariants")?;
    Invariants::parse(&source.text).map_err(|error| {
        Stop::cannot(format!("`{file}`: {}", error.trim_end()), "docs/verify.md lists what a rule sees")
    })
}

fn read_baseline(file: &str, reader: &mut Reader) -> Result<BTreeSet<String>, Stop> {
    let source = reader.read(file, "baseline")?;
    let wrong = || {
        Stop::cannot(
            format!("`{file}` is not what `pointsman drill --json` prints"),
            "write it with `pointsman drill ... --json > FILE`",
        )
    };
    let value: Value = serde_json::from_str(&source.text).map_err(|_| wrong())?;
    let findings = value.get("findings").and_then(Value::as_array).ok_or_else(wrong)?;
    let prints = findings.iter().map(|finding| finding.get("fingerprint")?.as_str().map(str::to_owned));
    prints.collect::<Option<_>>().ok_or_else(wrong)
}

/// How far it is, where a person looks.
pub(super) fn progress(done: usize, of: usize) {
    let mut stderr = io::stderr().lock();
    if !stderr.is_terminal() || of == 0 {
        return;
    }
    let _ = match done {
        done if done == of => write!(stderr, "\r\x1b[K"),
        done => {
            let filled = done.saturating_mul(30) / of;
            let bar: String = (0..30).map(|at| if at < filled { '█' } else { '·' }).collect();
            write!(stderr, "\r{bar} {done} of {of} names")
        }
    };
    let _ = stderr.flush();
}

fn to_json(drill: &drill::Drill, subject: &Subject, verdicts: &[Verdict]) -> Value {
    let invariants: Vec<Value> = verdicts.iter().map(verdict_json).collect();
    json!({
        "zone": subject.zone.name.to_string(),
        "questions": drill.questions,
        "classes": drill.classes,
        "failures": drill.failures,
        "exact": drill.bounded.is_empty(),
        "bounded": drill.bounded,
        "sampled": drill.sampled,
        "findings": drill.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
        "invariants": invariants,
    })
}

fn verdict_json(verdict: &Verdict) -> Value {
    let broken = verdict.broken.as_ref().map(|broken| {
        json!({"question": broken.question, "clients": broken.clients, "failures": broken.failures,
            "answers": broken.answers, "client": broken.reproduce.client, "down": broken.reproduce.down})
    });
    json!({"name": verdict.name, "tried": verdict.tried, "exact": !verdict.is_bounded, "broken": broken})
}

/// A test for each name and type; what is new and no note fails it.
fn junit(subject: &Subject, drill: &drill::Drill, verdicts: &[Verdict], is_new: impl Fn(&Finding) -> bool) -> String {
    let escape = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        text.chars().filter(|c| !c.is_control() || *c == '\n').collect::<String>()
    };
    let mut cases: Vec<(String, Vec<&Finding>)> =
        subject.questions().map(|(_, group)| (format!("{} {}", group.name, group.record_type), Vec::new())).collect();
    let mut of_zone: Vec<&Finding> = Vec::new();
    let mut failed = BTreeSet::new();
    for (number, finding) in drill.findings.iter().enumerate().filter(|(_, finding)| is_new(finding)) {
        let first = finding.questions.first().map(|(question, _)| question.as_str());
        match cases.iter_mut().find(|(question, _)| Some(question.as_str()) == first) {
            Some((_, list)) => list.push(finding),
            None => of_zone.push(finding),
        }
        failed.insert(number);
    }
    cases.push((format!("{} (zone)", subject.zone.name), of_zone));
    let failures = cases.iter().filter(|(_, list)| !list.is_empty()).count()
        + verdicts.iter().filter(|verdict| verdict.broken.is_some()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"pointsman drill\" tests=\"{}\" failures=\"{failures}\">\n",
        cases.len() + verdicts.len()
    );
    for verdict in verdicts {
        xml.push_str(&format!("  <testcase classname=\"invariants\" name=\"{}\"", escape(&verdict.name)));
        match &verdict.broken {
            None => xml.push_str("/>\n"),
            Some(broken) => xml.push_str(&format!(
                ">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
                escape(&format!("{}, by {}", broken.question, broken.clients)),
                escape(&format!("down: {}\ngets: {}", broken.failures.join(", "), broken.answers))
            )),
        }
    }
    for (question, list) in cases {
        xml.push_str(&format!(
            "  <testcase classname=\"{}\" name=\"{}\"",
            escape(&subject.zone.name.to_string()),
            escape(&question)
        ));
        if list.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        xml.push_str(">\n");
        // Readers of JUnit take one failure a test: all findings of a name stand in it.
        let title = list.first().map(|finding| finding.message.clone()).unwrap_or_default();
        let body: Vec<String> = list
            .iter()
            .map(|finding| {
                format!(
                    "{}[{}]: {}\n  down: {}\n  why: {}\n  do: {}",
                    finding.severity.as_str(),
                    finding.code,
                    finding.message,
                    finding.failures.join(", "),
                    finding.why,
                    finding.help
                )
            })
            .collect();
        xml.push_str(&format!(
            "    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
            escape(&title),
            escape(&body.join("\n\n"))
        ));
    }
    xml.push_str("</testsuite>\n");
    xml
}
