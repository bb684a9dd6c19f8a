//! CNAME chains that lead back to themselves, which Route 53 refuses as it does loops of aliases (8.3.10).

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::group::Groups;
use super::record::Records;
use super::route53_messages;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::record::Content;
use crate::model::{AliasTarget, NameBuf, RecordType};
use crate::parse::SourceArray;
use crate::sort::sort_by;

/// Names of a loop that a message spells out.
const NAMES_SHOWN: usize = 8;

/// One way on from a CNAME group: the record set that leads there, and the group.
type Edge = (u32, u32);

/// What a walk knows of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the path at hand, at this depth.
    Open(usize),
    Done,
}

/// Finds loops through at least one CNAME value; those of aliases alone are found with the aliases.
pub(super) fn check(records: &Records, groups: &Groups<'_>, out: &mut Vec<Diagnostic>) {
    let edges = edges(records, groups);
    if edges.is_empty() {
        return;
    }
    let mut states = vec![State::New; groups.len()];
    let mut path: Vec<(u32, usize)> = Vec::new();
    for start in 0..groups.len() as u32 {
        let is_new = |states: &[State], group: u32| states.get(group as usize) == Some(&State::New);
        if edges_of(&edges, start).is_empty() || !is_new(&states, start) {
            continue;
        }
        enter(&mut path, &mut states, start);
        while let Some((group, next)) = path.last_mut() {
            let Some((_, target)) = edges_of(&edges, *group).get(*next).map(|(_, edge)| *edge) else {
                if let Some(state) = states.get_mut(*group as usize) {
                    *state = State::Done;
                }
                path.pop();
                continue;
            };
            *next = next.saturating_add(1);
            match states.get(target as usize) {
                Some(State::New) => enter(&mut path, &mut states, target),
                Some(State::Open(depth)) => {
                    report(records, groups, &edges, path.get(*depth..).unwrap_or_default(), out);
                }
                Some(State::Done) | None => {}
            }
        }
    }
}

fn enter(path: &mut Vec<(u32, usize)>, states: &mut [State], group: u32) {
    if let Some(state) = states.get_mut(group as usize) {
        *state = State::Open(path.len());
    }
    path.push((group, 0));
}

/// Every way on from a CNAME group to another, by group.
fn edges(records: &Records, groups: &Groups<'_>) -> Vec<(u32, Edge)> {
    let mut edges = Vec::new();
    for (number, set) in (0_u32..).zip(&records.sets) {
        if set.record_type != RecordType::Cname {
            continue;
        }
        let value = match &set.content {
            Content::Values { values, .. } => values.first().and_then(|value| NameBuf::parse(value).ok()),
            Content::Alias(AliasTarget::InZone { name, .. }) => NameBuf::from_wire(name.as_ref().wire()).ok(),
            Content::Alias(AliasTarget::AwsResource { .. }) => None,
        };
        // The index of groups borrows from the zone, so that a target is looked for by a name of the zone.
        let target = value.and_then(|name| groups.find_by_wire(name.as_ref().wire(), RecordType::Cname));
        if let (Some(target), Some(own)) = (target, groups.find(set.name.as_ref(), RecordType::Cname)) {
            edges.push((own, (number, target)));
        }
    }
    sort_by(&mut edges, Ord::cmp);
    edges
}

fn edges_of(edges: &[(u32, Edge)], group: u32) -> &[(u32, Edge)] {
    let start = edges.partition_point(|(of, _)| *of < group);
    let end = edges.partition_point(|(of, _)| *of <= group);
    edges.get(start..end).unwrap_or_default()
}

