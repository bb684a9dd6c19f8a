//! The quick way: questions and clients that are read once, decisions in numbers, and values that the host keeps.

use wasmtime::Result;
use wasmtime::component::ResourceAny;

pub use crate::bindings::exports::pointsman::routing::prepared::{
    Decision, RecordSet, RecordType, Source, Undetermined,
};
use crate::bindings::exports::pointsman::routing::routing::{Answer, Client, QueryError, Rcode};
use crate::component::{Component, View, Zone};

/// A name and type inside their component.
#[derive(Debug, Clone, Copy)]
pub struct Question(ResourceAny);

/// What is known of a client, inside its component.
#[derive(Debug, Clone, Copy)]
pub struct ClientFacts(ResourceAny);

impl Component {
    /// Looks a name and type up, for any number of answers under any view of the zone.
    pub fn question(&mut self, zone: Zone, name: &str, record_type: &str) -> Result<Result<Question, QueryError>> {
        let functions = self.pointsman.pointsman_routing_prepared().question();
        Ok(functions.call_look_up(&mut self.store, zone.0, name, record_type)?.map(Question))
    }

    /// Checks what is known of a client, for any number of answers.
    pub fn client_facts(&mut self, client: &Client) -> Result<Result<ClientFacts, QueryError>> {
        let functions = self.pointsman.pointsman_routing_prepared().client_facts();
        Ok(functions.call_check(&mut self.store, client)?.map(ClientFacts))
    }

    /// Which record sets answer: numbers alone, and the cheapest call there is.
    pub fn decide(&mut self, view: View, question: Question, client: ClientFacts, draw: u64) -> Result<Decision> {
        let functions = self.pointsman.pointsman_routing_prepared();
        functions.call_decide(&mut self.store, view.0, question.0, client.0, draw)
    }

    /// The answer with its values, without a [`Decision`] on the way.
    pub fn resolve_prepared(
        &mut self,
        view: View,
        question: Question,
        client: ClientFacts,
        draw: u64,
    ) -> Result<Answer> {
        let functions = self.pointsman.pointsman_routing_prepared();
        functions.call_resolve(&mut self.store, view.0, question.0, client.0, draw)
    }

    /// What a record set's number stands for.
    pub fn record_set(&mut self, zone: Zone, number: u32) -> Result<Option<RecordSet>> {
        self.pointsman.pointsman_routing_prepared().call_describe(&mut self.store, zone.0, number)
    }

    /// Frees a question.
    pub fn drop_question(&mut self, question: Question) -> Result<()> {
        question.0.resource_drop(&mut self.store)
    }

    /// Frees what is known of a client.
    pub fn drop_client_facts(&mut self, client: ClientFacts) -> Result<()> {
        client.0.resource_drop(&mut self.store)
    }
}

/// The record sets of a zone that were asked for so far. A program that serves DNS keeps wire format here instead of text;
/// this one keeps what it takes to give the [`Answer`]s of [`Component::resolve`].
#[derive(Debug)]
pub struct RecordSets {
    zone: Zone,
    known: Vec<Option<RecordSet>>,
}

impl RecordSets {
    /// None yet. The zone must not be dropped before them.
    #[must_use]
    pub const fn of(zone: Zone) -> Self {
        Self { zone, known: Vec::new() }
    }

    /// The answer to a question under a view of the zone. Text crosses only the first time that a record set is met.
    pub fn answer(
        &mut self,
        component: &mut Component,
        view: View,
        question: Question,
        client: ClientFacts,
        draw: u64,
    ) -> Result<Answer> {
        let decision = component.decide(view, question, client, draw)?;
        let Some(numbers) = decision.numbers() else {
            return component.resolve_prepared(view, question, client, draw);
        };
        for number in &numbers {
            self.learn(component, *number)?;
        }
        Ok(self.told(&decision, &numbers))
    }

    /// Asks what a number stands for, unless that is known.
    fn learn(&mut self, component: &mut Component, number: u32) -> Result<()> {
        let at = number as usize;
        if self.known.len() <= at {
            self.known.resize_with(at + 1, || None);
        }
        if let Some(slot @ None) = self.known.get_mut(at) {
            *slot = component.record_set(self.zone, number)?;
        }
        Ok(())
    }

    fn told(&self, decision: &Decision, numbers: &[u32]) -> Answer {
        let record_sets = || numbers.iter().filter_map(|number| self.known.get(*number as usize)?.as_ref());
        let without_values = numbers.len().saturating_sub(usize::from(decision.with_values));
        let last = || record_sets().next_back();
        Answer {
            rcode: decision.rcode,
            type_: decision.type_.as_str().to_owned(),
            ttl: decision.ttl,
            values: record_sets().skip(without_values).flat_map(|record_set| record_set.values.clone()).collect(),
            set_identifiers: record_sets().filter_map(|record_set| record_set.set_identifier.clone()).collect(),
            fail_open: decision.fail_open,
            scope_prefix_length: decision.scope_prefix_length,
            referral: last().filter(|_| decision.source == Source::Referral).map(|cut| cut.name.clone()),
            alias_target: last()
                .filter(|_| decision.source == Source::AliasTarget)
                .and_then(|alias| alias.alias_target.clone()),
            undetermined: decision.undetermined.map(|reason| reason.as_str().to_owned()),
            quarantined: last().filter(|_| decision.rcode == Rcode::Servfail).and_then(|last| last.quarantined.clone()),
        }
    }
}

impl Decision {
    /// The numbers of the record sets, those with the values last; `None` when there are more than a decision tells.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<u32>> {
        let (a, b, c, d, e, f, g, h, i, j, k, l) = self.record_sets;
        [a, b, c, d, e, f, g, h, i, j, k, l].get(..usize::from(self.count)).map(<[u32]>::to_vec)
    }
}

impl RecordType {
    /// The word for it in queries and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soa => "SOA",
            Self::A => "A",
            Self::Txt => "TXT",
            Self::Ns => "NS",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Naptr => "NAPTR",
            Self::Ptr => "PTR",
            Self::Srv => "SRV",
            Self::Spf => "SPF",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Ds => "DS",
            Self::Tlsa => "TLSA",
            Self::Sshfp => "SSHFP",
            Self::Svcb => "SVCB",
            Self::Https => "HTTPS",
        }
    }
}

impl Undetermined {
    /// The reason in words, as answers give it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LatencyUnknown => "no latency is known from this client to any Region of the group",
            Self::PositionUnknown => "the position of this client is unknown",
        }
    }
}
