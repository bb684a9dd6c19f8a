//! When what is tried: each endpoint in its own time, no two in step, never too many at once, and one that several zones
//! share once for all of them.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::hub::{Hub, WatchedZone};
use crate::plan::{Item, Subject, Work};
use crate::probe::{Prober, Timeouts};
use crate::rules::Probing;

/// How far a try may stand from its regular time, as a part of the interval.
const JITTER: u32 = 20;

/// The name under which this process counts results.
pub(crate) const CHECKER: &str = "watch";

/// Zones that want to know what became of a try.
type Zones = Arc<Mutex<Vec<Arc<WatchedZone>>>>;

/// The task that probes one endpoint.
struct ProbeTask {
    zones: Zones,
    task: JoinHandle<()>,
}

/// One task an endpoint.
pub(crate) struct Schedule {
    hub: Arc<Hub>,
    prober: Arc<Prober>,
    /// The thread that tries run on.
    handle: Handle,
    /// Tries that may run at once; more wait for their turn.
    turns: Arc<Semaphore>,
    at_once: usize,
    scale: f64,
    tasks: BTreeMap<(Subject, Probing), ProbeTask>,
}

impl Schedule {
    pub(crate) fn new(hub: Arc<Hub>, prober: Prober, handle: Handle, at_once: usize, scale: f64) -> Self {
        let turns = Arc::new(Semaphore::new(at_once));
        Self { hub, prober: Arc::new(prober), handle, turns, at_once, scale, tasks: BTreeMap::new() }
    }

    /// Tries what the zones' plans say from now on. What is tried the same way as before keeps its turn.
    pub(crate) fn follow(&mut self) {
        let mut wanted: BTreeMap<(Subject, Probing), Vec<Arc<WatchedZone>>> = BTreeMap::new();
        for zone in self.hub.zones().iter() {
            for (subject, probing) in zone.snapshot().plan().items.iter().filter_map(|item| probing(item)) {
                wanted.entry((subject.clone(), probing.clone())).or_default().push(Arc::clone(zone));
            }
        }
        self.tasks.retain(|key, probe| {
            let stays = wanted.contains_key(key);
            if !stays {
                probe.task.abort();
            }
            stays
        });
        for (key, zones) in wanted {
            match self.tasks.get(&key) {
                Some(probe) => *probe.zones.lock().unwrap_or_else(PoisonError::into_inner) = zones,
                None => {
                    let zones: Zones = Arc::new(Mutex::new(zones));
                    let task = self.handle.spawn(self.probe_for_ever(key.clone(), Arc::clone(&zones)));
                    self.tasks.insert(key, ProbeTask { zones, task });
                }
            }
        }
        if self.tasks.len() > self.at_once {
            let (checks, at_once) = (self.tasks.len().to_string(), self.at_once.to_string());
            let reason = "when more endpoints hang at once, others wait for their turn; `ulimit -n` may allow more";
            self.hub.log.line("tries-limited", &[("checks", &checks), ("at_once", &at_once), ("reason", reason)]);
        }
    }

    fn probe_for_ever(&self, (subject, probing): (Subject, Probing), zones: Zones) -> impl Future<Output = ()> + use<> {
        let (hub, prober, turns) = (Arc::clone(&self.hub), Arc::clone(&self.prober), Arc::clone(&self.turns));
        let interval = probing.interval.mul_f64(self.scale).max(Duration::from_millis(10));
        let timeouts = Timeouts::default().scaled(self.scale.min(1.0));
        async move {
            let mut dice = Dice::new(&subject);
            // Somewhere in the first interval, so that checks do not march in step.
            let mut ticks = interval_at(Instant::now() + dice.part_of(interval), interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                tokio::time::sleep(dice.part_of(interval / JITTER)).await;
                let Ok(turn) = turns.acquire().await else { return };
                let outcome = prober.probe(&probing.target, &timeouts).await;
                drop(turn);
                let zones = zones.lock().unwrap_or_else(PoisonError::into_inner).clone();
                for zone in zones {
                    // A reload may have taken the check away meanwhile.
                    let _ = hub.change(&zone, |state, now| match state.tried(&subject, CHECKER, &outcome, now) {
                        Ok(changes) => (Ok(()), changes),
                        Err(error) => (Err(error), Vec::new()),
                    });
                }
            }
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        for probe in self.tasks.values() {
            probe.task.abort();
        }
    }
}

fn probing(item: &Item) -> Option<(&Subject, &Probing)> {
    match &item.work {
        Work::Probe(probing) => Some((&item.subject, probing)),
        _ => None,
    }
}

/// Random enough for jitter.
struct Dice(u64);

impl Dice {
    fn new(subject: &Subject) -> Self {
        Self(RandomState::new().hash_one(subject))
    }

    /// From nothing up to a duration.
    fn part_of(&mut self, whole: Duration) -> Duration {
        // Xorshift; never stuck at 0.
        self.0 |= 1;
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        whole.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}
