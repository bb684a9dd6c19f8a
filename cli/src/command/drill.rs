//! `pointsman drill`: every failure, tried on every name and every client.

mod baseline;
mod fix;
mod junit;
mod sarif;
mod show;

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::Args;
use pointsman_core::model::Name;
use pointsman_verify::drill::{self, Finding, Options, Severity};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::{Invariants, Verdict};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneArguments;
use crate::output;
use crate::source::Reader;
use baseline::Baseline;
use fix::Fix;
use show::Page;

/// Try every failure on every name, type and class of clients, and report what goes wrong
///
/// A world is a set of dead endpoints: values and alias targets. A health check reads the endpoint that it names or
/// hangs on. Findings come by what causes them, worst first, each with the smallest set of failures that shows it and the
/// command that does.
/// Exits 1 when there is a danger or a warning that the baseline does not have, or a promise does not hold. The last line
/// says what the verdict rests on.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman drill -z <FILE>... [OPTIONS]")]
pub(crate) struct Drill {
    #[command(flatten)]
    zone: ZoneArguments,

    /// A TOML file with what the zone does not say: [domains] that fail together, [regions] of endpoints, what health
    /// checks read ([reads]), traffic of [clients]
    #[arg(long, value_name = "FILE")]
    facts: Option<String>,

    /// Only findings of at most so many failures at once; a failure domain is one [default: any number]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,

    /// Only this name, of every type; may be repeated
    #[arg(long, value_name = "NAME", value_parser = |word: &str| Name::parse(word).map_err(|error| error.to_string()))]
    only: Vec<Name>,

    /// Stop after so long, such as 30s or 5m, and report what was found and what was not looked at
    #[arg(long, value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,

    /// What makes it exit 1: danger, warning, note, or the code of a finding; may be repeated [default: warning]
    #[arg(long, value_name = "LEVEL|CODE")]
    fail_on: Vec<String>,

    /// Findings to live with: what an earlier `drill --json` printed; each may be given a reason and a day of expiry
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,

    /// A TOML file with promises of your own, in CEL; each is tried on every class of clients and every failure
    #[arg(long, value_name = "FILE")]
    invariants: Option<String>,

    /// Write the verdict as JUnit XML, a test for each name and type
    #[arg(long, value_name = "FILE")]
    junit: Option<String>,

    /// Write the findings as SARIF 2.1.0, for code scanning
    #[arg(long, value_name = "FILE")]
    sarif: Option<String>,

    /// Write the change batch that mends what it can; the zone is drilled again with it before it is written
    #[arg(long, value_name = "FILE")]
    fix: Option<String>,

    /// Look at two views of health at once too, as while Route 53's servers learn of a failure one after another: failovers of
    /// which both sides are answered
    #[arg(long)]
    split: bool,

