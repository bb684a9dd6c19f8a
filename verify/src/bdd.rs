//! Boolean functions of many variables as reduced ordered decision diagrams, all in one table, so that thousands of
//! conditions share their parts and equal functions are one number.
//!
//! A crate exists for this (`biodivine-lib-bdd`), which keeps each function as a list of its own: without sharing, and
//! without the smallest set of failures that makes a function true, which is what a drill asks most. `oxidd` shares them,
//! behind a manager with locks and with 23 crates that nothing else here needs, and picks any set and not the smallest.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A function: equal numbers are equal functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bdd(u32);

impl Bdd {
    /// Never.
    pub const FALSE: Self = Self(0);
    /// Always.
    pub const TRUE: Self = Self(1);

    /// A constant.
    #[must_use]
    pub const fn constant(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    variable: u32,
    low: Bdd,
    high: Bdd,
}

/// A hash of small numbers: one multiplication each. Keys are made here, so that nobody can choose them to collide.
#[derive(Debug, Clone, Copy, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        // The tables take the low bits and the top ones; the best bits are in the middle.
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

type Mixing = BuildHasherDefault<Mixed>;

/// The table of all functions.
///
/// ```
/// use pointsman_verify::bdd::{Bdd, Table};
/// let mut table = Table::new(1 << 20);
/// let (a, b, c) = (table.variable(0), table.variable(1), table.variable(2));
/// let both = table.and(a, b);
/// let condition = table.or(both, c);
/// assert_eq!(table.fewest_true(condition), Some(vec![2])); // c alone is enough
/// let not_c = table.not(c);
/// let without = table.and(condition, not_c);
/// assert_eq!(table.fewest_true(without), Some(vec![0, 1]));
/// ```
#[derive(Debug)]
pub struct Table {
    nodes: Vec<Node>,
    known: HashMap<Node, Bdd, Mixing>,
    ites: HashMap<(Bdd, Bdd, Bdd), Bdd, Mixing>,
    fewest: HashMap<Bdd, Option<u32>, Mixing>,
    nodes_max: usize,
    is_full: bool,
}

impl Table {
    /// An empty table that holds at most so many nodes; past that [`is_full`](Self::is_full) says that answers are
    /// worth nothing. A node and its part of the indices takes about 100 bytes.
    #[must_use]
    pub fn new(nodes_max: usize) -> Self {
        let leaf = |value| Node { variable: u32::MAX, low: value, high: value };
        Self {
            nodes: vec![leaf(Bdd::FALSE), leaf(Bdd::TRUE)],
            known: HashMap::default(),
            ites: HashMap::default(),
            fewest: HashMap::default(),
            nodes_max,
            is_full: false,
        }
    }

    /// Whether the table ran out of room, so that its answers are worth nothing.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the constants.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 2
    }

    /// A variable; those with small numbers are asked first.
    pub fn variable(&mut self, number: u32) -> Bdd {
        self.node(number, Bdd::FALSE, Bdd::TRUE)
    }

    /// Both.
    pub fn and(&mut self, a: Bdd, b: Bdd) -> Bdd {
        self.if_then_else(a, b, Bdd::FALSE)
    }

    /// At least one.
    pub fn or(&mut self, a: Bdd, b: Bdd) -> Bdd {
        self.if_then_else(a, Bdd::TRUE, b)
    }

    /// The opposite.
    pub fn not(&mut self, a: Bdd) -> Bdd {
        self.if_then_else(a, Bdd::FALSE, Bdd::TRUE)
    }

    fn at(&self, function: Bdd) -> Node {
        let never = Node { variable: u32::MAX, low: Bdd::FALSE, high: Bdd::FALSE };
        self.nodes.get(function.0 as usize).copied().unwrap_or(never)
    }

