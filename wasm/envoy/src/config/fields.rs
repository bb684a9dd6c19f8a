//! The fields of a configuration, and what they are where they are not given.

use std::collections::BTreeMap;

use pointsman_core::health::WhenStale;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The whole configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config<'c> {
    /// The zones; the one whose name is the longest suffix of the name asked for answers.
    #[serde(borrow)]
    pub zones: Vec<ZoneConfig<'c>>,
    /// Where health comes from; without it, nothing is known of any check, which counts as healthy (10.27).
    #[serde(borrow, default)]
    pub health: HealthConfig<'c>,
    /// What is asked for each request.
    pub question: QuestionConfig,
    /// Where the facts about a client are found.
    #[serde(default)]
    pub client: ClientConfig,
    /// Where the draw comes from.
    #[serde(default)]
    pub draw: DrawConfig,
    /// What to do with the answer.
    #[serde(deserialize_with = "answer")]
    pub answer: AnswerConfig,
    /// Names that get 503 in the place of an answer that fails open (5.7), with all below them; `.` is every name.
    #[serde(default)]
    pub fail_closed: Vec<String>,
    /// The key in filter state, behind `wasm.`, that each decision goes to, for access logs; `null` for none.
    #[serde(default = "filter_state_key")]
    pub filter_state: Option<String>,
    /// Milliseconds between two looks at the feed; statistics are handed on as often.
    #[serde(default = "second")]
    pub tick_ms: u32,
}

/// One zone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneConfig<'c> {
    /// Its documents, as the AWS CLI prints them.
    #[serde(borrow)]
    pub documents: Vec<&'c RawValue>,
    /// Its name, for documents that do not say it.
    pub zone_name: Option<String>,
    /// What `list-cidr-blocks` printed, by the collection's id.
    #[serde(borrow, default)]
    pub cidr_blocks: BTreeMap<String, &'c RawValue>,
}

/// Where health comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthConfig<'c> {
    /// A health report to begin with.
    #[serde(borrow)]
    pub report: Option<&'c RawValue>,
    /// A feed of health reports.
    pub feed: Option<FeedConfig>,
}

/// A feed: `pointsman watch`, or whatever answers with a health report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// The Envoy cluster to call.
    pub cluster: String,
    /// The path to ask for.
    #[serde(default = "feed_path")]
    pub path: String,
    /// The Host header of the call.
    #[serde(default = "feed_authority")]
    pub authority: String,
    /// Milliseconds between two fetches.
    #[serde(default = "second")]
    pub interval_ms: u32,
    /// Milliseconds after which a fetch has failed.
    #[serde(default = "second")]
    pub timeout_ms: u32,
    /// Bytes that a report may have.
    #[serde(default = "four_megabytes")]
    pub max_bytes: u32,
    /// Milliseconds after which a report is too old; 0 for never.
    #[serde(default)]
    pub max_age_ms: u32,
    /// What follows from health that is too old.
    #[serde(default, deserialize_with = "when_stale")]
    pub when_stale: WhenStale,
}

/// What is asked for each request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionConfig {
    /// Which name.
    #[serde(deserialize_with = "name")]
    pub name: NameConfig,
    /// Which type.
    #[serde(rename = "type", default = "type_a")]
    pub record_type: String,
}

/// Which name to ask.
#[derive(Debug, Clone)]
pub enum NameConfig {
    /// Always this one.
    Fixed(String),
    /// The one in a request header, such as `:authority`; a port behind it is cut off.
    Header(String),
}

/// Where the facts about a client are found.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The client's address.
    pub address: Option<AddressConfig>,
    /// The header with the country, such as `SG`.
    pub country_header: Option<String>,
    /// The header with the continent, such as `AS`.
    pub continent_header: Option<String>,
    /// The header with the subdivision, such as `US-WA`, or `WA` beside a country.
    pub subdivision_header: Option<String>,
    /// The header with the latitude in degrees.
    pub latitude_header: Option<String>,
    /// The header with the longitude in degrees.
    pub longitude_header: Option<String>,
    /// The Region of the VPC that the proxy stands in, for private zones (1.8.2).
    pub vpc_region: Option<String>,
}

/// Where the client's address is found.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AddressConfig {
    /// Whom Envoy takes for the client: the other end of the connection under `use_remote_address`, else what
    /// `x-forwarded-for` ends with.
    Downstream,
    /// A header that holds one address.
    Header(String),
    /// The `x-forwarded-for` header: the address that stands before those of the trusted proxies.
    XForwardedFor {
        /// How many addresses at the right end are proxies of one's own.
        #[serde(default)]
        trusted_hops: u8,
    },
}

