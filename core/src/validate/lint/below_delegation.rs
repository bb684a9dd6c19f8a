//! `below-delegation`
//!
//! **Finds** record sets at or below a delegated name, which the name servers of the delegation answer instead.
//!
//! **At night** somebody moves a service by changing its record set in this zone, and nothing moves: clients have asked
//! other name servers since the day the NS record set was added.
//!
//! **Example** `dev.example.com` NS, and a weighted group at `www.dev.example.com`; or a second NS record set at
//! `team.dev.example.com`.
//!
//! **Quiet about** NS and DS at the delegated name itself, and the addresses of its name servers.
//!
//! Semantics 2.4, 10.46.

use alloc::vec::Vec;

use super::index::{Group, GroupId, Index, listed};
use crate::diagnostic::Diagnostic;
use crate::map::{Map, Set};
use crate::model::record::Content;
use crate::model::{NameBuf, NameRef, RecordType};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    let apex = index.zone.name.as_ref();
    let is_cut =
        |group: &Group<'_>| group.record_type == RecordType::Ns && group.name != apex && !group.name.is_wildcard();
    let cuts: Map<NameRef<'_>, GroupId> = index
        .groups
        .iter()
        .enumerate()
        .filter(|(_, group)| is_cut(group))
        .map(|(id, group)| (group.name, id))
        .collect();
    if cuts.is_empty() {
        return;
    }
    // Groups by the highest cut above them, in the order of the cuts.
    let mut shadowed: Vec<Vec<GroupId>> = alloc::vec![Vec::new(); index.groups.len()];
    for (id, group) in index.groups.iter().enumerate() {
        let is_of_cut = matches!(group.record_type, RecordType::Ns | RecordType::Ds);
        let mut at = if is_of_cut { group.name.parent() } else { Some(group.name) };
        let mut highest = None;
        while let Some(name) = at.filter(|name| *name != apex) {
            highest = cuts.get(&name).copied().or(highest);
            at = name.parent();
        }
        if let Some(list) = highest.and_then(|cut| shadowed.get_mut(cut)) {
            list.push(id);
        }
    }
    for (cut, groups) in shadowed.iter().enumerate().filter(|(_, groups)| !groups.is_empty()) {
        let Some(cut) = index.groups.get(cut) else { continue };
        let servers = name_servers(index, cut);
        let is_glue = |group: &Group<'_>| {
            matches!(group.record_type, RecordType::A | RecordType::Aaaa) && servers.contains(group.name.wire())
        };
        let groups: Vec<&Group<'_>> =
            groups.iter().filter_map(|id| index.groups.get(*id)).filter(|group| !is_glue(group)).collect();
        let Some(first) = groups.first().and_then(|group| group.members.first()) else { continue };
        let message = format_args!(
            "nobody is answered from {}: `{}` is delegated to other name servers",
            listed(groups.iter().map(|group| group.describe()), groups.len()),
            cut.name
        );
        let help =
            "move these record sets to the delegated zone, or remove the NS record set if the delegation is over";
        let mut finding = Diagnostic::lint("below-delegation", message).help(help);
        finding.place = index.place(*first, &["Name"]);
        finding.add_to(out);
    }
}

/// The names of the servers that a name is delegated to.
fn name_servers(index: &Index<'_>, cut: &Group<'_>) -> Set<Vec<u8>> {
    let sets = cut.members.iter().filter_map(|record| index.record(*record));
    let values = sets.flat_map(|set| match &set.content {
        Content::Values { values, .. } => values.as_slice(),
        Content::Alias(_) => &[],
    });
    values.filter_map(|value| Some(NameBuf::parse(value).ok()?.as_ref().wire().to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn one_finding_a_delegation() {
        let found = findings(
            "dev NS 60 ns1.example.org
             www.dev A a weight=1 60 192.0.2.1
             www.dev A b weight=1 60 192.0.2.2
             dev TXT 60 \"x\"
             team.dev NS 60 ns2.example.org
             other A 60 192.0.2.3",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((finding.code, place(finding).as_str()), ("below-delegation", "$.ResourceRecordSets[1].Name"));
        assert_eq!(
            finding.message,
            "nobody is answered from `www.dev.example.com.` A, `dev.example.com.` TXT and `team.dev.example.com.` NS: \
             `dev.example.com.` is delegated to other name servers"
        );
    }

    #[test]
    fn a_delegation_with_its_key_and_its_glue_is_good() {
        let text = "dev NS 60 ns.dev.example.com
             dev DS 60 1
             ns.dev A 60 192.0.2.1
             ns.dev AAAA 60 2001:db8::1
             *.star NS 60 ns1.example.org
             a.star A 60 192.0.2.4";
        assert_eq!(codes(text), [""; 0]);
    }
}
