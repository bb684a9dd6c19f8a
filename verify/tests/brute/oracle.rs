//! What docs/verify.md and docs/semantics.md say of such a zone, the slow way: one client, one world, one question at a
//! time.

use std::collections::BTreeSet;

use crate::zone::{Content, Kind, PLACES, Part, REGIONS, Set, Zone};

/// What can die: addresses, then resources.
pub(crate) type Endpoint = usize;

/// A state: bits of dead endpoints, bits of health checks that fail by themselves, and bits of those of the dead that only
/// count as unhealthy and answer a health check's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) dead: u32,
    pub(crate) failing: u32,
    pub(crate) passing: u32,
}

/// A client: a place, and the order of Regions, nearest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) place: &'static str,
    pub(crate) order: Vec<usize>,
}

/// What a client may be answered in a state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    /// Record sets that may end it, as group and member, with whether each counts as healthy.
    pub(crate) leaves: BTreeSet<(usize, usize, bool)>,
    /// Those of them that are reached without passing a certain record set.
    pub(crate) no_data: bool,
    /// Groups on the way without a healthy candidate.
    pub(crate) open: BTreeSet<usize>,
    /// Members that may be chosen, as group and member.
    pub(crate) chosen: BTreeSet<(usize, usize)>,
}

#[derive(Debug)]
pub(crate) struct Oracle<'z> {
    pub(crate) zone: &'z Zone,
    /// By check: endpoints whose death it notices, and sets of which it notices the death of all.
    reads: Vec<(u32, Vec<u32>)>,
}

impl<'z> Oracle<'z> {
    pub(crate) fn new(zone: &'z Zone) -> Self {
        let mut oracle = Self { zone, reads: Vec::new() };
        let first: Vec<Option<(u32, Vec<u32>)>> = (0..zone.checks.len()).map(|check| oracle.named(check)).collect();
        let reads = (0..zone.checks.len())
            .map(|check| first[check].clone().unwrap_or_else(|| oracle.hung(check, &first)))
            .collect();
        oracle.reads = reads;
        oracle
    }

    pub(crate) fn endpoints(&self) -> usize {
        usize::from(self.zone.addresses) + usize::from(self.zone.resources)
    }

    pub(crate) fn label(&self, endpoint: Endpoint) -> String {
        match endpoint.checked_sub(usize::from(self.zone.addresses)) {
            None => Zone::address(endpoint as u8),
            Some(resource) => Zone::resource(resource as u8),
        }
    }

    /// Endpoints that some record set answers with, as bits.
    pub(crate) fn used(&self) -> u32 {
        let sets = self.zone.groups.iter().flat_map(|group| &group.sets);
        sets.map(|set| self.own(set)).fold(0, |all, one| all | one)
    }

    /// The endpoints of a record set itself, as bits.
    pub(crate) fn own(&self, set: &Set) -> u32 {
        match &set.content {
            Content::Addresses(list) => list.iter().fold(0, |all, one| all | 1 << one),
            Content::Resource(number, _) => 1 << (self.zone.addresses + number),
            Content::Group(..) => 0,
        }
    }

    pub(crate) fn below(&self, group: usize) -> u32 {
        self.zone.groups[group].sets.iter().fold(0, |all, set| all | self.below_set(set))
    }

    fn below_set(&self, set: &Set) -> u32 {
        match set.content {
            Content::Group(next, _) => self.below(next),
            _ => self.own(set),
        }
    }

    /// What a check names, if that is something of the zone.
    fn named(&self, check: usize) -> Option<(u32, Vec<u32>)> {
        match self.zone.checks[check].kind {
            Kind::Address(number) if number < self.zone.addresses && self.used() & 1 << number != 0 => {
                Some((1 << number, Vec::new()))
            }
            Kind::Name(group) if self.zone.groups[group].sets.is_empty() => None,
            Kind::Name(group) => {
                let mut at = group;
                loop {
                    let [set] = self.zone.groups[at].sets.as_slice() else {
                        return Some((0, vec![self.below(group)]));
                    };
                    match set.content {
                        Content::Group(next, _) => at = next,
                        _ => return Some((self.own(set), Vec::new())),
                    }
                    if self.zone.groups[at].sets.is_empty() {
                        return Some((0, Vec::new()));
                    }
                }
            }
            _ => None,
        }
    }

