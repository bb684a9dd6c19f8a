//! What a client asks, and what is known of the client. All of it is an argument: the core looks nothing up.

use alloc::format;
use alloc::string::{String, ToString};
use core::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::model::{
    Continent, Country, IpNetwork, Latencies, NameBuf, NameError, Position, RecordType, Region, Subdivision,
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
        Self { field: field.into(), message: message.into() }
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
