//! Zone documents, read literally. The zone is taken to be valid.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::geography::{self, Position};
use super::name::{self, Name};
use super::network::Network;

/// Everything that the documents say.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub(super) apex: Name,
    pub(super) private: bool,
    pub(super) records: Vec<Record>,
    pub(super) checks: Vec<Check>,
    pub(super) blocks: Vec<Block>,
    pub(super) resources: Vec<Resource>,
    pub(super) latencies: Option<Table>,
}

/// A record set.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) name: Name,
    pub(super) kind: String,
    pub(super) id: Option<String>,
    pub(super) policy: Policy,
    pub(super) check: Option<String>,
    pub(super) content: Content,
}

/// A record set's part in its group's policy (1.3.3).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Policy {
    Simple,
    Failover { primary: bool },
    Weighted(u64),
    Latency(String),
    Geolocation { continent: Option<String>, country: Option<String>, subdivision: Option<String> },
    Geoproximity { position: Position, bias: f64 },
    IpBased { collection: String, location: String },
    Multivalue,
}

/// What a record set holds (1.5.1, 1.6.1).
#[derive(Debug, Clone)]
pub(super) enum Content {
    Values {
        ttl: u64,
        values: Vec<String>,
    },
    /// An alias to a group of this zone.
    InZone {
        target: Name,
        evaluate: bool,
    },
    /// An alias to an AWS resource.
    Aws {
        target: Name,
        evaluate: bool,
    },
}

/// A health check (6).
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) inverted: bool,
    pub(super) disabled: bool,
    pub(super) threshold: u64,
    pub(super) children: Vec<String>,
    pub(super) when_insufficient: String,
}

/// A block of a CIDR collection, in its location.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) collection: String,
    pub(super) network: Network,
    pub(super) location: String,
}

/// What an AWS resource resolves to (10.35).
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) name: Name,
    pub(super) a: Option<Vec<String>>,
    pub(super) aaaa: Option<Vec<String>>,
    pub(super) ttl: u64,
}

/// Latencies in microseconds by Region.
pub(super) type Row = Vec<(String, u64)>;

/// A latency table.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) networks: Vec<(Network, Row)>,
    pub(super) countries: Vec<(String, Row)>,
    pub(super) continents: Vec<(String, Row)>,
    pub(super) default: Option<Row>,
}

/// The text of a field.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

fn must<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    text(value, field).with_context(|| format!("{field} is missing in {value}"))
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn members<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(field).and_then(Value::as_object).into_iter().flatten()
}

fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

fn strings(value: &Value, field: &str) -> Vec<String> {
    list(value, field).iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
}

/// Ids are the same with and without `/hostedzone/` (10.44).
fn plain_id(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").unwrap_or(id)
}

impl Zone {
    /// Reads documents whose members together describe one zone.
    pub(super) fn read(documents: &[Value]) -> Result<Self> {
        let all = |field: &'static str| documents.iter().flat_map(move |document| list(document, field));
        let hosted_zone = documents.iter().find_map(|document| document.get("HostedZone"));
        let named = hosted_zone.and_then(|zone| text(zone, "Name"));
        let soa = all("ResourceRecordSets").find(|record| text(record, "Type") == Some("SOA"));
        let apex = named.or_else(|| text(soa?, "Name")).context("nothing names the zone")?;
        let apex = name::parse(apex)?;
        let id = hosted_zone.and_then(|zone| text(zone, "Id")).map(plain_id);
        let config = hosted_zone.and_then(|zone| zone.get("Config"));
        let mut records =
            all("ResourceRecordSets").map(|record| read_record(record, &apex, id)).collect::<Result<Vec<_>>>()?;
        // Members are taken in byte order of SetIdentifier (10.37).
        records.sort_by(|left, right| left.id.cmp(&right.id));
        let mut blocks = Vec::new();
        for collection in all("CidrCollections") {
            for block in list(collection, "CidrBlocks") {
                blocks.push(Block {
                    collection: must(collection, "Id")?.into(),
                    network: Network::parse(must(block, "CidrBlock")?)?,
                    location: must(block, "LocationName")?.into(),
                });
            }
        }
        let mut resources = Vec::new();
        for (dns_name, addresses) in documents.iter().flat_map(|document| members(document, "AliasTargets")) {
            resources.push(Resource {
                name: name::parse(dns_name)?,
                a: addresses.get("A").map(|_| strings(addresses, "A")),
                aaaa: addresses.get("AAAA").map(|_| strings(addresses, "AAAA")),
                // Load balancers have 60 seconds (1.5.2).
                ttl: addresses.get("TTL").and_then(Value::as_u64).unwrap_or(60),
            });
        }
        let table = documents.iter().find_map(|document| document.get("LatencyTable"));
        Ok(Self {
            apex,
            private: config.is_some_and(|config| flag(config, "PrivateZone")),
            records,
            checks: all("HealthChecks").map(read_check).collect::<Result<_>>()?,
            blocks,
            resources,
            latencies: table.map(read_table).transpose()?,
        })
    }

