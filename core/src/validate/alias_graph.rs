//! Alias chains: every in-zone target exists, and none leads back to itself (1.6.3, 1.6.9, 8.3.10).

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::gaps::Gaps;
use super::group::Groups;
use super::record::Records;
use super::route53_messages;
use super::zone::Identity;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::record::Content;
use crate::model::{AliasTarget, RecordType};
use crate::parse::SourceArray;

/// Stands for "no group".
const NONE: u32 = u32::MAX;
/// Names of a loop that a message spells out.
const NAMES_SHOWN: usize = 8;

/// In-zone aliases and the groups they lead to.
#[derive(Debug)]
pub(super) struct AliasGraph<'r> {
    records: &'r Records,
    groups: &'r Groups<'r>,
    /// The group that each record set leads to; empty when no record set leads anywhere.
    targets: Vec<u32>,
}

impl<'r> AliasGraph<'r> {
    /// Looks every target up; one that does not exist is reported.
    pub(super) fn build(
        records: &'r Records,
        groups: &'r Groups<'r>,
        zone: &Identity,
        gaps: &Gaps<'_>,
        out: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut targets = Vec::new();
        // Without the zone's id an alias to AWS can look like one to this zone.
        let is_id_lost = zone.id.is_none() && (gaps.hosted_zone || zone.name.is_none());
        for (number, set) in records.sets.iter().enumerate() {
            let Content::Alias(AliasTarget::InZone { name, .. }) = &set.content else { continue };
            if targets.is_empty() {
                targets.resize(records.sets.len(), NONE);
            }
            let found = groups.find(name.as_ref(), set.record_type);
            if let (Some(group), Some(slot)) = (found, targets.get_mut(number)) {
                *slot = group;
            } else if !gaps.record_sets && !is_id_lost && !records.lost.may_hold(name.as_ref(), set.record_type) {
                let record_type = set.record_type;
                let here = RecordType::ALL.into_iter().find(|kind| groups.find(name.as_ref(), *kind).is_some());
                let help = match here {
                    Some(other) => format!(
                        "`{name}` exists, but as {other}: an alias leads to its own type only. Add a record set of \
                         type {record_type} there"
                    ),
                    None => "add the record set, or correct DNSName; a wildcard does not stand in for a target".into(),
                };
                let zone_id = zone.id.as_deref().unwrap_or("this zone");
                let finding = Diagnostic::cannot(
                    "alias-target-missing",
                    format_args!("there is no record set `{name}` {record_type}"),
                )
                .help(help)
                .error(Route53Error::InvalidChangeBatch)
                .says(route53_messages::not_found(name.as_ref(), record_type.as_str(), zone_id));
                out.extend(records.origins.get(number).map(|base| finding.at(base.field(&["AliasTarget", "DNSName"]))));
            }
        }
        Self { records, groups, targets }
    }

    /// Walks from every group, depth first and without recursion: each record set whose target is still being walked
    /// closes a loop. Answers one record set of each group on a loop.
    #[inline(never)]
    pub(super) fn find_loops(&self, out: &mut Vec<Diagnostic>) -> Vec<u32> {
        let mut looped = Vec::new();
        if self.targets.is_empty() {
            return looped;
        }
        let mut depths = vec![NEW; self.groups.len()];
        let mut path: Vec<(u32, usize)> = Vec::new();
        for start in 0..self.groups.len() as u32 {
            if depths.get(start as usize) != Some(&NEW) {
                continue;
            }
            push(&mut path, &mut depths, start);
            while let Some((group, next)) = path.last_mut() {
                let Some(record) = self.groups.members(*group).get(*next).copied() else {
                    if let Some(depth) = depths.get_mut(*group as usize) {
                        *depth = DONE;
                    }
                    path.pop();
                    continue;
                };
                *next = next.saturating_add(1);
                let target = self.targets.get(record as usize).copied().unwrap_or(NONE);
                match depths.get(target as usize).copied() {
                    Some(NEW) => push(&mut path, &mut depths, target),
                    Some(DONE) | None => {}
                    Some(depth) => {
                        let on_loop = path.get(depth as usize..).unwrap_or_default();
                        self.report(record, target, on_loop, out);
                        looped.extend(on_loop.iter().filter_map(|(group, _)| self.groups.members(*group).first()));
                    }
                }
            }
        }
        looped
    }

