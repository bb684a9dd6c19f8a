//! CIDR blocks around a network, and how far an answer holds for the client's neighbours (4.7, 10.41).

use super::health::World;
use super::network::Network;
use super::policy::defaults;
use super::zone::{Block, Policy, Record, Table};

impl<'z> World<'z> {
    /// The members whose location holds a block around the network, longest block first, then the default (4.7.1).
    pub(super) fn blocks_around(&self, group: &[&'z Record], network: &Network) -> Vec<&'z Record> {
        let mut found = Vec::new();
        for member in group {
            let around = self.blocks_of(member).filter(|block| block.network.contains(network));
            if let Some(longest) = around.map(|block| block.network.length()).max() {
                found.push((longest, *member));
            }
        }
        found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        found.into_iter().map(|(_, member)| member).chain(defaults(group)).collect()
    }

    /// The longest block of a member's location around the client's network.
    pub(super) fn longest_block(&self, member: &Record) -> Option<&'z Network> {
        let network = self.client.network.as_ref()?;
        let around = self.blocks_of(member).map(|block| &block.network).filter(|block| block.contains(network));
        around.max_by_key(|block| block.length())
    }

    fn blocks_of(&self, member: &Record) -> impl Iterator<Item = &'z Block> + use<'z> {
        let (collection, location) = match &member.policy {
            Policy::IpBased { collection, location } => (collection.clone(), location.clone()),
            _ => (String::new(), String::new()),
        };
        let blocks = self.zone.blocks.iter();
        blocks.filter(move |block| block.collection == collection && block.location == location)
    }

    /// Notes that an IP-based group was asked about the client's network.
    pub(super) fn consult_blocks(&self, group: &[&'z Record]) {
        let Some(network) = &self.client.network else { return };
        let blocks: Vec<_> =
            group.iter().flat_map(|member| self.blocks_of(member)).map(|block| &block.network).collect();
        let chain = |network: &Network| -> Vec<_> {
            self.blocks_around(group, network).into_iter().map(|member| member.id.clone()).collect()
        };
        self.consult(network, &blocks, chain);
    }

    /// Notes that the latency table was asked about the client's network.
    pub(super) fn consult_table(&self, table: &Table) {
        let Some(network) = &self.client.network else { return };
        let networks: Vec<_> = table.networks.iter().map(|(known, _)| known).collect();
        let row = |network: &Network| {
            let around = networks.iter().filter(|known| known.contains(network));
            around.max_by_key(|known| known.length()).copied().cloned()
        };
        self.consult(network, &networks, row);
    }

    /// The shortest prefix around the client in which every network gives the same. What a network gives changes only
    /// where a block begins, so that the prefix and the blocks inside it stand for all networks in it. When the client
    /// is a network with blocks inside, the prefix is longer than it: that of its first addresses.
    fn consult<T: PartialEq>(&self, network: &Network, blocks: &[&Network], of: impl Fn(&Network) -> T) {
        let is_uniform = |prefix: &Network| {
            let all = of(prefix);
            blocks.iter().filter(|block| prefix.contains(block)).all(|block| of(block) == all)
        };
        let shortest = (0..=network.width()).find(|length| is_uniform(&network.resized(*length)));
        self.scope.set(self.scope.get().max(shortest.unwrap_or(network.width())));
    }
}