    /// Show each note, and not one of each kind with the number of others
    #[arg(long)]
    notes: bool,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A time such as `30s`, `5m` or `1h`.
fn duration(word: &str) -> Result<Duration, String> {
    let wrong = || "a time is a whole number with s, m or h, such as 30s".to_owned();
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds: u64 = match word.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

impl Drill {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let facts = read_facts(self.facts.as_deref(), &mut reader)?;
        let baseline = self.baseline.as_deref().map(|file| Baseline::read(file, &mut reader)).transpose()?;
        let invariants = self.invariants.as_deref().map(|file| read_invariants(file, &mut reader)).transpose()?;
        let started = Instant::now();
        let sources = self.zone.facts.read(&self.zone.zone_files, &mut reader)?;
        let documents = self.zone.facts.parse(&sources);
        let zone_options = self.zone.facts.options(&sources);
        let zone = self.zone.facts.evaluable(&documents, &zone_options, &Findings { sources: &sources })?;
        let subject = Subject::new(zone, facts);
        let only = self.only(&subject)?;
        let is_known = |word: &&String| Severity::parse(word).is_some() || drill::CODES.contains(&word.as_str());
        if let Some(word) = self.fail_on.iter().find(|word| !is_known(word)) {
            return Err(Stop::cannot(
                format!("`{word}` is neither a level nor the code of a finding"),
                format!("give danger, warning, note, or one of {}", drill::CODES.join(", ")),
            ));
        }
        let verdicts = match &invariants {
            Some(invariants) => invariants
                .check(&subject)
                .map_err(|error| Stop::cannot(error, "docs/verify.md lists what a rule sees"))?,
            None => Vec::new(),
        };
        let options = Options { depth: self.depth, only, split: self.split, ..Options::default() };
        let mut drill = drill::drill(&subject, &options, &mut |done, of| {
            progress(done, of);
            self.time.is_none_or(|time| started.elapsed() < time)
        });
        for word in &drill.unknown {
            output::warning(&format!("the facts name `{word}`, which the zone does not have"), "");
        }
        for finding in &drill.unconfirmed {
            let help = "please report it with the zone; the finding is left out";
            output::warning(&format!("core does not confirm a finding of the drill: {finding}"), help);
            drill.claim.add_unconfirmed(finding.clone());
        }
        for verdict in &verdicts {
            verdict.bounded.iter().for_each(|bounded| drill.claim.add_bounded(format!("promises about {bounded}")));
            if let Some(why) = &verdict.not_asked {
                drill.claim.add_not_asked(format!("promise `{}`: {why}", verdict.name));
            }
        }
        let counts =
            |finding: &Finding| self.fails(finding) && !baseline.as_ref().is_some_and(|known| known.has(finding));
        let new = drill.findings.iter().filter(|finding| counts(finding)).count();
        let is_broken = verdicts.iter().any(|verdict| verdict.broken.is_some());
        let is_partial =
            self.zone.facts.strict && (drill.stopped || verdicts.iter().any(|verdict| verdict.not_asked.is_some()));
        if let Some(file) = &self.junit {
            let xml = junit::junit(&subject, &drill, &verdicts, counts);
            std::fs::write(file, xml)
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        if let Some(file) = &self.sarif {
            let log = sarif::sarif(&subject, &drill, &sources, &documents, counts);
            std::fs::write(file, log)
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        let fix = match &self.fix {
            Some(file) => {
                let promises = invariants.as_ref().map(|invariants| (invariants, verdicts.as_slice()));
                let time_left = || self.time.is_none_or(|time| started.elapsed() < time);
                let zone = fix::ZoneTexts { sources: &sources, documents: &documents, options: &zone_options };
                Some(Fix::find(file, &subject, &drill, &options, &zone, promises, time_left)?)
            }
            None => None,
        };
        if self.json {
            output::line(&to_json(&drill, &subject, &verdicts, fix.as_ref()).to_string())?;
        } else {
            let page = Page { zone: &self.zone, subject: &subject, notes: self.notes };
            page.show(&drill, baseline.is_some().then_some(new))?;
            page.show_verdicts(&verdicts)?;
            if let Some(fix) = &fix {
                fix.show()?;
            }
            page.show_claim(&drill.claim)?;
        }
        if new > 0 || is_broken || is_partial { Err(Stop::No) } else { Ok(()) }
    }

    /// The names of `--only`, which the zone has.
    fn only(&self, subject: &Subject) -> Result<Vec<String>, Stop> {
        let known = |name: &Name| subject.questions().any(|(_, group)| group.name == *name);
        match self.only.iter().find(|name| !known(name)) {
            Some(name) => {
                Err(Stop::cannot(format!("the zone has no record sets at `{name}`"), "give a name that it has"))
            }
            None => Ok(self.only.iter().map(ToString::to_string).collect()),
        }
    }

    /// Whether a finding makes the drill fail.
    fn fails(&self, finding: &Finding) -> bool {
        let is_at_least = |level: Severity| finding.severity <= level;
        match self.fail_on.as_slice() {
            [] => is_at_least(Severity::Warning),
            words => words.iter().any(|word| match Severity::parse(word) {
                Some(level) => is_at_least(level),
                None => word == finding.code,
            }),
        }
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

/// How far it is, where a person looks.
pub(super) fn progress(done: usize, of: usize) {
    let mut stderr = io::stderr().lock();
    if !stderr.is_terminal() || of == 0 || output::is_json() {
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

fn to_json(drill: &drill::Drill, subject: &Subject, verdicts: &[Verdict], fix: Option<&Fix>) -> Value {
    let invariants: Vec<Value> = verdicts.iter().map(verdict_json).collect();
    let mut object = drill.to_json(&subject.zone.name.to_string());
    object.insert("invariants".into(), invariants.into());
    if let Some(fix) = fix {
        object.insert("fix".into(), fix.to_json());
    }
    Value::Object(object)
}

fn verdict_json(verdict: &Verdict) -> Value {
    let broken = verdict.broken.as_ref().map(|broken| {
        json!({"question": broken.question, "clients": broken.clients, "failures": broken.failures,
            "answers": broken.answers, "error": broken.error, "client": broken.reproduce.client,
            "down": broken.reproduce.down})
    });
    json!({"name": verdict.name, "tried": verdict.tried, "exact": verdict.bounded.is_empty() && verdict.not_asked.is_none(),
        "bounded": verdict.bounded, "not_asked": verdict.not_asked, "broken": broken})
}
