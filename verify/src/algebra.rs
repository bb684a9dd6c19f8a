//! Boolean functions of worlds: over decision diagrams for all worlds, over machine words for 64 of them; and the health
//! checks as such functions.

use std::collections::BTreeMap;

use pointsman_core::model::HealthCheckKind;

use crate::bdd::{Bdd, Table};
use crate::subject::Subject;

/// Boolean functions of worlds.
pub trait Algebra {
    /// A function.
    type Value: Copy;
    /// Always or never.
    fn constant(&mut self, value: bool) -> Self::Value;
    /// Both.
    fn and(&mut self, a: Self::Value, b: Self::Value) -> Self::Value;
    /// At least one.
    fn or(&mut self, a: Self::Value, b: Self::Value) -> Self::Value;
    /// The opposite.
    fn not(&mut self, a: Self::Value) -> Self::Value;
}

impl Algebra for Table {
    type Value = Bdd;

    fn constant(&mut self, value: bool) -> Bdd {
        Bdd::constant(value)
    }

    fn and(&mut self, a: Bdd, b: Bdd) -> Bdd {
        Self::and(self, a, b)
    }

    fn or(&mut self, a: Bdd, b: Bdd) -> Bdd {
        Self::or(self, a, b)
    }

    fn not(&mut self, a: Bdd) -> Bdd {
        Self::not(self, a)
    }
}

/// 64 worlds in a machine word: bit i is what holds in world i.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lanes;

impl Algebra for Lanes {
    type Value = u64;

    #[inline]
    fn constant(&mut self, value: bool) -> u64 {
        if value { u64::MAX } else { 0 }
    }

    #[inline]
    fn and(&mut self, a: u64, b: u64) -> u64 {
        a & b
    }

    #[inline]
    fn or(&mut self, a: u64, b: u64) -> u64 {
        a | b
    }

    #[inline]
    fn not(&mut self, a: u64) -> u64 {
        !a
    }
}

/// What is known without looking at any world: true in all, false in all, or it depends. `Depends` may be said of a
/// function that is constant all the same; the other two are certain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Constants;

/// What [`Constants`] knows of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// True in every world.
    Always,
    /// True in no world.
    Never,
    /// Nothing is known.
    Depends,
}

impl Algebra for Constants {
    type Value = Constant;

    fn constant(&mut self, value: bool) -> Constant {
        if value { Constant::Always } else { Constant::Never }
    }

    fn and(&mut self, a: Constant, b: Constant) -> Constant {
        match (a, b) {
            (Constant::Never, _) | (_, Constant::Never) => Constant::Never,
            (Constant::Always, other) | (other, Constant::Always) => other,
            _ => Constant::Depends,
        }
    }

    fn or(&mut self, a: Constant, b: Constant) -> Constant {
        match (a, b) {
            (Constant::Always, _) | (_, Constant::Always) => Constant::Always,
            (Constant::Never, other) | (other, Constant::Never) => other,
            _ => Constant::Depends,
        }
    }

    fn not(&mut self, a: Constant) -> Constant {
        match a {
            Constant::Always => Constant::Never,
            Constant::Never => Constant::Always,
            Constant::Depends => Constant::Depends,
        }
    }
}

/// What is dead and which checks are healthy, as functions of the world.
#[derive(Debug, Clone)]
pub struct Statuses<V> {
    /// By endpoint: whether it is dead, for its clients and for what asks for its health by EvaluateTargetHealth.
    pub dead: Vec<V>,
    /// Of load balancers that may count as unhealthy while health checks pass: whether these see it too.
    pub seen: BTreeMap<usize, V>,
    /// By health check: whether it is healthy in the end, after Disabled and Inverted (6.6).
    pub healthy: Vec<V>,
}

impl<V: Copy> Statuses<V> {
    /// From what is dead, and which checks fail by themselves.
    pub fn new<A: Algebra<Value = V>>(subject: &Subject, algebra: &mut A, dead: Vec<V>, failing: &[V]) -> Self {
        let checks = subject.zone.health_checks.len();
        let never = algebra.constant(false);
        let mut statuses = Self { dead, seen: BTreeMap::new(), healthy: vec![never; checks] };
        statuses.work_out(subject, algebra, |check| failing.get(check).copied().unwrap_or(never), 0..checks);
        statuses
    }

    /// Works out some health checks from what is dead, and which of them fail by themselves. The children of calculated
    /// checks have to be among them.
    pub fn work_out<A: Algebra<Value = V>>(
        &mut self,
        subject: &Subject,
        algebra: &mut A,
        failing: impl Fn(usize) -> V,
        checks: impl Iterator<Item = usize> + Clone,
    ) {
        let never = algebra.constant(false);
        let reported = checks.clone().filter(|check| !subject.is_calculated(*check));
        for number in reported.chain(checks.filter(|check| subject.is_calculated(*check))) {
            let Some(check) = subject.zone.health_checks.get(number) else { continue };
            let mut raw = match &check.kind {
                HealthCheckKind::Calculated { health_threshold, children } => {
                    let children: Vec<V> =
                        children.iter().filter_map(|child| self.healthy.get(*child as usize).copied()).collect();
                    at_least(algebra, &children, usize::from(*health_threshold))
                }
                _ => {
                    let mut unhealthy = failing(number);
                    if let Some(reads) = subject.endpoints.reads.get(number) {
                        let of = |endpoint: &usize| {
                            let seen = self.seen.get(endpoint).filter(|_| reads.may_pass);
                            seen.or(self.dead.get(*endpoint)).copied().unwrap_or(never)
                        };
                        for endpoint in reads.any.iter().rev() {
                            unhealthy = algebra.or(unhealthy, of(endpoint));
                        }
                        for all in &reads.all {
                            let start = algebra.constant(true);
                            let all = all.iter().rev().fold(start, |all, endpoint| algebra.and(all, of(endpoint)));
                            unhealthy = algebra.or(unhealthy, all);
                        }
                    }
                    algebra.not(unhealthy)
                }
            };
            if check.disabled {
                raw = algebra.constant(true);
            }
            if check.inverted {
                raw = algebra.not(raw);
            }
            if let Some(slot) = self.healthy.get_mut(number) {
                *slot = raw;
            }
        }
    }
}

/// Whether at least so many of the functions hold (6.3.1).
fn at_least<A: Algebra>(algebra: &mut A, of: &[A::Value], threshold: usize) -> A::Value {
    // counts[n]: at least n of those seen so far.
    let never = algebra.constant(false);
    let mut counts = vec![never; threshold.saturating_add(1)];
    if let Some(zero) = counts.first_mut() {
        *zero = algebra.constant(true);
    }
    // Later variables first, so that each step puts one above what is there.
    for one in of.iter().rev() {
        for count in (1..counts.len()).rev() {
            let (Some(before), Some(here)) = (counts.get(count.saturating_sub(1)).copied(), counts.get(count).copied())
            else {
                continue;
            };
            let more = algebra.and(before, *one);
            if let Some(slot) = counts.get_mut(count) {
                *slot = algebra.or(here, more);
            }
        }
    }
    counts.last().copied().unwrap_or(never)
}
