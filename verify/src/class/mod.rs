//! The clients that a zone can tell apart.
//!
//! Clients are distinguished by what they can be answered: two clients with the same [`Tree`] get the same answers in every
//! world and under every draw, so a class is a tree. The classes of a question are those of representatives that cover
//! everything the zone consults: each place on a geolocation ladder and the rest of its continent, each CIDR block,
//! each row of the LatencyTable, each Region of a private zone's VPCs, and "nothing is known".
//!
//! That is complete but for two things. Without a LatencyTable a client may have any latencies: every order of the
//! Regions is a class while the question has at most five of them, past that the orders as seen from each Region of
//! AWS. And geoproximity is sampled: at each Region, at each member, and at 600 positions spread over the Earth.
//!
//! A comparison of versions asks the clients that any of them tells apart ([`Refinement`]). It knows how many decisions
//! are taken at once, so it needs fewer orders of Regions and has all that matter, and it cuts the Earth along the
//! borders between members.

mod atoms;
mod consults;
mod earth;
mod label;
mod one;
mod orders;
mod refine;
mod sample;

use std::collections::HashMap;

use pointsman_core::query::Client;

use crate::subject::Subject;
use crate::tree::Tree;

pub(crate) use consults::Consults;
pub use consults::{COMBINATIONS_MAX, continent_of};
pub use label::{arguments, client_json, describe_classes, place_of};
pub use one::Class;
pub(crate) use refine::Refinement;
pub(crate) use sample::Sample;

/// All classes of a question.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The classes.
    pub list: Vec<Class>,
    /// Why there may be clients in no class; empty when every client is in one.
    pub sampled: Vec<&'static str>,
    by_tree: HashMap<Tree, usize>,
}

impl Classes {
    /// The classes of a question.
    ///
    /// ```
    /// # use pointsman_core::{parse::parse, validate::{Options, validate}};
    /// # use pointsman_verify::{class::Classes, facts::Facts, subject::Subject};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "GeoLocation": {"CountryCode": "DE"}, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "GeoLocation": {"CountryCode": "*"}, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
    /// # let subject = Subject::new(validate(&[parse(0, zone)], &Options::default()).zone.unwrap(), Facts::default());
    /// // A record set for Germany and one for everybody else:
    /// let classes = Classes::of(&subject, 0);
    /// assert_eq!(classes.list.len(), 2);
    /// assert!(classes.sampled.is_empty()); // every client is in one of them
    /// ```
    #[must_use]
    pub fn of(subject: &Subject, group: usize) -> Self {
        Self::with_clients(subject, group, &[])
    }

    /// The classes of a question, those of these clients too.
    #[must_use]
    pub fn with_clients(subject: &Subject, group: usize, clients: &[Client]) -> Self {
        let consults = Consults::of(subject, group);
        let (versions, mut samples) = ([atoms::Version { subject, consults }], Vec::new());
        let choice = atoms::Choice { orders: orders::Orders::Whole, positions: None };
        let representatives = atoms::representatives(&versions, &choice, &mut samples);
        let sampled = samples.iter().map(Sample::why).collect();
        let mut classes = Self { list: Vec::new(), sampled, by_tree: HashMap::new() };
        for client in representatives.into_iter().chain(clients.iter().cloned()) {
            classes.add(subject, group, client);
        }
        classes.give_traffic(subject, group);
        classes
    }

    fn add(&mut self, subject: &Subject, group: usize, client: Client) -> usize {
        let tree = Tree::of(subject, group, &client);
        if let Some(known) = self.by_tree.get(&tree).copied() {
            if let Some(class) = self.list.get_mut(known) {
                class.others.push(client);
            }
            return known;
        }
        let number = self.list.len();
        self.by_tree.insert(tree.clone(), number);
        self.list.push(Class { client, others: Vec::new(), tree, traffic: None });
        number
    }

    /// The class of a client; `None` only where classes are [sampled](Self::sampled), or for a client whose facts
    /// contradict each other, such as one in Germany, Asia.
    #[must_use]
    pub fn classify(&self, subject: &Subject, group: usize, client: &Client) -> Option<usize> {
        self.by_tree.get(&Tree::of(subject, group, client)).copied()
    }

    fn give_traffic(&mut self, subject: &Subject, group: usize) {
        let weighted = subject.facts.weighted_clients();
        let sum: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        if sum <= 0.0 {
            // Without figures there is one thing to say: all traffic is in the only class.
            if let [only] = self.list.as_mut_slice() {
                only.traffic = Some(1.0);
            }
            return;
        }
        self.list.iter_mut().for_each(|class| class.traffic = Some(0.0));
        for (client, weight) in weighted {
            let class = self.add(subject, group, client);
            if let Some(class) = self.list.get_mut(class) {
                class.traffic = Some(class.traffic.unwrap_or(0.0) + weight / sum);
            }
        }
    }

    /// Whether the classes' traffic is known.
    #[must_use]
    pub fn has_traffic(&self) -> bool {
        self.list.iter().all(|class| class.traffic.is_some())
    }

    /// A class in words: `clients in Germany`; `every client` when there is only one class.
    #[must_use]
    pub fn describe(&self, class: usize) -> String {
        match self.list.get(class) {
            Some(_) if self.list.len() == 1 => "every client".into(),
            Some(class) => label::describe(class),
            None => String::new(),
        }
    }

    /// Classes in words.
    #[must_use]
    pub fn describe_all(&self, classes: &[usize]) -> String {
        describe_classes(&self.list, classes)
    }
}

/// One client in words.
#[must_use]
pub fn describe_client(client: &Client) -> String {
    label::describe(&Class::only(client.clone()))
}
