//! One class of clients.

use pointsman_core::model::Continent;
use pointsman_core::query::Client;

use super::consults::continent_of;
use crate::tree::Tree;

/// Clients that get the same answers in every world.
#[derive(Debug, Clone)]
pub struct Class {
    /// One of them, the first that was found.
    pub client: Client,
    /// The others that were tried, each standing for many.
    pub others: Vec<Client>,
    /// What they can be answered.
    pub tree: Tree,
    /// Their traffic, when `[clients]` gives some: relative to the sum of all.
    pub traffic: Option<f64>,
}

impl Class {
    /// A class of which one client is known, and not what it is answered.
    #[must_use]
    pub fn only(client: Client) -> Self {
        Self { client, others: Vec::new(), tree: Tree { nodes: Vec::new() }, traffic: None }
    }

    /// Every client that was found to be in the class.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        std::iter::once(&self.client).chain(&self.others)
    }

    /// The continent of these clients, when all that are known to be somewhere are in one.
    #[must_use]
    pub fn continent(&self) -> Option<Continent> {
        let mut continents = self.clients().filter_map(continent_of);
        let first = continents.next()?;
        continents.all(|other| other == first).then_some(first)
    }
}
