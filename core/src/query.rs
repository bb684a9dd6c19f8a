//! What a client asks, and what is known of the client. All of it is an argument: the core looks nothing up.

mod draw;

use alloc::format;
use alloc::string::{String, ToString};
use core::net::IpAddr;

pub use self::draw::draw_of;
use crate::diagnostic::{Diagnostic, shorten};
use crate::model::latency::shown;
use crate::model::word;
use crate::model::{
    Continent, Country, IpNetwork, Latencies, NameBuf, NameError, Position, RecordType, Region, Subdivision,
    UnknownWord,
};

/// A question with its client and its draw.
///
/// ```
/// use pointsman_core::model::{Country, RecordType};
/// use pointsman_core::query::Query;
/// let mut query = Query::new("app.example.com", RecordType::A)?;
/// query.client.country = Country::parse("SG");
/// query.draw = 12_345;
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Query {
    /// The name asked for.
    pub name: NameBuf,
    /// The type asked for.
    pub record_type: RecordType,
    /// Who asks.
    pub client: Client,
    /// The random number that weighted and multivalue groups use (10.37); 0 when the host gives none.
    pub draw: u64,
}

/// What is known of the client; every fact is optional (10.45).
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The address that the query came from, usually a resolver's.
    pub ip: Option<IpAddr>,
    /// EDNS client subnet (RFC 7871); it beats `ip` in public zones (7.1).
    pub ecs: Option<IpNetwork>,
    /// Country; it gives the continent unless that is given.
    pub country: Option<Country>,
    /// Continent.
    pub continent: Option<Continent>,
    /// Subdivision with its country, such as US-WA; it implies the country.
    pub subdivision: Option<(Country, Subdivision)>,
    /// Position, for geoproximity.
    pub position: Option<Position>,
    /// Latency to Regions; it beats the zone's latency table.
    pub latency: Option<Latencies>,
    /// The Region of the VPC that the query came from; in private zones it is the client's place (1.8.2).
    pub vpc_region: Option<Region>,
}

impl Query {
    /// A question about which nothing more is known.
    ///
    /// # Errors
    /// A [`NameError`] when the name is not a domain name.
    pub fn new(name: &str, record_type: RecordType) -> Result<Self, NameError> {
        Ok(Self { name: NameBuf::parse(name)?, record_type, client: Client::default(), draw: 0 })
    }

    /// Room for queries that hosts give in words, one after the other: [`ask`](Self::ask) makes it one.
    #[must_use]
    pub const fn room() -> Self {
        Self { name: NameBuf::ROOT, record_type: RecordType::A, client: Client::UNKNOWN, draw: 0 }
    }

    /// Makes this a question of that name and type, with draw 0, about a client of whom nothing is known; the `set_`
    /// functions of [`Client`] add what is.
    ///
    /// # Errors
    /// A [`QueryError`] that names the field and what is wrong with it.
    ///
    /// ```
    /// use pointsman_core::query::{Fact, Query};
    /// let mut query = Query::room();
    /// query.ask("app.example.com", "A")?;
    /// query.client.set(Fact::Country, "SG")?;
    /// query.client.set_latency("ap-southeast-1", 4.5)?;
    /// let error = query.ask("app.example.com", "AXFR").unwrap_err();
    /// assert_eq!(error.to_string(), "type: `AXFR` is not a record type that Route 53 knows");
    /// # Ok::<(), pointsman_core::query::QueryError>(())
    /// ```
    pub fn ask(&mut self, name: &str, record_type: &str) -> Result<(), QueryError> {
        self.record_type = parse_type(record_type)?;
        self.name.set(name).map_err(|error| name_fault(name, error))?;
        self.client.forget();
        self.draw = 0;
        Ok(())
    }
}

/// A client fact that is given as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the field of `Client` of that name")]
pub enum Fact {
    Ip,
    Ecs,
    Country,
    Continent,
    Subdivision,
    VpcRegion,
}

impl Fact {
    /// Every fact that is a word.
    pub const ALL: [Self; 6] =
        [Self::Ip, Self::Ecs, Self::Country, Self::Continent, Self::Subdivision, Self::VpcRegion];

    /// The fact's name in a query's JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ecs => "ecs",
            Self::Country => "country",
            Self::Continent => "continent",
            Self::Subdivision => "subdivision",
            Self::VpcRegion => "vpc_region",
        }
    }

    /// What the word should be.
    const fn wanted(self) -> &'static str {
        match self {
            Self::Ip => "an IP address",
            Self::Ecs => word::NETWORK,
            Self::Country => word::COUNTRY,
            Self::Continent => word::CONTINENT,
            Self::Subdivision => "a subdivision such as US-WA",
            Self::VpcRegion => word::REGION,
        }
    }
}

impl Client {
    /// A client of whom nothing is known.
    pub const UNKNOWN: Self = Self {
        ip: None,
        ecs: None,
        country: None,
        continent: None,
        subdivision: None,
        position: None,
        latency: None,
        vpc_region: None,
    };

    /// Makes this a client of whom nothing is known.
    pub const fn forget(&mut self) {
        // Field by field: most of a client is the room for its latencies, which need not be written.
        self.ip = None;
        self.ecs = None;
        self.country = None;
        self.continent = None;
        self.subdivision = None;
        self.position = None;
        self.latency = None;
        self.vpc_region = None;
    }

