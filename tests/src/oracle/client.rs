//! Where the client is, as far as the query says (7, 10.45).

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::geography::{self, Position};
use super::network::Network;
use super::zone::{Row, Zone, read_row, text};

/// What a zone may know of a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    /// The client subnet, else the resolver's address (7.1).
    pub(super) network: Option<Network>,
    pub(super) country: Option<String>,
    pub(super) continent: Option<String>,
    /// With the country that it is a part of.
    pub(super) subdivision: Option<(String, String)>,
    pub(super) position: Option<Position>,
    /// Latencies that the query itself gives.
    pub(super) latencies: Option<Row>,
    /// The Region of the VPC, in a private zone.
    pub(super) vpc_region: Option<String>,
}

impl Client {
    /// Reads the `client` of a query to this zone.
    pub(super) fn read(query: &Value, zone: &Zone) -> Result<Self> {
        let Some(facts) = query.get("client") else { return Ok(Self::default()) };
        if zone.private {
            return Self::in_vpc(facts);
        }
        let subdivision = match text(facts, "subdivision") {
            Some(words) => {
                let (country, subdivision) = words.split_once('-').context("a subdivision is like US-WA")?;
                Some((country.to_owned(), subdivision.to_owned()))
            }
            None => None,
        };
        // A subdivision implies its country, a country its continent; what is given beats what is implied (10.45).
        let implied = subdivision.as_ref().map(|(country, _)| country.clone());
        let country = text(facts, "country").map(str::to_owned).or(implied);
        let implied = country.as_deref().and_then(geography::continent_of);
        let continent = text(facts, "continent").or(implied).map(str::to_owned);
        let degrees = |field: &str| facts.get(field).and_then(Value::as_f64);
        let position = match (degrees("latitude"), degrees("longitude")) {
            (Some(latitude), Some(longitude)) => Some(Position::new(latitude, longitude)),
            _ => None,
        };
        Ok(Self {
            network: text(facts, "ecs").or(text(facts, "ip")).map(Network::parse).transpose()?,
            country,
            continent,
            subdivision,
            position,
            latencies: facts.get("latency_ms").map(read_row).transpose()?,
            vpc_region: None,
        })
    }

    /// In a private zone the place of the client is the Region of its VPC, and nothing else (1.8.2).
    fn in_vpc(facts: &Value) -> Result<Self> {
        let Some(code) = text(facts, "vpc_region") else { return Ok(Self::default()) };
        let (country, position) = geography::region(code)?;
        Ok(Self {
            country: Some(country.into()),
            continent: geography::continent_of(country).map(Into::into),
            position: Some(position),
            vpc_region: Some(code.into()),
            ..Self::default()
        })
    }
}
