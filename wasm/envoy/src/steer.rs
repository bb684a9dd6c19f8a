//! What to do with an answer: the words that Envoy routes by.

use std::fmt::Write as _;
use std::net::IpAddr;

use hashbrown::HashMap;
use pointsman_core::answer::Answer;
use pointsman_core::health::HealthView;
use pointsman_core::model::RecordType;
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;

use crate::choices::Choices;
use crate::config::{AnswerConfig, KeyConfig};
use crate::draw::below;

/// How answers become a header.
#[derive(Debug)]
pub enum Steering {
    /// The name of a cluster.
    Cluster(Clusters),
    /// Addresses with ports.
    Host(Hosts),
    /// The answer itself.
    Tell {
        /// The header.
        header: String,
    },
}

impl Steering {
    /// What a configuration wants.
    #[must_use]
    pub fn new(config: AnswerConfig) -> Self {
        match config {
            AnswerConfig::Header(config) => Self::Tell { header: config.header },
            AnswerConfig::Cluster(config) => Self::Cluster(Clusters {
                header: config.header,
                by: config.by,
                map: config.map.into_iter().map(|(key, cluster)| (key.into(), cluster.into())).collect(),
                fallback: config.fallback,
            }),
            AnswerConfig::Host(config) => Self::Host(Hosts {
                header: config.header,
                port: config.port,
                choices: config.choices,
                listed: Vec::new(),
                gone: Vec::new(),
                ladder: Vec::new(),
            }),
        }
    }

    /// The header that it sets.
    #[must_use]
    pub fn header(&self) -> &str {
        match self {
            Self::Cluster(Clusters { header, .. }) | Self::Host(Hosts { header, .. }) | Self::Tell { header } => header,
        }
    }
}

/// From answers to clusters.
#[derive(Debug)]
pub struct Clusters {
    header: String,
    by: KeyConfig,
    map: HashMap<Box<str>, Box<str>, foldhash::fast::FixedState>,
    /// The cluster where the map has none.
    pub fallback: Option<String>,
}

impl Clusters {
    /// The cluster of an answer; `None` when it holds nothing that the map has.
    #[must_use]
    pub fn cluster(&self, answer: &Answer<'_>) -> Option<&str> {
        if answer.values().next().is_none() && answer.alias_target().is_none() {
            return None;
        }
        let cluster = match self.by {
            KeyConfig::SetIdentifier => {
                answer.set_identifiers().filter_map(|identifier| self.map.get(identifier)).last()
            }
            KeyConfig::Value => answer
                .values()
                .find_map(|value| self.map.get(value))
                .or_else(|| self.map.get(answer.alias_target()?.to_string().as_str())),
        };
        cluster.map(|cluster| &**cluster)
    }
}

/// From answers to a list of hosts.
#[derive(Debug)]
pub struct Hosts {
    header: String,
    port: u16,
    choices: u8,
    /// Addresses on the list.
    listed: Vec<IpAddr>,
    /// Numbers of the record sets that the next choice does without, in order.
    gone: Vec<u32>,
    /// What may go next: the record sets of the last choice, and those that led there, from the bottom up.
    ladder: Vec<u32>,
}

impl Hosts {
    /// Writes the hosts of the answer, then of the answers that would follow if those were down; `first` sees the
    /// answer itself.
    pub fn list(
        &mut self,
        base: &HealthView,
        choices: &mut Choices,
        query: &Query,
        scratch: &mut Scratch,
        out: &mut String,
        first: impl FnOnce(&Answer<'_>),
    ) {
        self.listed.clear();
        self.gone.clear();
        self.ladder.clear();
        let mut first = Some(first);
        let (mut found, mut climbed) = (0_u8, 0_usize);
        loop {
            let view = if self.gone.is_empty() { base } else { choices.without(base, &self.gone) };
            let answer = view.resolve(query, scratch);
            if let Some(first) = first.take() {
                first(&answer);
            }
            if self.add(&answer, query.draw, out) {
                found = found.saturating_add(1);
                if found >= self.choices {
                    return;
                }
                self.ladder.clear();
                self.ladder.extend(answer.record_sets());
                climbed = self.ladder.len();
                self.ladder.extend(answer.path().iter().rev());
                if climbed == 0 {
                    // The addresses of an AWS resource: its alias is what goes.
                    climbed = 1;
                }
                for at in 0..climbed {
                    self.remove(at);
                }
            } else {
                // The same hosts again, as under an alias that does not evaluate its target: what led there goes too.
                let room = climbed..self.ladder.len();
                let Some(at) = room.into_iter().find(|at| self.remove(*at)) else { return };
                climbed = at.saturating_add(1);
            }
        }
    }

    /// Takes a rung of the ladder away; `false` when it is gone already.
    fn remove(&mut self, at: usize) -> bool {
        let Some(record) = self.ladder.get(at).copied() else { return false };
        match self.gone.binary_search(&record) {
            Ok(_) => false,
            Err(place) => {
                self.gone.insert(place, record);
                true
            }
        }
    }

    /// Lists the addresses of an answer, beginning at one that the draw picks; `false` when all are on the list.
    fn add(&mut self, answer: &Answer<'_>, draw: u64, out: &mut String) -> bool {
        if !matches!(answer.record_type(), RecordType::A | RecordType::Aaaa) {
            return false;
        }
        let before = self.listed.len();
        let count = answer.values().count();
        let start = below(draw, count);
        let values = answer.values().skip(start).chain(answer.values().take(start));
        for address in values.filter_map(|value| value.parse::<IpAddr>().ok()) {
            if self.listed.contains(&address) {
                continue;
            }
            if !out.is_empty() {
                out.push(',');
            }
            let _ = match address {
                IpAddr::V4(address) => write!(out, "{address}:{}", self.port),
                IpAddr::V6(address) => write!(out, "[{address}]:{}", self.port),
            };
            self.listed.push(address);
        }
        self.listed.len() > before
    }
}
