//! Longest-prefix lookup with an honest EDNS scope (semantics 4.7, 10.9 - 10.11, 10.41).
//!
//! The address space falls into intervals at the edges of the blocks. Within one interval every address lies in the
//! same blocks, and neighbouring intervals under one outermost block with the same outcome form a run; the scope is the
//! shortest prefix of the client's network that stays inside its run. Two blocks side by side are never one run, though
//! their outcome be the same: a network as wide as both lies in neither (4.7.1).

use alloc::vec::Vec;

use crate::model::IpNetwork;
use crate::model::cidr::Family;

/// Blocks with a number each; several blocks may have one number.
#[derive(Debug, Default)]
pub(crate) struct PrefixTable {
    blocks: Vec<Block>,
    v4: Vec<Interval>,
    v6: Vec<Interval>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    network: IpNetwork,
    value: u32,
    /// The next wider block that contains this one.
    parent: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Interval {
    start: u128,
    /// The narrowest block that covers the interval.
    block: Option<u32>,
    /// The run of intervals with the same outcome.
    run: (u128, u128),
}

impl PrefixTable {
    /// Builds the table. Of equal blocks the first one counts.
    pub(crate) fn build(blocks: impl IntoIterator<Item = (IpNetwork, u32)>) -> Self {
        let mut blocks: Vec<(IpNetwork, u32)> = blocks.into_iter().collect();
        // By first address, wide before narrow: a block's container stands before it. The sort is stable.
        blocks.sort_by_key(|block| order(&block.0));
        blocks.dedup_by_key(|block| block.0);
        Self::from_sorted(blocks)
    }

    /// The table of blocks that stand in the order of [`blocks`](Self::blocks), none of them twice.
    pub(super) fn from_sorted(blocks: Vec<(IpNetwork, u32)>) -> Self {
        let blocks = blocks.into_iter().map(|(network, value)| Block { network, value, parent: None }).collect();
        let mut table = Self { blocks, v4: Vec::new(), v6: Vec::new() };
        table.link_parents();
        let outermost = table.outermost();
        table.v4 = table.intervals(Family::V4, &outermost);
        table.v6 = table.intervals(Family::V6, &outermost);
        table
    }

    /// Whether blocks stand in the order that [`from_sorted`](Self::from_sorted) takes.
    pub(super) fn are_sorted(blocks: &[(IpNetwork, u32)]) -> bool {
        blocks.is_sorted_by(|a, b| order(&a.0) < order(&b.0))
    }

    /// The blocks with their numbers, in order; [`build`](Self::build) makes the same table of them.
    pub(super) fn blocks(&self) -> impl ExactSizeIterator<Item = (IpNetwork, u32)> {
        self.blocks.iter().map(|block| (block.network, block.value))
    }

    fn link_parents(&mut self) {
        let mut open: Vec<u32> = Vec::new();
        for index in 0..self.blocks.len() {
            let Some(network) = self.blocks.get(index).map(|block| block.network) else { break };
            while let Some(top) = open.last() {
                if self.blocks.get(*top as usize).is_some_and(|block| block.network.contains(&network)) {
                    break;
                }
                open.pop();
            }
            if let Some(block) = self.blocks.get_mut(index) {
                block.parent = open.last().copied();
            }
            open.push(index as u32);
        }
    }

    /// Cuts one family's address space at the edges of its blocks.
    fn intervals(&self, family: Family, outermost: &[u32]) -> Vec<Interval> {
        let mut intervals: Vec<Interval> = Vec::new();
        let mut start_at = |start: u128, block: Option<u32>| match intervals.last_mut() {
            Some(last) if last.start == start => last.block = block,
            _ => intervals.push(Interval { start, block, run: (0, u128::MAX) }),
        };
        start_at(0, None);
        let mut open: Vec<u32> = Vec::new();
        let close_before = |start: Option<u128>, open: &mut Vec<u32>, start_at: &mut dyn FnMut(u128, Option<u32>)| {
            while let Some(top) = open.last().and_then(|top| self.blocks.get(*top as usize)) {
                let last = top.network.last();
                if start.is_some_and(|start| last >= start) {
                    break;
                }
                open.pop();
                if let Some(after) = last.checked_add(1) {
                    start_at(after, open.last().copied());
                }
            }
        };
        for (index, block) in (0_u32..).zip(&self.blocks) {
            if block.network.family() == family {
                close_before(Some(block.network.first()), &mut open, &mut start_at);
                start_at(block.network.first(), Some(index));
                open.push(index);
            }
        }
        close_before(None, &mut open, &mut start_at);
        join_runs(&mut intervals, outermost);
        intervals
    }

