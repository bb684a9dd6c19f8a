//! `pointsman diff`: what a change alters for clients.

use std::io::Write;

use clap::Args;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{apply, apply_json};
use pointsman_verify::diff::{Diff as Difference, Hazard, diff, walk};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use pointsman_verify::text::quoted;
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean, count};
use crate::source::{Reader, Source};

/// Tell which clients get another answer after a change, in which states of health, with which odds
///
/// Prints nothing when nobody does, and exits 0; exits 1 when somebody does. With --batch the change is walked batch by
/// batch, and moments are told at which a name has no answer or a wrong one.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman diff <OLD> <NEW> [-z <SHARED>]... [OPTIONS]\n       \
    pointsman diff <OLD> --batch <CHANGES>... [-z <SHARED>]... [OPTIONS]")]
pub(crate) struct Diff {
    /// The zone before
    #[arg(value_name = "OLD")]
    old: String,

    /// The zone after
    #[arg(value_name = "NEW", required_unless_present = "batch", conflicts_with = "batch")]
    new: Option<String>,

    /// A change batch that leads from OLD to what comes after; several are walked in order
    #[arg(long, value_name = "CHANGES")]
    batch: Vec<String>,

    /// A document that both versions share, such as health checks or a LatencyTable
    #[arg(short = 'z', long = "zone-file", value_name = "SHARED")]
    shared: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// Print Markdown, for a comment on a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let (steps, hazards) = match &self.new {
            Some(new) => {
                let version = |file: &String, reader: &mut Reader| {
                    let files: Vec<String> = std::iter::once(file).chain(&self.shared).cloned().collect();
                    Ok::<_, Stop>(Subject::new(self.facts.load(&files, reader)?, Facts::default()))
                };
                let (old, new) = (version(&self.old, &mut reader)?, version(new, &mut reader)?);
                (vec![diff(&old, &new)], Vec::new())
            }
            None => walk(&self.versions(&mut reader)?),
        };
        let differs = steps.iter().any(|step| !step.changes.is_empty());
        if self.json {
            let value = match (steps.as_slice(), &self.new) {
                ([only], Some(_)) => only.to_json(),
                _ => json!({"steps": steps.iter().map(Difference::to_json).collect::<Vec<_>>(),
                    "hazards": hazards.iter().map(hazard_json).collect::<Vec<_>>()}),
            };
            output::line(&value.to_string())?;
        } else if self.markdown {
            let mut out = output::stdout();
            for (number, step) in (1..).zip(&steps) {
                if self.new.is_none() {
                    writeln!(out, "### Batch {number}: {}\n", self.batch_name(number))?;
                }
                writeln!(out, "{}", step.to_markdown())?;
            }
            for hazard in &hazards {
                writeln!(
                    out,
                    "> **After batch {}**: `{}` {} {}",
                    hazard.after, hazard.question.0, hazard.question.1, hazard.message
                )?;
            }
        } else {
            self.show(&steps, &hazards)?;
        }
        if differs { Err(Stop::No) } else { Ok(()) }
    }

    fn batch_name(&self, number: usize) -> &str {
        self.batch.get(number.saturating_sub(1)).map_or("", String::as_str)
    }

    /// The zone, and the zone after each batch.
    fn versions(&self, reader: &mut Reader) -> Result<Vec<Subject>, Stop> {
        let files: Vec<String> = std::iter::once(&self.old).chain(&self.shared).cloned().collect();
        let mut versions = vec![Subject::new(self.facts.load(&files, reader)?, Facts::default())];
        let mut again = Reader::default();
        let mut sources = self.facts.read(&files, &mut again)?;
        for file in &self.batch {
            let batch = reader.read(file, "change batch")?;
            let text = self.applied(&sources, &batch)?;
            let after = Source::made(format!("the zone after {file}"), text);
            let zone = {
                let one = [after];
                let documents: Vec<_> =
                    one.iter().enumerate().map(|(number, source)| parse(number, &source.text)).collect();
                let zone = self.facts.evaluable(&documents, &self.facts.options(&one), &Findings { sources: &one })?;
                sources = one.into();
                zone
            };
            versions.push(Subject::new(zone, Facts::default()));
        }
        Ok(versions)
    }

    fn applied(&self, sources: &[Source], batch: &Source) -> Result<String, Stop> {
        // Only the documents as given have blocks of CIDR collections of their own; later ones hold all.
        let is_given = sources.len() > 1 || sources.first().is_some_and(|source| source.name == self.old);
        let documents = match is_given {
            true => self.facts.parse(sources),
            false => sources.iter().enumerate().map(|(number, source)| source.document(number)).collect(),
        };
        let parsed = parse(sources.len(), &batch.text);
        let applied = apply(&documents, &parsed, &self.facts.options(sources));
        if applied.zone.is_none() || has_errors(&applied.diagnostics) {
            let mut all: Vec<Source> = sources.iter().map(Source::again).collect();
            all.push(batch.again());
            Findings { sources: &all }.show(&applied.diagnostics);
            output::say(format_args!("{} does not apply, so the walk ends before it", batch.name));
            return Err(Stop::No);
        }
        let texts: Vec<&str> = sources.iter().map(Source::aws_json).collect();
        Ok(apply_json(&documents, &texts, &batch.text, &applied))
    }

    fn show(&self, steps: &[Difference], hazards: &[Hazard]) -> Result<(), Stop> {
        let mut out = output::stdout();
        for (number, step) in (1..).zip(steps) {
            if self.new.is_none() {
                writeln!(out, "{STRONG}batch {number}{STRONG:#}: {}", self.batch_name(number))?;
                if step.changes.is_empty() {
                    writeln!(out, "nobody gets another answer")?;
                }
            }
            for change in &step.changes {
                writeln!(out, "{STRONG}{} {}{STRONG:#}", change.name, change.record_type)?;
                let mut clients = "";
                for case in &change.cases {
                    if case.clients != clients {
                        writeln!(out, "  {}", clean(&case.clients))?;
                        clients = &case.clients;
                    }
                    writeln!(out, "    {QUIET}{}{QUIET:#}", clean(&case.when()))?;
                    writeln!(out, "      {BAD}-{BAD:#} {}", clean(&case.before.line()))?;
                    writeln!(out, "      {GOOD}+{GOOD:#} {}", clean(&case.after.line()))?;
                }
            }
            if !step.bounded.is_empty() {
                let names: Vec<&str> = step.bounded.iter().map(String::as_str).collect();
                writeln!(
                    out,
                    "{WARN}bounded{WARN:#}: at most two things down at once, for {}",
                    output::list(&names, 5)
                )?;
            }
            if number < steps.len() {
                writeln!(out)?;
            }
        }
        for hazard in hazards {
            let when = if hazard.down.is_empty() {
                "all is well".into()
            } else {
                format!("{} is down", hazard.down.join(", "))
            };
            writeln!(
                out,
                "\n{BAD}after batch {}{BAD:#}, {} {} for {}, when {when}: {}",
                hazard.after,
                hazard.question.0,
                hazard.question.1,
                clean(&hazard.clients),
                clean(&hazard.message)
            )?;
        }
        if self.new.is_none() {
            match hazards.len() {
                0 => writeln!(out, "\n{GOOD}at no moment{GOOD:#} has a name no answer or a wrong one")?,
                some => writeln!(out, "\n{BAD}{}{BAD:#} between the batches", count(some, "moment"))?,
            }
        }
        self.hint(&mut out, steps)?;
        Ok(())
    }

    /// How to look at the first difference more closely.
    fn hint(&self, out: &mut impl Write, steps: &[Difference]) -> Result<(), Stop> {
        let (Some(new), [step]) = (&self.new, steps) else { return Ok(()) };
        let Some((change, case)) = step.changes.first().and_then(|change| Some((change, change.cases.first()?))) else {
            return Ok(());
        };
        let mut words = vec!["pointsman".into(), "explain".into(), change.name.trim_end_matches('.').to_owned()];
        words.extend([change.record_type.to_string(), "-z".into(), new.clone()]);
        words.extend(self.shared.iter().flat_map(|file| ["-z".to_owned(), file.clone()]));
        words.extend(case.client.iter().cloned());
        words.extend(case.down.iter().flat_map(|id| ["--down".to_owned(), id.clone()]));
        let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        writeln!(out, "\n{QUIET}see{QUIET:#} {}", clean(&command))?;
        Ok(())
    }
}

fn hazard_json(hazard: &Hazard) -> Value {
    json!({"after_batch": hazard.after, "name": hazard.question.0, "type": hazard.question.1.as_str(),
        "clients": hazard.clients, "client": hazard.client, "down": hazard.down, "message": hazard.message,
        "answer": serde_json::from_str::<Value>(&hazard.answer.json).unwrap_or_default()})
}
