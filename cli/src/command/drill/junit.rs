//! The verdict as JUnit XML.
//!
//! `quick-junit` would write it with seven crates more (chrono and quick-xml among them) for a format of three elements.

use pointsman_verify::drill::{Drill, Finding};
use pointsman_verify::invariant::Verdict;
use pointsman_verify::subject::Subject;

/// A test for each name and type, and for each promise: what counts against the zone fails it, a promise that was not
/// asked is skipped.
pub(super) fn junit(
    subject: &Subject,
    drill: &Drill,
    verdicts: &[Verdict],
    counts: impl Fn(&Finding) -> bool,
) -> String {
    let mut cases: Vec<(String, Vec<&Finding>)> =
        subject.questions().map(|(_, group)| (format!("{} {}", group.name, group.record_type), Vec::new())).collect();
    let mut of_zone: Vec<&Finding> = Vec::new();
    for finding in drill.findings.iter().filter(|finding| counts(finding)) {
        let first = finding.questions.first().map(|asked| asked.question.as_str());
        match cases.iter_mut().find(|(question, _)| Some(question.as_str()) == first) {
            Some((_, list)) => list.push(finding),
            None => of_zone.push(finding),
        }
    }
    cases.push((format!("{} (zone)", subject.zone.name), of_zone));
    let failures = cases.iter().filter(|(_, list)| !list.is_empty()).count()
        + verdicts.iter().filter(|verdict| verdict.broken.is_some()).count();
    let skipped = verdicts.iter().filter(|verdict| verdict.not_asked.is_some()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"pointsman drill\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">\n",
        cases.len() + verdicts.len()
    );
    verdicts.iter().for_each(|verdict| xml.push_str(&promise(verdict)));
    for (question, list) in cases {
        xml.push_str(&format!(
            "  <testcase classname=\"{}\" name=\"{}\"",
            escape(&subject.zone.name.to_string()),
            escape(&question)
        ));
        if list.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        xml.push_str(">\n");
        // Readers of JUnit take one failure a test: all findings of a name stand in it.
        let title = list.first().map(|finding| finding.message.clone()).unwrap_or_default();
        let body: Vec<String> = list.iter().map(|finding| in_words(finding)).collect();
        xml.push_str(&format!(
            "    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
            escape(&title),
            escape(&body.join("\n\n"))
        ));
    }
    xml.push_str("</testsuite>\n");
    xml
}

fn promise(verdict: &Verdict) -> String {
    let start = format!("  <testcase classname=\"invariants\" name=\"{}\"", escape(&verdict.name));
    let inside = match (&verdict.broken, &verdict.not_asked) {
        (None, None) => return format!("{start}/>\n"),
        (None, Some(why)) => format!("<skipped message=\"not asked: {}\"/>", escape(why)),
        (Some(broken), _) => {
            let error =
                broken.error.as_ref().map(|error| format!("\ncannot be evaluated: {error}")).unwrap_or_default();
            format!(
                "<failure message=\"{}\">{}</failure>",
                escape(&format!("{}, by {}", broken.question, broken.clients)),
                escape(&format!("down: {}\ngets: {}{error}", broken.failures.join(", "), broken.answers))
            )
        }
    };
    format!("{start}>\n    {inside}\n  </testcase>\n")
}

fn in_words(finding: &Finding) -> String {
    format!(
        "{}[{}]: {}\n  down: {}\n  why: {}\n  do: {}",
        finding.severity.as_str(),
        finding.code,
        finding.message,
        finding.failures.join(", "),
        finding.why,
        finding.help
    )
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}
