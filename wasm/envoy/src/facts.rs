//! What is known of a request: its name, its client and its draw.
//!
//! A header that is missing is a fact that is missing; one that cannot be read is counted, and missing too. Nothing that
//! a client sends stops a request.

use std::net::IpAddr;

use pointsman_core::model::{Continent, Country, NameBuf, NameError, Position, RecordType, Region, Subdivision};
use pointsman_core::query::Query;

use crate::config::{AddressConfig, ClientConfig, Config, DrawConfig, NameConfig};
use crate::counters::{Counters, Event};
use crate::draw::{Random, sticky};

/// A request, as far as facts come from it. Each call is one to the host.
pub trait Request {
    /// The value of a header; the first line's, where there are several.
    fn header(&self, name: &str) -> Option<Vec<u8>>;

    /// Whom Envoy takes for the client, as `ADDRESS:PORT`.
    fn downstream_address(&self) -> Option<Vec<u8>>;
}

/// Where facts are found.
#[derive(Debug)]
pub struct Facts {
    name: Option<String>,
    client: ClientConfig,
    draw: DrawConfig,
    random: Random,
}

impl Facts {
    /// Where a configuration finds them, and the question before anything is known; the seed is for draws.
    ///
    /// # Errors
    /// Why the fixed name is none.
    pub fn new(config: &Config<'_>, seed: u64) -> Result<(Self, Query), NameError> {
        let record_type = RecordType::parse(&config.question.record_type).unwrap_or(RecordType::A);
        let (name, header) = match &config.question.name {
            NameConfig::Fixed(name) => (name.as_str(), None),
            NameConfig::Header(header) => (".", Some(header.clone())),
        };
        let mut query = Query::new(name, record_type)?;
        query.client.vpc_region = config.client.vpc_region.as_deref().and_then(Region::parse);
        let client = ClientConfig { vpc_region: None, ..config.client.clone() };
        Ok((Self { name: header, client, draw: config.draw.clone(), random: Random::new(seed) }, query))
    }

    /// Brings a query up to a request; `false` when the request has no name that could be asked for.
    pub fn gather(&mut self, request: &impl Request, query: &mut Query, counters: &mut Counters) -> bool {
        if let Some(header) = &self.name {
            let value = request.header(header).unwrap_or_default();
            match std::str::from_utf8(&value).ok().and_then(|host| NameBuf::parse(without_port(host)).ok()) {
                Some(name) => query.name = name,
                None => return false,
            }
        }
        self.gather_client(request, query, counters);
        query.draw = match &self.draw {
            DrawConfig::Random => None,
            DrawConfig::Header(header) => request.header(header).map(|value| sticky(&value)),
            DrawConfig::Cookie(name) => request.header("cookie").and_then(|header| cookie(&header, name)),
        }
        .unwrap_or_else(|| self.random.draw());
        true
    }

    fn gather_client(&self, request: &impl Request, query: &mut Query, counters: &mut Counters) {
        let mut bad = false;
        let mut read = |header: &Option<String>| -> Option<String> {
            let text = String::from_utf8(request.header(header.as_ref()?)?).ok();
            bad |= text.is_none();
            text.filter(|text| !text.is_empty())
        };
        let country = read(&self.client.country_header);
        let continent = read(&self.client.continent_header);
        let subdivision = read(&self.client.subdivision_header);
        let latitude = read(&self.client.latitude_header);
        let longitude = read(&self.client.longitude_header);

        let client = &mut query.client;
        client.country = known(country, Country::parse, &mut bad);
        client.continent = known(continent, Continent::parse, &mut bad);
        client.subdivision = known(subdivision, |word| place(word, client.country), &mut bad);
        client.position = match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => {
                let degrees = latitude.trim().parse().ok().zip(longitude.trim().parse().ok());
                let position = degrees.and_then(|(latitude, longitude)| Position::from_degrees(latitude, longitude));
                bad |= position.is_none();
                position
            }
            (None, None) => None,
            _ => {
                bad = true;
                None
            }
        };
        client.ip = self.client.address.as_ref().and_then(|address| {
            let found = read_address(address, request)?;
            bad |= found.is_err();
            found.ok()
        });
        if bad {
            counters.count(Event::BadFact);
        }
    }
}

fn known<T>(text: Option<String>, parse: impl FnOnce(&str) -> Option<T>, bad: &mut bool) -> Option<T> {
    let parsed = parse(text?.trim());
    *bad |= parsed.is_none();
    parsed
}

/// `US-WA`, or `WA` of a country that is known.
fn place(word: &str, country: Option<Country>) -> Option<(Country, Subdivision)> {
    match word.split_once('-') {
        Some((country, subdivision)) => Some((Country::parse(country)?, Subdivision::parse(subdivision)?)),
        None => Some((country?, Subdivision::parse(word)?)),
    }
}

/// The client's address; `None` when nothing is said of it, an error when what is said is none.
fn read_address(config: &AddressConfig, request: &impl Request) -> Option<Result<IpAddr, ()>> {
    let address = match config {
        AddressConfig::Downstream => parse_address(&request.downstream_address()?),
        AddressConfig::Header(header) => parse_address(&request.header(header)?),
        AddressConfig::XForwardedFor { trusted_hops } => {
            let value = request.header("x-forwarded-for")?;
            let mut from_right = value.rsplit(|byte| *byte == b',');
            from_right.nth(usize::from(*trusted_hops)).and_then(parse_address)
        }
    };
    Some(address.ok_or(()))
}

/// An address, with or without a port, an IPv6 one with or without brackets.
fn parse_address(bytes: &[u8]) -> Option<IpAddr> {
    // The longest is an IPv6 address with an embedded IPv4 one, brackets, a port and spaces around it.
    const LENGTH_MAX: usize = 64;
    let text = std::str::from_utf8(bytes.trim_ascii()).ok().filter(|text| text.len() <= LENGTH_MAX)?;
    let address: IpAddr = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next()?.parse().ok()?,
        None => text.parse().ok().or_else(|| text.rsplit_once(':')?.0.parse().ok())?,
    };
    Some(address.to_canonical())
}

/// A host without its port. What is no name, such as an IPv6 address, stays what it is.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The draw of a cookie; `None` when the header does not hold it.
fn cookie(header: &[u8], name: &str) -> Option<u64> {
    header.split(|byte| *byte == b';').find_map(|pair| {
        let value = pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(sticky(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_their_port_and_nothing_else() {
        for (host, name) in [
            ("api.example.com", "api.example.com"),
            ("api.example.com:8443", "api.example.com"),
            ("api.example.com:", "api.example.com"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
            ("a:b", "a:b"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }

    #[test]
    fn addresses_are_read_in_every_spelling() {
        for (text, address) in [
            ("192.0.2.1", Some("192.0.2.1")),
            (" 192.0.2.1:443 ", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
            ("", None),
            ("192.0.2.1.5", None),
        ] {
            assert_eq!(parse_address(text.as_bytes()), address.map(|text| text.parse().unwrap()), "{text}");
        }
        assert_eq!(parse_address(&[0xff; 65_536]), None);
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        assert_eq!(cookie(b"a=1; sid=x=y; b=2", "sid"), Some(sticky(b"x=y")));
        assert_eq!(cookie(b"asid=1; sidx=2", "sid"), None);
        assert_eq!(cookie(b"sid", "sid"), None);
    }
}
