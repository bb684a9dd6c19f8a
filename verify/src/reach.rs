//! What bears on a question: what it leads to, the health checks on the way, and what those read.

use std::collections::BTreeSet;

use crate::subject::{Leads, Subject};
use crate::tree::answers;

/// What bears on a question.
#[derive(Debug, Default)]
pub struct Reach {
    /// Endpoints, health checks past them, and past those the endpoints again that may be
    /// [unhealthy while alive](crate::endpoint::Endpoints::unhealthy_while_alive); in the order of variables: what a
    /// check reads stands beside it.
    pub order: Vec<usize>,
    /// Health checks, calculated ones too.
    pub checks: BTreeSet<usize>,
    /// Endpoints, also those that only health checks read.
    pub endpoints: BTreeSet<usize>,
}

impl Reach {
    /// Everything below a question, and everything that its health checks read.
    pub fn of(subject: &Subject, question: usize) -> Self {
        let mut reach = Self::default();
        let all = subject.endpoints.list.len();
        let (mut seen, mut open) = (BTreeSet::new(), vec![question]);
        while let Some(group) = open.pop() {
            let Some(group) = subject.group(group).filter(|_| seen.insert(group)) else { continue };
            for record in &group.members {
                let check = subject.record(*record).and_then(|set| set.health_check);
                for check in check.into_iter().flat_map(|check| subject.checks_below(check as usize)) {
                    if !reach.checks.insert(check) {
                        continue;
                    }
                    // A death says more than a check that fails by itself, so it comes first.
                    let reads = subject.endpoints.reads.get(check);
                    for endpoint in reads.iter().flat_map(|reads| reads.any.iter().chain(reads.all.iter().flatten())) {
                        reach.add(subject, *endpoint);
                    }
                    if !subject.is_calculated(check) {
                        reach.order.push(all.saturating_add(check));
                    }
                }
                answers(subject, *record).iter().for_each(|endpoint| reach.add(subject, *endpoint));
                if let Leads::Group(next, _) = subject.leads(*record) {
                    open.push(next);
                }
            }
        }
        reach
    }

    fn add(&mut self, subject: &Subject, endpoint: usize) {
        if self.endpoints.insert(endpoint) {
            self.order.push(endpoint);
            if subject.endpoints.unhealthy_while_alive.contains(&endpoint) {
                let first = subject.endpoints.list.len().saturating_add(subject.zone.health_checks.len());
                self.order.push(first.saturating_add(endpoint));
            }
        }
    }
}
