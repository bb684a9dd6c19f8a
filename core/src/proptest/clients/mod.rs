//! Clients that a zone can tell apart.

mod atoms;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use self::atoms::{Atoms, ClientPlace};
use super::dice::Dice;
use super::json::{Json, number, object, word};
use super::shrink::{Shrinking, Simplify, Tree};
use crate::compile::Zone;
use crate::model::{Continent, Country, Latencies, Region};
use crate::query::Client;

/// Clients that the zone can tell apart: in the places that its record sets name and beside them, in every network that
/// its CIDR blocks and its latency table cut the address space into, with its Regions near and far in any order, at any
/// position if it routes by position. Of each fact sometimes nothing is known.
///
/// They shrink to a client of whom no more is known than the failure needs.
///
/// ```
/// use pointsman_core::model::Continent;
/// use pointsman_core::proptest::{clients, zones};
/// use proptest::prelude::*;
///
/// let zone = zones().private(false).seeded(1).compile();
/// proptest!(|(client in clients(&zone).within(Continent::Eu))| {
///     let continent = client.continent.or(client.country.and_then(|country| country.continent()));
///     prop_assert_eq!(continent, Some(Continent::Eu));
/// });
/// ```
#[must_use]
pub fn clients(zone: &Zone) -> Clients {
    Clients { atoms: Atoms::of(zone), within: None, nearest: Vec::new(), knows: Knows::ALL }
}

/// Strategy of [`clients`].
#[derive(Debug, Clone)]
pub struct Clients {
    atoms: Atoms,
    within: Option<Continent>,
    nearest: Vec<Region>,
    knows: Knows,
}

/// Which facts clients may have.
#[derive(Debug, Clone, Copy)]
struct Knows {
    network: bool,
    latency: bool,
    position: bool,
}

impl Knows {
    const ALL: Self = Self { network: true, latency: true, position: true };
}

impl Clients {
    /// Only clients of this continent. In a private zone, where the place is that of the VPC, only VPCs of its Regions.
    pub fn within(mut self, continent: Continent) -> Self {
        self.within = Some(continent);
        self
    }

    /// Only clients that have these Regions nearest, in this order; the others follow in any order.
    ///
    /// ```
    /// # use pointsman_core::proptest::{clients, load};
    /// # use pointsman_core::model::Region;
    /// # use proptest::prelude::*;
    /// # let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Region": "us-east-1", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #   {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Region": "eu-west-1", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#])?;
    /// // Of a zone with latency record sets in us-east-1 and eu-west-1:
    /// let (ireland, virginia) = (Region::parse("eu-west-1").unwrap(), Region::parse("us-east-1").unwrap());
    /// proptest!(|(client in clients(&zone).nearest([ireland]))| {
    ///     let latency = client.latency.unwrap();
    ///     // Latency to the other Region is sometimes unknown, which ranks last (10.13).
    ///     let other = latency.microseconds(virginia).unwrap_or(u32::MAX);
    ///     prop_assert!(latency.microseconds(ireland).unwrap() < other);
    /// });
    /// # Ok::<(), String>(())
    /// ```
    pub fn nearest(mut self, regions: impl IntoIterator<Item = Region>) -> Self {
        self.nearest = regions.into_iter().collect();
        self
    }

    /// Nothing is known of their networks.
    pub fn without_networks(mut self) -> Self {
        self.knows.network = false;
        self
    }

    /// They bring no latencies, so that the zone's latency table decides.
    pub fn without_latencies(mut self) -> Self {
        self.knows.latency = false;
        self
    }

    /// Nothing is known of their position.
    pub fn without_positions(mut self) -> Self {
        self.knows.position = false;
        self
    }

