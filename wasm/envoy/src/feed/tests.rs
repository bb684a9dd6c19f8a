//! Workers over one store, as Envoy gives it to them.

use std::cell::RefCell;
use std::collections::HashMap;

use super::*;

/// A host's shared data, as Envoy keeps it: a version a key, and no comparison with none.
#[derive(Default)]
struct Store {
    keys: RefCell<HashMap<String, (Vec<u8>, u32)>>,
    fetches: RefCell<Vec<Option<String>>>,
    unreachable: bool,
}

impl Shared for Store {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Option<u32>)> {
        self.keys.borrow().get(key).map(|(value, version)| (value.clone(), Some(*version)))
    }

    fn set(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        let mut keys = self.keys.borrow_mut();
        let held = keys.get(key).map(|(_, version)| *version);
        if version.is_some() && held.is_some() && version != held {
            return false;
        }
        keys.insert(key.into(), (value.to_vec(), held.unwrap_or(0) + 1));
        true
    }

    fn fetch(&self, _: &FeedConfig, etag: Option<&str>) -> Option<u32> {
        self.fetches.borrow_mut().push(etag.map(Into::into));
        (!self.unreachable).then(|| self.fetches.borrow().len() as u32)
    }
}

fn feed(when_stale: &str) -> FeedConfig {
    let text = format!(
        r#"{{"cluster": "watch", "interval_ms": 100, "timeout_ms": 500, "max_age_ms": 1000, "when_stale": "{when_stale}"}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn made(made_ms: Option<u64>) -> Checked {
    Checked { made_ms, mark: None }
}

fn report(body: &str) -> Response {
    Response::Report { etag: format!("\"{body}\""), body: body.into() }
}

#[test]
fn one_worker_fetches_and_all_take_the_report() {
    let store = Store::default();
    let mut workers: Vec<Follower> = (0..4).map(|_| Follower::new(feed("keep"), &store)).collect();
    for worker in &mut workers {
        worker.fetch_when_due(1_000, &store).unwrap();
    }
    assert_eq!(*store.fetches.borrow(), [None]);
    assert!(workers[0].awaits(1) && !workers[1].awaits(1));
    assert_eq!(workers[0].answered(1_010, report("one"), &store, |_| Ok(made(Some(900)))), Outcome::New);
    for worker in &mut workers {
        assert_eq!(worker.look(&store), Some((1, b"one".to_vec())));
        worker.took(1);
        assert_eq!(worker.look(&store), None);
        assert_eq!(worker.age_ms(1_050), Some(150), "since it was made");
    }
    // The next fetch is due after the interval, whoever makes it, and sends the ETag.
    workers[2].fetch_when_due(1_109, &store).unwrap();
    assert_eq!(store.fetches.borrow().len(), 1);
    workers[2].fetch_when_due(1_110, &store).unwrap();
    assert_eq!(store.fetches.borrow().last().unwrap().as_deref(), Some("\"one\""));
    assert_eq!(workers[2].answered(1_120, Response::Unchanged, &store, |_| panic!("nothing to check")), Outcome::Same);
    assert_eq!(workers[3].look(&store), None);
    assert_eq!(workers[3].age_ms(1_120), Some(0));
}

#[test]
fn a_worker_that_dies_loses_its_lease() {
    let store = Store::default();
    let (mut dies, mut lives) = (Follower::new(feed("keep"), &store), Follower::new(feed("keep"), &store));
    dies.fetch_when_due(1_000, &store).unwrap();
    drop(dies);
    lives.fetch_when_due(2_499, &store).unwrap();
    assert_eq!(store.fetches.borrow().len(), 1);
    lives.fetch_when_due(2_500, &store).unwrap();
    assert_eq!(store.fetches.borrow().len(), 2);
    // A clock that is set back by a day does not stop the feed for a day.
    assert_eq!(lives.answered(2_600, report("one"), &store, |_| Ok(made(Some(900)))), Outcome::New);
    lives.fetch_when_due(10, &store).unwrap();
    assert_eq!(store.fetches.borrow().len(), 3);
}

#[test]
fn what_is_no_report_is_not_shared() {
    let store = Store::default();
    let mut worker = Follower::new(feed("keep"), &store);
    for (response, words) in [
        (Response::None, "no whole answer"),
        (Response::Status("404".into()), "status 404"),
        (Response::Status("503".into()), "also what Envoy says when it cannot connect"),
        (Response::Status("504".into()), "no answer within 500 ms"),
        (Response::Unchanged, "nothing was fetched yet"),
        (Response::TooLong(9), "9 bytes"),
        (report("junk"), "no report"),
    ] {
        let outcome = worker.answered(5, response, &store, |_| Err("no report".into()));
        let Outcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
        assert!(failure.contains(words), "{failure}");
        assert_eq!(worker.look(&store), None);
    }
    let store = Store { unreachable: true, ..Store::default() };
    let mut worker = Follower::new(feed("keep"), &store);
    worker.fetch_when_due(1_000, &store).unwrap_err();
    // The lease is free again, and the next try comes after the interval.
    worker.fetch_when_due(1_050, &store).unwrap();
    worker.fetch_when_due(1_100, &store).unwrap_err();
}

#[test]
fn old_health_is_used_as_configured() {
    for (word, stale) in [("keep", Usable::Report), ("no-data", Usable::NoData), ("not-ready", Usable::NotReady)] {
        let store = Store::default();
        let mut worker = Follower::new(feed(word), &store);
        assert_eq!(worker.usable(1_000), stale, "before the first report");
        worker.answered(1_000, report("one"), &store, |_| Ok(made(Some(900))));
        let (version, _) = worker.look(&store).unwrap();
        worker.took(version);
        assert_eq!(worker.usable(1_900), Usable::Report);
        assert_eq!(worker.usable(1_901), stale);
        worker.answered(1_950, Response::Unchanged, &store, |_| panic!("nothing to check"));
        worker.look(&store);
        assert_eq!(worker.usable(2_950), Usable::Report, "the feed confirmed it");
        worker.answered(3_000, report("two"), &store, |_| Ok(made(None)));
        worker.look(&store);
        assert_eq!(worker.usable(3_000), stale, "one that does not say when it was made (10.50)");
    }
}

fn marked(id: &str, sequence: u64) -> Response {
    let body = format!(
        r#"{{"Watch": {{"Id": "{id}", "Run": "1", "Sequence": {sequence}, "Zone": "example.com."}}, "HealthChecks": {{}}}}"#
    );
    Response::Report { etag: format!("\"{id}-{sequence}\""), body: body.into_bytes() }
}

#[test]
fn two_watches_behind_one_address_do_not_take_turns() {
    let store = Store::default();
    let mut worker = Follower::new(feed("keep"), &store);
    let mut ask = |now_ms, response| {
        worker.answered(now_ms, response, &store, |body| Ok(Checked { made_ms: Some(now_ms), mark: Mark::of(body) }))
    };
    assert_eq!(ask(1_000, marked("one", 1)), Outcome::New);
    for turn in 1..20 {
        let now_ms = 1_000 + 200 * turn;
        assert_eq!(ask(now_ms, marked("two", turn)), Outcome::Ignored);
        assert_eq!(ask(now_ms + 100, marked("one", turn + 1)), Outcome::New);
    }
    assert_eq!(ask(5_000, marked("one", 2)), Outcome::Ignored);
    // Three intervals and a time-out without the first: the other one takes over, and says so.
    assert_eq!(ask(5_500, marked("two", 30)), Outcome::Ignored);
    assert_eq!(ask(5_800, marked("two", 31)), Outcome::NewWatch("watch two, run 1".into()));
    assert_eq!(ask(5_900, marked("one", 99)), Outcome::Ignored);
}
