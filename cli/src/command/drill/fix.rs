//! `--fix`: the change batch that mends what a drill found.

use std::io::Write;

use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::{Document, parse};
use pointsman_core::validate::{Options as ZoneOptions, apply};
use pointsman_verify::drill::{self, Mended, Options};
use pointsman_verify::invariant::{Invariants, Verdict};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::output::{self, GOOD, WARN, clean, count};
use crate::source::Source;

/// How many causes that no batch mends are named.
const LEFT_SHOWN: usize = 5;

/// The zone as it was given.
pub(super) struct ZoneTexts<'z> {
    pub(super) sources: &'z [Source],
    pub(super) documents: &'z [Document<'z>],
    pub(super) options: &'z ZoneOptions<'z>,
}

/// The change batch, written to a file when there is one.
pub(super) struct Fix {
    file: String,
    mended: Mended,
}

impl Fix {
    /// Finds the batch, drills the zone with it, asks the promises that held, and writes the file.
    pub(super) fn find(
        file: &str,
        subject: &Subject,
        found: &drill::Drill,
        options: &Options,
        zone: &ZoneTexts<'_>,
        promises: Option<(&Invariants, &[Verdict])>,
        time_left: impl Fn() -> bool,
    ) -> Result<Self, Stop> {
        let texts: Vec<&str> = zone.sources.iter().map(Source::aws_json).collect();
        let number = zone.sources.len();
        let mut after_batch = |batch: &Value| {
            let text = batch.to_string();
            let applied = apply(zone.documents, &parse(number, &text), zone.options);
            let after = applied.zone.filter(|_| !has_errors(&applied.diagnostics))?;
            let breaks = promises.is_some_and(|(promises, before)| {
                let after = Subject::new(after.clone(), subject.facts.clone());
                promises.check(&after).map_or(true, |verdicts| is_newly_broken(before, &verdicts))
            });
            (!breaks).then_some(after)
        };
        let mended = drill::mend(subject, found, options, &texts, &mut after_batch, &mut || time_left());
        if let Some(batch) = &mended.batch {
            let text = format!("{batch:#}\n");
            std::fs::write(file, text)
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        Ok(Self { file: file.to_owned(), mended })
    }

    fn changes(&self) -> usize {
        let batch = self.mended.batch.as_ref();
        batch.and_then(|batch| batch.get("Changes")?.as_array()).map_or(0, Vec::len)
    }

    /// Says what the batch mends, and what no batch does.
    pub(super) fn show(&self) -> Result<(), Stop> {
        let mut out = output::stdout();
        writeln!(out)?;
        match &self.mended.batch {
            Some(_) => writeln!(
                out,
                "{GOOD}fix{GOOD:#} `{}` mends {} with {}; drilled again, none of their findings is left and no other is added",
                clean(&self.file),
                count(self.mended.mends.len(), "cause"),
                count(self.changes(), "change")
            )?,
            None => writeln!(out, "{WARN}no fix{WARN:#}: no change batch mends any cause, so that no file is written")?,
        }
        for (cause, why) in self.mended.left.iter().take(LEFT_SHOWN) {
            writeln!(out, "  not mended: {}: {why}", clean(cause))?;
        }
        if let Some(more @ 1..) = self.mended.left.len().checked_sub(LEFT_SHOWN) {
            writeln!(out, "  not mended: {more} more")?;
        }
        Ok(())
    }

    /// The batch as JSON, `null` when there is none.
    pub(super) fn to_json(&self) -> Value {
        let left: Vec<Value> =
            self.mended.left.iter().map(|(cause, why)| json!({"cause": cause, "why": why})).collect();
        json!({"file": self.mended.batch.as_ref().map(|_| &self.file), "change_batch": self.mended.batch,
            "mends": self.mended.mends, "not_mended": left})
    }
}

/// Whether a promise is broken, or could not be asked, that held before.
fn is_newly_broken(before: &[Verdict], after: &[Verdict]) -> bool {
    let holds = |verdict: &Verdict| verdict.broken.is_none() && verdict.not_asked.is_none();
    before.iter().zip(after).any(|(before, after)| holds(before) && !holds(after))
}
