//! From files to a zone and to a view of its health.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pointsman_core::compile::{Zone, compile};
use pointsman_core::diagnostic::{Class, Diagnostic, Severity};
use pointsman_core::health::{HealthView, MaxAge, Usable};
use pointsman_core::model::{HostedZone, Time};
use pointsman_core::parse::{Document, HealthReport, parse_report};
use pointsman_core::validate::{Options, validate};
use pointsman_import::Policies;

use crate::exit::Stop;
use crate::findings::{Findings, bears_on_answers};
use crate::image;
use crate::output;
use crate::source::{Reader, Source};

/// What the documents of a zone do not say themselves.
#[derive(Debug, Args)]
pub(crate) struct ZoneFacts {
    /// The zone's name, for documents without HostedZone and without a record at the apex; of documents with several
    /// zones, the name, id or address of one
    #[arg(long = "zone", value_name = "NAME")]
    zone_name: Option<String>,

    /// What `list-cidr-blocks` printed for a CIDR collection
    #[arg(long, value_name = "ID=FILE", value_parser = id_and_file)]
    cidr_collection: Vec<(String, String)>,

    /// Answer nothing when some record set cannot be evaluated, instead of quarantining it; `check` and `apply` count
    /// warnings as errors, and `drill` what was not asked
    #[arg(long)]
    pub(crate) strict: bool,

    /// The value of a CloudFormation template's parameter
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameters: Vec<(String, String)>,

    /// The name that a traffic policy is used for
    #[arg(long = "name", value_name = "NAME")]
    policy_name: Option<String>,

    /// The TTL of a traffic policy's record sets, in seconds
    #[arg(long = "ttl", value_name = "SECONDS")]
    policy_ttl: Option<u32>,
}

fn name_and_value(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("write the parameter's name, `=`, and its value".into()),
    }
}

fn id_and_file(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((id, file)) if !id.is_empty() && !file.is_empty() => Ok((id.into(), file.into())),
        _ => Err("write the collection's id, `=`, and the file".into()),
    }
}

impl ZoneFacts {
    /// The options of validation: the zone's name, also where `--zone` gives its id or address.
    pub(crate) fn options<'a>(&'a self, sources: &'a [Source]) -> Options<'a> {
        let chosen = sources.iter().find_map(|source| source.imported()?.zone_name());
        Options { zone_name: chosen.filter(|_| self.zone_name.is_some()).or(self.zone_name.as_deref()) }
    }

