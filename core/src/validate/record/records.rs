//! The record sets that could be read, and what is known of those that could not.

use alloc::vec::Vec;

use crate::map::{Map, Set};
use crate::model::{Name, NameRef, RecordType, ResourceRecordSet};
use crate::parse::Origin;

/// The record sets that could be read, each with its place.
#[derive(Debug, Default)]
pub(in crate::validate) struct Records {
    pub(in crate::validate) sets: Vec<ResourceRecordSet>,
    pub(in crate::validate) origins: Vec<Origin>,
    /// Record sets that look as if their policy was forgotten, with the number of the finding that says so.
    pub(in crate::validate) without_policy: Map<u32, usize>,
    pub(in crate::validate) lost: Lost,
}

impl Records {
    /// Leaves only the record sets that the question, asked of number and record set, is answered yes for.
    pub(in crate::validate) fn keep(&mut self, mut is_kept: impl FnMut(u32, &ResourceRecordSet) -> bool) {
        let kept: Vec<bool> = (0_u32..).zip(&self.sets).map(|(number, set)| is_kept(number, set)).collect();
        let (mut of_sets, mut of_origins) = (kept.iter(), kept.iter());
        self.sets.retain(|_| of_sets.next().is_none_or(|kept| *kept));
        self.origins.retain(|_| of_origins.next().is_none_or(|kept| *kept));
    }
}

/// Record sets that are there but could not be read, so that nothing else reports them as missing.
#[derive(Debug, Default)]
pub(in crate::validate) struct Lost {
    /// Some have no usable name.
    nameless: bool,
    /// Names, with the type where that is known.
    named: Set<(Name, Option<RecordType>)>,
}

impl Lost {
    pub(super) fn add(&mut self, name: Option<NameRef<'_>>, record_type: Option<RecordType>) {
        match name {
            Some(name) => {
                self.named.insert((name.to_name(), record_type));
            }
            None => self.nameless = true,
        }
    }

    pub(in crate::validate) fn any(&self) -> bool {
        self.nameless || !self.named.is_empty()
    }

    /// Whether a group may exist after all.
    pub(in crate::validate) fn may_hold(&self, name: NameRef<'_>, record_type: RecordType) -> bool {
        let is_lost = |kind| self.named.contains(&(name.to_name(), kind));
        self.nameless || is_lost(Some(record_type)) || is_lost(None)
    }
}
