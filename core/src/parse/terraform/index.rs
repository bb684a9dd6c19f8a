//! Numbers of things by their addresses.

use alloc::boxed::Box;

use crate::map::Map;

/// One kind of map for all of them, since each further kind is code of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Index(Map<Box<[u8]>, u32>);

impl Index {
    pub(super) fn get(&self, address: &str) -> Option<usize> {
        self.0.get(address.as_bytes()).map(|number| *number as usize)
    }

    /// Sets a number; one that is there already stays.
    pub(super) fn add(&mut self, address: &str, number: usize) {
        if !self.0.contains_key(address.as_bytes()) {
            self.0.insert(address.as_bytes().into(), number as u32);
        }
    }
}
