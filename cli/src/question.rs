//! The question on the command line: a name, a type, and what is known of the client.

use std::net::IpAddr;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use pointsman_core::health::HealthView;
use pointsman_core::model::{
    Continent, Country, IpNetwork, Latencies, NameBuf, Position, RecordType, Region, Subdivision,
};
use pointsman_core::parse::set_fact;
use pointsman_core::query::{Client, Query};

use crate::exit::Stop;
use crate::load::ViewArguments;
use crate::output;
use crate::place_database::PlaceDatabase;
use crate::source::Reader;

/// What `resolve`, `odds` and `explain` are given.
#[derive(Debug, Args)]
pub(crate) struct QuestionArguments {
    /// The name asked for
    #[arg(value_parser = |word: &str| NameBuf::parse(word).map_err(|error| error.to_string()), required_unless_present = "queries")]
    name: Option<NameBuf>,

    /// The record type asked for
    #[arg(value_name = "TYPE", value_parser = record_type(), required_unless_present = "queries",
        hide_possible_values = true, ignore_case = true)]
    record_type: Option<RecordType>,

    /// Queries as lines of JSON (`-` is standard input); the answers are lines of JSON in the same order
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "record_type", "from", "continent", "ip", "ecs",
        "at", "latency", "vpc_region", "draw"])]
    queries: Option<String>,

    /// Follow CNAMEs within the zone to their end, as a resolver does
    #[arg(long)]
    follow: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    view: ViewArguments,

    #[command(flatten)]
    client: ClientArguments,
}

/// What is known of the client, all of it optional.
#[derive(Debug, Args)]
#[command(next_help_heading = "Client")]
struct ClientArguments {
    /// Where the client is: a country, or a country with a subdivision
    #[arg(long, value_name = "SG|US-WA", value_parser = from)]
    from: Option<From>,

    /// The client's continent: AF, AN, AS, EU, NA, OC or SA
    #[arg(long, value_name = "EU", value_parser = |word: &str| fact("continent", &word.to_ascii_uppercase(), |c| c.continent))]
    continent: Option<Continent>,

    /// The address that the query comes from, usually a resolver's
    #[arg(long, value_name = "A", value_parser = |word: &str| fact("ip", word, |c| c.ip))]
    ip: Option<IpAddr>,

    /// EDNS client subnet, such as 203.0.113.0/24; it beats --ip
    #[arg(long, value_name = "N", value_parser = |word: &str| fact("ecs", word, |c| c.ecs))]
    ecs: Option<IpNetwork>,

    /// The client's position in degrees, north and east positive
    #[arg(long, value_name = "LAT,LON", value_parser = position, allow_hyphen_values = true)]
    at: Option<Position>,

    /// Latency to Regions in milliseconds; it beats the zone's LatencyTable
    #[arg(long, value_name = "us-east-1=12,...", value_parser = latency, value_delimiter = ',')]
    latency: Vec<(Region, f64)>,

    /// In private zones: the Region of the VPC that the query comes from
    #[arg(long, value_name = "REGION", value_parser = |word: &str| fact("vpc_region", word, |c| c.vpc_region))]
    vpc_region: Option<Region>,

    /// A MaxMind DB file to look the client's place up in, by --ecs if given, else by --ip
    #[arg(long, value_name = "FILE")]
    mmdb: Option<String>,

    /// The random number that weighted and multivalue groups use [default: 0]
    #[arg(long, value_name = "N", value_parser = draw, allow_negative_numbers = true)]
    draw: Option<u64>,
}

/// A country, or a subdivision with its country.
#[derive(Debug, Clone, Copy)]
enum From {
    Country(Country),
    Subdivision(Country, Subdivision),
}

pub(crate) fn record_type() -> impl clap::builder::TypedValueParser<Value = RecordType> {
    PossibleValuesParser::new(RecordType::ALL.map(RecordType::as_str))
        .try_map(|word| RecordType::parse(&word).ok_or("not a record type that Route 53 knows"))
}

/// One client fact, read by the core.
fn fact<T>(name: &str, word: &str, take: fn(Client) -> Option<T>) -> Result<T, String> {
    let mut client = Client::default();
    set_fact(&mut client, name, word).map_err(|error| error.message)?;
    take(client).ok_or_else(String::new)
}

fn from(given: &str) -> Result<From, String> {
    let word = given.to_ascii_uppercase();
    if word.contains('-') {
        let (country, subdivision) = fact("subdivision", &word, |client| client.subdivision)?;
        return Ok(From::Subdivision(country, subdivision));
    }
    let country = Country::parse(&word)
        .ok_or_else(|| format!("`{given}` is neither a country code such as SG nor a subdivision such as US-WA"))?;
    if country.continent().is_none() && Continent::parse(&word).is_some() {
        return Err(format!("`{word}` is a continent, not a country; use --continent {word}"));
    }
    fact("country", &word, |client| client.country).map(From::Country)
}

fn position(word: &str) -> Result<Position, String> {
    let (latitude, longitude) = word.split_once(',').ok_or("write latitude and longitude with a comma between them")?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("`{text}` is not a number of degrees"));
    Position::from_degrees(degrees(latitude)?, degrees(longitude)?)
        .ok_or_else(|| "latitude must be -90 to 90 and longitude -180 to 180".into())
}