    /// What a check hangs on, where it names nothing of the zone.
    fn hung(&self, check: usize, named: &[Option<(u32, Vec<u32>)>]) -> (u32, Vec<u32>) {
        let (mut any, mut all) = (0, Vec::new());
        let is_probe = matches!(self.zone.checks[check].kind, Kind::Address(_) | Kind::Name(_) | Kind::Unknown);
        for set in self.zone.groups.iter().flat_map(|group| &group.sets) {
            let Some(own) = set.check else { continue };
            let beside: Vec<usize> = match &self.zone.checks[own].kind {
                _ if own == check => Vec::new(),
                Kind::Calculated(_, children) if children.contains(&check) => children.clone(),
                _ => continue,
            };
            // Another child that names the endpoint is the one that is there for it.
            let is_named = |child: &usize| {
                *child != check && named[*child].as_ref().is_some_and(|(reads, _)| reads & self.own(set) != 0)
            };
            if is_probe && beside.iter().any(is_named) {
                continue;
            }
            match (&set.content, &self.zone.checks[check].kind) {
                // Another public address is another endpoint.
                (Content::Addresses(_), Kind::Address(_)) => {}
                (Content::Group(next, _), _) => all.push(self.below(*next)),
                _ => any |= self.own(set),
            }
        }
        (any, all.into_iter().filter(|below| *below != 0).collect())
    }

    /// By check, whether it is healthy in the end.
    pub(crate) fn checks(&self, state: State) -> u32 {
        let mut healthy = 0;
        for (number, check) in self.zone.checks.iter().enumerate() {
            let mut is_healthy = match &check.kind {
                // Children come first.
                Kind::Calculated(threshold, children) => {
                    children.iter().filter(|child| healthy >> **child & 1 == 1).count() >= usize::from(*threshold)
                }
                _ => {
                    let (any, all) = &self.reads[number];
                    let dead = if check.has_path { state.dead & !state.passing } else { state.dead };
                    let sees = any & dead != 0 || all.iter().any(|all| all & dead == *all);
                    !sees && state.failing >> number & 1 == 0
                }
            };
            is_healthy |= check.disabled;
            is_healthy ^= check.inverted;
            healthy |= u32::from(is_healthy) << number;
        }
        healthy
    }

    /// Load balancers that may count as unhealthy while health checks pass: some check reads one by a path of its own, and
    /// some alias does not ask for its health.
    pub(crate) fn may_be_unhealthy_while_alive(&self) -> u32 {
        let mut may = 0;
        for set in self.zone.groups.iter().flat_map(|group| &group.sets) {
            if let Content::Resource(_, false) = set.content {
                let own = self.own(set);
                let is_read =
                    self.zone.checks.iter().zip(&self.reads).any(|(check, (any, _))| check.has_path && any & own != 0);
                may |= if is_read { own } else { 0 };
            }
        }
        may
    }

    pub(crate) fn is_reported(&self, check: usize) -> bool {
        !matches!(self.zone.checks[check].kind, Kind::Calculated(..))
    }

    /// Whether a record set is healthy for a client (3.3).
    pub(crate) fn is_healthy(&self, set: &Set, client: &Client, state: State, checks: u32) -> bool {
        let own = set.check.is_none_or(|check| checks >> check & 1 == 1);
        own && match set.content {
            Content::Group(next, true) => {
                let sets = &self.zone.groups[next].sets;
                self.candidates(next, client).into_iter().any(|at| self.is_healthy(&sets[at], client, state, checks))
            }
            Content::Resource(_, true) => self.own(set) & state.dead == 0,
            _ => true,
        }
    }

    /// The members that may serve a client, in the order of their policy.
    pub(crate) fn candidates(&self, group: usize, client: &Client) -> Vec<usize> {
        let sets = &self.zone.groups[group].sets;
        let mut all: Vec<usize> = (0..sets.len()).collect();
        let ladder: &[&str] = match client.place {
            "DE" => &["DE", "EU", "*"],
            "FR" => &["EU", "*"],
            "US" => &["US", "*"],
            _ => &["*"],
        };
        all.retain(|at| match sets[*at].part {
            Part::Place(place) => ladder.contains(&PLACES[place]),
            _ => true,
        });
        all.sort_by_key(|at| match sets[*at].part {
            Part::Place(place) => ladder.iter().position(|rung| *rung == PLACES[place]).unwrap_or(0),
            Part::Region(region) => client.order.iter().position(|one| *one == region).unwrap_or(REGIONS.len()),
            Part::Secondary => 1,
            _ => 0,
        });
        all
    }