    /// A client within these limits.
    pub(super) fn any(&self, dice: &mut Dice) -> Client {
        let mut client = Client::default();
        self.place(&mut client, dice);
        if self.knows.network && !self.atoms.networks.is_empty() && !dice.one_in(6) {
            self.atoms.network(&mut client, dice);
        }
        if self.knows.position && !self.atoms.positions.is_empty() && !dice.one_in(6) {
            client.position = self.atoms.position(dice);
        }
        let latencies = self.knows.latency && !self.atoms.regions.is_empty() && !dice.one_in(4);
        if latencies || !self.nearest.is_empty() {
            client.latency = Some(self.latencies(dice));
        }
        client
    }

    fn place(&self, client: &mut Client, dice: &mut Dice) {
        if self.atoms.private {
            let regions: Vec<Region> = Region::all()
                .filter(|region| self.within.is_none() || region.country().continent() == self.within)
                .collect();
            let known: Vec<Region> =
                self.atoms.regions.iter().copied().filter(|region| regions.contains(region)).collect();
            let of = if !known.is_empty() && dice.one_in(2) { &known } else { &regions };
            client.vpc_region = dice.choose(of).filter(|_| self.within.is_some() || !dice.one_in(6));
            return;
        }
        let places: Vec<ClientPlace> = self
            .atoms
            .places
            .iter()
            .copied()
            .filter(|place| self.within.is_none() || place.continent() == self.within)
            .collect();
        match dice.choose(&places).filter(|_| !dice.one_in(6)) {
            Some(place) => place.set(client),
            None => client.continent = self.within,
        }
    }

    /// Latencies of 10 ms and more, the Regions that are to be nearest first.
    fn latencies(&self, dice: &mut Dice) -> Latencies {
        let rest: Vec<Region> =
            self.atoms.regions.iter().copied().filter(|region| !self.nearest.contains(region)).collect();
        let rest = dice.sample(&rest, rest.len());
        let mut latencies = Latencies::UNKNOWN;
        let mut milliseconds = 0.0;
        for (number, region) in self.nearest.iter().chain(&rest).enumerate() {
            let free = number >= self.nearest.len();
            // Now and then as near as the one before, or unknown.
            if !(free && number > self.nearest.len() && dice.one_in(8)) {
                milliseconds += 10.0;
            }
            if !(free && dice.one_in(8)) {
                let _in_range = latencies.set_milliseconds(*region, milliseconds);
            }
        }
        latencies
    }

    /// Clients of whom less is known, and who are within the limits still.
    pub(super) fn simpler(&self, client: &Client) -> Vec<Client> {
        let mut ways = Vec::new();
        let mut change = |edit: &dyn Fn(&mut Client)| {
            let mut simpler = client.clone();
            edit(&mut simpler);
            if self.allows(&simpler) && !same_client(&simpler, client) {
                ways.push(simpler);
            }
        };
        change(&|client| *client = Client { continent: self.within, ..Client::default() });
        change(&|client| {
            (client.continent, client.country, client.subdivision) = (self.within, None, None);
        });
        change(&|client| (client.ip, client.ecs) = (None, None));
        change(&|client| client.ip = None);
        change(&|client| client.ecs = None);
        change(&|client| client.position = None);
        change(&|client| client.latency = None);
        change(&|client| client.vpc_region = None);
        change(&|client| {
            if let Some((country, _)) = client.subdivision.take() {
                client.country = Some(country);
            }
        });
        change(&|client| {
            if client.country.is_some() && client.subdivision.is_none() {
                client.continent = client.continent.or(client.country.and_then(Country::continent));
                client.country = None;
            }
        });
        change(&|client| client.continent = None);
        if let Some(latencies) = client.latency {
            for region in Region::all().filter(|region| latencies.microseconds(*region).is_some()) {
                change(&|client| {
                    let mut fewer = Latencies::UNKNOWN;
                    for other in Region::all().filter(|other| *other != region) {
                        if let Some(value) = latencies.microseconds(other) {
                            let _in_range = fewer.set_milliseconds(other, f64::from(value) / 1000.0);
                        }
                    }
                    client.latency = Some(fewer);
                });
            }
        }
        ways
    }

