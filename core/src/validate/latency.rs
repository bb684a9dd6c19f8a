//! Latency tables: rows by network, country and continent (4.4, 7.4, 10.13).

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::hash::Hash;

use crate::map::Set;

use super::cidr::{has_host_bits, host_bits};
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::model::{Continent, Country, IpNetwork, Latencies, LatencyTable, Region};
use crate::parse::{Document, LatencyRow};

const KEY: &str = "LatencyTable";

/// Reads LatencyTable documents, joined row by row.
pub(super) fn read(documents: &[&Document<'_>], out: &mut Vec<Diagnostic>) -> Option<LatencyTable> {
    if documents.iter().any(|document| document.latency_table.is_some()) { join(documents, out) } else { None }
}

#[inline(never)]
fn join(documents: &[&Document<'_>], out: &mut Vec<Diagnostic>) -> Option<LatencyTable> {
    let mut table: Option<LatencyTable> = None;
    let mut networks = Rows::new("Networks");
    let mut countries = Rows::new("Countries");
    let mut continents = Rows::new("Continents");
    for document in documents {
        let Some(rows) = &document.latency_table else { continue };
        let table = table.get_or_insert_default();
        let number = document.number;
        networks.read(number, &rows.networks, network, &mut table.networks, out);
        countries.read(number, &rows.countries, country, &mut table.countries, out);
        continents.read(number, &rows.continents, continent, &mut table.continents, out);
        if let Some(row) = &rows.default {
            let place = Place::new(number, Path::root().key(KEY).key("Default"));
            let row = latencies(row, &place, out);
            if table.default.is_some() {
                twice("Default").at(place).add_to(out);
            }
            table.default = Some(row);
        }
    }
    table
}

/// Rows of one kind over all documents.
struct Rows<K> {
    key: &'static str,
    seen: Set<K>,
}

impl<K: Copy + Eq + Hash> Rows<K> {
    fn new(key: &'static str) -> Self {
        Self { key, seen: Set::default() }
    }

    fn read(
        &mut self,
        document: usize,
        rows: &[(Cow<'_, str>, LatencyRow<'_>)],
        parse: impl Fn(&str) -> (Option<K>, Option<Diagnostic>),
        into: &mut Vec<(K, Latencies)>,
        out: &mut Vec<Diagnostic>,
    ) {
        for (text, row) in rows {
            let place = Place::new(document, Path::root().key(KEY).key(self.key).key(text));
            let row = latencies(row, &place, out);
            let (key, finding) = parse(text);
            out.extend(finding.map(|finding| finding.at(place.clone())));
            let Some(key) = key else { continue };
            if self.seen.insert(key) {
                into.push((key, row));
            } else {
                twice(text).at(place).add_to(out);
            }
        }
    }
}

fn twice(key: &str) -> Diagnostic {
    Diagnostic::cannot("latency-row-twice", format_args!("the latency table has two rows for `{}`", Shown(key)))
        .help("keep one")
}

fn network(text: &str) -> (Option<IpNetwork>, Option<Diagnostic>) {
    let Some(network) = IpNetwork::parse(text) else {
        let text = Shown(text);
        let finding = Diagnostic::cannot("latency-network-malformed", format_args!("`{text}` is not a network"))
            .help("give an address and a prefix length, such as 192.0.2.0/24");
        return (None, Some(finding));
    };
    let finding = has_host_bits(text, &network)
        .then(|| host_bits(format!("`{text}` has bits set behind its prefix; it is taken as {network}"), &network));
    (Some(network), finding)
}

fn country(text: &str) -> (Option<Country>, Option<Diagnostic>) {
    let Some(country) = Country::parse(text) else {
        let finding =
            Diagnostic::cannot("latency-country-malformed", format_args!("`{}` is not a country code", Shown(text)))
                .help("give two capital letters, such as DE");
        return (None, Some(finding));
    };
    let finding = country.continent().is_none().then(|| {
        Diagnostic::lint("latency-country-unknown", format_args!("`{text}` is not a country of Route 53's table"))
            .help("check the code: it is that of ISO 3166-1, such as GB for the United Kingdom")
    });
    (Some(country), finding)
}

fn continent(text: &str) -> (Option<Continent>, Option<Diagnostic>) {
    let continent = Continent::parse(text);
    let finding = continent.is_none().then(|| {
        Diagnostic::cannot("latency-continent-unknown", format_args!("`{}` is not a continent", Shown(text)))
            .help("use one of AF AN AS EU NA OC SA")
    });
    (continent, finding)
}

fn latencies(row: &LatencyRow<'_>, place: &Place, out: &mut Vec<Diagnostic>) -> Latencies {
    let mut latencies = Latencies::UNKNOWN;
    for (code, milliseconds) in row {
        let finding = match Region::parse(code) {
            None => {
                Diagnostic::cannot("latency-region-unknown", format_args!("`{}` is not an AWS Region", Shown(code)))
                    .help("use a Region code such as us-east-1")
            }
            Some(region) if latencies.set_milliseconds(region, *milliseconds) => continue,
            Some(_) => {
                let number = crate::model::latency::shown(*milliseconds);
                let message = format_args!("a latency is 0 to 3,600,000 milliseconds; this one is {number}");
                Diagnostic::cannot("latency-out-of-range", message).help("give milliseconds such as 42.5")
            }
        };
        finding.at(Place::new(place.document, place.path.clone().key(code))).add_to(out);
    }
    latencies
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{lints, of, refusals};
    use alloc::format;

    const ZONE: &str = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}}"#;

    #[test]
    fn rows_are_checked_and_joined() {
        let table = |rows: &str| format!(r#"{{"LatencyTable": {{{rows}}}}}"#);
        let good = table(
            r#""Networks": {"10.0.0.0/8": {"us-east-1": 1.5}, "2001:db8::/32": {}},
                "Countries": {"DE": {"eu-central-1": 0}}, "Continents": {"EU": {"eu-west-1": 30}},
                "Default": {"us-east-1": 100}"#,
        );
        let more = table(r#""Countries": {"FR": {"eu-west-3": 3}}"#);
        let validated = of(&[ZONE, &good, &more]);
        assert_eq!(refusals(&validated), [""; 0]);
        let joined = validated.zone.unwrap().latency_table.unwrap();
        assert_eq!((joined.networks.len(), joined.countries.len(), joined.continents.len()), (2, 2, 1));
        for (rows, wanted) in [
            (
                r#""Networks": {"10.0.0.0/33": {}}"#,
                "latency-network-malformed cannot $.LatencyTable.Networks['10.0.0.0/33']",
            ),
            (r#""Countries": {"de": {}}"#, "latency-country-malformed cannot $.LatencyTable.Countries.de"),
            (r#""Continents": {"XX": {}}"#, "latency-continent-unknown cannot $.LatencyTable.Continents.XX"),
            (r#""Default": {"mars-1": 1}"#, "latency-region-unknown cannot $.LatencyTable.Default['mars-1']"),
            (r#""Default": {"us-east-1": -1}"#, "latency-out-of-range cannot $.LatencyTable.Default['us-east-1']"),
            (r#""Default": {"us-east-1": 1e300}"#, "latency-out-of-range cannot $.LatencyTable.Default['us-east-1']"),
            (
                r#""Networks": {"10.0.0.0/8": {}, "010.0.0.0/8": {}}"#,
                "latency-network-malformed cannot $.LatencyTable.Networks['010.0.0.0/8']",
            ),
            (r#""Networks": {"::/8": {}, "0::/8": {}}"#, "latency-row-twice cannot $.LatencyTable.Networks['0::/8']"),
        ] {
            assert_eq!(refusals(&of(&[ZONE, &table(rows)])), [wanted], "{rows}");
        }
        assert_eq!(refusals(&of(&[ZONE, &more, &more])), ["latency-row-twice cannot $.LatencyTable.Countries.FR"]);
        let odd = table(r#""Networks": {"10.1.0.0/8": {}}, "Countries": {"UK": {}}"#);
        assert_eq!(
            lints(&of(&[ZONE, &odd])),
            [
                "network-host-bits $.LatencyTable.Networks['10.1.0.0/8']",
                "latency-country-unknown $.LatencyTable.Countries.UK"
            ]
        );
    }
}
