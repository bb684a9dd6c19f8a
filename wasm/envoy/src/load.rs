//! From a configuration to zones and views, with every finding in words for the log.

use std::fmt::Write as _;
use std::sync::Arc;

use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Class, Diagnostic, Severity};
use pointsman_core::health::HealthView;
use pointsman_core::model::Time;
use pointsman_core::parse::{HealthReport, Locator, parse, parse_report};
use pointsman_core::resolve::Views;
use pointsman_core::validate::{Options, validate};

use crate::config::{Config, ZoneConfig};

/// Findings of one zone that are logged; more are only counted.
const TOLD_MAX: usize = 20;

/// What a configuration's zones came to.
#[derive(Debug)]
pub struct Loaded {
    /// A view of each zone, under the report of the configuration.
    pub views: Views,
    /// The same without any report.
    pub blank: Views,
    /// What a person should know of them.
    pub warnings: Vec<String>,
}

/// Reads the zones and the report of a configuration.
///
/// # Errors
/// Every reason why a zone cannot answer, or the report cannot be read, a line each.
pub fn load(config: &Config<'_>) -> Result<Loaded, Vec<String>> {
    let mut warnings = Vec::new();
    let mut blank = Views::default();
    for (number, zone) in config.zones.iter().enumerate() {
        let view = load_zone(number, zone, &mut warnings)?;
        let name = view.zone().name().to_string();
        if blank.put(view).is_some() {
            return Err(vec![format!("zones[{number}]: the zone {name} is given twice")]);
        }
    }
    let views = match config.health.report {
        None => blank.clone(),
        Some(report) => {
            let read = views_under(&blank, report.get()).map_err(|faults| prefixed("health.report", faults))?;
            warnings.extend(prefixed("health.report", read.warnings));
            read.views
        }
    };
    Ok(Loaded { views, blank, warnings })
}

fn load_zone(number: usize, config: &ZoneConfig<'_>, warnings: &mut Vec<String>) -> Result<HealthView, Vec<String>> {
    let texts: Vec<&str> = config.documents.iter().chain(config.cidr_blocks.values()).map(|raw| raw.get()).collect();
    let mut documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let blocks = documents.iter_mut().skip(config.documents.len());
    for (document, id) in blocks.zip(config.cidr_blocks.keys()) {
        document.cidr_collection_id = Some(id.as_str().into());
    }
    let validated = validate(&documents, &Options { zone_name: config.zone_name.as_deref() });
    let place = |finding: &Diagnostic| in_words(finding, &texts, &format!("zones[{number}]"));
    let Some(zone) = validated.zone else {
        let mut faults: Vec<String> = validated
            .diagnostics
            .iter()
            .filter(|finding| finding.class == Class::CannotBeEvaluated && finding.severity == Severity::Error)
            .map(place)
            .collect();
        if faults.is_empty() {
            faults.extend(validated.diagnostics.iter().map(place));
        }
        return Err(shortened(faults));
    };
    // As the command prints them where it resolves: lints are for `pointsman check`. Of each kind, the first.
    let mut kinds: Vec<(&Diagnostic, usize)> = Vec::new();
    let bears_on_answers = |finding: &&Diagnostic| {
        finding.class != Class::Lint
            || matches!(
                finding.code,
                "unknown-field" | "changes-not-applied" | "cidr-collections-not-given" | "cidr-blocks-missing"
            )
    };
    for finding in validated.diagnostics.iter().filter(bears_on_answers) {
        match kinds.iter_mut().find(|(first, _)| first.code == finding.code) {
            Some((_, more)) => *more = more.saturating_add(1),
            None => kinds.push((finding, 0)),
        }
    }
    let told = kinds.into_iter().map(|(first, more)| match more {
        0 => place(first),
        more => format!("{} (and {more} more of this kind)", place(first)),
    });
    warnings.extend(shortened(told.collect()));
    Ok(HealthView::new(Arc::new(compile(&zone)), &HealthReport::default()).0)
}

/// What a report came to.
#[derive(Debug)]
pub struct Read {
    /// A view of each zone.
    pub views: Views,
    /// When the report says it was made, in milliseconds since 1970.
    pub made_ms: Option<u64>,
    /// What a person should know of it.
    pub warnings: Vec<String>,
}

/// Views of the same zones under a report; what it names and no zone knows is a warning.
///
/// # Errors
/// Why the text is not a health report.
pub fn views_under(blank: &Views, text: &str) -> Result<Read, Vec<String>> {
    let (report, findings) = parse_report(0, text)
        .map_err(|findings| shortened(findings.iter().map(|finding| in_words(finding, &[text], "")).collect()))?;
    let mut views = Views::default();
    let mut unknown: Vec<(String, usize)> = Vec::new();
    for view in blank.iter() {
        let (view, findings) = HealthView::new(Arc::clone(view.zone()), &report);
        for finding in findings {
            let words = in_words(&finding, &[text], "");
            match unknown.iter_mut().find(|(known, _)| *known == words) {
                Some((_, zones)) => *zones = zones.saturating_add(1),
                None => unknown.push((words, 1)),
            }
        }
        views.put(view);
    }
    // One feed serves every zone: only what none of them knows is worth a word.
    let zones = blank.iter().len();
    let warnings = findings.iter().map(|finding| in_words(finding, &[text], ""));
    let warnings = warnings.chain(unknown.into_iter().filter(|(_, count)| *count == zones).map(|(words, _)| words));
    let warnings = shortened(warnings.collect());
    Ok(Read { views, made_ms: report.time.map(Time::unix_ms), warnings })
}

/// A finding in one line: what, where, what to do.
fn in_words(finding: &Diagnostic, texts: &[&str], zone: &str) -> String {
    let mut words = String::from(zone);
    if let Some((place, text)) = finding.place.as_ref().and_then(|place| Some((place, texts.get(place.document)?))) {
        if !zone.is_empty() {
            let _ = write!(words, ".documents[{}] ", place.document);
        }
        let _ = write!(words, "{}", place.path);
        if text.contains('\n') {
            let location = Locator::new(text).locate(text, place);
            let _ = write!(words, " (line {}, column {})", location.line, location.column);
        }
    }
    if !words.is_empty() {
        words.push_str(": ");
    }
    let _ = write!(words, "{} [{}]", finding.message, finding.code);
    if !finding.help.is_empty() {
        let _ = write!(words, "; {}", finding.help);
    }
    words
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    if let Some(more @ 1..) = lines.len().checked_sub(TOLD_MAX) {
        lines.truncate(TOLD_MAX);
        lines.push(format!("{more} more; `pointsman check` shows all of them"));
    }
    lines
}

fn prefixed(field: &str, lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{field}: {line}")).collect()
}
