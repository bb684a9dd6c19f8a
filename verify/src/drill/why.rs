//! Why a dead endpoint is answered, and what to do.

use pointsman_core::model::HealthCheckKind;

use super::about::About;
use super::case::called;
use crate::endpoint::Seen;
use crate::reads::names;
use crate::subject::{Leads, Subject};
use crate::tree::{Evaluated, Towards, Tree, answers};
use crate::world::World;

/// Why a dead endpoint is answered, in words, and the one thing that has to change.
pub(super) struct Because {
    pub(super) why: String,
    pub(super) help: String,
    /// What to mend; findings with the same are consequences of one cause.
    pub(super) cause: About,
}

impl Because {
    fn of(cause: About, why: String, help: String) -> Self {
        Self { why, help, cause }
    }
}

/// Why a dead endpoint is answered in a world.
pub(super) struct Reason<'a> {
    pub(super) subject: &'a Subject,
    pub(super) tree: &'a Tree,
    pub(super) state: &'a Evaluated<u64>,
    pub(super) world: &'a World,
}

impl Reason<'_> {
    /// Why, and what to do.
    pub(super) fn why(&self, at: usize, node: usize, alive: usize) -> Because {
        let nothing = || Because::of(About::Reason, String::new(), String::new());
        let Some((_, branch)) = self.tree.branches().nth(at) else { return nothing() };
        if self.is(&self.state.healthy, at) {
            return self.why_healthy(branch.record);
        }
        // It is unhealthy, and answered as a last resort: somebody above did not notice it, or all are unhealthy.
        let mut lower = node;
        while let Some((above, alias, at)) = self.way_into(lower) {
            if self.is(&self.state.healthy, at) {
                let called = self.subject.called(alias);
                let check = self.subject.record(alias).and_then(|set| set.health_check);
                let only = match check {
                    Some(check) => format!(" and health check `{}` is healthy", self.subject.check_id(check as usize)),
                    None => String::new(),
                };
                if self.subject.leads_by_cname(alias) {
                    return Because::of(
                        About::Record(alias),
                        format!("{called} is a CNAME, whose health does not follow from what it leads to{only}"),
                        format!(
                            "give {called} a health check of what it leads to, or make it an alias that evaluates its target"
                        ),
                    );
                }
                return Because::of(
                    About::Record(alias),
                    format!(
                        "EvaluateTargetHealth is false on {called}{only}, so that nothing above it notices that all below \
                         are unhealthy"
                    ),
                    format!("set EvaluateTargetHealth to true on {called}"),
                );
            }
            lower = above;
        }
        let other = self.subject.called(alive);
        let check = self.subject.record(alive).and_then(|set| set.health_check);
        match check {
            Some(check) => {
                let id = self.subject.check_id(check as usize);
                Because::of(
                    About::Check(check as usize),
                    format!(
                        "nothing is healthy, so that all count as healthy: {other} is alive, but its health check `{id}` \
                         fails as well"
                    ),
                    format!("give {other} a health check of its own endpoint"),
                )
            }
            None => Because::of(
                About::Record(alive),
                format!("nothing healthy is left for these clients, so that all count as healthy, {other} among them"),
                format!("look at why {other} is not preferred: `pointsman explain` shows each step"),
            ),
        }
    }

    fn is(&self, list: &[u64], at: usize) -> bool {
        list.get(at).is_some_and(|word| word & 1 == 1)
    }

    /// The alias that leads into a node in this world: its node, its record set, its place among the branches.
    fn way_into(&self, node: usize) -> Option<(usize, usize, usize)> {
        let mut branches = self.tree.branches().enumerate();
        let into = |leads: Towards| matches!(leads, Towards::Node(next, _) if next == node);
        let (at, (above, branch)) =
            branches.find(|(at, (_, branch))| into(branch.leads) && self.is(&self.state.picked, *at))?;
        Some((above, branch.record, at))
    }

    /// Why a record set counts as healthy although its endpoint is dead.
    fn why_healthy(&self, number: usize) -> Because {
        let subject = self.subject;
        let record = subject.called(number);
        let Some(check) = subject.record(number).and_then(|set| set.health_check).map(|check| check as usize) else {
            let (why, help) = match subject.leads(number) {
                Leads::Resource(..) => (
                    format!("{record} has EvaluateTargetHealth false and no health check"),
                    "set EvaluateTargetHealth to true: the load balancer knows its own health".into(),
                ),
                _ => (
                    format!("{record} has no health check, and counts as healthy whatever happens"),
                    "give it a HealthCheckId of its own endpoint".into(),
                ),
            };
            return Because::of(About::Record(number), why, help);
        };
        let id = subject.check_id(check);
        let cause = About::Check(check);
        let Some(known) = subject.zone.health_checks.get(check) else {
            return Because::of(cause, String::new(), String::new());
        };
        let reads = subject.endpoints.reads.get(check);
        let passed = answers(subject, number).iter().any(|one| self.world.passing.binary_search(one).is_ok());
        let (why, help) = match &known.kind {
            _ if passed && !known.disabled && !known.inverted => {
                let why = format!(
                    "the load balancer counts as unhealthy while health check `{id}` of {record} passes, and \
                     EvaluateTargetHealth is false, so that only the check counts"
                );
                let help = "set EvaluateTargetHealth to true, so that both count; where they cannot differ, say \
                            unhealthy_while_alive = false in [reads] of --facts";
                return Because::of(About::Record(number), why, help.into());
            }
            _ if known.disabled && !known.inverted => (
                format!("health check `{id}` of {record} is Disabled, and counts as healthy whatever happens"),
                format!("enable health check `{id}`; to take a record set out, Disabled and Inverted together do it"),
            ),
            _ if known.inverted => (
                format!("health check `{id}` of {record} is Inverted: what it reads is dead, so it is healthy"),
                format!("set Inverted to false on health check `{id}`"),
            ),
            HealthCheckKind::Calculated { health_threshold, children } => (
                format!(
                    "health check `{id}` of {record} is content with {health_threshold} of its {} children",
                    children.len()
                ),
                format!("raise HealthThreshold of `{id}`, or give the record set a check of its own endpoint"),
            ),
            _ => {
                let named = names(subject, check).unwrap_or_default();
                let what = match reads.map(|reads| reads.seen) {
                    Some(Seen::OwnName) => format!(
                        "reads `{named}`, the name that its own status routes, so that it fails for certain only when all \
                         of that name is dead"
                    ),
                    Some(Seen::Told) => "does not see this endpoint, as the facts tell".to_owned(),
                    Some(Seen::Elsewhere) => format!("reads {named}, not this endpoint"),
                    _ => match reads.map(|reads| reads.any.as_slice()) {
                        Some([]) | None => format!("reads {named}, not this endpoint alone"),
                        Some(any) => format!("reads {}, not this endpoint", called(subject, any)),
                    },
                };
                (
                    format!("health check `{id}` of {record} {what}"),
                    format!("let `{id}` check the endpoint of the record set that names it"),
                )
            }
        };
        Because::of(cause, why, help)
    }
}
