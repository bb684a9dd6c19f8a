//! From files to a zone and to a view of its health.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::health::{HealthView, MaxAge, Usable};
use pointsman_core::model::{HostedZone, Time};
use pointsman_core::parse::{Document, HealthReport, parse, parse_report};
use pointsman_core::validate::{Options, validate};

use crate::exit::Stop;
use crate::findings::{Findings, bears_on_answers};
use crate::output;
use crate::source::{Reader, Source};

/// What the documents of a zone do not say themselves.
#[derive(Debug, Args)]
pub(crate) struct ZoneFacts {
    /// The zone's name, for documents without HostedZone and without a record at the apex
    #[arg(long = "zone", value_name = "NAME")]
    zone_name: Option<String>,

    /// What `list-cidr-blocks` printed for a CIDR collection
    #[arg(long, value_name = "ID=FILE", value_parser = id_and_file)]
    cidr_collection: Vec<(String, String)>,
}

fn id_and_file(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((id, file)) if !id.is_empty() && !file.is_empty() => Ok((id.into(), file.into())),
        _ => Err("write the collection's id, `=`, and the file".into()),
    }
}

impl ZoneFacts {
    /// What validation is told.
    pub(crate) fn options(&self) -> Options<'_> {
        Options { zone_name: self.zone_name.as_deref() }
    }

    /// Reads the files as one zone.
    pub(crate) fn load(&self, files: &[String], reader: &mut Reader) -> Result<HostedZone, Stop> {
        let sources = self.read(files, reader)?;
        evaluable(&self.parse(&sources), self, &Findings { sources: &sources })
    }

    /// These options as they are typed.
    fn words(&self) -> Vec<String> {
        let zone = self.zone_name.iter().flat_map(|name| ["--zone".to_owned(), name.clone()]);
        let collections =
            self.cidr_collection.iter().flat_map(|(id, file)| ["--cidr-collection".to_owned(), format!("{id}={file}")]);
        zone.chain(collections).collect()
    }

    /// Reads the documents of a zone, in the order given, blocks of CIDR collections last.
    pub(crate) fn read(&self, files: &[String], reader: &mut Reader) -> Result<Vec<Source>, Stop> {
        let blocks = self.cidr_collection.iter().map(|(_, file)| (file, "CIDR blocks"));
        let files = files.iter().map(|file| (file, "document")).chain(blocks);
        files.map(|(file, what)| reader.read(file, what)).collect()
    }

    /// Reads the sources that [`ZoneFacts::read`] gave as documents.
    pub(crate) fn parse<'s>(&self, sources: &'s [Source]) -> Vec<Document<'s>> {
        let mut documents: Vec<_> =
            sources.iter().enumerate().map(|(number, source)| parse(number, &source.text)).collect();
        let first_blocks = documents.len().saturating_sub(self.cidr_collection.len());
        for (document, (id, _)) in documents.iter_mut().skip(first_blocks).zip(&self.cidr_collection) {
            document.cidr_collection_id = Some(id.as_str().into());
        }
        documents
    }
}

/// The zone that is asked, and how healthy it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Zone and health")]
pub(crate) struct ViewArguments {
    /// A document of the zone, as the AWS CLI prints it; several make one zone
    #[arg(short = 'z', long = "zone-file", value_name = "FILE", required = true)]
    zone_files: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// A health report; of several the later one counts. Without any, no health check has data yet
    #[arg(short = 'H', long = "health", value_name = "REPORT")]
    reports: Vec<String>,

    /// How old a report may be by its own Time, such as 90s or 5m, and what happens past it: `,keep` uses it with a warning
    /// (the default), `,no-data` leaves it out, `,not-ready` answers nothing
    #[arg(long, value_name = "TIME[,WHAT]", value_parser = max_age, requires = "reports")]
    max_age: Option<MaxAge>,

    /// What is down: a health check, an alias target, a Region, or a record set as NAME/TYPE/SetIdentifier
    #[arg(long, value_name = "ID")]
    down: Vec<String>,
}

impl ViewArguments {
    /// Loads zone and health. What Route 53 would refuse but can be evaluated is told, and does not stop.
    pub(crate) fn load(&self, reader: &mut Reader) -> Result<HealthView, Stop> {
        let mut sources = self.facts.read(&self.zone_files, reader)?;
        let zone_sources = sources.len();
        for report in &self.reports {
            sources.push(reader.read(report, "health report")?);
        }
        let findings = Findings { sources: &sources };
        let documents = self.facts.parse(sources.get(..zone_sources).unwrap_or_default());
        let hosted_zone = evaluable(&documents, &self.facts, &findings)?;
        let zone = Arc::new(compile(&hosted_zone));
        let report = read_reports(&sources, zone_sources, self.max_age, &findings)?;
        let (view, warnings) = HealthView::new(zone, &report);
        findings.tell(&warnings.iter().collect::<Vec<_>>());
        let view = self.take_down(view, &findings)?;
        self.note_missing_data(&view);
        Ok(view)
    }

    fn take_down(&self, mut view: HealthView, findings: &Findings<'_>) -> Result<HealthView, Stop> {
        for what in &self.down {
            let (without, warnings) = view.down(what).map_err(|error| Stop::cannot(error.message, error.help))?;
            findings.tell(&warnings.iter().collect::<Vec<_>>());
            view = without;
        }
        Ok(view)
    }

