//! How long clients hold an answer: resolvers, clamped TTLs, stale answers, caches in clients.

use serde::Deserialize;

/// A part of all clients, and what they do with a TTL.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolvers {
    /// Relative number of clients.
    pub share: f64,
    /// The least that is kept, in seconds.
    #[serde(default)]
    pub ttl_min: f64,
    /// The most that is kept, in seconds.
    #[serde(default = "a_day")]
    pub ttl_max: f64,
    /// Seconds that an expired answer is still served while a new one is fetched (RFC 8767).
    #[serde(default)]
    pub stale: f64,
    /// Seconds that the client itself keeps an answer, whatever its TTL.
    #[serde(default)]
    pub client_cache: f64,
}

fn a_day() -> f64 {
    86_400.0
}

/// What is assumed of clients when nothing is given: 75 % as the TTL says, 15 % behind a cache of their own for 60 s, such
/// as browsers have, 5 % behind resolvers that keep everything for 5 minutes, 5 % behind resolvers that serve an expired
/// answer once more for 30 s.
#[must_use]
pub fn assumed() -> Vec<Resolvers> {
    let plain = Resolvers { share: 75.0, ttl_min: 0.0, ttl_max: a_day(), stale: 0.0, client_cache: 0.0 };
    vec![
        plain.clone(),
        Resolvers { share: 15.0, client_cache: 60.0, ..plain.clone() },
        Resolvers { share: 5.0, ttl_min: 300.0, ..plain.clone() },
        Resolvers { share: 5.0, stale: 30.0, ..plain },
    ]
}

/// How long after the switch a client still holds the old answer: a mixture of sums of two uniforms, the rest of the
/// resolver's time and the rest of the client's.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// Probability, the resolver's seconds, the client's seconds.
    parts: Vec<(f64, f64, f64)>,
}

impl Hold {
    /// For an answer of this TTL.
    #[must_use]
    pub fn new(resolvers: &[Resolvers], ttl: u32) -> Self {
        let sum: f64 = resolvers.iter().map(|part| part.share).sum();
        let part = |part: &Resolvers| {
            let kept = f64::from(ttl).max(part.ttl_min).min(part.ttl_max.max(part.ttl_min)) + part.stale;
            (part.share / sum, kept, part.client_cache)
        };
        Self { parts: resolvers.iter().map(part).collect() }
    }

    /// The probability that a client has let go by then.
    #[must_use]
    pub fn by(&self, seconds: f64) -> f64 {
        self.parts.iter().map(|(share, a, b)| share * sum_of_uniforms(*a, *b, seconds)).sum()
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.parts.iter().map(|(share, a, b)| share * (a + b) / 2.0).sum()
    }

    /// The longest.
    #[must_use]
    pub fn longest(&self) -> f64 {
        self.parts.iter().filter(|part| part.0 > 0.0).map(|(_, a, b)| a + b).fold(0.0, f64::max)
    }

    /// One draw.
    pub fn draw(&self, mut uniform: impl FnMut() -> f64) -> f64 {
        let mut left = uniform();
        let mut of = (0.0, 0.0);
        for (share, a, b) in &self.parts {
            of = (*a, *b);
            if left < *share {
                break;
            }
            left -= share;
        }
        of.0 * uniform() + of.1 * uniform()
    }
}

/// The distribution of the sum of a uniform number up to `a` and one up to `b`: a trapezium.
fn sum_of_uniforms(a: f64, b: f64, at: f64) -> f64 {
    let (short, long) = (a.min(b), a.max(b));
    if at < 0.0 {
        return 0.0;
    }
    if at >= short + long {
        return 1.0;
    }
    if short <= 0.0 {
        return at / long;
    }
    if at < short {
        at * at / (2.0 * short * long)
    } else if at < long {
        (at - short / 2.0) / long
    } else {
        let rest = short + long - at;
        1.0 - rest * rest / (2.0 * short * long)
    }
}
