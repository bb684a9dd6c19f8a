//! `alias-chain-too-deep`
//!
//! **Finds** chains of aliases through more groups than the three that the documentation speaks of: one finding for the
//! zone, with the longest chain.
//!
//! **At night** somebody must follow every step by hand to learn which record set answers, and nobody has promised that
//! a tree of that depth is evaluated to its end.
//!
//! **Example** a geolocation alias to a failover group, whose SECONDARY leads to another failover group over values.
//!
//! **Quiet about** chains of three groups, however many members each has; loops, which are errors.
//!
//! Semantics 1.6.8, 10.23.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use super::index::{GroupId, Index, RecordId, listed};
use crate::diagnostic::Diagnostic;
use crate::limits::ALIAS_GROUPS_DOCUMENTED;

/// The longest chain from a group downwards.
#[derive(Clone, Copy)]
struct Longest {
    /// Groups in it, this one included.
    groups: usize,
    /// The member that it goes on through.
    alias: Option<RecordId>,
}

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    let longest = longest_chains(index);
    let is_top = |id: &GroupId| index.groups.get(*id).is_some_and(|group| group.parents.is_empty());
    let depth = |id: &GroupId| longest.get(*id).map_or(0, |chain| chain.groups);
    let deep: Vec<GroupId> =
        (0..index.groups.len()).filter(|id| is_top(id) && depth(id) > ALIAS_GROUPS_DOCUMENTED).collect();
    // The first of the deepest.
    let Some(deepest) = deep.iter().copied().rev().max_by_key(depth) else { return };
    let others: Vec<GroupId> = deep.into_iter().filter(|id| *id != deepest).collect();
    let also = match others.len() {
        0 => String::new(),
        count => {
            let names = others.iter().filter_map(|id| index.groups.get(*id)).map(|group| group.describe());
            let chains = if count == 1 { "another deep chain starts" } else { "other deep chains start" };
            format!("; {chains} at {}", listed(names, count))
        }
    };
    let message = format_args!(
        "the alias chain {} passes through {} groups; up to {ALIAS_GROUPS_DOCUMENTED} are documented{also}",
        spelled_out(index, &longest, deepest),
        depth(&deepest)
    );
    let help = "where a step only passes on, point the alias at the group behind it";
    let mut finding = Diagnostic::lint("alias-chain-too-deep", message).help(help);
    let alias = longest.get(deepest).and_then(|chain| chain.alias);
    finding.place = alias.and_then(|alias| index.place(alias, &["AliasTarget"]));
    finding.add_to(out);
}

fn longest_chains(index: &Index<'_>) -> Vec<Longest> {
    let mut longest = vec![Longest { groups: 0, alias: None }; index.groups.len()];
    for id in index.bottom_up.iter().copied() {
        let mut best = Longest { groups: 1, alias: None };
        for member in index.groups.get(id).map_or(&[][..], |group| &group.members) {
            let Some(target) = index.target.get(*member).copied().flatten() else { continue };
            let groups = longest.get(target).map_or(0, |chain| chain.groups).saturating_add(1);
            if groups > best.groups {
                best = Longest { groups, alias: Some(*member) };
            }
        }
        if let Some(entry) = longest.get_mut(id) {
            *entry = best;
        }
    }
    longest
}

/// `` `a.example.com.` -> `b.example.com.` -> ... -> `z.example.com.` ``
fn spelled_out(index: &Index<'_>, longest: &[Longest], top: GroupId) -> String {
    const SHOWN: usize = 8;
    let below = |id: GroupId| {
        let alias = longest.get(id)?.alias?;
        index.target.get(alias).copied().flatten()
    };
    let chain: Vec<GroupId> = core::iter::successors(Some(top), |id| below(*id)).collect();
    let name = |id: &GroupId| index.groups.get(*id).map(|group| format!("`{}`", group.name)).unwrap_or_default();
    let mut steps: Vec<String> = chain.iter().take(SHOWN).map(name).collect();
    if chain.len() > SHOWN
        && let Some(last) = chain.last()
    {
        steps.truncate(SHOWN.saturating_sub(2));
        steps.push("...".into());
        steps.push(name(last));
    }
    steps.join(" -> ")
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use crate::validate::lint::fixture::{codes, findings, place};

    const FOUR: &str = "a A => b eth\nb A => c eth\nc A => d eth\nd A 60 192.0.2.1";

    #[test]
    fn the_longest_chain_is_spelled_out_once_for_the_zone() {
        let found = findings(&format!("{FOUR}\nx A => b\ny A => a\nz A => a"));
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "alias-chain-too-deep");
        assert_eq!(
            finding.message,
            "the alias chain `y.example.com.` -> `a.example.com.` -> `b.example.com.` -> `c.example.com.` -> \
             `d.example.com.` passes through 5 groups; up to 3 are documented; other deep chains start at \
             `x.example.com.` A and `z.example.com.` A"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[5].AliasTarget");
    }

    #[test]
    fn three_groups_are_good() {
        assert_eq!(codes("b A => c eth\nc A => d eth\nd A 60 192.0.2.1"), [""; 0]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_overflow_the_stack() {
        use core::fmt::Write as _;
        let mut zone = String::new();
        for step in 0..100_000 {
            writeln!(zone, "n{step} A => n{} eth", step + 1).unwrap();
        }
        zone.push_str("n100000 A 60 192.0.2.1");
        let found = findings(&zone);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("-> ... -> `n100000.example.com.` passes through 100001 groups"));
    }

    #[test]
    fn a_loop_ends() {
        assert_eq!(codes("a A => b eth\nb A => a eth\nc A => a"), [""; 0]);
    }
}