    /// Whether a client is within the limits.
    fn allows(&self, client: &Client) -> bool {
        let continent = match client.vpc_region {
            Some(region) if self.atoms.private => region.country().continent(),
            _ => client
                .continent
                .or(client.country.or(client.subdivision.map(|(country, _)| country)).and_then(Country::continent)),
        };
        let place = self.within.is_none() || continent == self.within;
        let known = |region: &Region| client.latency.and_then(|latencies| latencies.microseconds(*region));
        let near = self.nearest.iter().all(|region| known(region).is_some());
        let vpc = !self.atoms.private || self.within.is_none() || client.vpc_region.is_some();
        place && near && vpc
    }
}

impl Strategy for Clients {
    type Tree = Tree<SampleClient>;
    type Value = SampleClient;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let client = self.any(&mut Dice::new(runner)?);
        Ok(Shrinking::tree(Draft { client: SampleClient(client), limits: self.clone() }))
    }
}

/// A client while it shrinks.
#[derive(Clone)]
struct Draft {
    client: SampleClient,
    limits: Clients,
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.client == other.client
    }
}

impl Simplify for Draft {
    type Value = SampleClient;
    type Step = Client;

    fn value(&self) -> SampleClient {
        self.client.clone()
    }

    fn steps(&self) -> Vec<Client> {
        self.limits.simpler(&self.client)
    }

    fn after(&self, step: &Client) -> Option<Self> {
        Some(Self { client: SampleClient(step.clone()), limits: self.limits.clone() })
    }
}

/// A client made by [`clients`]: what is known of it. It prints as its JSON.
#[derive(Clone)]
pub struct SampleClient(Client);

impl SampleClient {
    /// The client.
    #[must_use]
    pub fn into_inner(self) -> Client {
        self.0
    }

    /// The `client` of a query, in the words that every host takes.
    #[must_use]
    pub fn to_json(&self) -> String {
        client_json(&self.0).line()
    }
}

impl Deref for SampleClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl PartialEq for SampleClient {
    fn eq(&self, other: &Self) -> bool {
        same_client(self, other)
    }
}

impl fmt::Debug for SampleClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Whether the same is known of two clients.
pub(super) fn same_client(one: &Client, other: &Client) -> bool {
    let facts = |client: &Client| {
        let Client { ip, ecs, country, continent, subdivision, position, latency, vpc_region } = client.clone();
        ((ip, ecs, country, continent), (subdivision, position, latency, vpc_region))
    };
    facts(one) == facts(other)
}

/// The client in JSON; known facts only.
pub(super) fn client_json(client: &Client) -> Json {
    let Client { ip, ecs, country, continent, subdivision, position, latency, vpc_region } = client;
    let mut members = Vec::new();
    members.extend(ip.map(|ip| ("ip", word(ip.to_string()))));
    members.extend(ecs.map(|network| ("ecs", word(network.to_string()))));
    members.extend(country.map(|country| ("country", word(country.as_str()))));
    members.extend(continent.map(|continent| ("continent", word(continent.as_str()))));
    members.extend(subdivision.map(|(country, part)| ("subdivision", word(alloc::format!("{country}-{part}")))));
    if let Some(position) = position {
        members.push(("latitude", Json::Decimal(position.latitude())));
        members.push(("longitude", Json::Decimal(position.longitude())));
    }
    if let Some(latencies) = latency {
        let known = Region::all().filter_map(|region| Some((region.to_string(), latencies.microseconds(region)?)));
        let milliseconds = |value: u32| match value % 1000 {
            0 => number(value / 1000),
            _ => Json::Decimal(f64::from(value) / 1000.0),
        };
        let row = known.map(|(region, value)| (region, milliseconds(value)));
        members.push(("latency_ms", Json::Object(row.collect())));
    }
    members.extend(vpc_region.map(|region| ("vpc_region", word(region.as_str()))));
    object(members)
}
