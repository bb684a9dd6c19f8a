//! Room for one query, made once.

use alloc::vec::Vec;

use crate::compile::Zone;
use crate::limits::MULTIVALUE_ANSWER_MAX;

/// Room that resolving needs, so that it need not allocate. One scratch serves one query at a time, for any view of the
/// zone it was made for; with another zone it still works, and grows once.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Records chosen on the way down.
    pub(super) path: Vec<u32>,
    /// Records whose values are the answer.
    pub(super) chosen: [u32; MULTIVALUE_ANSWER_MAX],
    /// Health of client-dependent groups, by conditional slot: the query's stamp and one bit.
    memo: Vec<u32>,
    /// The current query's stamp.
    stamp: u32,
    /// Groups being worked out.
    pub(super) stack: Vec<u32>,
}

impl Scratch {
    /// Room for queries about a zone.
    #[must_use]
    pub fn new(zone: &Zone) -> Self {
        let mut scratch = Self::default();
        scratch.fit(zone);
        scratch
    }

    fn fit(&mut self, zone: &Zone) {
        let depth = zone.depth() as usize;
        let slots = zone.conditional_groups() as usize;
        if self.path.capacity() < depth {
            self.path.reserve_exact(depth.saturating_sub(self.path.len()));
        }
        if slots > 0 && self.stack.capacity() < depth {
            self.stack.reserve_exact(depth.saturating_sub(self.stack.len()));
        }
        if self.memo.len() < slots {
            self.memo.resize(slots, 0);
        }
    }

    /// Forgets the last query.
    pub(crate) fn begin(&mut self, zone: &Zone) {
        self.path.clear();
        self.stack.clear();
        self.fit(zone);
        self.stamp = self.stamp.wrapping_add(1) & (u32::MAX >> 1);
        if self.stamp == 0 {
            self.memo.fill(0);
            self.stamp = 1;
        }
    }

    pub(super) fn push_path(&mut self, record: u32) {
        self.path.push(record);
    }

    /// What was found of a client-dependent group in this query.
    pub(super) fn known(&self, slot: u32) -> Option<bool> {
        let entry = self.memo.get(slot as usize)?;
        (entry >> 1 == self.stamp).then_some(entry & 1 == 1)
    }

    /// Keeps what was found of a client-dependent group.
    pub(super) fn keep(&mut self, slot: u32, healthy: bool) {
        if let Some(entry) = self.memo.get_mut(slot as usize) {
            *entry = (self.stamp << 1) | u32::from(healthy);
        }
    }
}
