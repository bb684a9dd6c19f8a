//! What a drill found, for people.

use std::collections::BTreeMap;
use std::io::Write;

use anstyle::Style;
use pointsman_verify::claim::Claim;
use pointsman_verify::drill::{Cause, Drill, Finding, Reproduce, Severity};
use pointsman_verify::invariant::Verdict;
use pointsman_verify::subject::Subject;
use pointsman_verify::text::quoted;

use crate::exit::Stop;
use crate::load::ZoneArguments;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean, count};

/// How many names, clients and failures a line spells out.
const SHOWN: usize = 3;
/// Notes of one code that are shown before the rest is folded.
const NOTES_OF_A_CODE: usize = 3;

/// Where a drill is shown.
pub(super) struct Page<'a> {
    pub(super) zone: &'a ZoneArguments,
    pub(super) subject: &'a Subject,
    /// Whether each note is shown.
    pub(super) notes: bool,
}

impl Page<'_> {
    /// Shows the findings by their causes, the notes, and how many there are. `new` is how many count that the baseline
    /// does not have.
    pub(super) fn show(&self, drill: &Drill, new: Option<usize>) -> Result<(), Stop> {
        let mut out = output::stdout();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}  {}, {} of clients, {} that can fail, {}",
            self.subject.zone.name,
            if drill.questions == 1 {
                "1 name and type".into()
            } else {
                format!("{} names and types", drill.questions)
            },
            if drill.classes == 1 { "1 class".into() } else { format!("{} classes", drill.classes) },
            if drill.failures == 1 { "1 thing".into() } else { format!("{} things", drill.failures) },
            if drill.bounded.is_empty() { "in every combination" } else { "not all in every combination" },
        )?;
        let mut told = vec![false; drill.findings.len()];
        for cause in &drill.causes {
            for number in &cause.findings {
                if let Some(told) = told.get_mut(*number) {
                    *told = true;
                }
            }
            let mut findings = cause.findings.iter().filter_map(|number| drill.findings.get(*number));
            let Some(first) = findings.next() else { continue };
            writeln!(out)?;
            self.show_finding(&mut out, first, Some((cause, &findings.collect::<Vec<_>>())))?;
        }
        let rest = drill.findings.iter().zip(&told).filter(|(_, told)| !**told).map(|(finding, _)| finding);
        self.show_notes(&mut out, rest)?;
        show_survival(&mut out, drill)?;
        let of = |severity| drill.findings.iter().filter(move |finding| finding.severity == severity).count();
        let (dangers, warnings, notes) = (of(Severity::Danger), of(Severity::Warning), of(Severity::Note));
        writeln!(out)?;
        match new {
            Some(0) if dangers + warnings > 0 => write!(out, "{GOOD}nothing new{GOOD:#}: ")?,
            Some(new) if new > 0 => write!(out, "{BAD}{new} not in the baseline{BAD:#}: ")?,
            _ if dangers + warnings == 0 && !drill.stopped => {
                write!(out, "{GOOD}nothing goes wrong{GOOD:#}: ")?;
            }
            _ if dangers + warnings == 0 => write!(out, "{WARN}nothing found where it looked{WARN:#}: ")?,
            _ => {}
        }
        write!(out, "{}, {}, {}", count(dangers, "danger"), count(warnings, "warning"), count(notes, "note"))?;
        if drill.causes.len() < dangers + warnings {
            write!(out, "; {} to mend", count(drill.causes.len(), "cause"))?;
        }
        writeln!(out)?;
        Ok(())
    }

    /// Shows some notes of each code, and how many more there are.
    fn show_notes<'f>(&self, out: &mut impl Write, notes: impl Iterator<Item = &'f Finding>) -> Result<(), Stop> {
        let mut by_code: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for note in notes {
            by_code.entry(note.code).or_default().push(note);
        }
        for (code, notes) in by_code {
            let is_folded = !self.notes && notes.len() > NOTES_OF_A_CODE;
            for note in notes.iter().take(if is_folded { 1 } else { notes.len() }) {
                writeln!(out)?;
                self.show_finding(out, note, None)?;
            }
            if is_folded {
                let more = count(notes.len() - 1, "more note");
                writeln!(out, "  {QUIET}and   {more} [{code}]; --notes shows each{QUIET:#}")?;
            }
        }
        Ok(())
    }

    fn show_finding(
        &self,
        out: &mut impl Write,
        finding: &Finding,
        cause: Option<(&Cause, &[&Finding])>,
    ) -> Result<(), Stop> {
        let style = match finding.severity {
            Severity::Danger => BAD,
            Severity::Warning => WARN,
            Severity::Note => Style::new(),
        };
        let word = finding.severity.as_str();
        writeln!(out, "{style}{word}[{}]{style:#}: {}", finding.code, clean(&finding.message))?;
        let mut fact = |label: &str, text: &str| writeln!(out, "  {QUIET}{label:<5}{QUIET:#} {}", clean(text));
        for asked in finding.questions.iter().take(SHOWN) {
            fact("asked", &format!("{}, by {}", asked.question, asked.words))?;
        }
        if let Some(more @ 1..) = finding.questions.len().checked_sub(SHOWN) {
            fact("asked", &format!("and {more} more"))?;
        }
        if !finding.failures.is_empty() {
            fact("down", &finding.failures.join(", "))?;
        }
        if !finding.also.is_empty() {
            let asked: Vec<String> =
                finding.also.iter().map(|asked| format!("{}, by {}", asked.question, asked.words)).collect();
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            fact("more", &format!("when more is down, {} too", output::list(&asked, SHOWN)))?;
        }
        fact("why", &finding.why)?;
        if finding.severity != Severity::Note {
            fact("do", &finding.help)?;
        }
        if finding.needs_change {
            fact("ends", "only by ChangeResourceRecordSets: health checks alone do not end it")?;
        }
        if let Some(command) = finding.reproduce.as_ref().map(|reproduce| self.typed(reproduce.command, reproduce)) {
            fact("see", &command)?;
        }
        if let Some((cause, others @ [_, ..])) = cause {
            fact("cause", &format!("{}, of this and {}", cause.words, consequences(others)))?;
        }
        Ok(())
    }

    /// Shows what became of promises.
    pub(super) fn show_verdicts(&self, verdicts: &[Verdict]) -> Result<(), Stop> {
        let mut out = output::stdout();
        if !verdicts.is_empty() {
            writeln!(out)?;
        }
        for verdict in verdicts {
            let name = clean(&verdict.name);
            let Some(broken) = &verdict.broken else {
                match &verdict.not_asked {
                    Some(why) => writeln!(out, "{WARN}not asked{WARN:#} {name}: {}", clean(why))?,
                    None => writeln!(out, "{GOOD}holds{GOOD:#}  {name} ({})", count(verdict.tried, "situation"))?,
                }
                continue;
            };
            writeln!(out, "{BAD}broken{BAD:#} {name}")?;
            let mut fact = |label: &str, text: &str| writeln!(out, "  {QUIET}{label:<5}{QUIET:#} {}", clean(text));
            fact("asked", &format!("{}, by {}", broken.question, broken.clients))?;
            fact("down", &if broken.failures.is_empty() { "nothing".into() } else { broken.failures.join(", ") })?;
            fact("gets", &broken.answers)?;
            if let Some(error) = &broken.error {
                fact("error", &format!("the rule cannot be evaluated: {error}"))?;
            }
            fact("see", &self.typed("odds", &broken.reproduce))?;
        }
        Ok(())
    }

    /// Shows what all of it rests on.
    pub(super) fn show_claim(&self, claim: &Claim) -> Result<(), Stop> {
        writeln!(output::stdout(), "{QUIET}{}{QUIET:#}", clean(&claim.to_string()))?;
        Ok(())
    }

    /// The command that shows a finding.
    fn typed(&self, word: &str, reproduce: &Reproduce) -> String {
        let [name, record_type] = &reproduce.question;
        let mut words =
            vec!["pointsman".to_owned(), word.into(), name.trim_end_matches('.').into(), record_type.clone()];
        words.extend(self.zone.words());
        words.extend(reproduce.client.iter().cloned());
        if reproduce.draw > 0 {
            words.extend(["--draw".to_owned(), reproduce.draw.to_string()]);
        }
        words.extend(reproduce.down.iter().flat_map(|id| ["--down".to_owned(), id.clone()]));
        let mut command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        if !reproduce.unnoticed.is_empty() {
            let names: Vec<&str> = reproduce.unnoticed.iter().map(String::as_str).collect();
            command.push_str(&format!("   # nothing notices that {} is dead", output::list(&names, SHOWN)));
        }
        command
    }
}