/// Where the draw comes from.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawConfig {
    /// A new number for each request.
    #[default]
    Random,
    /// A hash of a header, so that equal values get equal answers; a new number where it is absent.
    Header(String),
    /// The same of a cookie.
    Cookie(String),
}

/// What to do with the answer.
#[derive(Debug)]
pub enum AnswerConfig {
    /// Name a cluster, for routes with `cluster_header`.
    Cluster(ClusterConfig),
    /// Name hosts, for clusters with the `override_host` load balancing policy.
    Host(HostConfig),
    /// Only tell.
    Header(HeaderConfig),
}

/// Naming a cluster.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfig {
    /// The header that the route reads.
    #[serde(default = "cluster_header")]
    pub header: String,
    /// What the map's keys are.
    #[serde(default)]
    pub by: KeyConfig,
    /// From set identifier or value to cluster.
    pub map: BTreeMap<String, String>,
    /// The cluster for answers that the map lacks; without it the header is taken away.
    pub fallback: Option<String>,
}

/// What a map of clusters goes by.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyConfig {
    /// The set identifiers down the tree; the deepest that the map has counts.
    #[default]
    SetIdentifier,
    /// The values; the first that the map has counts.
    Value,
}

/// Naming hosts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostConfig {
    /// The header that the load balancing policy reads.
    #[serde(default = "host_header")]
    pub header: String,
    /// The port of every host.
    pub port: u16,
    /// How many choices are listed, one after the other, for Envoy's retries.
    #[serde(default = "three")]
    pub choices: u8,
}

/// Telling.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderConfig {
    /// The header that tells.
    #[serde(default = "tell_header")]
    pub header: String,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
fn filter_state_key() -> Option<String> {
    Some("pointsman".into())
}

const fn second() -> u32 {
    1_000
}

const fn four_megabytes() -> u32 {
    4 << 20
}

const fn three() -> u8 {
    3
}

/// Reads `answer`, of which there is one mode; a fault of a mode is reported with the mode's field.
fn answer<'d, D: Deserializer<'d>>(deserializer: D) -> Result<AnswerConfig, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Modes {
        cluster: Option<ClusterConfig>,
        host: Option<HostConfig>,
        header: Option<HeaderConfig>,
    }
    let Modes { cluster, host, header } = Modes::deserialize(deserializer)?;
    let modes = [
        ("cluster", cluster.map(AnswerConfig::Cluster)),
        ("host", host.map(AnswerConfig::Host)),
        ("header", header.map(AnswerConfig::Header)),
    ];
    one_of(modes)
}

/// Reads `question.name`, of which there is one kind.
fn name<'d, D: Deserializer<'d>>(deserializer: D) -> Result<NameConfig, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Kinds {
        fixed: Option<String>,
        header: Option<String>,
    }
    let Kinds { fixed, header } = Kinds::deserialize(deserializer)?;
    one_of([("fixed", fixed.map(NameConfig::Fixed)), ("header", header.map(NameConfig::Header))])
}

/// The only one that is there.
fn one_of<T, E: serde::de::Error, const N: usize>(choices: [(&'static str, Option<T>); N]) -> Result<T, E> {
    let names = choices.each_ref().map(|(name, _)| *name).join(", ");
    let mut given = choices.into_iter().filter_map(|(name, choice)| Some((name, choice?)));
    let Some((first, choice)) = given.next() else {
        return Err(E::custom(format_args!("one of {names} is missing")));
    };
    match given.next() {
        None => Ok(choice),
        Some((second, _)) => {
            Err(E::custom(format_args!("one of {names} is wanted, and both {first} and {second} are given")))
        }
    }
}

fn when_stale<'d, D: Deserializer<'d>>(deserializer: D) -> Result<WhenStale, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = WhenStale::parse(&word);
    known.ok_or_else(|| D::Error::custom(format_args!("`{word}` is not keep, no-data or not-ready")))
}

fn feed_path() -> String {
    "/v1/health".into()
}

fn feed_authority() -> String {
    "pointsman-watch".into()
}

fn type_a() -> String {
    "A".into()
}

fn cluster_header() -> String {
    "x-pointsman-cluster".into()
}

fn host_header() -> String {
    "x-pointsman-host".into()
}

fn tell_header() -> String {
    "x-pointsman".into()
}