    /// For each block the outermost one that can be reached through containers of the same outcome. The outcome is the list
    /// of values from a block outwards, each once; it is that of the container if, and only if, the two values are one.
    fn outermost(&self) -> Vec<u32> {
        let mut outermost: Vec<u32> = Vec::with_capacity(self.blocks.len());
        for (index, block) in (0_u32..).zip(&self.blocks) {
            // A container stands before what it contains.
            let parent = block.parent.map(|parent| parent as usize);
            let same = parent.filter(|parent| self.blocks.get(*parent).map(|parent| parent.value) == Some(block.value));
            outermost.push(same.and_then(|parent| outermost.get(parent).copied()).unwrap_or(index));
        }
        outermost
    }

    /// The blocks that contain a network, narrow to wide, and the scope prefix length in bits.
    pub(crate) fn lookup(&self, network: &IpNetwork) -> (Chain<'_>, u8) {
        let intervals = match network.family() {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        };
        let after = intervals.partition_point(|interval| interval.start <= network.first());
        let Some(interval) = after.checked_sub(1).and_then(|at| intervals.get(at)) else {
            return (Chain { table: self, at: None }, 0);
        };
        let mut chain = Chain { table: self, at: interval.block };
        while let Some(block) = chain.block() {
            if block.network.contains(network) {
                break;
            }
            chain.at = block.parent;
        }
        let width = if network.family() == Family::V4 { 32 } else { 128 };
        (chain, enclosing_prefix(network.first(), interval.run).min(width))
    }

    /// A block of each number.
    pub(crate) fn first_of_each(&self) -> Vec<IpNetwork> {
        let mut blocks: Vec<(u32, IpNetwork)> = self.blocks.iter().map(|block| (block.value, block.network)).collect();
        blocks.sort_by_key(|(value, _)| *value);
        blocks.dedup_by_key(|(value, _)| *value);
        blocks.into_iter().map(|(_, network)| network).collect()
    }

    /// The first address of every interval, left-aligned in 128 bits, with its family.
    #[cfg(feature = "proptest")]
    pub(super) fn starts_by_family(&self) -> impl Iterator<Item = (Family, u128)> {
        let v4 = self.v4.iter().map(|interval| (Family::V4, interval.start));
        v4.chain(self.v6.iter().map(|interval| (Family::V6, interval.start)))
    }

    /// Every distinct start of an interval with its family's width, so that a caller can enumerate the atoms.
    #[cfg(test)]
    fn starts(&self) -> impl Iterator<Item = u128> {
        self.v4.iter().chain(&self.v6).map(|interval| interval.start)
    }
}

fn order(network: &IpNetwork) -> (Family, u128, u8) {
    (network.family(), network.first(), network.prefix_length())
}

/// Gives each interval the run of neighbours under the same outermost block, or under none.
fn join_runs(intervals: &mut [Interval], outermost: &[u32]) {
    let block = |interval: &Interval| interval.block.and_then(|block| outermost.get(block as usize).copied());
    let mut at = 0;
    while let Some(first) = intervals.get(at).copied() {
        let same = |other: &&Interval| block(other) == block(&first);
        let next = at.saturating_add(intervals.iter().skip(at).take_while(same).count());
        let end = intervals.get(next).map_or(u128::MAX, |after| after.start.saturating_sub(1));
        for interval in intervals.iter_mut().take(next).skip(at) {
            interval.run = (first.start, end);
        }
        at = next;
    }
}

/// The shortest prefix of `address` whose addresses all lie in the run.
fn enclosing_prefix(address: u128, (start, end): (u128, u128)) -> u8 {
    // Everything above the first differing bit is common to the run's neighbours and the address.
    let below = start.checked_sub(1).map_or(0, |outside| bits_in_common(address, outside).saturating_add(1));
    let above = end.checked_add(1).map_or(0, |outside| bits_in_common(address, outside).saturating_add(1));
    below.max(above)
}

fn bits_in_common(a: u128, b: u128) -> u8 {
    u8::try_from((a ^ b).leading_zeros()).unwrap_or(128)
}

/// The values of containing blocks, narrow to wide.
#[derive(Clone)]
pub(crate) struct Chain<'t> {
    table: &'t PrefixTable,
    at: Option<u32>,
}

impl<'t> Chain<'t> {
    fn block(&self) -> Option<&'t Block> {
        self.table.blocks.get(self.at? as usize)
    }

    /// The narrowest containing block.
    pub(crate) fn network(&self) -> Option<IpNetwork> {
        self.block().map(|block| block.network)
    }
}