    /// The zone of these documents. What Route 53 would refuse but can be evaluated is reported, and does not stop.
    pub(crate) fn evaluable(
        &self,
        documents: &[Document<'_>],
        options: &Options<'_>,
        findings: &Findings<'_>,
    ) -> Result<HostedZone, Stop> {
        let validated = validate(documents, options);
        let telling: Vec<&Diagnostic> = validated.diagnostics.iter().filter(|f| bears_on_answers(f)).collect();
        let is_usable = |zone: &HostedZone| !self.strict || zone.quarantined.is_empty();
        let Some(hosted_zone) = validated.zone.filter(is_usable) else {
            let telling: Vec<Diagnostic> = telling.into_iter().cloned().collect();
            findings.show(&telling);
            output::conclude("the zone cannot be evaluated, so nothing is answered");
            return Err(Stop::No);
        };
        findings.tell(&telling);
        let is_refused =
            |finding: &Diagnostic| finding.class == Class::RefusedByApi && finding.severity == Severity::Error;
        if validated.diagnostics.iter().any(is_refused) {
            output::note("Route 53 would refuse this zone; it is evaluated all the same");
        }
        note_quarantined(&hosted_zone);
        Ok(hosted_zone)
    }

    /// Reads the files as one zone.
    pub(crate) fn load(&self, files: &[String], reader: &mut Reader) -> Result<HostedZone, Stop> {
        let sources = self.read(files, reader)?;
        self.evaluable(&self.parse(&sources), &self.options(&sources), &Findings { sources: &sources })
    }

    /// These options as they are typed.
    fn words(&self) -> Vec<String> {
        let zone = self.zone_name.iter().flat_map(|name| ["--zone".to_owned(), name.clone()]);
        let collections =
            self.cidr_collection.iter().flat_map(|(id, file)| ["--cidr-collection".to_owned(), format!("{id}={file}")]);
        let parameters =
            self.parameters.iter().flat_map(|(name, value)| ["--parameter".to_owned(), format!("{name}={value}")]);
        let name = self.policy_name.iter().flat_map(|name| ["--name".to_owned(), name.clone()]);
        let ttl = self.policy_ttl.iter().flat_map(|ttl| ["--ttl".to_owned(), ttl.to_string()]);
        let strict = self.strict.then(|| "--strict".to_owned());
        zone.chain(collections).chain(parameters).chain(name).chain(ttl).chain(strict).collect()
    }

    /// Reads the documents of a zone, in the order given, blocks of CIDR collections last.
    pub(crate) fn read(&self, files: &[String], reader: &mut Reader) -> Result<Vec<Source>, Stop> {
        let blocks = self.cidr_collection.iter().map(|(_, file)| (file, "CIDR blocks"));
        let files = files.iter().map(|file| (file, "document")).chain(blocks);
        let mut sources = files.map(|(file, what)| reader.read(file, what)).collect::<Result<Vec<Source>, Stop>>()?;
        let texts: Vec<&str> = sources.iter().map(|source| source.text.as_str()).collect();
        let instances = pointsman_import::instances(&texts);
        let import = pointsman_import::Options {
            zone: self.zone_name.as_deref(),
            parameters: &self.parameters,
            name: self.policy_name.as_deref(),
            ttl: self.policy_ttl,
            instances: &instances,
        };
        sources.iter_mut().for_each(|source| source.import(&import));
        Ok(sources)
    }

    /// Reads the sources that [`ZoneFacts::read`] gave as documents.
    pub(crate) fn parse<'s>(&self, sources: &'s [Source]) -> Vec<Document<'s>> {
        let mut documents: Vec<_> =
            sources.iter().enumerate().map(|(number, source)| source.document(number)).collect();
        let policies = Policies::new(sources.iter().filter_map(Source::imported), self.policy_name.as_deref());
        policies.leave_out_listed(&mut documents);
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
    /// A document of the zone, as the AWS CLI prints it; several make one zone. Or one image that `compile` wrote
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
    /// Loads zone and health. What Route 53 would refuse but can be evaluated is reported, and does not stop.
    pub(crate) fn load(&self, reader: &mut Reader) -> Result<HealthView, Stop> {
        let image = self.image()?;
        let mut sources = if image.is_some() { Vec::new() } else { self.facts.read(&self.zone_files, reader)? };
        let zone_sources = sources.len();
        for report in &self.reports {
            sources.push(reader.read(report, "health report")?);
        }
        let findings = Findings { sources: &sources };
        let zone_texts = sources.get(..zone_sources).unwrap_or_default();
        let zone = match image {
            Some(zone) => zone,
            None => {
                let documents = self.facts.parse(zone_texts);
                compile(&self.facts.evaluable(&documents, &self.facts.options(zone_texts), &findings)?)
            }
        };
        let zone = Arc::new(zone);
        let report = read_reports(&sources, zone_sources, self.max_age, &findings)?;
        let (view, warnings) = HealthView::new(zone, &report);
        findings.tell(&warnings.iter().collect::<Vec<_>>());
        let view = self.take_down(view, &findings)?;
        self.note_missing_data(&view);
        Ok(view)
    }

    /// The zone of an image, if that is what was given.
    fn image(&self) -> Result<Option<Zone>, Stop> {
        for file in &self.zone_files {
            let Some(zone) = image::open_if_image(file)? else { continue };
            if self.zone_files.len() == 1 && self.facts.words().is_empty() {
                return Ok(Some(zone));
            }
            return Err(Stop::cannot(
                format!("`{file}` is the image of a whole zone, and nothing can be added to it"),
                "give the image alone, or the zone's documents",
            ));
        }
        Ok(None)
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

/// What is kept out of a zone is said where the zone is used (10.51).
fn note_quarantined(zone: &HostedZone) {
    if zone.quarantined.is_empty() {
        return;
    }
    let mut names: Vec<String> = zone.quarantined.iter().map(|each| each.name.to_string()).collect();
    names.dedup();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let what = output::count(zone.quarantined.len(), "group");
    output::note(&format!(
        "{what} of record sets cannot be evaluated and are quarantined, at {}: what they bear on is answered SERVFAIL; \
         --strict refuses such a zone",
        output::list(&names, 5)
    ));
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
    output::conclude("the health report cannot be used, so nothing is answered");
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
