//! The record sets while a batch acts on them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::map::Map;

use crate::model::{NameBuf, NameRef, RecordType};
use crate::parse::RecordSetFields;

/// What tells one record set from all others (1.3.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'f> {
    /// The owner name.
    pub(super) name: NameBuf,
    /// The type.
    pub(super) record_type: RecordType,
    /// Absent for simple routing.
    pub(super) set_identifier: Option<&'f str>,
}

/// An [`Identity`] as it is hashed.
pub(super) type IdentityKey<'f> = (Box<[u8]>, RecordType, Option<&'f str>);

impl<'f> Identity<'f> {
    /// The identity that the fields spell; `None` when its name or type is missing or malformed.
    pub(super) fn of(fields: &'f RecordSetFields<'_>) -> Option<Self> {
        let name = NameBuf::parse(fields.name.as_deref()?).ok()?;
        let record_type = RecordType::parse(fields.record_type.as_deref()?)?;
        Some(Self { name, record_type, set_identifier: fields.set_identifier.as_deref() })
    }

    /// The form that can be looked up.
    pub(super) fn key(&self) -> IdentityKey<'f> {
        (self.name.as_ref().wire().into(), self.record_type, self.set_identifier)
    }
}

/// The record sets in order, with an index of the names that the batch touches: a batch of a few changes must not pay
/// for an index of the whole zone.
pub(super) struct WorkingCopy<'f> {
    slots: Vec<Option<&'f RecordSetFields<'f>>>,
    by_name: Map<Box<[u8]>, Vec<usize>>,
}

impl<'f> WorkingCopy<'f> {
    /// A copy of `record_sets` that can be looked up by any name of `touched`.
    pub(super) fn new<'n>(record_sets: &[&'f RecordSetFields<'f>], touched: impl Iterator<Item = NameRef<'n>>) -> Self {
        let mut by_name: Map<Box<[u8]>, Vec<usize>> = Map::default();
        for name in touched {
            by_name.insert(name.wire().into(), Vec::new());
        }
        for (slot, fields) in record_sets.iter().enumerate() {
            let Some(Ok(name)) = fields.name.as_deref().map(NameBuf::parse) else { continue };
            if let Some(slots) = by_name.get_mut(name.as_ref().wire()) {
                slots.push(slot);
            }
        }
        Self { slots: record_sets.iter().copied().map(Some).collect(), by_name }
    }

    /// The record sets at a touched name.
    pub(super) fn at(&self, name: NameRef<'_>) -> impl Iterator<Item = (usize, &'f RecordSetFields<'f>)> {
        let slots = self.by_name.get(name.wire()).map_or(&[][..], Vec::as_slice);
        slots.iter().filter_map(|slot| Some((*slot, (*self.slots.get(*slot)?)?)))
    }

    /// The record set of an identity.
    pub(super) fn find(&self, identity: &Identity<'_>) -> Option<(usize, &'f RecordSetFields<'f>)> {
        self.at(identity.name.as_ref()).find(|(_, fields)| {
            fields.set_identifier.as_deref() == identity.set_identifier
                && record_type(fields) == Some(identity.record_type)
        })
    }

    /// Adds a record set at the end.
    pub(super) fn add(&mut self, name: Option<NameRef<'_>>, fields: &'f RecordSetFields<'f>) {
        if let Some(slots) = name.and_then(|name| self.by_name.get_mut(name.wire())) {
            slots.push(self.slots.len());
        }
        self.slots.push(Some(fields));
    }

    /// Puts a record set where another was, or nothing.
    pub(super) fn set(&mut self, slot: usize, fields: Option<&'f RecordSetFields<'f>>) {
        if let Some(entry) = self.slots.get_mut(slot) {
            *entry = fields;
        }
    }

    /// The record sets as they are now, in order.
    pub(super) fn record_sets(&self) -> impl Iterator<Item = &'f RecordSetFields<'f>> {
        self.slots.iter().flatten().copied()
    }

    /// The record sets as they are now.
    pub(super) fn into_record_sets(self) -> Vec<&'f RecordSetFields<'f>> {
        self.slots.into_iter().flatten().collect()
    }
}

/// The type that the fields spell.
pub(super) fn record_type(fields: &RecordSetFields<'_>) -> Option<RecordType> {
    RecordType::parse(fields.record_type.as_deref()?)
}