    /// The members of a group: all record sets of a name and type, in byte order of SetIdentifier (1.3.1, 10.37).
    pub(super) fn group(&self, name: &Name, kind: &str) -> Vec<&Record> {
        self.records.iter().filter(|record| record.name == *name && record.kind == kind).collect()
    }
}

fn read_record(value: &Value, apex: &Name, zone_id: Option<&str>) -> Result<Record> {
    Ok(Record {
        name: name::parse(must(value, "Name")?)?,
        kind: must(value, "Type")?.into(),
        id: text(value, "SetIdentifier").map(Into::into),
        policy: read_policy(value)?,
        check: text(value, "HealthCheckId").map(Into::into),
        content: match value.get("AliasTarget") {
            Some(alias) => {
                let target = name::parse(must(alias, "DNSName")?)?;
                let evaluate = flag(alias, "EvaluateTargetHealth");
                let in_zone = match zone_id {
                    Some(own) => plain_id(must(alias, "HostedZoneId")?) == own,
                    None => name::is_within(&target, apex),
                };
                if in_zone { Content::InZone { target, evaluate } } else { Content::Aws { target, evaluate } }
            }
            None => Content::Values {
                ttl: value.get("TTL").and_then(Value::as_u64).context("TTL")?,
                values: list(value, "ResourceRecords")
                    .iter()
                    .map(|it| Ok(must(it, "Value")?.into()))
                    .collect::<Result<_>>()?,
            },
        },
    })
}

fn read_policy(value: &Value) -> Result<Policy> {
    let field = |field: &str| value.get(field);
    Ok(if let Some(weight) = field("Weight") {
        Policy::Weighted(weight.as_u64().context("Weight")?)
    } else if let Some(role) = text(value, "Failover") {
        Policy::Failover { primary: role == "PRIMARY" }
    } else if let Some(region) = text(value, "Region") {
        Policy::Latency(region.into())
    } else if let Some(place) = field("GeoLocation") {
        let part = |field: &str| text(place, field).map(Into::into);
        Policy::Geolocation {
            continent: part("ContinentCode"),
            country: part("CountryCode"),
            subdivision: part("SubdivisionCode"),
        }
    } else if let Some(place) = field("GeoProximityLocation") {
        let position = if let Some(region) = text(place, "AWSRegion") {
            geography::region(region)?.1
        } else if let Some(group) = text(place, "LocalZoneGroup") {
            geography::local_zone_group(group)?
        } else {
            let coordinates = place.get("Coordinates").context("Coordinates")?;
            Position::new(must(coordinates, "Latitude")?.parse()?, must(coordinates, "Longitude")?.parse()?)
        };
        Policy::Geoproximity { position, bias: place.get("Bias").and_then(Value::as_f64).unwrap_or(0.0) }
    } else if let Some(cidr) = field("CidrRoutingConfig") {
        Policy::IpBased { collection: must(cidr, "CollectionId")?.into(), location: must(cidr, "LocationName")?.into() }
    } else if flag(value, "MultiValueAnswer") {
        Policy::Multivalue
    } else {
        Policy::Simple
    })
}

fn read_check(value: &Value) -> Result<Check> {
    let Some(config) = value.get("HealthCheckConfig") else { bail!("a check without HealthCheckConfig") };
    Ok(Check {
        id: must(value, "Id")?.into(),
        kind: must(config, "Type")?.into(),
        inverted: flag(config, "Inverted"),
        disabled: flag(config, "Disabled"),
        threshold: config.get("HealthThreshold").and_then(Value::as_u64).unwrap_or(0),
        children: strings(config, "ChildHealthChecks"),
        when_insufficient: text(config, "InsufficientDataHealthStatus").unwrap_or("LastKnownStatus").into(),
    })
}

/// Region -> milliseconds, held as whole microseconds (10.39).
pub(super) fn read_row(value: &Value) -> Result<Row> {
    let row = value.as_object().context("latencies are an object")?;
    row.iter()
        .map(|(region, milliseconds)| {
            let milliseconds = milliseconds.as_f64().context("a latency is a number")?;
            Ok((region.clone(), libm::round(milliseconds * 1000.0) as u64))
        })
        .collect()
}

fn read_table(value: &Value) -> Result<Table> {
    let rows = |field: &str| -> Result<Vec<(String, Row)>> {
        members(value, field).map(|(place, row)| Ok((place.clone(), read_row(row)?))).collect()
    };
    let mut networks = Vec::new();
    for (network, row) in rows("Networks")? {
        networks.push((Network::parse(&network)?, row));
    }
    Ok(Table {
        networks,
        countries: rows("Countries")?,
        continents: rows("Continents")?,
        default: value.get("Default").map(read_row).transpose()?,
    })
}
