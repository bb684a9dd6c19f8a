//! Two views of health at once: a failure is known to some of Route 53's servers before others, so that for a while both
//! sides of a failover are answered.

use pointsman_core::model::routing::PolicyKind;

use super::about::About;
use super::case::{Case, called};
use super::collect::{Collected, Entry};
use super::confirm::Confirm;
use super::dead_endpoints::shown_in;
use super::finding::Severity;
use super::symbols::Symbols;
use crate::bdd::Bdd;
use crate::subject::Subject;

/// Reports failover groups of which both sides are answered at once, part of the clients each, while views differ.
pub(super) fn examine(subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Collected) {
    let Some(class) = case.class() else { return };
    let root = class.tree.nodes.len().saturating_sub(1);
    for (number, (first, node)) in class.tree.with_places().enumerate() {
        // Other groups are asked by their own names.
        let is_asked = subject.group(node.group).is_some_and(|group| group.is_asked);
        if node.policy != PolicyKind::Failover || (number != root && is_asked) {
            continue;
        }
        let side = |secondary: bool| {
            let mut sides = (first..).zip(&node.branches);
            sides.find(|(_, branch)| subject.is_secondary(branch.record) == secondary)
        };
        let (Some((primary_at, primary)), Some((standby_at, standby))) = (side(false), side(true)) else { continue };
        let picked = |at: usize| case.all.picked.get(at).copied().unwrap_or(Bdd::FALSE);
        let is_calm = symbols.table.holds(picked(primary_at), |_| false);
        let Some(world) = symbols.smallest(subject, picked(standby_at)).filter(|world| is_calm && world.size() > 0)
        else {
            continue;
        };
        let below =
            |record: usize| -> Vec<usize> { subject.endpoints.below_record(subject, record).into_iter().collect() };
        let (one, other) = (below(primary.record), below(standby.record));
        if one.is_empty() || other.is_empty() || one == other {
            continue;
        }
        let message = format!(
            "while some servers know that {} is down and others do not, clients are sent to {} and to {} at once",
            world.describe(subject),
            called(subject, &one),
            called(subject, &other)
        );
        let why = format!(
            "{} and {} take turns by health, and views of health differ between Route 53's edges for a while",
            subject.called(primary.record),
            subject.called(standby.record)
        );
        let help = "let both serve at once, or fence the side that is out by other means than DNS";
        let shown_by = shown_in(subject, &class.tree, &world, number, case.question);
        let entry =
            Entry::new(Severity::Warning, world, (case.question, class.client.clone()), Confirm::SentToSome(other));
        let entry = Entry { shown_by, ..entry }.says(message, why, help);
        found.add("split-answers", About::Group(node.group), entry, case.question, case.number);
    }
}
