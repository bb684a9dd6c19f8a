//! Where an address is, from a MaxMind DB file.

use std::net::IpAddr;

use maxminddb::{PathElement, Reader, path};
use pointsman_core::model::{Continent, Country, Position, Subdivision};
use pointsman_core::query::Client;

use crate::exit::Stop;
use crate::source::{read_file, unreadable};

/// A MaxMind DB file in one of two layouts: MaxMind's own City or Country, or a flat one with `country_code`.
#[derive(Debug)]
pub(crate) struct PlaceDatabase {
    reader: Reader<Vec<u8>>,
    name: String,
}

impl PlaceDatabase {
    /// Opens a file.
    pub(crate) fn open(file: &str) -> Result<Self, Stop> {
        let bytes = read_file(file).map_err(|error| unreadable(file, "MaxMind DB file", &error))?;
        let reader = Reader::from_source(bytes).map_err(|error| {
            let help = "give a file such as GeoLite2-City.mmdb, or geo-whois-asn-country.mmdb";
            Stop::cannot(format!("`{file}` is not a MaxMind DB file: {error}"), help)
        })?;
        Ok(Self { reader, name: file.into() })
    }

    /// The file, as typed.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address that is looked up for a client: of its subnet if there is one, else its own.
    pub(crate) fn address(client: &Client) -> Option<IpAddr> {
        client.ecs.map(|network| network.address()).or(client.ip)
    }

    /// Adds what the file knows of the client to what is known already; returns whether the file has its address.
    pub(crate) fn fill(&self, client: &mut Client) -> bool {
        // An IPv6 address in a file of IPv4 addresses is as unknown as one that the file leaves out.
        let Some(entry) = Self::address(client).and_then(|address| self.reader.lookup(address.to_canonical()).ok())
        else {
            return false;
        };
        let text = |path: &[PathElement<'_>]| entry.decode_path::<&str>(path).ok().flatten();
        let number = |path: &[PathElement<'_>]| {
            let single = || entry.decode_path::<f32>(path).ok().flatten().map(f64::from);
            entry.decode_path::<f64>(path).ok().flatten().or_else(single)
        };
        if client.country.is_none() && client.subdivision.is_none() {
            let code = text(&path!["country", "iso_code"]).or_else(|| text(&path!["country_code"]));
            let country = code.and_then(Country::parse);
            client.country = country;
            let subdivision = text(&path!["subdivisions", 0, "iso_code"]).and_then(Subdivision::parse);
            client.subdivision = country.zip(subdivision);
            // Route 53 puts some countries on another continent than MaxMind does (4.5.6), and its table wins.
            if client.continent.is_none() && country.and_then(Country::continent).is_none() {
                let code = text(&path!["continent", "code"]).or_else(|| text(&path!["continent_code"]));
                client.continent = code.and_then(Continent::parse);
            }
        }
        if client.position.is_none() {
            let latitude = number(&path!["location", "latitude"]).or_else(|| number(&path!["latitude"]));
            let longitude = number(&path!["location", "longitude"]).or_else(|| number(&path!["longitude"]));
            client.position = latitude.zip(longitude).and_then(|(lat, lon)| Position::from_degrees(lat, lon));
        }
        entry.has_data()
    }
}
