//! A record set as findings name it, while it is read.

use alloc::string::String;

use super::route53_messages;
use crate::diagnostic::Place;
use crate::model::{NameRef, RecordType};
use crate::parse::RecordSetFields;

/// What a record set says of itself, for messages: its fields, and its name and type as far as they could be read.
#[derive(Clone, Copy)]
pub(super) struct RecordSetContext<'a, 'n> {
    pub(super) fields: &'a RecordSetFields<'a>,
    pub(super) name: Option<NameRef<'n>>,
    pub(super) record_type: Option<RecordType>,
}

impl RecordSetContext<'_, '_> {
    /// The place of a field.
    pub(super) fn at(&self, names: &[&str]) -> Place {
        self.fields.origin.field(names)
    }

    /// `RRSet with DNS name www.example.com., type A, SetIdentifier s1`
    pub(super) fn rrset(&self) -> String {
        let record_type = self.record_type.unwrap_or(RecordType::A);
        route53_messages::rrset(self.name.unwrap_or(NameRef::ROOT), record_type, self.fields.set_identifier.as_deref())
    }
}
