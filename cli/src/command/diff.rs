//! `pointsman diff`: what a change alters for clients.

use std::io::Write;

use clap::Args;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{apply, apply_json};
use pointsman_verify::diff::{Diff as Difference, Finding, Walk, diff, walk};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use pointsman_verify::text::quoted;

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, clean, count};
use crate::source::{Reader, Source};

/// Show which clients get another answer after a change, in which states of health, with which odds
///
/// Exits 0 when nobody does, and 1 when somebody does. With --batch the change is walked batch by batch, and moments are
/// told at which a name has no answer or a wrong one. The last line says what all of it rests on: exact, or what was
/// sampled, bounded, assumed, not asked or unconfirmed.
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
    pub(super) json: bool,
}

impl Diff {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let walk = match &self.new {
            Some(new) => {
                let version = |file: &String, reader: &mut Reader| {
                    let files: Vec<String> = std::iter::once(file).chain(&self.shared).cloned().collect();
                    Ok::<_, Stop>(Subject::new(self.facts.load(&files, reader)?, Facts::default()))
                };
                let (old, new) = (version(&self.old, &mut reader)?, version(new, &mut reader)?);
                let step = diff(&old, &new);
                Walk { claim: step.claim.clone(), steps: vec![step], ..Walk::default() }
            }
            None => walk(&self.versions(&mut reader)?),
        };
        let differs = walk.steps.iter().any(|step| !step.is_empty());
        if self.json {
            let value = match (walk.steps.as_slice(), &self.new) {
                ([only], Some(_)) => only.to_json(),
                _ => walk.to_json(),
            };
            output::line(&value.to_string())?;
        } else if self.markdown {
            self.show_markdown(&walk)?;
        } else {
            self.show(&walk)?;
        }
        if differs { Err(Stop::No) } else { Ok(()) }
    }

    fn show_markdown(&self, walk: &Walk) -> Result<(), Stop> {
        let mut out = output::stdout();
        for (number, step) in (1..).zip(&walk.steps) {
            if self.new.is_none() {
                writeln!(out, "### Batch {number}: {}\n", self.batch_name(number))?;
            }
            writeln!(out, "{}", step.to_markdown())?;
        }
        for hazard in &walk.hazards {
            writeln!(out, "> **After batch {}**: {} {}", hazard.after, hazard.asked, hazard.message)?;
        }
        Ok(())
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
            output::conclude(&format!("{} does not apply, so the walk ends before it", batch.name));
            return Err(Stop::No);
        }
        let texts: Vec<&str> = sources.iter().map(Source::aws_json).collect();
        Ok(apply_json(&documents, &texts, &batch.text, &applied))
    }

    fn show(&self, walk: &Walk) -> Result<(), Stop> {
        let mut out = output::stdout();
        for (number, step) in (1..).zip(&walk.steps) {
            if self.new.is_none() {
                writeln!(out, "{STRONG}batch {number}{STRONG:#}: {}", self.batch_name(number))?;
                if step.is_empty() {
                    writeln!(out, "nobody gets another answer")?;
                }
            }
            show_step(&mut out, step)?;
            if number < walk.steps.len() {
                writeln!(out)?;
            }
        }
        for hazard in &walk.hazards {
            writeln!(
                out,
                "\n{BAD}after batch {}{BAD:#}, {} for {}, when {}: {}",
                hazard.after,
                clean(&hazard.asked),
                clean(&hazard.clients),
                clean(&hazard.when()),
                clean(&hazard.message)
            )?;
        }
        if self.new.is_none() {
            match (walk.hazards.len(), walk.is_safe(), walk.claim.exact()) {
                (0, true, true) => {
                    writeln!(out, "\n{GOOD}at no moment{GOOD:#} has a name no answer or a wrong one")?;
                }
                (0, true, false) => {
                    writeln!(out, "\n{GOOD}no moment found{GOOD:#} at which a name has no answer or a wrong one")?;
                }
                (0, false, _) => writeln!(out, "\n{BAD}a name that had an answer has none{BAD:#}, as told above")?,
                (some, ..) => writeln!(out, "\n{BAD}{}{BAD:#} between the batches", count(some, "moment"))?,
            }
        }
        self.hint(&mut out, &walk.steps)?;
        writeln!(out, "{QUIET}{}{QUIET:#}", clean(&walk.claim.to_string()))?;
        Ok(())
    }

    /// How to look at the first difference more closely.
    fn hint(&self, out: &mut impl Write, steps: &[Difference]) -> Result<(), Stop> {
        let (Some(new), [step]) = (&self.new, steps) else { return Ok(()) };
        // What `--down` cannot set is no state that `explain` shows.
        let mut cases = step.changes.iter().flat_map(|change| change.cases.iter().map(move |case| (change, case)));
        let Some((change, case)) = cases.find(|(_, case)| case.insufficient.is_empty()) else { return Ok(()) };
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

/// What one step alters, and what is dangerous about it.
fn show_step(out: &mut impl Write, step: &Difference) -> Result<(), Stop> {
    for change in &step.changes {
        writeln!(out, "{STRONG}{}{STRONG:#}", clean(&change.question()))?;
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
    for (list, words) in [(&step.appear, "exist now"), (&step.vanish, "exist no more")] {
        if !list.is_empty() {
            let names: Vec<&str> = list.iter().map(String::as_str).collect();
            writeln!(
                out,
                "{QUIET}names that {words}, without record sets{QUIET:#}: {}",
                clean(&output::list(&names, 5))
            )?;
        }
    }
    for Finding { code, message, .. } in &step.findings {
        writeln!(out, "{BAD}danger[{code}]{BAD:#}: {}", clean(message))?;
    }
    Ok(())
}
