//! How a name recovers from one failure, in figures.

use serde_json::{Value, json};

use super::bisect::bisect;
use super::detect::Detection;
use super::hold::{self, Hold, Resolvers};
use super::moved::recovered_by;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// What resolvers and clients do with a TTL.
    pub resolvers: Vec<Resolvers>,
    /// Simulated clients.
    pub samples: u32,
    /// The seed of the simulation.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { resolvers: hold::assumed(), samples: 40_000, seed: 1 }
    }
}

/// How fast clients have to move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Within so many seconds,
    pub seconds: f64,
    /// so many percent of clients, above 0 and below 100.
    pub percentile: f64,
}

/// How a name recovers from one failure.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// What fails, in words.
    pub failure: String,
    /// Who is looked at, in words.
    pub clients: String,
    /// The share of their requests that went to what fails.
    pub affected: f64,
    /// The share that goes there still when everything that notices has turned.
    pub stuck: f64,
    /// What turns: its name, and when.
    pub turns: Vec<(String, Detection)>,
    /// The TTL of the answers that lead there, in seconds; of several the longest.
    pub ttl: u32,
    /// When the answers have moved: p50, p90, p99.
    pub detected: [f64; 3],
    /// When a client that was affected, and is not stuck, has moved: p50, p90, p99.
    pub recovered: [f64; 3],
    /// The mean of that.
    pub mean: f64,
    /// Seconds, and the share of all requests that still go to what is dead.
    pub curve: Vec<(f64, f64)>,
    /// Whether the figures are the closed form's; else the simulation's.
    pub closed_form: bool,
    /// What was assumed because no document says it.
    pub assumed: Vec<&'static str>,
    /// Endpoints of the name, for a comparison with sharing the load among all of them.
    pub endpoints: usize,
    /// When a client that was affected, and is not stuck, has moved.
    pub(super) times: Times,
}

/// The distribution of a time.
#[derive(Debug, Clone)]
pub(super) enum Times {
    /// Detection and hold, whose sum it is.
    Closed(Detection, Hold),
    /// Drawn, in order.
    Drawn(Vec<f64>),
    /// Nobody moves.
    Never,
}

impl Recovery {
    /// The probability that a client that was affected, and is not stuck, has moved by then.
    #[must_use]
    pub fn moved_by(&self, seconds: f64) -> f64 {
        match &self.times {
            Times::Closed(detection, hold) => recovered_by(*detection, hold, seconds),
            Times::Drawn(times) => times.partition_point(|at| *at <= seconds) as f64 / times.len().max(1) as f64,
            Times::Never => 0.0,
        }
    }

    /// Whether within so many seconds this part of the affected clients has moved, and nobody is stuck.
    #[must_use]
    pub fn meets(&self, seconds: f64, probability: f64) -> bool {
        self.stuck <= 0.0 && self.moved_by(seconds) >= probability
    }

    /// The seconds after which this part of the affected clients has moved; `None` when some never do.
    #[must_use]
    pub fn takes(&self, probability: f64) -> Option<f64> {
        if self.stuck > 0.0 {
            return None;
        }
        match &self.times {
            Times::Closed(detection, hold) => {
                let end = detection.fixed + detection.spread + hold.longest();
                Some(bisect(0.0, end, |seconds| recovered_by(*detection, hold, seconds) >= probability))
            }
            Times::Drawn(times) => {
                let index = (times.len() as f64 * probability).ceil().max(1.0) as usize;
                times.get(index.saturating_sub(1)).copied()
            }
            Times::Never => None,
        }
    }

    /// Request-seconds lost to the dead endpoint at one request a second; more when clients are stuck there.
    #[must_use]
    pub fn lost(&self) -> f64 {
        (self.affected - self.stuck).max(0.0) * self.mean
    }

    /// The recovery as JSON, with the verdict on what is wanted of it.
    #[must_use]
    pub fn to_json_with(&self, wanted: Option<Wanted>) -> Value {
        let mut value = self.to_json();
        if let (Some(wanted), Some(object)) = (wanted, value.as_object_mut()) {
            let probability = wanted.percentile / 100.0;
            object.insert(
                "want".into(),
                json!({"seconds": wanted.seconds, "percentile": wanted.percentile,
                    "met": self.meets(wanted.seconds, probability), "takes": self.takes(probability)}),
            );
        }
        value
    }

    /// The recovery as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let turns: Vec<Value> = self
            .turns
            .iter()
            .map(|(id, detection)| json!({"id": id, "earliest": detection.fixed, "mean": detection.mean(), "latest": detection.fixed + detection.spread}))
            .collect();
        json!({"failure": self.failure, "clients": self.clients, "affected": self.affected, "stuck": self.stuck,
            "ttl": self.ttl, "turns": turns, "detected": percentiles(self.detected), "recovered": percentiles(self.recovered),
            "mean": self.mean, "request_seconds_lost": self.lost(), "closed_form": self.closed_form,
            "assumed": self.assumed, "curve": self.curve})
    }
}

fn percentiles([p50, p90, p99]: [f64; 3]) -> Value {
    json!({"p50": p50, "p90": p90, "p99": p99})
}
