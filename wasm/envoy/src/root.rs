//! The filter in one VM, apart from its requests: configuration, ticks and the answers of the feed.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{ContextType, LogLevel, MetricType};

use crate::config::{self, FeedConfig};
use crate::counters::{Counters, Event};
use crate::draw::sticky;
use crate::feed::{Checked, Follower, Mark, Outcome, Shared as _};
use crate::from_struct::to_json;
use crate::host::random_seed;
use crate::load::{load, views_under};
use crate::policy::Policy;
use crate::request::Request;
use crate::transport::{Host, now_ms, response};

/// What a VM has made of its configuration.
#[derive(Default)]
pub(crate) struct Root {
    running: Option<Running>,
}

struct Running {
    policy: Rc<RefCell<Policy>>,
    feed: Option<Feed>,
}

struct Feed {
    follower: Follower,
    config: FeedConfig,
    age: Option<u32>,
    /// The last failure that was logged, so that a feed that stays down is logged once.
    failure: Option<Failure>,
    /// What was last told of a report: one that serves other proxies, too, names checks unknown here every time.
    warnings: Vec<String>,
}

struct Failure {
    words: String,
    /// How often the feed had answered before it.
    successes: u64,
}

impl Context for Root {
    fn on_http_call_response(&mut self, token: u32, header_count: usize, body_size: usize, _trailers: usize) {
        if let Some(running) = &mut self.running {
            running.feed_answered(token, header_count, body_size);
        }
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let bytes = self.get_plugin_configuration().unwrap_or_default();
        match Running::new(&bytes) {
            Ok(running) => {
                self.running = Some(running);
                true
            }
            Err(faults) => {
                for fault in faults {
                    log(LogLevel::Critical, &format!("configuration refused: {fault}"));
                }
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(running) = &mut self.running {
            running.tick();
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        let running = self.running.as_ref()?;
        Some(Box::new(Request { policy: Rc::clone(&running.policy) }))
    }
}

impl Running {
    fn new(bytes: &[u8]) -> Result<Self, Vec<String>> {
        let json = to_json(bytes);
        let config = config::read(json.as_ref().map_or(bytes, String::as_bytes)).map_err(|fault| vec![fault])?;
        let loaded = load(&config)?;
        // Every worker reads the same configuration; one of them logs what there is to log.
        let told = format!("pointsman.{:016x}.told", sticky(bytes));
        if !loaded.warnings.is_empty() && Host.get(&told).is_none() && Host.set(&told, b"1", None) {
            for warning in &loaded.warnings {
                log(LogLevel::Warn, warning);
            }
        }
        let seed = random_seed().unwrap_or_else(seed_without_random_bytes);
        let tick = Duration::from_millis(u64::from(config.tick_ms));
        let feed = config.health.feed.clone().map(|config| Feed {
            follower: Follower::new(config.clone(), &Host),
            config,
            age: None,
            failure: None,
            warnings: Vec::new(),
        });
        let policy = Policy::new(config, loaded, seed).map_err(|error| vec![format!("question.name: {error}")])?;
        let mut running = Self { policy: Rc::new(RefCell::new(policy)), feed };
        // Workers that join later begin with the report that the others have.
        running.follow();
        hostcalls::set_tick_period(tick).map_err(|_| vec!["the host gives no ticks".to_owned()])?;
        Ok(running)
    }

    fn tick(&mut self) {
        if let Some(feed) = &mut self.feed
            && let Err(failure) = feed.follower.fetch_when_due(now_ms(), &Host)
        {
            feed.failed(failure, &mut self.policy.borrow_mut().counters);
        }
        self.follow();
        self.policy.borrow_mut().counters.flush(|count| {
            if count.metric.is_none() {
                count.metric = define(MetricType::Counter, &count.name);
            }
            let sum = i64::try_from(count.count).unwrap_or(i64::MAX);
            count.metric.is_some_and(|metric| hostcalls::increment_metric(metric, sum).is_ok())
        });
    }

    /// Takes a new report that some worker fetched, and says by what to answer.
    fn follow(&mut self) {
        let Some(feed) = &mut self.feed else { return };
        let now = now_ms();
        if let Some((version, body)) = feed.follower.look(&Host) {
            let mut policy = self.policy.borrow_mut();
            let text = String::from_utf8_lossy(&body);
            match views_under(policy.blank(), &text) {
                Ok(read) => policy.swap(read.views),
                // Another configuration with the same feed shared what this one cannot read.
                Err(_) => policy.counters.count(Event::FeedError),
            }
            feed.follower.took(version);
        }
        self.policy.borrow_mut().set_usable(feed.follower.usable(now));
        if let Some(age) = feed.follower.age_ms(now) {
            feed.age = feed.age.or_else(|| define(MetricType::Gauge, "view_age_ms"));
            if let Some(metric) = feed.age {
                let _ = hostcalls::record_metric(metric, age);
            }
        }
    }

    fn feed_answered(&mut self, token: u32, header_count: usize, body_size: usize) {
        let Some(feed) = self.feed.as_mut().filter(|feed| feed.follower.awaits(token)) else { return };
        let response = response(header_count, body_size, feed.config.max_bytes as usize);
        let mut policy = self.policy.borrow_mut();
        let mut warnings = Vec::new();
        let outcome = feed.follower.answered(now_ms(), response, &Host, |body| {
            let text = std::str::from_utf8(body).map_err(|_| "the report is not UTF-8".to_owned())?;
            let read = views_under(policy.blank(), text).map_err(|faults| faults.join("; "))?;
            warnings = read.warnings;
            Ok(Checked { made_ms: read.made_ms, mark: Mark::of(body) })
        });
        match outcome {
            Outcome::Failed(failure) => return feed.failed(failure, &mut policy.counters),
            Outcome::New | Outcome::NewWatch(_) => {
                policy.counters.count(Event::FeedUpdate);
                if let Outcome::NewWatch(watch) = outcome {
                    log(LogLevel::Warn, &format!("{}: health is now by {watch}", feed.name()));
                }
                for warning in warnings.iter().filter(|warning| !feed.warnings.contains(warning)) {
                    log(LogLevel::Warn, &format!("{}: {warning}", feed.name()));
                }
                feed.warnings = warnings;
            }
            Outcome::Ignored => policy.counters.count(Event::FeedOtherWatch),
            Outcome::Same => {}
        }
        if feed.failure.take().is_some() {
            log(LogLevel::Info, &format!("{}: answers again", feed.name()));
        }
        drop(policy);
        self.follow();
    }
}

impl Feed {
    fn name(&self) -> String {
        format!("health feed {}{}", self.config.cluster, self.config.path)
    }

    /// Counts a failure, and logs it if the last one was another.
    fn failed(&mut self, failure: String, counters: &mut Counters) {
        counters.count(Event::FeedError);
        // Other workers fetch, too: an answer to one of them ends the failure for all.
        let successes = self.follower.successes();
        if !self.failure.as_ref().is_some_and(|last| last.words == failure && last.successes == successes) {
            log(LogLevel::Error, &format!("{}: {failure}; the last report stays in force", self.name()));
            self.failure = Some(Failure { words: failure, successes });
        }
    }
}

/// A statistic of Envoy's, which puts `wasmcustom.` before its name.
fn define(kind: MetricType, name: &str) -> Option<u32> {
    hostcalls::define_metric(kind, &format!("pointsman.{name}")).ok()
}

/// The time, and a number that the host gives every VM another one of.
fn seed_without_random_bytes() -> u64 {
    const KEY: &str = "pointsman.vms";
    for _ in 0..100 {
        let (bytes, version) = Host.get(KEY).unwrap_or_default();
        let number = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)).wrapping_add(1);
        if Host.set(KEY, &number.to_le_bytes(), version) {
            return sticky(&[now_ms().to_le_bytes(), number.to_le_bytes()].concat());
        }
    }
    now_ms()
}

fn log(level: LogLevel, message: &str) {
    let _ = hostcalls::log(level, message);
}