    fn node(&mut self, variable: u32, low: Bdd, high: Bdd) -> Bdd {
        if low == high {
            return low;
        }
        let room = self.nodes.len() < self.nodes_max;
        match self.known.entry(Node { variable, low, high }) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => match u32::try_from(self.nodes.len()) {
                Ok(number) if room => {
                    self.nodes.push(Node { variable, low, high });
                    *entry.insert(Bdd(number))
                }
                _ => {
                    self.is_full = true;
                    Bdd::FALSE
                }
            },
        }
    }

    /// `condition` and `then`, or not `condition` and `otherwise`. As deep as there are variables.
    fn if_then_else(&mut self, condition: Bdd, then: Bdd, otherwise: Bdd) -> Bdd {
        match (condition, then, otherwise) {
            (Bdd::TRUE, then, _) => return then,
            (Bdd::FALSE, _, otherwise) => return otherwise,
            (_, then, otherwise) if then == otherwise => return then,
            (_, Bdd::TRUE, Bdd::FALSE) => return condition,
            _ if self.is_full => return Bdd::FALSE,
            _ => {}
        }
        if let Some(known) = self.ites.get(&(condition, then, otherwise)) {
            return *known;
        }
        let nodes = [self.at(condition), self.at(then), self.at(otherwise)];
        let top = nodes.iter().map(|node| node.variable).min().unwrap_or(u32::MAX);
        let part = |function: Bdd, node: Node, high: bool| match node.variable == top {
            true if high => node.high,
            true => node.low,
            false => function,
        };
        let [a, b, c] = nodes;
        let low = self.if_then_else(part(condition, a, false), part(then, b, false), part(otherwise, c, false));
        let high = self.if_then_else(part(condition, a, true), part(then, b, true), part(otherwise, c, true));
        let result = self.node(top, low, high);
        // What is remembered is bounded as the nodes are; forgetting it costs time, not truth.
        if self.ites.len() >= self.nodes_max {
            self.ites.clear();
        }
        self.ites.insert((condition, then, otherwise), result);
        result
    }

    /// The smallest set of variables that, true alone, make the function true; of equals the one whose members come
    /// first. `None` when nothing does.
    pub fn fewest_true(&mut self, function: Bdd) -> Option<Vec<u32>> {
        self.cost(function)?;
        let (mut at, mut set) = (function, Vec::new());
        while at != Bdd::TRUE {
            let node = self.at(at);
            let (low, high) = (self.cost(node.low), self.cost(node.high));
            let take_high = match (low, high) {
                (Some(low), Some(high)) => high < low,
                (low, _) => low.is_none(),
            };
            if take_high {
                set.push(node.variable);
            }
            at = if take_high { node.high } else { node.low };
        }
        Some(set)
    }

    fn cost(&mut self, function: Bdd) -> Option<u32> {
        match function {
            Bdd::FALSE => return None,
            Bdd::TRUE => return Some(0),
            _ => {}
        }
        if let Some(known) = self.fewest.get(&function) {
            return *known;
        }
        let node = self.at(function);
        let (low, high) = (self.cost(node.low), self.cost(node.high));
        let high = high.map(|cost| cost.saturating_add(1));
        let cost = low.into_iter().chain(high).min();
        self.fewest.insert(function, cost);
        cost
    }

    /// Whether the function is true when exactly these variables are.
    #[must_use]
    pub fn holds(&self, function: Bdd, is_true: impl Fn(u32) -> bool) -> bool {
        let mut at = function;
        while at > Bdd::TRUE {
            let node = self.at(at);
            at = if is_true(node.variable) { node.high } else { node.low };
        }
        at == Bdd::TRUE
    }

    /// Adds the variables that the function depends on to a set, as far as they were not met below functions that were
    /// seen before.
    pub fn add_support(&self, function: Bdd, seen: &mut Seen, support: &mut [bool]) {
        let mut open = vec![function];
        while let Some(function) = open.pop() {
            if !seen.0.insert(function) {
                continue;
            }
            let node = self.at(function);
            if let Some(slot) = support.get_mut(node.variable as usize) {
                *slot = true;
                open.extend([node.low, node.high]);
            }
        }
    }
}

/// Functions of one table that were seen.
#[derive(Debug, Default)]
pub struct Seen(HashSet<Bdd, Mixing>);

impl Seen {
    /// Forgets them all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function of three variables, made of its rows, is the function it was made of.
    #[test]
    fn every_function_of_three_variables() {
        let mut table = Table::new(1 << 16);
        for rows in 0_u32..256 {
            let mut function = Bdd::FALSE;
            for row in (0_u32..8).filter(|row| rows & (1 << row) != 0) {
                let mut all = Bdd::TRUE;
                for variable in 0..3 {
                    let mut literal = table.variable(variable);
                    if row & (1 << variable) == 0 {
                        literal = table.not(literal);
                    }
                    all = table.and(all, literal);
                }
                function = table.or(function, all);
            }
            for row in 0_u32..8 {
                assert_eq!(table.holds(function, |variable| row & (1 << variable) != 0), rows & (1 << row) != 0);
            }
            let fewest = (0_u32..8).filter(|row| rows & (1 << row) != 0).map(u32::count_ones).min();
            let found = table.fewest_true(function);
            assert_eq!(found.as_ref().map(|set| set.len() as u32), fewest, "{rows:08b}");
            if let Some(found) = found {
                assert!(table.holds(function, |variable| found.contains(&variable)));
            }
            let mut support = [false; 3];
            table.add_support(function, &mut Seen::default(), &mut support);
            for (variable, depends) in support.iter().enumerate() {
                let flips = (0_u32..8).any(|row| rows >> row & 1 != rows >> (row ^ (1 << variable)) & 1);
                assert_eq!(*depends, flips);
            }
        }
        assert!(!table.is_full());
    }

    #[test]
    fn a_full_table_says_so() {
        let mut table = Table::new(4);
        let variables: Vec<Bdd> = (0..8).map(|number| table.variable(number)).collect();
        variables.iter().fold(Bdd::TRUE, |all, one| table.and(all, *one));
        assert!(table.is_full() && table.len() <= 4);
    }
}
