//! `pointsman resolve`: what a client gets.

use std::io::Write;

use clap::Args;
use pointsman_core::answer::{Answer, Rcode};
use pointsman_core::follow::Chain;
use pointsman_core::health::HealthView;
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;

use crate::chain;
use crate::exit::Stop;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean};
use crate::queries;
use crate::question::{Asked, QuestionArguments, hint_outside};

/// Answer what a client gets
///
/// NXDOMAIN, no data and REFUSED are answers too, and exit 0. SERVFAIL, which exits 1, stands for a name whose record
/// sets cannot be evaluated.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman resolve <NAME> <TYPE> -z <FILE>... [OPTIONS]\n       \
    pointsman resolve --queries <FILE|-> -z <FILE>... [OPTIONS]")]
pub(crate) struct Resolve {
    #[command(flatten)]
    pub(super) question: QuestionArguments,
}

impl Resolve {
    pub(super) fn run(self) -> Result<(), Stop> {
        let question = self.question.load(true)?;
        let view = &question.view;
        let mut scratch = Scratch::new(view.zone());
        let query = match question.asked {
            Asked::Many(file) => {
                return queries::answer_all(&file, question.places.as_ref(), |query| {
                    Ok(if question.follow {
                        chain::to_json(view, query, |query| view.resolve(query, &mut scratch).to_json())
                    } else {
                        view.resolve(query, &mut scratch).to_json()
                    })
                });
            }
            Asked::One(query) => query,
        };
        let mut rcode = Rcode::NoError;
        match (question.follow, question.json) {
            (false, json) => {
                let answer = view.resolve(&query, &mut scratch);
                rcode = answer.rcode();
                if json { output::line(&answer.to_json())? } else { show(&query, &answer)? }
            }
            (true, false) => rcode = follow(view, &query, &mut scratch)?,
            (true, true) => output::line(&chain::to_json(view, &query, |query| {
                let answer = view.resolve(query, &mut scratch);
                rcode = answer.rcode();
                answer.to_json()
            }))?,
        }
        hint_outside(view, &query);
        if rcode == Rcode::ServFail { Err(Stop::No) } else { Ok(()) }
    }
}

/// Each name of the chain with what it gives, and how the chain ends; returns the last response code.
fn follow(view: &HealthView, query: &Query, scratch: &mut Scratch) -> Result<Rcode, Stop> {
    let mut chain = Chain::new(query.clone());
    loop {
        let query = chain.query().clone();
        let answer = view.resolve(&query, scratch);
        show(&query, &answer)?;
        if let Some(end) = chain.follow(view, &answer) {
            chain::show_end(end)?;
            return Ok(answer.rcode());
        }
    }
}

/// A line for the response code, one for each value, and one for each thing worth knowing about them.
fn show(query: &Query, answer: &Answer<'_>) -> Result<(), Stop> {
    let mut out = output::stdout();
    let is_empty = answer.values().next().is_none() && answer.alias_target().is_none();
    let (style, meaning) = match answer.rcode() {
        Rcode::NoError if answer.referral().is_some() => (GOOD, ", referral"),
        Rcode::NoError if is_empty => (WARN, ", no data"),
        Rcode::NoError => (GOOD, ""),
        Rcode::NxDomain => (WARN, ", no such name"),
        Rcode::Refused => (BAD, ", outside the zone"),
        Rcode::ServFail => (BAD, ", cannot be evaluated"),
    };
    let name = query.name.as_ref();
    writeln!(
        out,
        "{STRONG}{name} {}{STRONG:#}  {style}{}{style:#}{meaning}",
        query.record_type,
        answer.rcode().as_str()
    )?;
    let record_type = answer.record_type();
    for value in answer.values() {
        writeln!(out, "  {record_type:<6} {STRONG}{}{STRONG:#}", clean(value))?;
    }
    if let Some(resource) = answer.alias_target() {
        writeln!(
            out,
            "  {record_type:<6} {STRONG}{resource}{STRONG:#} {QUIET}(addresses unknown: no AliasTargets entry){QUIET:#}"
        )?;
    }
    if let Some(cut) = answer.referral() {
        fact(&mut out, "cut", &format!("{cut} is delegated to these name servers"))?;
    }
    if let Some(code) = answer.quarantined() {
        fact(&mut out, "why", &format!("{code}: the record sets that would answer are quarantined"))?;
    }
    match answer.ttl() {
        Some(_) if matches!(answer.rcode(), Rcode::Refused | Rcode::ServFail) => {}
        Some(seconds) => fact(&mut out, "ttl", &format!("{seconds} s"))?,
        None => fact(&mut out, "ttl", "that of the AWS resource")?,
    }
    let path: Vec<_> = answer.set_identifiers().map(clean).collect();
    if !path.is_empty() {
        fact(&mut out, "path", &path.join(" > "))?;
    }
    if answer.fail_open() {
        writeln!(
            out,
            "  {WARN}fail open{WARN:#}: a group on the way has no healthy member, so all its members count as healthy"
        )?;
    }
    if let Some(reason) = answer.undetermined() {
        writeln!(out, "  {WARN}undetermined{WARN:#}: {}; this is only the tie rule's pick", reason.as_str())?;
    }
    if answer.scope_prefix_length() > 0 {
        fact(&mut out, "scope", &format!("/{} of the client's network", answer.scope_prefix_length()))?;
    }
    Ok(())
}

fn fact(out: &mut impl Write, label: &str, text: &str) -> Result<(), Stop> {
    Ok(writeln!(out, "  {QUIET}{label:<6}{QUIET:#} {text}")?)
}