    /// Sets a fact from its word.
    ///
    /// # Errors
    /// A [`QueryError`] that names the fact and what it should be.
    pub fn set(&mut self, fact: Fact, word: &str) -> Result<(), QueryError> {
        let known = match fact {
            Fact::Ip => {
                self.ip = word.parse().ok();
                self.ip.is_some()
            }
            Fact::Ecs => {
                self.ecs = IpNetwork::parse(word);
                self.ecs.is_some()
            }
            Fact::Country => {
                let country = Country::parse(word);
                if country.is_some_and(|country| !country.is_assigned()) {
                    return Err(no_country(fact, word, word));
                }
                self.country = country;
                self.country.is_some()
            }
            Fact::Continent => {
                self.continent = Continent::parse(word);
                self.continent.is_some()
            }
            Fact::Subdivision => {
                self.subdivision = word.split_once('-').and_then(|(country, subdivision)| {
                    Some((Country::parse(country)?, Subdivision::parse(subdivision)?))
                });
                if let Some((country, subdivision)) = self.subdivision {
                    if !country.is_assigned() {
                        self.subdivision = None;
                        return Err(no_country(fact, word, country.as_str()));
                    }
                    if !subdivision.is_assigned(country) {
                        self.subdivision = None;
                        return Err(wrong(fact.as_str(), word, "a state of the US"));
                    }
                }
                self.subdivision.is_some()
            }
            Fact::VpcRegion => {
                self.vpc_region = Region::parse(word);
                self.vpc_region.is_some()
            }
        };
        if known { Ok(()) } else { Err(wrong(fact.as_str(), word, fact.wanted())) }
    }

    /// Sets where the client is.
    ///
    /// # Errors
    /// A [`QueryError`] when that is not on the Earth.
    pub fn set_position(&mut self, latitude: f64, longitude: f64) -> Result<(), QueryError> {
        self.position = Position::from_degrees(latitude, longitude);
        match self.position {
            Some(_) => Ok(()),
            None => {
                let message = "latitude must be -90 to 90 and longitude -180 to 180";
                Err(QueryError::new("client.latitude", message))
            }
        }
    }

    /// Sets the latency to a Region, in milliseconds; those to other Regions stay as they were.
    ///
    /// # Errors
    /// A [`QueryError`] when there is no such Region, or no such latency.
    pub fn set_latency(&mut self, region: &str, milliseconds: f64) -> Result<(), QueryError> {
        let Some(known) = Region::parse(region) else { return Err(wrong("latency_ms", region, word::REGION)) };
        if self.latency.get_or_insert(Latencies::UNKNOWN).set_milliseconds(known, milliseconds) {
            return Ok(());
        }
        let message = format!("{} is not a latency in milliseconds", shown(milliseconds));
        Err(QueryError::new(&format!("client.latency_ms.{region}"), message))
    }
}

#[cold]
fn wrong(field: &str, word: &str, wanted: &str) -> QueryError {
    QueryError::new(&format!("client.{field}"), format!("`{word}` is not {wanted}"))
}

/// A code that no country has would be a client in no place, whom nothing but the default serves.
#[cold]
fn no_country(fact: Fact, word: &str, code: &str) -> QueryError {
    let hint = match code {
        "UK" => "; the United Kingdom is GB",
        "EL" => "; Greece is GR",
        _ => "; leave it out where it is not known",
    };
    let message = if word == code { String::new() } else { format!("`{word}`: ") };
    let field = format!("client.{}", fact.as_str());
    QueryError::new(&field, format!("{message}`{code}` is not a country of ISO 3166-1{hint}"))
}

#[cold]
pub(crate) fn name_fault(name: &str, error: NameError) -> QueryError {
    QueryError::new("name", format!("`{name}`: {error}"))
}

pub(crate) fn parse_type(given: &str) -> Result<RecordType, QueryError> {
    match RecordType::parse(given) {
        Some(record_type) => Ok(record_type),
        None => Err(QueryError::new("type", UnknownWord::new(given, word::RECORD_TYPE).to_string())),
    }
}

/// Why a line is not a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryError {
    /// The field, such as `client.country`; empty when the line as a whole is wrong.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl QueryError {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        let (mut field, mut message) = (field.into(), message.into());
        shorten(&mut field);
        shorten(&mut message);
        Self { field, message }
    }

    /// From a finding of grammar: its path without the `$.` is the field.
    pub(crate) fn from_diagnostic(finding: &Diagnostic) -> Self {
        let path = finding.place.as_ref().map(|place| place.path.to_string()).unwrap_or_default();
        Self { field: path.trim_start_matches(['$', '.']).into(), message: finding.message.clone() }
    }

    /// The error as a line of JSON: `{"error":"..."}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        error_json(&self.to_string())
    }
}

/// `{"error":"..."}`, what stands in the place of an answer that could not be given.
#[must_use]
pub fn error_json(message: &str) -> String {
    format!("{{\"error\":{}}}", serde_json::to_string(message).unwrap_or_default())
}

impl core::fmt::Display for QueryError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.message),
            field => write!(f, "{field}: {}", self.message),
        }
    }
}

impl core::error::Error for QueryError {}