    /// What a client may be answered, with `skip` never chosen at the top.
    pub(crate) fn answers(&self, group: usize, client: &Client, state: State, skip: &[usize]) -> Answers {
        let mut found = Answers::default();
        let checks = self.checks(state);
        self.walk(group, client, state, checks, skip, &mut found);
        found
    }

    fn walk(&self, group: usize, client: &Client, state: State, checks: u32, skip: &[usize], found: &mut Answers) {
        let sets = &self.zone.groups[group].sets;
        let candidates = self.candidates(group, client);
        if candidates.is_empty() {
            found.no_data = true;
            return;
        }
        let is_healthy = |at: &usize| self.is_healthy(&sets[*at], client, state, checks);
        let mut pool: Vec<usize> = candidates.iter().copied().filter(is_healthy).collect();
        if pool.is_empty() {
            found.open.insert(group);
            pool = candidates;
        }
        let weight = |at: &usize| match sets[*at].part {
            Part::Weight(weight) => weight,
            _ => 0,
        };
        let picked: Vec<usize> = match sets[pool[0]].part {
            Part::Multivalue => pool,
            Part::Weight(_) if pool.iter().any(|at| weight(at) > 0) => {
                pool.into_iter().filter(|at| weight(at) > 0).collect()
            }
            Part::Weight(_) => pool,
            _ => vec![pool[0]],
        };
        for at in picked.into_iter().filter(|at| !skip.contains(at)) {
            found.chosen.insert((group, at));
            match sets[at].content {
                Content::Group(next, _) if self.zone.groups[next].sets.is_empty() => found.no_data = true,
                Content::Group(next, _) => self.walk(next, client, state, checks, &[], found),
                _ => {
                    let healthy = self.is_healthy(&sets[at], client, state, checks);
                    found.leaves.insert((group, at, healthy));
                }
            }
        }
    }

    /// Record sets that end a walk of this client, whatever the health: as group and member.
    pub(crate) fn reach(&self, group: usize, client: &Client) -> BTreeSet<(usize, usize)> {
        let mut found = BTreeSet::new();
        let mut open = vec![group];
        while let Some(group) = open.pop() {
            for at in self.candidates(group, client) {
                match self.zone.groups[group].sets[at].content {
                    Content::Group(next, _) => open.push(next),
                    _ => {
                        found.insert((group, at));
                    }
                }
            }
        }
        found
    }

    /// Whether a record set is out of service for good: its check is Disabled and Inverted.
    pub(crate) fn is_off(&self, set: &Set) -> bool {
        set.check.is_some_and(|check| self.zone.checks[check].disabled && self.zone.checks[check].inverted)
    }

    /// The health checks that bear on a group, and the endpoints that they read, as bits each.
    pub(crate) fn bears_on(&self, group: usize) -> (u32, u32) {
        let (mut checks, mut endpoints) = (0_u32, self.below(group));
        for set in &self.zone.groups[group].sets {
            if let Some(check) = set.check {
                checks |= 1 << check;
                if let Kind::Calculated(_, children) = &self.zone.checks[check].kind {
                    children.iter().for_each(|child| checks |= 1 << child);
                }
            }
            if let Content::Group(next, _) = set.content {
                let (more, read) = self.bears_on(next);
                checks |= more;
                endpoints |= read;
            }
        }
        for check in (0..self.zone.checks.len()).filter(|check| checks >> check & 1 == 1) {
            let (any, all) = &self.reads[check];
            endpoints |= all.iter().fold(*any, |sum, one| sum | one);
        }
        (checks, endpoints)
    }

    /// Every client that the zone may tell apart.
    pub(crate) fn clients(&self) -> Vec<Client> {
        let parts = || self.zone.groups.iter().flat_map(|group| &group.sets).map(|set| set.part);
        let places: &[&'static str] = match parts().any(|part| matches!(part, Part::Place(_))) {
            true => &["", "DE", "FR", "US", "JP"],
            false => &[""],
        };
        let orders: Vec<Vec<usize>> = match parts().any(|part| matches!(part, Part::Region(_))) {
            true => vec![vec![0, 1, 2], vec![0, 2, 1], vec![1, 0, 2], vec![1, 2, 0], vec![2, 0, 1], vec![2, 1, 0]],
            false => vec![vec![0, 1, 2]],
        };
        let of = |place: &'static str| orders.iter().map(move |order| Client { place, order: order.clone() });
        places.iter().flat_map(|place| of(place)).collect()
    }
}
