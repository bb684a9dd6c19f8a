//! Clients of every place and network that rules look at, beside those that a question tells apart.

use std::collections::HashSet;

use pointsman_core::model::{Continent, Country, Region};
use pointsman_core::parse::set_fact;
use pointsman_core::query::Client;

use super::words::Looks;
use crate::class::{Class, Classes};
use crate::subject::Subject;

/// The most clients that are added to a question's classes.
const CLIENTS_MAX: usize = 200_000;

/// The classes of a question, with a client of every place that some rule looks at in each class that it can be in.
pub(super) fn classes<'r>(
    subject: &Subject,
    question: usize,
    looks: impl Iterator<Item = &'r Looks>,
) -> (Classes, bool) {
    let classes = Classes::of(subject, question);
    let mut all = Looks::default();
    for one in looks {
        all.fields.extend(&one.fields);
        all.networks.extend(&one.networks);
    }
    let places = places(subject, &all);
    if places.is_empty() {
        return (classes, true);
    }
    // What tells these clients apart besides their places stays as it is.
    let mut seen = HashSet::new();
    let mut besides: Vec<Client> = Vec::new();
    for client in classes.list.iter().flat_map(Class::clients) {
        let mut client = client.clone();
        (client.country, client.continent, client.subdivision, client.vpc_region) = (None, None, None, None);
        if seen.insert(format!("{client:?}")) {
            besides.push(client);
        }
    }
    let is_whole = besides.len().saturating_mul(places.len()) <= CLIENTS_MAX;
    let at = |beside: &Client, place: &Client| Client {
        country: place.country,
        continent: place.continent,
        subdivision: place.subdivision,
        vpc_region: place.vpc_region,
        ecs: place.ecs.or(beside.ecs),
        ..beside.clone()
    };
    let clients: Vec<Client> =
        besides.iter().flat_map(|beside| places.iter().map(move |place| at(beside, place))).take(CLIENTS_MAX).collect();
    (Classes::with_clients(subject, question, &clients), is_whole)
}

/// A client of each place and network that is looked at.
fn places(subject: &Subject, looks: &Looks) -> Vec<Client> {
    let looks_at = |field: &str| looks.fields.contains(field);
    let mut all = Vec::new();
    if subject.zone.private {
        // The Region of the VPC is the place (1.8.2).
        if ["country", "continent", "state"].into_iter().any(looks_at) {
            all.extend(Region::all().map(|region| Client { vpc_region: Some(region), ..Client::default() }));
        }
        return all;
    }
    if ["country", "continent", "state"].into_iter().any(looks_at) {
        all.push(Client::default());
        all.extend(Continent::ALL.map(|continent| Client { continent: Some(continent), ..Client::default() }));
    }
    if looks_at("country") || looks_at("state") {
        all.extend(Country::all().map(|country| Client { country: Some(country), ..Client::default() }));
    }
    if looks_at("state") {
        // Two letters or digits each; only those that there are become clients.
        let letters = || ('A'..='Z').chain('0'..='9');
        for (first, second) in letters().flat_map(|first| letters().map(move |second| (first, second))) {
            for country in ["US", "UA"] {
                let mut client = Client::default();
                if set_fact(&mut client, "subdivision", &format!("{country}-{first}{second}")).is_ok() {
                    all.push(client);
                }
            }
        }
    }
    if looks_at("network") {
        let known = looks.networks.iter().map(|network| Client { ecs: Some(*network), ..Client::default() });
        all.extend(known);
    }
    all
}
