//! One worker's side of the feed.
//!
//! Envoy's workers share nothing but a small store of keys with compare-and-swap. One of them at a time holds the lease
//! and fetches; it puts the report under one key and then a short state with a new version under another. The others
//! read the state on each tick, and the report only when the version moved. A worker that dies with the lease loses it
//! when it runs out.

use pointsman_core::health::{MaxAge, Usable};

use crate::config::FeedConfig;
use crate::draw::sticky;

/// What a lease lasts longer than the fetch that it is for.
const LEASE_MARGIN_MS: u64 = 1_000;

/// What workers share, and the way to the feed.
pub trait Shared {
    /// The value of a key, and what [`set`](Self::set) compares.
    fn get(&self, key: &str) -> Option<(Vec<u8>, Option<u32>)>;

    /// Sets a key, if a version is given only when it is still that one; `false` when it was not set.
    fn set(&self, key: &str, value: &[u8], version: Option<u32>) -> bool;

    /// Begins a fetch; returns the number that its answer will carry.
    fn fetch(&self, feed: &FeedConfig, etag: Option<&str>) -> Option<u32>;
}

/// What the feed answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// Nothing: no connection, no cluster, or no answer in time.
    None,
    /// A status without a report.
    Status(String),
    /// 304: the report is the one whose ETag was sent.
    Unchanged,
    /// 200 with a body of so many bytes that it was not looked at.
    TooLong(usize),
    /// 200.
    Report {
        /// The report's ETag.
        etag: String,
        /// The report.
        body: Vec<u8>,
    },
}

/// What is known of a report's body before it is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// When it was made, in milliseconds since 1970, if it says so.
    pub made_ms: Option<u64>,
    /// The watch that made it, if it says so.
    pub mark: Option<Mark>,
}

/// Which report of which run of which watch a body is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The watch's id and run.
    pub watch: String,
    /// Which report of the run.
    pub sequence: u64,
}

impl Mark {
    /// The mark of a report, its member `Watch`; `None` for a feed that does not say.
    #[must_use]
    pub fn of(body: &[u8]) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Report {
            #[serde(rename = "Watch")]
            watch: Option<Watch>,
        }
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Watch {
            id: String,
            run: String,
            sequence: u64,
        }
        let watch = serde_json::from_slice::<Report>(body).ok()?.watch?;
        Some(Self { watch: format!("watch {}, run {}", watch.id, watch.run), sequence: watch.sequence })
    }
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There is a new report.
    New,
    /// There is a new report, of another watch than the last one: this.
    NewWatch(String),
    /// The report is of another watch than the one that is followed, or an earlier one of it; it is left aside.
    Ignored,
    /// The report is confirmed.
    Same,
    /// The fetch failed, for this reason.
    Failed(String),
}

/// A worker that follows a feed.
#[derive(Debug)]
pub struct Follower {
    feed: FeedConfig,
    state_key: String,
    report_key: String,
    lease_key: String,
    /// The version of the report in force.
    version: u64,
    successes: u64,
    /// When it was made, or last confirmed by the feed; 0 when nobody says.
    confirmed_ms: u64,
    /// The fetch under way, and when it began.
    in_flight: Option<(u32, u64)>,
}

/// What all workers know of the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    version: u64,
    attempted_ms: u64,
    confirmed_ms: u64,
    successes: u64,
    body_hash: u64,
    /// The watch that made the report in force, by its hash, or 0; and the report's number.
    watch: u64,
    sequence: u64,
    /// When that watch last answered.
    heard_ms: u64,
    etag: String,
}

impl State {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (numbers, etag) = bytes.split_at_checked(64)?;
        let mut numbers = numbers.chunks_exact(8).filter_map(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
        Some(Self {
            version: numbers.next()?,
            attempted_ms: numbers.next()?,
            confirmed_ms: numbers.next()?,
            successes: numbers.next()?,
            body_hash: numbers.next()?,
            watch: numbers.next()?,
            sequence: numbers.next()?,
            heard_ms: numbers.next()?,
            etag: String::from_utf8(etag.to_vec()).ok()?,
        })
    }

    fn write(&self) -> Vec<u8> {
        let numbers = [
            self.version,
            self.attempted_ms,
            self.confirmed_ms,
            self.successes,
            self.body_hash,
            self.watch,
            self.sequence,
            self.heard_ms,
        ];
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend_from_slice(self.etag.as_bytes());
        bytes
    }
}

