//! Thousands of schedules of a fleet, each from a seed: messages are late, lost or come twice, watches die, leases end, and
//! operators act on what they saw a while ago.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use pointsman_fleet::{Role, verdict};
use world::{Event, World, ZONE};

/// SplitMix64, so that a schedule follows from its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

/// How much more often something happens than the rarest.
const fn weight(event: Event) -> usize {
    match event {
        Event::Read(_) | Event::Commit(_) => 40,
        Event::Grant(_) => 20,
        Event::Flip(_) | Event::Again(_) | Event::Twice(_) | Event::GiveUp(_) => 4,
        Event::Lose(_) | Event::Force(_) | Event::Clear(_) | Event::Publish(_) => 2,
        Event::List(_) | Event::Expire(_) | Event::Notice(_) | Event::Restart(_) | Event::Rollback(_) => 1,
    }
}

/// One schedule; what it broke, if anything, and what happened.
fn schedule(seed: u64, steps: usize) -> (World, Vec<Event>) {
    let mut dice = Dice(seed);
    let watches = 2 + dice.roll(4);
    let quorum = [None, Some(1), Some(2), Some(3)][dice.roll(4)];
    let mut world = World::new(watches, quorum);
    let mut happened = Vec::new();
    for _ in 0..steps {
        let events = world.events();
        let mut left = dice.roll(events.iter().map(|event| weight(*event)).sum());
        let event = events.into_iter().find(|event| {
            let is_it = left < weight(*event);
            left = left.saturating_sub(weight(*event));
            is_it
        });
        let Some(event) = event else { break };
        happened.push(event);
        world.happen(event);
        if world.laws.broken.is_some() {
            break;
        }
    }
    if world.laws.broken.is_none() {
        world.settle();
    }
    (world, happened)
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[test]
fn no_schedule_breaks_a_law() {
    let first = number_of("POINTSMAN_FLEET_SEED").unwrap_or(1);
    let count = number_of("POINTSMAN_FLEET_SCHEDULES").unwrap_or(3000);
    let (mut reports, mut leaders) = (0_u64, 0_usize);
    for seed in first..first + count {
        let (world, happened) = schedule(seed, 400);
        if let Some(law) = world.laws.broken {
            let last = &happened[happened.len().saturating_sub(30)..];
            panic!(
                "{law}; POINTSMAN_FLEET_SEED={seed} POINTSMAN_FLEET_SCHEDULES=1 shows it again; the last of {}: {last:#?}",
                happened.len()
            );
        }
        // At rest all watches see the same, one of them leads, and the report is what the keys say.
        let mirror = &world.engine.mirror;
        for process in &world.processes {
            assert_eq!(process.node.mirror(), Some(mirror), "seed {seed}");
        }
        let leading = world.processes.iter().filter(|process| process.node.role() == Role::Leader).count();
        assert_eq!(
            leading,
            1,
            "seed {seed}: {:?}",
            world.processes.iter().map(|one| one.node.role()).collect::<Vec<_>>()
        );
        let (report, verdict) = (mirror.report(ZONE).unwrap(), verdict(mirror, ZONE));
        assert_eq!((&report.statuses, report.frozen), (&verdict.statuses, verdict.is_frozen()), "seed {seed}");
        reports += report.number;
        leaders += usize::from(happened.iter().any(|event| matches!(event, Event::Expire(_))));
    }
    eprintln!("{count} schedules from seed {first}: {reports} reports, {leaders} schedules in which a lease ended");
    assert!(reports > count, "nothing happened");
}
