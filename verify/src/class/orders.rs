//! Orders of Regions by latency, for clients whose latencies no table gives.
//!
//! A latency group answers with the first Region of a client's order that is in its pool. Let a comparison take `n` such
//! decisions at once, one for each latency group and version. Move the Regions that win them to the front of the order,
//! in the order that they have: every decision still has the same winner, since what stood before a winner and won
//! something else was not in its pool. So the orders that begin with each choice of `n` Regions, whatever follows, give
//! every combination of winners that any order gives, in every state of health.

use std::collections::BTreeSet;

use pointsman_core::model::Region;

use super::sample::Sample;

/// Up to so many Regions every order of them is tried.
const REGIONS_IN_EVERY_ORDER: usize = 5;

/// The most orders that are looked at where decisions are taken at once.
const ORDERS_MAX: usize = 2_000;

/// Which orders are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orders {
    /// Every order of up to five Regions, and past that the orders as seen from each Region of AWS.
    Whole,
    /// Those that give every combination of winners of so many decisions.
    Decisions(usize),
}

/// The orders to look at; `samples` is given what they leave out.
pub(super) fn orders(regions: &BTreeSet<Region>, which: Orders, samples: &mut Vec<Sample>) -> Vec<Vec<Region>> {
    let regions: Vec<Region> = regions.iter().copied().collect();
    match which {
        Orders::Whole if regions.len() <= REGIONS_IN_EVERY_ORDER => leading(&regions, regions.len()),
        Orders::Whole => {
            samples.push(Sample::SeenFromRegions);
            let mut orders: Vec<Vec<Region>> = Vec::new();
            for from in Region::all() {
                let mut order = regions.clone();
                order.sort_by(|a, b| distance(from, *a).total_cmp(&distance(from, *b)));
                if !orders.contains(&order) {
                    orders.push(order);
                }
            }
            orders
        }
        Orders::Decisions(wanted) => {
            let wanted = wanted.min(regions.len());
            let count = |decisions: usize| {
                (0..decisions).fold(1_usize, |count, at| count.saturating_mul(regions.len().saturating_sub(at)))
            };
            let possible = (1..=wanted).rev().find(|decisions| count(*decisions) <= ORDERS_MAX).unwrap_or(wanted);
            if possible < wanted {
                samples.push(Sample::Orders { looked: count(possible), regions: regions.len(), wanted: count(wanted) });
            }
            leading(&regions, possible)
        }
    }
}

/// The orders that begin with each choice of so many Regions in each order, the rest in the order given.
fn leading(regions: &[Region], decisions: usize) -> Vec<Vec<Region>> {
    let mut orders = Vec::new();
    permutations(regions, decisions, &mut Vec::new(), &mut orders);
    orders
}

fn permutations(left: &[Region], more: usize, before: &mut Vec<Region>, out: &mut Vec<Vec<Region>>) {
    if left.is_empty() || more == 0 {
        out.push(before.iter().chain(left).copied().collect());
        return;
    }
    for region in left {
        let rest: Vec<Region> = left.iter().copied().filter(|other| other != region).collect();
        before.push(*region);
        permutations(&rest, more.saturating_sub(1), before, out);
        before.pop();
    }
}

/// How far two Regions are from each other, to order them: the angle between them.
fn distance(a: Region, b: Region) -> f64 {
    let vector = |region: Region| {
        let (lat, lon) = (region.position().latitude().to_radians(), region.position().longitude().to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let cosine: f64 = vector(a).iter().zip(vector(b)).map(|(a, b)| a * b).sum();
    cosine.clamp(-1.0, 1.0).acos()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
    use super::*;

    /// Every combination of winners of three pools that some order of six Regions gives, some leading order gives.
    #[test]
    fn leading_regions_give_every_combination_of_winners() {
        let regions: Vec<Region> = Region::all().take(6).collect();
        let every = leading(&regions, 6);
        assert_eq!(every.len(), 720);
        let winner = |order: &[Region], pool: usize| -> Option<Region> {
            let is_in = |region: &&Region| pool >> regions.iter().position(|known| known == *region).unwrap() & 1 == 1;
            order.iter().find(is_in).copied()
        };
        for (decisions, few) in [(2, leading(&regions, 2)), (3, leading(&regions, 3))] {
            for pools in [[0b1, 0b10, 0b100], [0b11, 0b110, 0b101], [0b111, 0b111_000, 0b101_010], [0b111_111; 3]] {
                let of = |orders: &[Vec<Region>]| {
                    let winners =
                        |order: &Vec<Region>| pools[..decisions].iter().map(|pool| winner(order, *pool)).collect();
                    orders.iter().map(winners).collect::<BTreeSet<Vec<Option<Region>>>>()
                };
                assert_eq!(of(&every), of(&few), "{decisions} decisions of {pools:?}");
            }
        }
        let mut samples = Vec::new();
        assert_eq!(orders(&regions.iter().copied().collect(), Orders::Decisions(2), &mut samples).len(), 30);
        assert!(samples.is_empty());
    }
}
