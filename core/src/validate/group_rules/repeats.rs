//! Members of a group that share what only one of them may have.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{Member, Rules};
use crate::model::ResourceRecordSet;
use crate::sort::{sort_by, sort_by_key};

/// Whether a record set has the key at hand, and how two keys compare.
type HasKey<'f, 'r> = &'f dyn Fn(&'r ResourceRecordSet) -> bool;
type Compare<'f, 'r> = &'f dyn Fn(&'r ResourceRecordSet, &'r ResourceRecordSet) -> Ordering;

impl<'r> Rules<'r, '_> {
    /// The later members of those that share a key with an earlier one: pairs of both.
    pub(super) fn repeats<K: Ord>(
        &self,
        key: impl Fn(&'r ResourceRecordSet) -> Option<K>,
    ) -> Vec<(Member<'r>, Member<'r>)> {
        self.repeats_by(&|set| key(set).is_some(), &|a, b| key(a).cmp(&key(b)))
    }

    /// The same for keys of any type, so that there is one of it and not one a type.
    fn repeats_by(&self, has_key: HasKey<'_, 'r>, compare: Compare<'_, 'r>) -> Vec<(Member<'r>, Member<'r>)> {
        let mut keyed: Vec<Member<'r>> = self.members.iter().copied().filter(|(_, set)| has_key(set)).collect();
        sort_by(&mut keyed, |a, b| compare(a.1, b.1));
        let mut repeats = Vec::new();
        for same in keyed.chunk_by(|a, b| compare(a.1, b.1).is_eq()) {
            if let Some((first, rest)) = same.split_first() {
                repeats.extend(rest.iter().map(|later| (*first, *later)));
            }
        }
        sort_by_key(&mut repeats, |(_, (number, _))| *number);
        repeats
    }
}
