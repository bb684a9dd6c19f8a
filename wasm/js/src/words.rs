//! Words that were read once and have a number from then on: names, types, countries, networks.
//!
//! JavaScript keeps the number of each word in a map, so that a word crosses the boundary, and is read by core, the first
//! time only. Tables that a client could fill without end are emptied when they are full: number 0 then comes again, and
//! JavaScript empties its map when it sees it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use pointsman_core::model::{Continent, Country, IpNetwork, RecordType, Region, Subdivision};
use pointsman_core::parse::set_fact;
use pointsman_core::query::{Client, Query};

/// What kind of word a text is; the numbers are those of `Word` in ../ts/query.ts.
const NAME: u32 = 0;
const TYPE: u32 = 1;
const COUNTRY: u32 = 2;
const CONTINENT: u32 = 3;
const SUBDIVISION: u32 = 4;
const VPC_REGION: u32 = 5;
const IP: u32 = 6;
const ECS: u32 = 7;
const LATENCY_REGION: u32 = 8;

/// Names, and networks, that are kept at a time.
const NAMES_MAX: usize = 1024;
const NETWORKS_MAX: usize = 4096;
/// The other tables have a few bits of a query's place word each.
const PLACES_MAX: usize = 500;

/// The words that were read.
#[derive(Default)]
pub(crate) struct Words {
    /// Each name stands in a query of its own, so that asking about it copies nothing.
    pub(crate) names: Vec<Query>,
    pub(crate) types: Vec<RecordType>,
    pub(crate) countries: Vec<Country>,
    pub(crate) continents: Vec<Continent>,
    pub(crate) subdivisions: Vec<(Country, Subdivision)>,
    pub(crate) regions: Vec<Region>,
    pub(crate) addresses: Vec<core::net::IpAddr>,
    pub(crate) networks: Vec<IpNetwork>,
}

impl Words {
    /// Reads a word; the error says what it should be, in core's words.
    pub(crate) fn read(&mut self, kind: u32, word: &str) -> Result<u32, String> {
        let fact = match kind {
            NAME => {
                let query = Query::new(word, RecordType::A).map_err(|error| format!("name: `{word}`: {error}"))?;
                return Ok(add(&mut self.names, query, NAMES_MAX));
            }
            TYPE => {
                let known = RecordType::parse(word)
                    .ok_or_else(|| format!("type: `{word}` is not a record type that Route 53 knows"))?;
                return Ok(add(&mut self.types, known, PLACES_MAX));
            }
            LATENCY_REGION => {
                let region =
                    Region::parse(word).ok_or_else(|| format!("client.latency_ms: `{word}` is not a Region"))?;
                return Ok(region.index() as u32);
            }
            COUNTRY => "country",
            CONTINENT => "continent",
            SUBDIVISION => "subdivision",
            VPC_REGION => "vpc_region",
            IP => "ip",
            _ => "ecs",
        };
        let mut client = Client::default();
        set_fact(&mut client, fact, word).map_err(|error| error.to_string())?;
        let number = match kind {
            COUNTRY => client.country.map(|value| add(&mut self.countries, value, PLACES_MAX)),
            CONTINENT => client.continent.map(|value| add(&mut self.continents, value, PLACES_MAX)),
            SUBDIVISION => client.subdivision.map(|value| add(&mut self.subdivisions, value, NETWORKS_MAX - 2)),
            VPC_REGION => client.vpc_region.map(|value| add(&mut self.regions, value, PLACES_MAX)),
            IP => client.ip.map(|value| add(&mut self.addresses, value, NETWORKS_MAX)),
            ECS => client.ecs.map(|value| add(&mut self.networks, value, NETWORKS_MAX)),
            _ => None,
        };
        number.ok_or_else(|| format!("`{word}` is no such word"))
    }
}

fn add<T>(table: &mut Vec<T>, word: T, max: usize) -> u32 {
    if table.len() >= max {
        table.clear();
    }
    table.push(word);
    (table.len() - 1) as u32
}
