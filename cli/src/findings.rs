//! Findings as people read them: the message, the place with its line underlined, what to do, and Route 53's own words.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use pointsman_core::diagnostic::{Class, Diagnostic, Location, Place, Severity};

use crate::output::{self, count};
use crate::source::Source;

/// The longest line shown whole; of a longer one, such as JSON without line ends, the piece around the place is shown.
const LINE_BYTES_MAX: usize = 160;
/// What is shown on either side of a place in a longer line.
const MARGIN_BYTES: usize = 50;
/// The lines of a place that are shown, such as the first ones of a record set.
const PLACE_LINES_MAX: usize = 6;
/// Findings that are drawn in full unless all are asked for; further ones are only counted.
const DRAWN_MAX: usize = 200;
/// Findings that are printed in one line each; further ones are only counted.
const BRIEF_MAX: usize = 10;

/// The findings of one command, over the texts they are about.
#[derive(Debug)]
pub(crate) struct Findings<'s> {
    /// The texts, by the numbers that findings carry.
    pub(crate) sources: &'s [Source],
}

impl Findings<'_> {
    /// Shows the first findings in full, then how many there are; under `--json` a line of JSON each, of all of them.
    pub(crate) fn show(&self, findings: &[Diagnostic]) {
        self.show_most(findings, DRAWN_MAX);
    }

    /// Shows every finding in full, then how many there are.
    pub(crate) fn show_all(&self, findings: &[Diagnostic]) {
        self.show_most(findings, usize::MAX);
    }

    fn show_most(&self, findings: &[Diagnostic], most: usize) {
        if output::is_json() {
            return findings.iter().for_each(|finding| output::say(format_args!("{}", self.json(finding))));
        }
        // Errors first, where there are too many: a warning more is no help to whom an error stops.
        let is_cut = findings.len() > most;
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let warnings = findings.iter().filter(|finding| finding.severity != Severity::Error);
        let drawn: Vec<&Diagnostic> =
            if is_cut { errors.chain(warnings).take(most).collect() } else { findings.iter().collect() };
        for finding in drawn {
            output::say(format_args!("{}\n", self.render(finding)));
        }
        if let Some(more @ 1..) = findings.len().checked_sub(most) {
            output::say(format_args!(
                "{more} more findings are not drawn; `pointsman check --all` draws them, `--json` lists them"
            ));
        }
        if !findings.is_empty() {
            output::say(format_args!("{}", summary(findings)));
        }
    }

    /// Tells findings that do not stop the work, one a line; under `--json` all of them, as JSON.
    pub(crate) fn tell(&self, findings: &[&Diagnostic]) {
        if output::is_json() {
            return findings.iter().for_each(|finding| output::say(format_args!("{}", self.json(finding))));
        }
        for finding in findings.iter().take(BRIEF_MAX) {
            let place = finding.place.as_ref().map(|place| self.place_in_brief(place)).unwrap_or_default();
            output::warning(&format!("{place}{} [{}]", finding.message, finding.code), "");
        }
        if let Some(more @ 1..) = findings.len().checked_sub(BRIEF_MAX) {
            output::note(&format!("{more} more of these; `pointsman check` shows all of them in full"));
        }
    }

    /// The errors among findings, one a line, without styles.
    #[cfg(feature = "watch")]
    pub(crate) fn in_words(&self, findings: &[Diagnostic]) -> String {
        let errors: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        let mut lines: Vec<String> = Vec::new();
        for finding in errors.iter().take(BRIEF_MAX) {
            let place = finding.place.as_ref().map(|place| self.place_in_brief(place)).unwrap_or_default();
            lines.push(output::clean(&format!("{place}{} [{}]", finding.message, finding.code)).into_owned());
        }
        if let Some(more @ 1..) = errors.len().checked_sub(BRIEF_MAX) {
            lines.push(format!("and {more} more; `pointsman check` shows all of them in full"));
        }
        lines.join("\n")
    }

    /// One finding as a line of JSON.
    pub(crate) fn json(&self, finding: &Diagnostic) -> String {
        let names: Vec<&str> = self.sources.iter().map(|source| source.name.as_str()).collect();
        let place = finding.place.as_ref().and_then(|place| Some((self.source(place)?, place)));
        let Some((source, place)) = place else { return finding.to_json(&names, None) };
        source.relocated(finding).to_json(&names, Some(&source.locate(place)))
    }

    fn source(&self, place: &Place) -> Option<&Source> {
        self.sources.get(place.document)
    }

    fn place_in_brief(&self, place: &Place) -> String {
        let Some(source) = self.source(place) else { return String::new() };
        let location = source.locate(place);
        format!("{}:{}:{}: ", source.name, location.line, location.column)
    }

    fn render(&self, finding: &Diagnostic) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut report = level.primary_title(output::clean(&finding.message)).id(finding.code).elements(None::<Origin>);
        if let Some((source, place)) = finding.place.as_ref().and_then(|place| Some((self.source(place)?, place))) {
            report = show_place(report, source, place);
        }
        if !finding.help.is_empty() {
            let help = match option_of(finding.code) {
                Some(option) => format!("{}: `{option}`", finding.help),
                None => finding.help.clone(),
            };
            report = report.element(Level::HELP.message(output::clean(&help).into_owned()));
        }
        if let Some(words) = route53_words(finding) {
            report = report.element(Level::NOTE.message(words));
        }
        RENDERER.render(&[report])
    }
}

