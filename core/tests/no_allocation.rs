//! `resolve` allocates nothing, for every policy and for trees whose health depends on the client.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{parse, parse_query, parse_report};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};

/// Counts the calls of this thread.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ZONE: &str = include_str!("every_policy.json");

/// Names of the zone, and the policy that each one's groups use from the top down.
const NAMES: [&str; 12] =
    ["simple", "failover", "weighted", "latency", "geo", "near", "ip", "multi", "many", "tree", "absent", "a.b.wild"];

#[test]
fn resolving_allocates_nothing() {
    let validated = validate(&[parse(0, ZONE)], &Options::default());
    let zone = Arc::new(compile(&validated.zone.unwrap_or_else(|| panic!("{:#?}", validated.diagnostics))));
    for report in [
        r#"{"HealthChecks":{}}"#,
        r#"{"HealthChecks":{"hc-1":"unhealthy"}}"#,
        r#"{"HealthChecks":{"hc-1":"unhealthy","hc-2":"unhealthy"}}"#,
    ] {
        let (view, _) = HealthView::new(Arc::clone(&zone), &parse_report(0, report).unwrap().0);
        let mut scratch = Scratch::new(&zone);
        for name in NAMES {
            for client in [
                r#"{}"#,
                r#"{"country":"DE","ip":"10.1.2.3","latitude":52.5,"longitude":13.4,"latency_ms":{"eu-west-1":20}}"#,
                r#"{"subdivision":"US-WA","ecs":"2001:db8::/48"}"#,
            ] {
                for draw in 0..20 {
                    let line = format!(r#"{{"name":"{name}.example.com","type":"A","client":{client},"draw":{draw}}}"#);
                    let query = parse_query(&line).unwrap();
                    let before = CALLS.get();
                    let answer = view.resolve(&query, &mut scratch);
                    let values = answer.values().map(str::len).sum::<usize>();
                    let path = answer.set_identifiers().map(str::len).sum::<usize>();
                    let ttl = answer.ttl();
                    assert_eq!(CALLS.get() - before, 0, "{name} {client} {values} {path} {ttl:?}");
                }
            }
        }
    }
}

#[test]
fn the_zone_uses_every_policy() {
    let validated = validate(&[parse(0, ZONE)], &Options::default());
    let zone = compile(&validated.zone.unwrap());
    let (view, _) = HealthView::new(Arc::new(zone), &parse_report(0, r#"{"HealthChecks":{}}"#).unwrap().0);
    let mut told = String::new();
    for name in NAMES {
        let line = format!(r#"{{"name":"{name}.example.com","type":"A"}}"#);
        told.push_str(&view.explain(&parse_query(&line).unwrap()).to_string());
    }
    for policy in ["simple", "failover", "weighted", "latency", "geolocation", "geoproximity", "IP-based", "multivalue"]
    {
        assert!(told.contains(&format!("A: {policy}")), "{policy} in\n{told}");
    }
}