impl Follower {
    /// A worker that knows nothing yet. Workers of one VM id with the same feed share its report.
    #[must_use]
    pub fn new(feed: FeedConfig, shared: &impl Shared) -> Self {
        let name = sticky(format!("{}\n{}\n{}", feed.cluster, feed.authority, feed.path).as_bytes());
        let key = |what: &str| format!("pointsman.{name:016x}.{what}");
        let (state_key, report_key, lease_key) = (key("state.2"), key("report"), key("lease"));
        // A key that is not there cannot be compared.
        if shared.get(&lease_key).is_none() {
            shared.set(&lease_key, &0_u64.to_le_bytes(), None);
        }
        Self { feed, state_key, report_key, lease_key, version: 0, successes: 0, confirmed_ms: 0, in_flight: None }
    }

    /// Looks at what the others did; returns a report that is not in force yet, with its version.
    pub fn look(&mut self, shared: &impl Shared) -> Option<(u64, Vec<u8>)> {
        let state = self.state(shared);
        self.confirmed_ms = state.confirmed_ms;
        self.successes = state.successes;
        if state.version == self.version { None } else { self.report(shared) }
    }

    /// Begins a fetch when one is due and no other worker has.
    ///
    /// # Errors
    /// Why it could not even begin.
    pub fn fetch_when_due(&mut self, now_ms: u64, shared: &impl Shared) -> Result<(), String> {
        let state = self.state(shared);
        let due = state.attempted_ms.saturating_add(u64::from(self.feed.interval_ms)) <= now_ms;
        // A clock that was set back must not stop the feed.
        if (due || state.attempted_ms > now_ms) && self.in_flight.is_none() && self.takes_lease(now_ms, shared) {
            let etag = Some(state.etag.as_str()).filter(|etag| !etag.is_empty());
            self.in_flight = shared.fetch(&self.feed, etag).map(|token| (token, now_ms));
            if self.in_flight.is_none() {
                shared.set(&self.state_key, &State { attempted_ms: now_ms, ..state }.write(), None);
                self.release(shared);
                return Err(format!("Envoy has no cluster, or no connection, for `{}`", self.feed.cluster));
            }
        }
        Ok(())
    }

    /// Whether a fetch of that number is this worker's.
    #[must_use]
    pub fn awaits(&self, token: u32) -> bool {
        self.in_flight.is_some_and(|(awaited, _)| awaited == token)
    }

    /// Takes in what the feed answered. `check` reads the report in a body, or says why it is none; one that it refuses is
    /// not shared. A report of another watch than the last one counts only when that has been silent for a while: behind a
    /// balancer each fetch may reach another watch.
    pub fn answered(
        &mut self,
        now_ms: u64,
        response: Response,
        shared: &impl Shared,
        check: impl FnOnce(&[u8]) -> Result<Checked, String>,
    ) -> Outcome {
        let began_ms = self.in_flight.take().map_or(now_ms, |(_, began_ms)| began_ms);
        let mut state = State { attempted_ms: now_ms, ..self.state(shared) };
        let outcome = match response {
            Response::None if now_ms.saturating_sub(began_ms) >= u64::from(self.feed.timeout_ms) => {
                Outcome::Failed(format!("no answer within {} ms", self.feed.timeout_ms))
            }
            // What Envoy makes of a call that took too long, or a proxy in front of the feed.
            Response::Status(status) if status == "504" => {
                Outcome::Failed(format!("no answer within {} ms (status 504)", self.feed.timeout_ms))
            }
            Response::None => {
                Outcome::Failed("no whole answer: the connection broke, or there was more than Envoy takes".into())
            }
            Response::Status(status) if status == "503" => {
                Outcome::Failed("status 503, which is also what Envoy says when it cannot connect".into())
            }
            Response::Status(status) => Outcome::Failed(format!("status {status}")),
            Response::TooLong(bytes) => {
                Outcome::Failed(format!("{bytes} bytes are more than max_bytes, {}", self.feed.max_bytes))
            }
            Response::Unchanged if state.version == 0 => {
                Outcome::Failed("status 304, and nothing was fetched yet".into())
            }
            Response::Unchanged => {
                state.heard_ms = now_ms;
                // A report without a time stays one that cannot be distinguished from an old one (10.50).
                if state.confirmed_ms > 0 {
                    state.confirmed_ms = now_ms;
                }
                Outcome::Same
            }
            Response::Report { etag, body } => {
                let hash = sticky(&body);
                if hash == state.body_hash && state.version > 0 {
                    (state.etag, state.heard_ms) = (etag, now_ms);
                    Outcome::Same
                } else {
                    match check(&body) {
                        Err(fault) => Outcome::Failed(fault),
                        Ok(checked) if !self.may_take(&state, checked.mark.as_ref(), now_ms) => Outcome::Ignored,
                        Ok(Checked { made_ms, mark }) => {
                            let watch = mark.as_ref().map_or(0, |mark| sticky(mark.watch.as_bytes()));
                            let is_other = state.version > 0 && watch != state.watch;
                            // A feed whose clock is ahead makes no report of the future.
                            state.confirmed_ms = made_ms.map_or(0, |made_ms| made_ms.clamp(1, now_ms.max(1)));
                            state.version = state.version.saturating_add(1);
                            state.body_hash = hash;
                            state.etag = etag;
                            state.watch = watch;
                            state.sequence = mark.as_ref().map_or(0, |mark| mark.sequence);
                            state.heard_ms = now_ms;
                            let mut value = state.version.to_le_bytes().to_vec();
                            value.extend_from_slice(&body);
                            shared.set(&self.report_key, &value, None);
                            let name = mark.map_or_else(|| "a watch without a name".to_owned(), |mark| mark.watch);
                            if is_other { Outcome::NewWatch(name) } else { Outcome::New }
                        }
                    }
                }
            }
        };
        if !matches!(outcome, Outcome::Failed(_)) {
            state.successes = state.successes.saturating_add(1);
        }
        shared.set(&self.state_key, &state.write(), None);
        self.release(shared);
        outcome
    }