#[inline(never)]
fn report(
    records: &Records,
    groups: &Groups<'_>,
    edges: &[(u32, Edge)],
    on_loop: &[(u32, usize)],
    out: &mut Vec<Diagnostic>,
) {
    let taken = |(group, next): &(u32, usize)| {
        edges_of(edges, *group).get(next.saturating_sub(1)).map(|(_, (number, _))| *number as usize)
    };
    let numbers: Vec<usize> = on_loop.iter().filter_map(taken).collect();
    let is_value =
        |number: &usize| records.sets.get(*number).is_some_and(|set| matches!(set.content, Content::Values { .. }));
    // Where a batch closes the loop, the finding names the batch's own record set.
    let is_change = |number: &usize| {
        records.origins.get(*number).is_some_and(|origin| origin.array != SourceArray::ResourceRecordSets)
    };
    let values = || numbers.iter().rev().copied().filter(is_value);
    let Some(number) = values().find(is_change).or_else(|| values().next()) else { return };
    let (Some(set), Some(base)) = (records.sets.get(number), records.origins.get(number)) else { return };
    let mut chain = String::new();
    let names = on_loop.iter().chain(on_loop.first()).filter_map(|(group, _)| {
        let first = groups.members(*group).first()?;
        records.sets.get(*first as usize).map(|set| &set.name)
    });
    for (position, name) in names.take(NAMES_SHOWN).enumerate() {
        chain.push_str(if position == 0 { "" } else { " -> " });
        chain.push_str(&format!("`{name}`"));
    }
    if on_loop.len() >= NAMES_SHOWN {
        chain.push_str(&format!(" and so on over {} names", on_loop.len()));
    }
    let finding = Diagnostic::refused(
        "cname-loop",
        Route53Error::InvalidChangeBatch,
        format_args!("the CNAME leads back to itself: {chain}"),
    )
    .help("lead one of these names elsewhere: whoever asks for it gets no address")
    .says(route53_messages::creates_loop(set));
    finding.at(base.field(&["ResourceRecords"])).add_to(out);
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Class;
    use crate::validate::fixture::{refusals, zone};
    use alloc::format;
    use alloc::string::String;

    fn cname(name: &str, target: &str, more: &str) -> String {
        format!(
            r#""Name": "{name}.example.com.", "Type": "CNAME", "TTL": 60{more}, "ResourceRecords": [{{"Value": "{target}.example.com"}}]"#
        )
    }

    #[test]
    fn loops_of_one_and_of_several_names_are_found_once() {
        let member = |id: &str| format!(r#", "SetIdentifier": "{id}", "Weight": 1"#);
        for (records, wanted) in [
            (cname("a", "a", ""), "`a.example.com.` -> `a.example.com.`"),
            (
                format!("{} | {} | {}", cname("a", "b", ""), cname("b", "c", ""), cname("c", "a", "")),
                "`a.example.com.` -> `b.example.com.` -> `c.example.com.` -> `a.example.com.`",
            ),
            (
                format!("{} | {}", cname("a", "x", &member("1")), cname("a", "a", &member("2"))),
                "`a.example.com.` -> `a.example.com.`",
            ),
        ] {
            let validated = zone(&records);
            let found = refusals(&validated);
            assert_eq!(found.len(), 1, "{found:?}");
            let finding = validated.diagnostics.iter().find(|finding| finding.class == Class::RefusedByApi).unwrap();
            assert_eq!(finding.code, "cname-loop");
            assert!(finding.message.ends_with(wanted), "{}", finding.message);
            assert!(validated.zone.unwrap().quarantined.is_empty());
        }
        let good = format!("{} | {} | {}", cname("a", "b", ""), cname("b", "c", ""), cname("d", "b", ""));
        assert_eq!(refusals(&zone(&good)), [""; 0]);
    }

    #[test]
    fn aliases_of_type_cname_may_be_part_of_a_loop() {
        let alias = r#""Name": "b.example.com.", "Type": "CNAME", "AliasTarget":
            {"HostedZoneId": "Z1", "DNSName": "a.example.com.", "EvaluateTargetHealth": false}"#;
        let found = refusals(&zone(&format!("{} | {alias}", cname("a", "b", ""))));
        assert_eq!(found, ["cname-loop refused $.ResourceRecordSets[0].ResourceRecords"]);
    }
}
