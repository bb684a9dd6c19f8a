//! Numbers of things by their addresses.

use std::collections::HashMap;

/// The first number of each address.
#[derive(Debug, Clone, Default)]
pub(super) struct Index(HashMap<Box<str>, usize>);

impl Index {
    pub(super) fn get(&self, address: &str) -> Option<usize> {
        self.0.get(address).copied()
    }

    /// Sets a number; one that is there already stays.
    pub(super) fn add(&mut self, address: &str, number: usize) {
        if !self.0.contains_key(address) {
            self.0.insert(address.into(), number);
        }
    }
}
