//! Health checks that read something else than what they hang on.

use super::case::called;
use crate::endpoint::Seen;
use crate::reads::names;
use crate::subject::Subject;
use crate::text::listed;

/// A health check that reads something else than what it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// The health check, by its number in the zone.
    pub check: usize,
    /// `check-reads-elsewhere` or `check-reads-its-own-name`.
    pub code: &'static str,
    /// What is so.
    pub message: String,
    /// What comes of it.
    pub why: String,
    /// What to do.
    pub help: &'static str,
    /// The record sets that name it, by their numbers.
    pub records: Vec<usize>,
}

/// The checks that are plainly not about the record sets that name them.
#[must_use]
pub fn misread(subject: &Subject) -> Vec<Misread> {
    let mut all = Vec::new();
    for (number, check) in subject.zone.health_checks.iter().enumerate() {
        // The children of a calculated check may watch what is needed besides; an inverted one watches its opposite.
        let records: Vec<usize> = subject
            .record_sets_of(number)
            .iter()
            .filter(|(_, parent)| parent.is_none())
            .map(|(record, _)| *record)
            .collect();
        let Some(reads) = subject.endpoints.reads.get(number).filter(|_| !records.is_empty()) else { continue };
        if check.disabled || check.inverted {
            continue;
        }
        let sees_none = || {
            records.iter().all(|record| {
                let below = subject.endpoints.below_record(subject, *record);
                let all = || reads.any.iter().chain(reads.all.iter().flatten());
                !below.is_empty()
                    && !all().any(|one| below.contains(one))
                    && !reads_the_other_family(subject, *record, &reads.any)
            })
        };
        let sets: Vec<String> = records.iter().map(|record| subject.called(*record)).collect();
        let named = names(subject, number).unwrap_or_default();
        let (code, message, why, help) = match reads.seen {
            Seen::OwnName => (
                "check-reads-its-own-name",
                format!("health check `{}` reads `{named}`, the name that its own status routes", check.id),
                format!(
                    "it decides what {} answers, and so what it reads itself: its status says nothing of any one endpoint",
                    listed(&sets, 3)
                ),
                "let it read the endpoint: its address, or a name that leads to it alone",
            ),
            Seen::Elsewhere | Seen::Named if sees_none() => (
                "check-reads-elsewhere",
                match reads.seen {
                    Seen::Named => format!(
                        "health check `{}` reads {}, and no endpoint of {}",
                        check.id,
                        called(subject, &reads.any),
                        listed(&sets, 3)
                    ),
                    _ => format!(
                        "health check `{}` reads {named}, which is no endpoint of {}",
                        check.id,
                        listed(&sets, 3)
                    ),
                },
                "when the endpoint dies, it stays healthy; and when what it reads dies, a live endpoint is taken out"
                    .into(),
                "let it read the endpoint of the record set that names it; where it does so by another address, say so in \
                 [reads] of --facts",
            ),
            _ => continue,
        };
        all.push(Misread { check: number, code, message, why, help, records });
    }
    all
}

/// Whether a check reads the IPv4 side of an IPv6 record set, or the other way round: the record set of the same name and
/// SetIdentifier.
fn reads_the_other_family(subject: &Subject, record: usize, reads: &[usize]) -> bool {
    let Some(own) = subject.record(record) else { return false };
    let others = reads.iter().filter_map(|endpoint| subject.endpoints.records.get(*endpoint)).flatten();
    let mut others = others.filter_map(|other| Some((subject.record(*other)?, subject.selector(*other))));
    let own_id = subject.selector(record);
    let id = |selector: &str| selector.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
    others.any(|(other, selector)| {
        other.name == own.name && other.record_type != own.record_type && id(&selector) == id(&own_id)
    })
}