/// The option of this command line that gives what a finding misses; core, which serves every host, only says what that is.
fn option_of(code: &str) -> Option<&'static str> {
    match code {
        "zone-name-unknown" => Some("--zone NAME"),
        "cidr-blocks-without-collection" | "cidr-collections-not-given" | "cidr-blocks-missing" => {
            Some("--cidr-collection ID=FILE")
        }
        "changes-not-applied" => Some("pointsman apply --batch FILE"),
        "health-report-as-zone" => Some("-H REPORT"),
        _ => None,
    }
}

/// Styled always: what writes it drops the styles where they are not wanted.
const RENDERER: Renderer = Renderer::styled().decor_style(DecorStyle::Ascii);

/// `Route 53 answers InvalidChangeBatch: "..."`
fn route53_words(finding: &Diagnostic) -> Option<String> {
    let error = finding.route53_error.map(|error| error.as_str());
    match (error, &finding.route53_message) {
        (None, None) => None,
        (Some(error), None) => Some(format!("Route 53 answers {error}")),
        (None, Some(message)) => Some(format!("Route 53 answers: {}", output::clean(message))),
        (Some(error), Some(message)) => Some(format!("Route 53 answers {error}: {}", output::clean(message))),
    }
}

/// `2 errors, 1 warning`, and who objects where that is Route 53 alone.
pub(crate) fn summary(findings: &[Diagnostic]) -> String {
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
    let errors = of(Severity::Error).count();
    let warnings = of(Severity::Warning).count();
    match (errors, warnings) {
        (0, 0) => "no findings".into(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// Whether a finding bears on answers: everything but the lints that are about other times than now.
pub(crate) fn bears_on_answers(finding: &Diagnostic) -> bool {
    finding.class != Class::Lint
        || matches!(
            finding.code,
            "unknown-field"
                | "changes-not-applied"
                | "health-checks-not-given"
                | "cidr-collections-not-given"
                | "cidr-blocks-missing"
        )
}

/// Adds the place: only its name for a whole document, else its lines with the place underlined.
fn show_place<'a>(report: Group<'a>, source: &'a Source, place: &Place) -> Group<'a> {
    if place.path.0.is_empty() && place.line_column.is_none() {
        return report.element(Origin::path(&source.name));
    }
    let location = source.locate(place);
    // A whole member of the document is too much to show: its first line says which it is.
    let lines_max = if place.path.0.len() == 1 { 1 } else { PLACE_LINES_MAX };
    let lines = lines_of(&source.text, &location, lines_max);
    let piece = source.text.get(lines.clone()).unwrap_or_default();
    let first_line = piece.lines().next().unwrap_or_default();
    let end = location.end.min(lines.end).max(location.start);
    let span = location.start.saturating_sub(lines.start)..end.saturating_sub(lines.start);
    if first_line.len() <= LINE_BYTES_MAX {
        let snippet = Snippet::source(piece).line_start(location.line).path(&source.name);
        return report.element(snippet.annotation(AnnotationKind::Primary.span(span)));
    }
    let piece = first_line;
    // The column is that of the whole line, so it is given apart from the piece.
    let from = char_boundary(piece, span.start.saturating_sub(MARGIN_BYTES));
    let to = char_boundary(piece, span.end.min(span.start.saturating_add(MARGIN_BYTES)).min(piece.len()));
    let until = char_boundary(piece, to.saturating_add(MARGIN_BYTES).min(piece.len()));
    let before = if from > 0 { "... " } else { "" };
    let after = if until < piece.len() { " ..." } else { "" };
    let shown = format!("{before}{}{after}", piece.get(from..until).unwrap_or_default());
    let shift = |at: usize| at.saturating_sub(from).saturating_add(before.len());
    let origin = Origin::path(&source.name).line(location.line).char_column(location.column);
    let snippet = Snippet::source(shown).line_start(location.line);
    report.element(origin).element(snippet.annotation(AnnotationKind::Primary.span(shift(span.start)..shift(to))))
}

/// The bytes of the lines to show: from the start of the place's first line, as many lines as the place has, at most a
/// few; only the first where the next ones are endless.
fn lines_of(text: &str, location: &Location, lines_max: usize) -> Range<usize> {
    let start = text.get(..location.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at.saturating_add(1));
    let rest = text.get(location.start..).unwrap_or_default();
    let line_ends = rest.match_indices('\n').map(|(at, _)| location.start.saturating_add(at));
    let mut end = None;
    for line_end in line_ends.chain([text.len()]).take(lines_max) {
        if end.is_some_and(|end| line_end.saturating_sub(end) > LINE_BYTES_MAX * 4) {
            break;
        }
        end = Some(line_end);
        if line_end >= location.end {
            break;
        }
    }
    start..end.unwrap_or(start)
}

/// The nearest place at or before `at` where a character starts.
fn char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}