    /// Checks without data count as healthy, which nobody should find out by surprise (10.27).
    fn note_missing_data(&self, view: &HealthView) {
        let missing = view.without_data();
        if missing.is_empty() {
            return;
        }
        if self.reports.is_empty() {
            output::note(
                "no health report (-H): health checks have no data yet and count as healthy, Inverted ones as unhealthy",
            );
        } else {
            let checks = output::count(missing.len(), "health check");
            output::warning(&format!("the report has no status for {checks}: {}", output::list(&missing, 5)), "");
            output::note("a health check without data counts as healthy, an Inverted one as unhealthy");
        }
    }
}

/// The zone of these documents. What Route 53 would refuse but can be evaluated is told, and does not stop.
pub(crate) fn evaluable(
    documents: &[Document<'_>],
    facts: &ZoneFacts,
    findings: &Findings<'_>,
) -> Result<HostedZone, Stop> {
    let validated = validate(documents, &facts.options());
    let telling: Vec<&Diagnostic> = validated.diagnostics.iter().filter(|f| bears_on_answers(f)).collect();
    let Some(hosted_zone) = validated.zone else {
        let telling: Vec<Diagnostic> = telling.into_iter().cloned().collect();
        findings.show(&telling);
        output::say(format_args!("the zone cannot be evaluated, so nothing is answered"));
        return Err(Stop::No);
    };
    findings.tell(&telling);
    if has_errors(&validated.diagnostics) {
        output::note("Route 53 would refuse this zone; it is evaluated all the same");
    }
    Ok(hosted_zone)
}

/// The zone that is analysed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Zone")]
pub(crate) struct ZoneArguments {
    /// A document of the zone, as the AWS CLI prints it; several make one zone
    #[arg(short = 'z', long = "zone-file", value_name = "FILE", required = true)]
    pub(crate) zone_files: Vec<String>,

    #[command(flatten)]
    pub(crate) facts: ZoneFacts,
}

impl ZoneArguments {
    /// Loads the zone.
    pub(crate) fn load(&self, reader: &mut Reader) -> Result<HostedZone, Stop> {
        self.facts.load(&self.zone_files, reader)
    }

    /// The options that name the zone again, for a command that is to be typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.zone_files.iter().flat_map(|file| ["-z".to_owned(), file.clone()]).collect();
        words.extend(self.facts.words());
        words
    }
}

/// Joins the health reports; what is wrong in any of them is shown.
fn read_reports(
    sources: &[Source],
    first: usize,
    max_age: Option<MaxAge>,
    findings: &Findings<'_>,
) -> Result<HealthReport, Stop> {
    let mut joined = HealthReport::default();
    let (mut wrong, mut wrong_age) = (Vec::new(), None);
    for (number, source) in sources.iter().enumerate().skip(first) {
        match parse_report(number, &source.text) {
            Ok((report, warnings)) => {
                findings.tell(&warnings.iter().collect::<Vec<_>>());
                if max_age.is_none_or(|rule| is_usable(&source.name, &report, rule, &mut wrong_age)) {
                    joined.health_checks.extend(report.health_checks);
                    joined.alias_targets.extend(report.alias_targets);
                    joined.observations.extend(report.observations);
                }
            }
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() {
        return wrong_age.map_or(Ok(joined), Err);
    }
    findings.show(&wrong);
    output::say(format_args!("the health report cannot be used, so nothing is answered"));
    Err(Stop::No)
}

fn max_age(word: &str) -> Result<MaxAge, String> {
    MaxAge::parse(word)
        .ok_or_else(|| "a time such as 90s, perhaps with ,keep or ,no-data or ,not-ready behind it".into())
}

/// Whether a report's statuses count, given how old it is (10.50); says so when it is too old.
fn is_usable(name: &str, report: &HealthReport, rule: MaxAge, refused: &mut Option<Stop>) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Time::from_unix_ms(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    let age_ms = report.time.map(|time| now.ms_since(time));
    if age_ms.is_some_and(|age| age <= rule.limit_ms) {
        return true;
    }
    let problem = match age_ms {
        Some(age) => {
            format!("the health report `{name}` is {} old; --max-age allows {}", span(age), span(rule.limit_ms))
        }
        None => format!("the health report `{name}` does not say when it was made, so that it counts as too old"),
    };
    let help = match age_ms {
        Some(_) => "is what writes it still running?",
        None => "a report of `pointsman watch` has a Time; give one, or leave out --max-age",
    };
    match rule.judge(age_ms) {
        Usable::Report => output::warning(&format!("{problem}; it is used all the same"), help),
        Usable::NoData => output::warning(&format!("{problem}; it is left out"), help),
        Usable::NotReady => *refused = Some(Stop::cannot(format!("{problem}; nothing is answered"), help)),
    }
    rule.judge(age_ms) == Usable::Report
}

/// A time as people say it.
fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 if ms > 0 => format!("{ms} ms"),
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_as_people_say_them() {
        let said = [0, 999, 1000, 119_999, 120_000, 7_199_000, 7_200_000, 172_800_000].map(span);
        assert_eq!(said, ["0 s", "999 ms", "1 s", "119 s", "2 min", "119 min", "2 h", "2 days"]);
    }
}