    /// Reports the record set that closes a loop of groups.
    #[inline(never)]
    fn report(&self, record: u32, target: u32, on_loop: &[(u32, usize)], out: &mut Vec<Diagnostic>) {
        // Where a batch closes the loop, the finding names the batch's own record set.
        let taken = |(group, next): &(u32, usize)| self.groups.members(*group).get(next.saturating_sub(1)).copied();
        let is_change = |number: &u32| {
            self.records
                .origins
                .get(*number as usize)
                .is_some_and(|origin| origin.array != SourceArray::ResourceRecordSets)
        };
        let record = on_loop.iter().rev().filter_map(taken).find(is_change).unwrap_or(record);
        let (Some(set), Some(base)) =
            (self.records.sets.get(record as usize), self.records.origins.get(record as usize))
        else {
            return;
        };
        let mut chain = String::new();
        for (group, _) in on_loop.iter().take(NAMES_SHOWN) {
            let first = self.groups.members(*group).first().and_then(|number| self.records.sets.get(*number as usize));
            if let Some(set) = first {
                chain.push_str(&format!("`{}` -> ", set.name));
            }
        }
        if on_loop.len() > NAMES_SHOWN {
            chain.push_str(&format!("{} more -> ", on_loop.len().saturating_sub(NAMES_SHOWN)));
        }
        let end = self.groups.members(target).first().and_then(|number| self.records.sets.get(*number as usize));
        if let Some(end) = end {
            chain.push_str(&format!("`{}`", end.name));
        }
        let finding = Diagnostic::cannot("alias-loop", format_args!("the alias leads back to itself: {chain}"))
            .help("lead one of these aliases elsewhere")
            .error(Route53Error::InvalidChangeBatch)
            .says(route53_messages::creates_loop(set));
        finding.at(base.field(&["AliasTarget", "DNSName"])).add_to(out);
    }
}

/// The depth of a group that no walk has come to.
const NEW: u32 = u32::MAX;
/// The depth of a group below which everything was walked.
const DONE: u32 = u32::MAX - 1;

/// Walks into a group.
fn push(path: &mut Vec<(u32, usize)>, depths: &mut [u32], group: u32) {
    if let Some(depth) = depths.get_mut(group as usize) {
        *depth = path.len() as u32;
    }
    path.push((group, 0));
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;
    use crate::validate::{Options, Validated, validate};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn zone(records: &[String]) -> Validated {
        let text = format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "example."}}, "ResourceRecordSets": [{}]}}"#,
            records.join(",")
        );
        validate(&[parse(0, &text)], &Options::default())
    }

    fn alias(name: &str, target: &str) -> String {
        format!(
            r#"{{"Name": "{name}.example.", "Type": "A", "AliasTarget": {{"HostedZoneId": "/hostedzone/Z1",
                "DNSName": "{target}.example", "EvaluateTargetHealth": true}}}}"#
        )
    }

    fn leaf(name: &str) -> String {
        format!(
            r#"{{"Name": "{name}.example.", "Type": "A", "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}]}}"#
        )
    }

    #[test]
    fn a_chain_of_100_000_aliases_is_no_loop_until_it_closes() {
        const LENGTH: usize = 100_000;
        let mut records: Vec<_> = (1..LENGTH).map(|n| alias(&format!("a{n}"), &format!("a{}", n - 1))).collect();
        records.push(leaf("a0"));
        assert!(zone(&records).zone.is_some());
        records.pop();
        records.push(alias("a0", &format!("a{}", LENGTH - 1)));
        let findings = zone(&records).diagnostics;
        let loops: Vec<_> = findings.iter().filter(|finding| finding.code == "alias-loop").collect();
        assert_eq!(loops.len(), 1);
        assert!(loops[0].message.len() < 400, "{}", loops[0].message);
    }

    #[test]
    fn two_loops_are_two_findings() {
        let findings = zone(&[alias("a", "a"), alias("b", "c"), alias("c", "b"), alias("d", "b")]).diagnostics;
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the alias leads back to itself: `a.example.` -> `a.example.`",
                "the alias leads back to itself: `b.example.` -> `c.example.` -> `b.example.`"
            ]
        );
    }

    #[test]
    fn a_wildcard_or_another_type_is_no_target() {
        let wildcard = zone(&[leaf("*"), alias("a", "b")]).diagnostics;
        assert_eq!(wildcard[0].code, "alias-target-missing");
        let aaaa = leaf("b").replace("\"A\"", "\"AAAA\"").replace("192.0.2.1", "2001:db8::1");
        let other = zone(&[aaaa, alias("a", "b")]).diagnostics;
        assert!(other[0].help.contains("exists, but as AAAA"), "{}", other[0].help);
        // A target that is there but broken is not missing as well.
        let broken = zone(&[leaf("b").replace("60", "-1"), alias("a", "b")]).diagnostics;
        assert_eq!(broken.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["ttl-out-of-range"]);
    }
}
