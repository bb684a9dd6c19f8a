//! The order of findings: by document, then by where they stand in it.

use crate::diagnostic::{Diagnostic, Place, Step};

/// Top-level members in the order that their findings are given in.
const MEMBERS: [&str; 8] = [
    "HostedZone",
    "ResourceRecordSets",
    "HealthChecks",
    "CidrCollections",
    "CidrBlocks",
    "AliasTargets",
    "LatencyTable",
    "Changes",
];

/// Sorts findings; those of one array element keep the order they were made in. Findings without a place come first.
pub(super) fn sort(findings: &mut [Diagnostic]) {
    findings.sort_by_cached_key(|finding| finding.place.as_ref().map(key));
}

fn key(place: &Place) -> (usize, usize, usize) {
    let member = match place.path.0.first() {
        Some(Step::Key(key)) => {
            MEMBERS.iter().position(|known| known == key).unwrap_or(MEMBERS.len()).saturating_add(1)
        }
        _ => 0,
    };
    let index = place.path.0.iter().find_map(|step| match step {
        Step::Index(index) => Some(*index),
        Step::Key(_) => None,
    });
    (place.document, member, index.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Path;
    use alloc::vec::Vec;

    #[test]
    fn documents_then_members_then_elements() {
        let at =
            |document, path: &str| Diagnostic::lint("x", path).at(Place::new(document, Path::parse(path).unwrap()));
        let mut findings = alloc::vec![
            at(1, "$"),
            at(0, "$.ResourceRecordSets[10].TTL"),
            at(0, "$.ResourceRecordSets[9]"),
            at(0, "$.ResourceRecordSets[10].Name"),
            at(0, "$.Unheard"),
            at(0, "$.HostedZone.Id"),
            Diagnostic::lint("x", "nowhere"),
        ];
        sort(&mut findings);
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        let wanted = [
            "nowhere",
            "$.HostedZone.Id",
            "$.ResourceRecordSets[9]",
            "$.ResourceRecordSets[10].TTL",
            "$.ResourceRecordSets[10].Name",
            "$.Unheard",
            "$",
        ];
        assert_eq!(messages, wanted);
    }
}
