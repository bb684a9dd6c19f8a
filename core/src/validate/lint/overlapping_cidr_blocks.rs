//! `overlapping-cidr-blocks`
//!
//! **Finds** locations of one CIDR collection that one group uses and whose blocks lie inside each other: one finding a
//! collection.
//!
//! **At night** clients of the inner block are answered from one location here and, for all that is documented, from
//! the other by Route 53: nothing says which of two matching locations wins. Pointsman takes the longer prefix.
//!
//! **Example** location `office` with 203.0.113.0/24 and location `vpn` with 203.0.112.0/20, both in one group.
//!
//! **Quiet about** blocks of one location; locations that no group uses together, as in a collection shared by several
//! groups; the same block twice, which is an error.
//!
//! Semantics 10.10, 4.7.2, 4.7.5.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::map::{Map, Set};

use super::index::{Group, Index, RecordId, listed};
use crate::diagnostic::Diagnostic;
use crate::model::routing::{CidrRoutingConfig, PolicyKind};
use crate::model::{CidrCollection, IpNetwork, RoutingPolicy};
use crate::sort::sort_by_key;

/// A block and the location that it belongs to.
type Block<'z> = (IpNetwork, &'z str);
/// For each location, the blocks of other locations that enclose one of its own.
type Enclosed<'z> = Map<&'z str, Vec<(Block<'z>, Block<'z>)>>;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    let mut enclosed: Vec<Option<Enclosed<'_>>> = vec![None; index.zone.cidr_collections.len()];
    let mut reported = vec![false; index.zone.cidr_collections.len()];
    for group in index.groups.iter().filter(|group| group.policy == PolicyKind::IpBased) {
        let locations = locations(index, group);
        let Some((config, _)) = locations.first() else { continue };
        let number = config.collection as usize;
        let Some(collection) = index.zone.cidr_collections.get(number) else { continue };
        if reported.get(number) != Some(&false) {
            continue;
        }
        let Some(entry) = enclosed.get_mut(number) else { continue };
        let enclosed = entry.get_or_insert_with(|| enclosures(collection));
        let Some(finding) = finding(index, group, collection, &locations, enclosed) else { continue };
        finding.add_to(out);
        if let Some(entry) = reported.get_mut(number) {
            *entry = true;
        }
    }
}

/// The members of an IP-based group that serve a location, all of the first one's collection (4.7.5).
fn locations<'z>(index: &Index<'z>, group: &Group<'_>) -> Vec<(&'z CidrRoutingConfig, RecordId)> {
    let mut list: Vec<(&CidrRoutingConfig, RecordId)> = vec![];
    for record in group.members.iter().copied() {
        if let Some(RoutingPolicy::IpBased(config)) = index.policy(record)
            && config.location.is_some()
            && list.first().is_none_or(|(first, _)| first.collection == config.collection)
        {
            list.push((config, record));
        }
    }
    list
}

fn finding(
    index: &Index<'_>,
    group: &Group<'_>,
    collection: &CidrCollection,
    locations: &[(&CidrRoutingConfig, RecordId)],
    enclosed: &Enclosed<'_>,
) -> Option<Diagnostic> {
    let used: Set<&str> = locations.iter().filter_map(|(config, _)| config.location.as_deref()).collect();
    let mut pairs: Vec<String> = vec![];
    let mut first = None;
    for (config, record) in locations {
        for ((inner, location), (outer, around)) in
            config.location.as_deref().and_then(|location| enclosed.get(location)).into_iter().flatten()
        {
            if used.contains(around) {
                first = first.or(Some(*record));
                pairs.push(format!("{inner} of `{location}` inside {outer} of `{around}`"));
            }
        }
    }
    let first = first?;
    let count = pairs.len();
    let message = format_args!(
        "blocks of CIDR collection `{}` overlap between locations that {} chooses from: {}; which one Route 53 prefers \
         is not documented, Pointsman takes the longer prefix",
        collection.id,
        group.describe(),
        listed(pairs.into_iter(), count)
    );
    let help = "split the outer block so that each address lies in one location";
    let mut finding = Diagnostic::lint("overlapping-cidr-blocks", message).help(help);
    finding.place = index.place(first, &["CidrRoutingConfig", "LocationName"]);
    Some(finding)
}

/// Blocks inside blocks of other locations. Blocks nest or are disjoint, and a block has at most one enclosing block a
/// prefix length, so that the time is linear in the blocks once they are sorted.
fn enclosures(collection: &CidrCollection) -> Enclosed<'_> {
    let mut blocks: Vec<Block<'_>> =
        collection.blocks.iter().map(|(network, location)| (*network, &**location)).collect();
    sort_by_key(&mut blocks, |(network, location)| {
        (network.family(), network.first(), network.prefix_length(), *location)
    });
    let mut enclosed = Enclosed::default();
    let mut open: Vec<Block<'_>> = vec![];
    for block in blocks {
        while open.last().is_some_and(|(outer, _)| !outer.contains(&block.0)) {
            open.pop();
        }
        for outer in open.iter().filter(|outer| outer.1 != block.1 && outer.0 != block.0) {
            enclosed.change(block.1, |pairs| pairs.push((block, *outer)));
        }
        open.push(block);
    }
    enclosed
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    const BLOCKS: &str = "cidr office 203.0.113.0/24 203.0.113.64/26
             cidr vpn 203.0.112.0/20 2001:db8::/32
             cidr stale 203.0.0.0/16\n";

    #[test]
    fn an_overlap_within_a_group_is_found() {
        let found = findings(&alloc::format!(
            "{BLOCKS}
             www A o cidr=office 60 192.0.2.1
             www A v cidr=vpn 60 192.0.2.2
             www A d cidr=* 60 192.0.2.3"
        ));
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "overlapping-cidr-blocks");
        assert_eq!(
            finding.message,
            "blocks of CIDR collection `collection` overlap between locations that `www.example.com.` A chooses from: \
             203.0.113.0/24 of `office` inside 203.0.112.0/20 of `vpn` and 203.0.113.64/26 of `office` inside \
             203.0.112.0/20 of `vpn`; which one Route 53 prefers is not documented, Pointsman takes the longer prefix"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[0].CidrRoutingConfig.LocationName");
    }

    #[test]
    fn locations_of_different_groups_may_overlap() {
        let zone = alloc::format!(
            "{BLOCKS}
             www A o cidr=office 60 192.0.2.1
             www A d cidr=* 60 192.0.2.3
             app A v cidr=vpn 60 192.0.2.2
             app A d cidr=* 60 192.0.2.3"
        );
        assert_eq!(codes(&zone), [""; 0]);
    }
}