/// `44 more dead-endpoint (a, b, c and 41 more), 1 idle-check (hc-1)`
fn consequences(findings: &[&Finding]) -> String {
    let mut by_code: BTreeMap<(Severity, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        let first = finding.questions.first().map_or("", |asked| asked.question.as_str());
        let about = if finding.about.is_empty() { first } else { finding.about.as_str() };
        by_code.entry((finding.severity, finding.code)).or_default().push(about);
    }
    let parts: Vec<String> = by_code
        .into_iter()
        .map(|((_, code), about)| format!("{} {code} ({})", about.len(), output::list(&about, SHOWN)))
        .collect();
    parts.join(", ")
}

/// Which failures health checks alone survive.
fn show_survival(out: &mut impl Write, drill: &Drill) -> Result<(), Stop> {
    if drill.survival.is_empty() {
        return Ok(());
    }
    let lasting: Vec<&str> =
        drill.survival.iter().filter(|one| one.needs_change()).map(|one| one.failure.as_str()).collect();
    writeln!(out)?;
    let survived = drill.survival.len() - lasting.len();
    write!(out, "{STRONG}one failure at a time{STRONG:#}: {survived} of {} ", drill.survival.len())?;
    match lasting.as_slice() {
        [] => writeln!(out, "survived by health checks alone")?,
        lasting => writeln!(
            out,
            "survived by health checks alone; {} until record sets are changed: {}",
            if lasting.len() == 1 { "1 lasts".to_owned() } else { format!("{} last", lasting.len()) },
            clean(&output::list(lasting, SHOWN))
        )?,
    }
    Ok(())
}