fn latency(word: &str) -> Result<(Region, f64), String> {
    let (region, milliseconds) = word.split_once('=').ok_or("write a Region, `=`, and milliseconds")?;
    let region = Region::parse(region).ok_or_else(|| format!("`{region}` is not a Region"))?;
    let wrong = || format!("`{milliseconds}` is not a latency in milliseconds");
    let figure: f64 = milliseconds.parse().map_err(|_| wrong())?;
    if !Latencies::UNKNOWN.clone().set_milliseconds(region, figure) {
        return Err(wrong());
    }
    Ok((region, figure))
}

fn draw(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("a draw is a whole number from 0 to {}", u64::MAX))
}

impl ClientArguments {
    fn client(&self, places: Option<&PlaceDatabase>) -> Result<Client, Stop> {
        let mut client = Client {
            ip: self.ip,
            ecs: self.ecs,
            continent: self.continent,
            position: self.at,
            vpc_region: self.vpc_region,
            ..Client::default()
        };
        match self.from {
            Some(From::Country(country)) => client.country = Some(country),
            Some(From::Subdivision(country, subdivision)) => client.subdivision = Some((country, subdivision)),
            None => {}
        }
        if !self.latency.is_empty() {
            let mut latencies = Latencies::UNKNOWN;
            for (region, milliseconds) in &self.latency {
                // The parser of the option has refused what cannot be set.
                let _ = latencies.set_milliseconds(*region, *milliseconds);
            }
            client.latency = Some(latencies);
        }
        if let Some(places) = places {
            let address = PlaceDatabase::address(&client)
                .ok_or_else(|| Stop::cannot("--mmdb has no address to look up", "give --ip or --ecs"))?;
            if !places.fill(&mut client) {
                output::note(&format!("`{}` does not have {address}: the client's place stays unknown", places.name()));
            }
        }
        Ok(client)
    }
}

/// A question ready to be put, or where many of them come from.
pub(crate) enum Asked {
    /// One query.
    One(Box<Query>),
    /// Lines of JSON from a file, `-` for standard input.
    Many(String),
}

/// Everything that a question needs.
pub(crate) struct Question {
    /// The zone under the health that was given.
    pub(crate) view: HealthView,
    /// What is asked.
    pub(crate) asked: Asked,
    /// Where places of addresses are looked up.
    pub(crate) places: Option<PlaceDatabase>,
    /// Whether CNAMEs are followed.
    pub(crate) follow: bool,
    /// Whether the answer is wanted as JSON.
    pub(crate) json: bool,
}

impl QuestionArguments {
    /// Reads the files and the question; `uses_draw` says whether the answer depends on the draw.
    pub(crate) fn load(self, uses_draw: bool) -> Result<Question, Stop> {
        let mut reader = Reader::default();
        let places = self.client.mmdb.as_deref().map(PlaceDatabase::open).transpose()?;
        let asked = match (self.queries, self.name, self.record_type) {
            (None, Some(name), Some(record_type)) => {
                let draw = self.client.draw.unwrap_or(0);
                let client = self.client.client(places.as_ref())?;
                Asked::One(Box::new(Query { name, record_type, client, draw }))
            }
            (queries, ..) => {
                let queries = queries.unwrap_or_default();
                if queries == "-" {
                    reader.take_stdin("queries")?;
                }
                Asked::Many(queries)
            }
        };
        let view = self.view.load(&mut reader)?;
        if let (Asked::One(_), None, true) = (&asked, self.client.draw, uses_draw) {
            output::note("no --draw: weighted and multivalue groups use draw 0");
        }
        if let Asked::One(query) = &asked {
            note_idle_facts(&view, &query.client);
        }
        Ok(Question { view, asked, places, follow: self.follow, json: self.json })
    }
}

/// Says which facts about the client play no part in this zone (1.8.2).
fn note_idle_facts(view: &HealthView, client: &Client) {
    let is_private = view.zone().is_private();
    let of_place = [
        (client.country.is_some() || client.subdivision.is_some(), "--from"),
        (client.continent.is_some(), "--continent"),
        (client.position.is_some(), "--at"),
        (client.latency.is_some(), "--latency"),
        (client.ecs.is_some(), "--ecs"),
    ];
    let idle: Vec<&str> = match is_private {
        true => of_place.into_iter().filter(|(given, _)| *given).map(|(_, option)| option).collect(),
        false => client.vpc_region.is_some().then_some("--vpc-region").into_iter().collect(),
    };
    if idle.is_empty() {
        return;
    }
    let (plays, options) = (if idle.len() == 1 { "plays" } else { "play" }, idle.join(" and "));
    let why = match is_private {
        true => "the zone is private, and a client's place is the Region of its VPC: give --vpc-region",
        false => "the zone is public: only a private one asks for the Region of a VPC",
    };
    output::warning(&format!("{options} {plays} no part: {why}"), "");
}

/// Says what a REFUSED answer hides: most often the zone's name was left out.
pub(crate) fn hint_outside(view: &HealthView, query: &Query) {
    let zone = view.zone();
    if query.name.as_ref().is_within(zone.name()) {
        return;
    }
    let mut hint = format!("`{}` lies outside the zone `{}`", query.name.as_ref(), zone.name());
    let full = format!("{}{}", query.name.as_ref(), zone.name());
    let is_known = NameBuf::parse(&full).is_ok_and(|full| zone.questions().any(|(name, _)| name == full.as_ref()));
    if is_known {
        hint.push_str(&format!("; did you mean `{full}`?"));
    }
    output::note(&hint);
}
