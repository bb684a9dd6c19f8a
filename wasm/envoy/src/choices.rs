//! The views that retries need: a filter does not run again when Envoy tries the next host, so the choices that would
//! follow are asked for beforehand, each in a view without the record sets of the ones before.

use std::sync::Arc;

use hashbrown::HashMap;
use pointsman_core::health::HealthView;

/// Views kept; past them all are made anew.
const VIEWS_MAX: usize = 1_000;

type ByGone = HashMap<Vec<u32>, HealthView, foldhash::fast::FixedState>;

/// Views without some record sets, made when they are first needed and kept until health changes.
#[derive(Debug, Default)]
pub struct Choices {
    /// By the zone's address, then by the numbers of the record sets that are gone.
    zones: HashMap<usize, ByGone, foldhash::fast::FixedState>,
    count: usize,
}

impl Choices {
    /// Forgets every view, because health has changed.
    pub fn clear(&mut self) {
        self.zones.clear();
        self.count = 0;
    }

    /// The view without the record sets of these numbers, which are in order.
    pub fn without<'v>(&'v mut self, base: &'v HealthView, gone: &[u32]) -> &'v HealthView {
        let zone = Arc::as_ptr(base.zone()) as usize;
        if !self.zones.get(&zone).is_some_and(|views| views.contains_key(gone)) {
            if self.count >= VIEWS_MAX {
                self.clear();
            }
            self.zones.entry(zone).or_default().insert(gone.to_vec(), base.without_record_sets(gone));
            self.count = self.count.saturating_add(1);
        }
        self.zones.get(&zone).and_then(|views| views.get(gone)).unwrap_or(base)
    }
}