impl Iterator for Chain<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let block = self.block()?;
        self.at = block.parent;
        Some(block.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn table(blocks: &[(&str, u32)]) -> PrefixTable {
        PrefixTable::build(blocks.iter().map(|(block, value)| (IpNetwork::parse(block).unwrap(), *value)))
    }

    fn ask(table: &PrefixTable, network: &str) -> (Vec<u32>, u8) {
        let (chain, scope) = table.lookup(&IpNetwork::parse(network).unwrap());
        (chain.collect(), scope)
    }

    #[test]
    fn nested_blocks_come_narrow_to_wide() {
        let table = table(&[("10.0.0.0/8", 1), ("10.1.0.0/16", 2), ("10.1.2.0/24", 3), ("0.0.0.0/0", 9)]);
        assert_eq!(ask(&table, "10.1.2.3"), (vec![3, 2, 1, 9], 24));
        assert_eq!(ask(&table, "10.1.3.3"), (vec![2, 1, 9], 24));
        assert_eq!(ask(&table, "10.128.0.1"), (vec![1, 9], 9));
        assert_eq!(ask(&table, "11.0.0.1"), (vec![9], 8));
        assert_eq!(ask(&table, "192.0.2.1"), (vec![9], 1));
        assert_eq!(ask(&table, "2001:db8::1"), (vec![], 0));
    }

    #[test]
    fn a_network_wider_than_a_block_does_not_match_it() {
        let table = table(&[("2001:db8:1::/48", 1)]);
        assert_eq!(ask(&table, "2001:db8::/32"), (vec![], 48));
        assert_eq!(ask(&table, "2001:db8:1:2::/64"), (vec![1], 48));
        assert_eq!(ask(&table, "2001:db9::/32"), (vec![], 32));
    }

    #[test]
    fn nested_blocks_with_one_outcome_share_a_scope_and_neighbours_do_not() {
        let table = table(&[("10.0.0.0/9", 1), ("10.128.0.0/9", 1), ("10.3.0.0/16", 1)]);
        assert_eq!(ask(&table, "10.3.4.5"), (vec![1, 1], 9));
        assert_eq!(ask(&table, "10.0.0.0/8"), (vec![], 9)); // matches neither half
        let narrowest = PrefixTable::build(
            [("10.0.0.0/8", 1), ("10.3.0.0/16", 2), ("10.3.1.0/24", 1)]
                .map(|(block, value)| (IpNetwork::parse(block).unwrap(), value)),
        );
        assert_eq!(ask(&narrowest, "10.3.1.1"), (vec![1, 2, 1], 24));
    }

    #[test]
    fn every_address_of_the_scope_has_the_same_chain() {
        let blocks: Vec<(IpNetwork, u32)> = (0_u32..60)
            .map(|n| {
                let bits = n.wrapping_mul(0x9E37_79B9);
                let length = 1 + (n % 23) as u8;
                (IpNetwork::new(core::net::Ipv4Addr::from_bits(bits).into(), length).unwrap(), n % 4)
            })
            .collect();
        let table = PrefixTable::build(blocks);
        let distinct = |chain: Chain<'_>| {
            let mut values: Vec<u32> = Vec::new();
            chain.for_each(|value| {
                if !values.contains(&value) {
                    values.push(value)
                }
            });
            values
        };
        for n in 0_u32..500 {
            let address = core::net::Ipv4Addr::from_bits(n.wrapping_mul(0x85EB_CA6B));
            let (chain, scope) = table.lookup(&IpNetwork::host(address.into()));
            let outcome = distinct(chain);
            let wide = IpNetwork::new(address.into(), scope).unwrap();
            assert_eq!(distinct(table.lookup(&wide).0), outcome, "{wide}");
            for start in table.starts().filter(|start| (wide.first()..=wide.last()).contains(start)) {
                let inside = core::net::Ipv4Addr::from_bits((start >> 96) as u32);
                assert_eq!(distinct(table.lookup(&IpNetwork::host(inside.into())).0), outcome, "{address}/{scope}");
            }
            if let Some(wider) = scope.checked_sub(1) {
                let wider = IpNetwork::new(address.into(), wider).unwrap();
                let differs = distinct(table.lookup(&wider).0) != outcome
                    || table.starts().filter(|start| (wider.first()..=wider.last()).contains(start)).any(|start| {
                        let inside = core::net::Ipv4Addr::from_bits((start >> 96) as u32);
                        distinct(table.lookup(&IpNetwork::host(inside.into())).0) != outcome
                    });
                assert!(differs, "{address}/{scope} could be shorter");
            }
        }
    }
}