    /// Whether a report may take the place of the one in force.
    fn may_take(&self, state: &State, mark: Option<&Mark>, now_ms: u64) -> bool {
        let watch = mark.map_or(0, |mark| sticky(mark.watch.as_bytes()));
        if state.version == 0 || watch == state.watch {
            return mark.is_none_or(|mark| mark.sequence >= state.sequence);
        }
        let patience =
            u64::from(self.feed.interval_ms).saturating_mul(3).saturating_add(u64::from(self.feed.timeout_ms));
        // A clock that was set back must not keep a dead watch in force.
        now_ms < state.heard_ms || now_ms.saturating_sub(state.heard_ms) > patience
    }

    /// Says that the report of a version is in force.
    pub fn took(&mut self, version: u64) {
        self.version = version;
    }

    /// How long ago the report in force was made or confirmed; `None` when nobody says, or before the first.
    #[must_use]
    pub fn age_ms(&self, now_ms: u64) -> Option<u64> {
        (self.confirmed_ms > 0).then(|| now_ms.saturating_sub(self.confirmed_ms))
    }

    /// By what to answer: core's rule for the age, where one is limited.
    #[must_use]
    pub fn usable(&self, now_ms: u64) -> Usable {
        match self.feed.max_age_ms {
            0 => Usable::Report,
            limit => MaxAge { limit_ms: limit.into(), when_stale: self.feed.when_stale }.judge(self.age_ms(now_ms)),
        }
    }

    /// How often all workers together got an answer that was no failure.
    #[must_use]
    pub const fn successes(&self) -> u64 {
        self.successes
    }

    fn state(&self, shared: &impl Shared) -> State {
        shared.get(&self.state_key).and_then(|(bytes, _)| State::read(&bytes)).unwrap_or_default()
    }

    fn report(&self, shared: &impl Shared) -> Option<(u64, Vec<u8>)> {
        let (mut bytes, _) = shared.get(&self.report_key)?;
        let version = u64::from_le_bytes(*bytes.first_chunk()?);
        bytes.drain(..8);
        Some((version, bytes))
    }

    fn takes_lease(&self, now_ms: u64, shared: &impl Shared) -> bool {
        let lasts = u64::from(self.feed.timeout_ms).saturating_add(LEASE_MARGIN_MS);
        let until = now_ms.saturating_add(lasts);
        let Some((held, version)) = shared.get(&self.lease_key) else { return false };
        let held_until = held.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        // One that ends later than any could was given by a clock that has been set back.
        let free = held_until <= now_ms || held_until > until;
        free && version.is_some() && shared.set(&self.lease_key, &until.to_le_bytes(), version)
    }

    fn release(&self, shared: &impl Shared) {
        shared.set(&self.lease_key, &0_u64.to_le_bytes(), None);
    }
}

#[cfg(test)]
mod tests;
