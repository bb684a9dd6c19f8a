//! When what is tried: each endpoint in its own time, no two in step, never too many at once.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::limits::tries_at_once;
use crate::plan::{Item, Plan, Probing, Subject, Work};
use crate::probe::{Prober, Timeouts};
use crate::shared::{Shared, now};

/// How far a try may stand from its regular time, as a part of the interval.
const JITTER: u32 = 20;

/// The name under which this process counts results.
pub(crate) const CHECKER: &str = "watch";

/// The running tries.
pub(crate) struct Schedule {
    shared: Arc<Shared>,
    prober: Arc<Prober>,
    /// Tries that may run at once; more wait for their turn.
    turns: Arc<Semaphore>,
    at_once: usize,
    scale: f64,
    running: BTreeMap<Subject, (Probing, JoinHandle<()>)>,
}

impl Schedule {
    pub(crate) fn new(shared: Arc<Shared>, prober: Prober, scale: f64) -> Self {
        let at_once = tries_at_once();
        let turns = Arc::new(Semaphore::new(at_once));
        Self { shared, prober: Arc::new(prober), turns, at_once, scale, running: BTreeMap::new() }
    }

    /// Tries what a plan says from now on. What is tried the same way as before keeps its turn.
    pub(crate) fn follow(&mut self, plan: &Plan) {
        let wanted: BTreeMap<&Subject, &Probing> = plan.items.iter().filter_map(probing).collect();
        self.running.retain(|subject, (probing, task)| {
            let stays = wanted.get(subject) == Some(&&*probing);
            if !stays {
                task.abort();
            }
            stays
        });
        for (subject, probing) in wanted {
            if !self.running.contains_key(subject) {
                let task = tokio::spawn(self.again_and_again(subject.clone(), probing.clone()));
                self.running.insert(subject.clone(), (probing.clone(), task));
            }
        }
        if self.running.len() > self.at_once {
            let (checks, at_once) = (self.running.len().to_string(), self.at_once.to_string());
            let reason = "when more endpoints hang at once, others wait for their turn; `ulimit -n` may allow more";
            self.shared.log.line("tries-limited", &[("checks", &checks), ("at_once", &at_once), ("reason", reason)]);
        }
    }

    fn again_and_again(&self, subject: Subject, probing: Probing) -> impl Future<Output = ()> + use<> {
        let (shared, prober, turns) = (Arc::clone(&self.shared), Arc::clone(&self.prober), Arc::clone(&self.turns));
        let interval = probing.interval.mul_f64(self.scale).max(Duration::from_millis(10));
        let timeouts = Timeouts::default().scaled(self.scale.min(1.0));
        async move {
            let mut dice = Dice::new(&subject);
            // Somewhere in the first interval, so that checks do not march in step.
            let mut ticks = interval_at(Instant::now() + dice.part_of(interval), interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                tokio::time::sleep(dice.part_of(interval / JITTER)).await;
                let Ok(turn) = turns.acquire().await else { return };
                let outcome = prober.probe(&probing.target, &timeouts).await;
                drop(turn);
                let changes = shared.board().tried(&subject, CHECKER, &outcome, now());
                shared.announce(changes);
            }
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        for (_, task) in self.running.values() {
            task.abort();
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
