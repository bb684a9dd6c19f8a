//! What a zone does not say: failure domains, where endpoints are, how much traffic clients send.

use std::collections::BTreeMap;

use pointsman_core::model::{Continent, Country, IpNetwork, Region};
use pointsman_core::parse::set_fact;
use pointsman_core::query::Client;
use serde::Deserialize;

use crate::rto::hold::Resolvers;

/// Facts of the user's own, from a TOML file.
///
/// ```
/// use pointsman_verify::facts::Facts;
/// let facts = Facts::parse(r#"
///     [domains]                 # what fails together: values, alias targets, health checks
///     rack-7 = ["192.0.2.1", "192.0.2.2"]
///     [regions]                 # where endpoints are, when neither Region fields nor DNS names say
///     "192.0.2.1" = "us-east-1"
///     [clients]                 # relative traffic of continents, countries, states and networks
///     EU = 40
///     US = 60
/// "#)?;
/// assert_eq!(facts.domains["rack-7"].len(), 2);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What fails together, by name: values, DNS names of alias targets, ids of health checks.
    #[serde(default)]
    pub domains: BTreeMap<String, Vec<String>>,
    /// The Region of an endpoint, by value or DNS name.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// Relative traffic by continent (`EU`), country (`DE`), state (`US-WA`) or network (`203.0.113.0/24`);
    /// `default` is everybody else.
    #[serde(default)]
    pub clients: BTreeMap<String, f64>,
    /// What health checks read, by id, and what load balancers say of themselves, by DNS name.
    #[serde(default)]
    pub reads: BTreeMap<String, ReadsFact>,
    /// How much traffic an endpoint can carry, by value or DNS name, in the units of `clients`; without `clients` a
    /// percentage of all.
    #[serde(default)]
    pub capacity: BTreeMap<String, f64>,
    /// What resolvers and clients do with a TTL, for recovery times; each `[[resolvers]]` is a part of all clients.
    #[serde(default)]
    pub resolvers: Vec<Resolvers>,
}

/// What `[reads]` says of a health check or a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ReadsFact {
    /// The endpoints whose death makes a health check unhealthy, whatever it names; empty for one that sees none of them.
    Sees(Vec<String>),
    /// The same and more, word by word.
    Table(ReadsTable),
}

/// What `[reads]` says with a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadsTable {
    /// Of a health check: the endpoints whose death makes it unhealthy, whatever it names.
    pub sees: Option<Vec<String>>,
    /// Of a health check: endpoints whose death it does not notice, though it names them or hangs on them.
    #[serde(default)]
    pub misses: Vec<String>,
    /// Of a load balancer: whether it may count as unhealthy while the health checks that read it find it alive.
    pub unhealthy_while_alive: Option<bool>,
}

impl ReadsFact {
    /// The endpoints that a health check sees, if that is said.
    #[must_use]
    pub fn sees(&self) -> Option<&[String]> {
        match self {
            Self::Sees(list) => Some(list),
            Self::Table(table) => table.sees.as_deref(),
        }
    }

    /// The endpoints that a health check misses.
    #[must_use]
    pub fn misses(&self) -> &[String] {
        match self {
            Self::Sees(_) => &[],
            Self::Table(table) => &table.misses,
        }
    }

    /// Whether a load balancer may count as unhealthy while it is alive, if that is said.
    #[must_use]
    pub const fn unhealthy_while_alive(&self) -> Option<bool> {
        match self {
            Self::Sees(_) => None,
            Self::Table(table) => table.unhealthy_while_alive,
        }
    }
}

impl Facts {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong, with its line.
    #[cfg(feature = "toml")]
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str::<Self>(text).map_err(|error| crate::text::toml_error(text, &error))?.checked()
    }

    /// Facts that were read from another form than TOML, if they are in order.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn checked(self) -> Result<Self, String> {
        let facts = self;
        for (endpoint, region) in &facts.regions {
            Region::parse(region).ok_or_else(|| format!("[regions] `{endpoint}`: `{region}` is not a Region"))?;
        }
        for (key, weight) in &facts.clients {
            // No more than that, so that their sum is a number.
            if !(0.0..=1e15).contains(weight) {
                return Err(format!("[clients] `{key}`: traffic is a number from 0 to 1e15"));
            }
            client_of(key)?;
        }
        for (endpoint, most) in &facts.capacity {
            if !(0.0..=1e15).contains(most) {
                return Err(format!("[capacity] `{endpoint}`: traffic is a number from 0 to 1e15"));
            }
        }
        let is_time = |seconds: f64| (0.0..=1e7).contains(&seconds);
        for part in &facts.resolvers {
            if ![part.share, part.ttl_min, part.ttl_max, part.stale, part.client_cache].into_iter().all(is_time) {
                return Err("[[resolvers]]: share and seconds are numbers from 0 to 10000000".into());
            }
        }
        if !facts.resolvers.is_empty() && facts.resolvers.iter().map(|part| part.share).sum::<f64>() <= 0.0 {
            return Err("[[resolvers]]: at least one share is above 0".into());
        }
        Ok(facts)
    }

    /// All traffic, in the units of `[capacity]`: the sum of `[clients]`, or else 100.
    #[must_use]
    pub fn all_traffic(&self) -> f64 {
        let sum: f64 = self.clients.values().sum();
        if sum > 0.0 { sum } else { 100.0 }
    }

    /// The client that each entry of `[clients]` speaks of, with its traffic.
    #[must_use]
    pub fn weighted_clients(&self) -> Vec<(Client, f64)> {
        self.clients.iter().filter_map(|(key, weight)| Some((client_of(key).ok()?, *weight))).collect()
    }
}

/// The client that a key of `[clients]` names.
fn client_of(key: &str) -> Result<Client, String> {
    let mut client = Client::default();
    if key == "default" {
        return Ok(client);
    }
    if let Some(network) = IpNetwork::parse(key) {
        client.ecs = Some(network);
        return Ok(client);
    }
    if key.contains('-') {
        set_fact(&mut client, "subdivision", key).map_err(|error| format!("[clients] `{key}`: {}", error.message))?;
        return Ok(client);
    }
    // `AF`, `AS`, `NA` and `SA` are countries too; a continent is what people mean by them.
    match (Continent::parse(key), Country::parse(key)) {
        (Some(continent), _) => client.continent = Some(continent),
        (None, Some(country)) => client.country = Some(country),
        (None, None) => {
            return Err(format!(
                "[clients] `{key}` is no continent, country, state or network; write EU, DE, US-WA, 203.0.113.0/24 or default"
            ));
        }
    }
    Ok(client)
}
