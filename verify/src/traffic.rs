//! How traffic spreads over endpoints.

use std::collections::BTreeMap;

use pointsman_core::model::routing::PolicyKind;

use crate::algebra::Lanes;
use crate::subject::Subject;
use crate::tree::{Evaluated, Node, Towards, Tree, answers, evaluate};
use crate::world::World;

/// How a class's traffic spreads over endpoints in one world: clients take one of a multivalue answer's record sets,
/// and one of a record set's values, each as likely as the next.
#[must_use]
pub fn shares(subject: &Subject, tree: &Tree, state: &Evaluated<u64>, bit: usize) -> BTreeMap<usize, f64> {
    let is = |word: &u64| word >> bit & 1 == 1;
    let mut arriving = vec![0.0_f64; tree.nodes.len()];
    if let Some(root) = arriving.last_mut() {
        *root = 1.0;
    }
    let mut shares = BTreeMap::new();
    let mut end = state.healthy.len();
    for (number, node) in tree.nodes.iter().enumerate().rev() {
        let first = end.saturating_sub(node.branches.len());
        let healthy: Vec<bool> = state.healthy.get(first..end).unwrap_or_default().iter().map(is).collect();
        end = first;
        let here = arriving.get(number).copied().unwrap_or(0.0);
        for (branch, part) in node.branches.iter().zip(parts(node, &healthy)) {
            let through = here * part;
            if through <= 0.0 {
                continue;
            }
            match branch.leads {
                Towards::NoData => {}
                Towards::Node(next, _) => {
                    if let Some(slot) = arriving.get_mut(next) {
                        *slot += through;
                    }
                }
                Towards::Answer => {
                    let endpoints = answers(subject, branch.record);
                    for endpoint in endpoints {
                        *shares.entry(*endpoint).or_default() += through / endpoints.len() as f64;
                    }
                }
            }
        }
    }
    shares
}

/// A class's traffic by endpoint in a world.
#[must_use]
pub fn shares_in(subject: &Subject, tree: &Tree, world: &World) -> BTreeMap<usize, f64> {
    let state = evaluate(subject, tree, &mut Lanes, &world.statuses(subject), |_| false);
    shares(subject, tree, &state, 0)
}

/// A node's branches with the share of its traffic that each gets.
fn parts(node: &Node, healthy: &[bool]) -> Vec<f64> {
    let live = healthy.iter().any(|healthy| *healthy);
    let pool: Vec<bool> = healthy.iter().map(|healthy| *healthy || !live).collect();
    let equally = |of: &[bool]| {
        let count = of.iter().filter(|one| **one).count().max(1) as f64;
        of.iter().map(|one| if *one { 1.0 / count } else { 0.0 }).collect::<Vec<f64>>()
    };
    match node.policy {
        PolicyKind::Weighted => {
            let weights = node.branches.iter().zip(&pool);
            let weights: Vec<f64> =
                weights.map(|(branch, pool)| if *pool { f64::from(branch.weight) } else { 0.0 }).collect();
            let sum: f64 = weights.iter().sum();
            if sum > 0.0 { weights.into_iter().map(|weight| weight / sum).collect() } else { equally(&pool) }
        }
        PolicyKind::MultivalueAnswer => equally(&pool),
        PolicyKind::Simple
        | PolicyKind::Failover
        | PolicyKind::Latency
        | PolicyKind::Geolocation
        | PolicyKind::Geoproximity
        | PolicyKind::IpBased => {
            let first = pool.iter().position(|pool| *pool);
            (0..pool.len()).map(|at| if Some(at) == first { 1.0 } else { 0.0 }).collect()
        }
    }
}
