//! What core has to say to findings, and the command with which they are seen.

use super::finding::Reproduce;
use crate::ask;
use crate::class::{arguments, client_json};
use crate::subject::Subject;
use crate::world::World;
use pointsman_core::query::Client;

/// What core has to say in the finding's world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Confirm {
    /// Some possible answer has values of all of these endpoints.
    Sent(Vec<usize>),
    /// Some possible answer has a value of one of these endpoints.
    SentToSome(Vec<usize>),
    /// Some possible answer has no data.
    NoData,
    /// Some possible answer is given because nothing is healthy.
    FailsOpen,
    /// Nothing: the finding is about all worlds, or about shares.
    Nothing,
}

/// What core said.
pub(super) enum Said {
    Yes,
    No,
    /// It could not be seen: too many outcomes, or none of many draws led there.
    Unseen,
}

/// A finding in its world, and what core has to answer there.
pub(super) struct Shown<'e> {
    pub(super) world: &'e World,
    /// The question and the client that it is about.
    pub(super) first: Option<&'e (usize, Client)>,
    pub(super) confirm: &'e Confirm,
    /// The group to ask, where it is not the question's.
    pub(super) shown_by: Option<usize>,
}

impl Confirm {
    /// Whether an answer that has some spellings is what the finding says.
    fn is_in(&self, subject: &Subject, has: &dyn Fn(&str) -> bool) -> bool {
        let is_there = |endpoint: &usize| subject.endpoints.spellings(*endpoint).any(has);
        match self {
            Self::Sent(endpoints) => endpoints.iter().all(is_there),
            Self::SentToSome(endpoints) => endpoints.iter().any(is_there),
            Self::NoData | Self::FailsOpen | Self::Nothing => true,
        }
    }
}

impl Shown<'_> {
    /// Whether core answers in the finding's world what the finding says.
    pub(super) fn is_confirmed(&self, subject: &Subject) -> Said {
        let Some((group, client)) = self.first else { return Said::Yes };
        if *self.confirm == Confirm::Nothing {
            return Said::Yes;
        }
        let view = self.world.view(subject);
        if *self.confirm == Confirm::FailsOpen {
            let shown = ask::draw(subject, &view, self.shown_by.unwrap_or(*group), client, |answer| answer.fail_open());
            return if shown.is_some() { Said::Yes } else { Said::Unseen };
        }
        let Ok(possible) = ask::possible(subject, &view, *group, client) else { return Said::Unseen };
        let is_so = match self.confirm {
            Confirm::NoData => possible.iter().any(|one| one.values.is_empty()),
            Confirm::Sent(_) | Confirm::SentToSome(_) => possible
                .iter()
                .any(|one| self.confirm.is_in(subject, &|label| one.values.iter().any(|value| value == label))),
            Confirm::FailsOpen | Confirm::Nothing => true,
        };
        if is_so { Said::Yes } else { Said::No }
    }

    /// The command with which the finding is seen.
    pub(super) fn reproduce(&self, subject: &Subject, code: &str) -> Option<Reproduce> {
        let (question, client) = self.first?;
        let shown_by = self.shown_by.unwrap_or(*question);
        let view = self.world.view(subject);
        let draw = match self.confirm {
            Confirm::Nothing => Some(0),
            Confirm::NoData => ask::draw(subject, &view, shown_by, client, |answer| {
                answer.values().next().is_none() && answer.alias_target().is_none()
            }),
            Confirm::FailsOpen => ask::draw(subject, &view, shown_by, client, |answer| answer.fail_open()),
            Confirm::Sent(_) | Confirm::SentToSome(_) => ask::draw(subject, &view, shown_by, client, |answer| {
                let target = answer.alias_target().map(|name| name.to_string());
                let has = |label: &str| target.as_deref() == Some(label) || answer.values().any(|value| value == label);
                self.confirm.is_in(subject, &has)
            }),
        };
        let is_noticed = |dead: &usize| {
            let is_read = subject.endpoints.reads.iter().any(|reads| {
                reads.any.contains(dead)
                    || reads.all.iter().any(|all| {
                        all.contains(dead) && all.iter().all(|one| self.world.dead.binary_search(one).is_ok())
                    })
            });
            is_read || subject.endpoints.list.get(*dead).is_some_and(|endpoint| endpoint.resource.is_some())
        };
        let unnoticed = self.world.dead.iter().filter(|dead| !is_noticed(dead));
        let unnoticed = unnoticed.filter_map(|dead| subject.endpoints.list.get(*dead));
        let group = subject.group(shown_by)?;
        Some(Reproduce {
            command: if draw.is_none() || code == "load-shift" { "odds" } else { "explain" },
            question: [group.name.to_string(), group.record_type.to_string()],
            client: arguments(client),
            client_facts: client_json(client),
            draw: draw.unwrap_or(0),
            down: self.world.down(subject),
            report: self.world.report_json(subject),
            unnoticed: unnoticed.map(|endpoint| endpoint.label.clone()).collect(),
        })
    }
}
