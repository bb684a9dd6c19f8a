//! The filter's configuration, as JSON and as a Struct in wire form; then, in further parts, what its feed answers and
//! what requests carry.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;
use pointsman_envoy::config::{FeedConfig, read};
use pointsman_envoy::facts::Request;
use pointsman_envoy::feed::{Checked, Follower, Mark, Response, Shared};
use pointsman_envoy::from_struct::to_json;
use pointsman_envoy::load::{load, views_under};
use pointsman_envoy::policy::Policy;

use super::target::Target;
use super::{parts, zones};

pub(super) const TARGET: Target =
    Target { name: "envoy", reads: "the proxy-wasm filter's configuration, feed and requests", run, seeds };

/// Envoy's store of shared keys.
#[derive(Default)]
struct Store(RefCell<BTreeMap<String, Vec<u8>>>);

impl Shared for Store {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Option<u32>)> {
        self.0.borrow().get(key).map(|value| (value.clone(), Some(1)))
    }

    fn set(&self, key: &str, value: &[u8], _: Option<u32>) -> bool {
        self.0.borrow_mut().insert(key.into(), value.to_vec());
        true
    }

    fn fetch(&self, _: &FeedConfig, _: Option<&str>) -> Option<u32> {
        Some(1)
    }
}

/// A request whose every header has this value.
struct Said<'b>(&'b [u8]);

impl Request for Said<'_> {
    fn header(&self, _: &str) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then(|| self.0.to_vec())
    }

    fn downstream_address(&self) -> Option<Vec<u8>> {
        self.header("")
    }
}

fn run(bytes: &[u8]) {
    let converted = to_json(bytes);
    if let Some(json) = &converted {
        let is_json = serde_json::from_str::<serde_json::Value>(json).is_ok();
        assert!(is_json, "a Struct gives no JSON: {json}");
        let _ = read(json.as_bytes()).map(|config| load(&config));
    }
    let mut parts = parts::split(bytes);
    let Ok(config) = read(parts.next().unwrap_or_default()) else { return };
    let feed = config.health.feed.clone();
    let Ok(loaded) = load(&config) else { return };
    let Ok(mut policy) = Policy::new(config, loaded, 7) else { return };
    let store = Store::default();
    let mut follower = feed.map(|feed| Follower::new(feed, &store));
    for (part, now_ms) in parts.take(8).zip(1_000_u64..) {
        let _ = policy.decide(&Said(part));
        if let Some(follower) = &mut follower {
            let _ = follower.fetch_when_due(now_ms.saturating_mul(1_000), &store);
            let response = Response::Report { etag: "e".into(), body: part.to_vec() };
            let check = |body: &[u8]| {
                let text = std::str::from_utf8(body).map_err(|_| "no text")?;
                let read = views_under(policy.blank(), text).map_err(|faults| faults.join("; "))?;
                Ok(Checked { made_ms: read.made_ms, mark: Mark::of(body) })
            };
            let _ = follower.answered(now_ms.saturating_mul(1_000), response, &store, check);
            if let Some((version, body)) = follower.look(&store) {
                let taken = std::str::from_utf8(&body).ok().and_then(|text| views_under(policy.blank(), text).ok());
                assert!(taken.is_some(), "a report that was refused is in force");
                taken.into_iter().for_each(|read| policy.swap(read.views));
                follower.took(version);
            }
            policy.set_usable(follower.usable(now_ms));
        }
        let _ = policy.decide(&Said(part));
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    let answers = [
        r#"{"header": {}}"#,
        r#"{"cluster": {"map": {"192.0.2.1": "one"}, "by": "value", "fallback": "two"}}"#,
        r#"{"host": {"port": 80}}"#,
    ];
    for (zone, answer) in zones::EXAMPLES.into_iter().zip(answers.into_iter().cycle()) {
        let config = format!(
            r#"{{"zones": [{{"documents": [{zone}]}}], "question": {{"name": {{"header": ":authority"}}, "type": "A"}},
                "client": {{"address": {{"x_forwarded_for": {{"trusted_hops": 1}}}}, "country_header": "x", "latitude_header": "x"}}, "health": {{"feed": {{"cluster": "watch", "interval_ms": 100,
                "timeout_ms": 500, "max_age_ms": 1000, "when_stale": "keep"}}}}, "answer": {answer}}}"#
        );
        let report = r#"{"HealthChecks": {"hc-1": "unhealthy"}, "Watch": {"Id": "a", "Run": "b", "Sequence": 7}}"#;
        all.push(parts::join(&[&*config, "app.example.com:80", report, "DE", "192.0.2.1:443"]));
    }
    let entry = |key: &[u8], value: &[u8]| {
        let inner = [&[0x0a, key.len() as u8], key, &[0x12, value.len() as u8], value].concat();
        [&[0x0a, inner.len() as u8], &*inner].concat()
    };
    let text = [&[0x1a, 5][..], b"hello"].concat();
    let list = [&[0x32, 4, 0x0a, 2][..], &[0x20, 1]].concat();
    all.push([entry(b"a", &text), entry(b"b", &list), entry(b"c", &[0x08, 0])].concat());
    Ok(all)
}
