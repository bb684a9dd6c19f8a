//! Places of array elements, kept as two integers until somebody asks for the path.

use crate::diagnostic::{Path, Place};

/// Which element of which array a value came from; [`Origin::place`] spells it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The document's number.
    pub document: u32,
    /// The array.
    pub array: SourceArray,
    /// The element, counted from 0.
    pub index: u32,
}

/// The arrays that elements come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceArray {
    /// `$.ResourceRecordSets[i]`
    ResourceRecordSets,
    /// `$.Changes[i].ResourceRecordSet`
    Changes,
    /// `$.ChangeBatch.Changes[i].ResourceRecordSet`
    ChangeBatchChanges,
    /// `$.HealthChecks[i]`
    HealthChecks,
    /// `$.CidrCollections[i]`
    CidrCollections,
}

impl SourceArray {
    /// The key of the array, at the top level or in ChangeBatch.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ResourceRecordSets => "ResourceRecordSets",
            Self::Changes | Self::ChangeBatchChanges => "Changes",
            Self::HealthChecks => "HealthChecks",
            Self::CidrCollections => "CidrCollections",
        }
    }
}

impl Origin {
    /// The element's path.
    #[must_use]
    #[inline(never)]
    pub fn path(self) -> Path {
        let index = self.index as usize;
        match self.array {
            SourceArray::ResourceRecordSets => Path::root().key("ResourceRecordSets").index(index),
            SourceArray::Changes => Path::root().key("Changes").index(index).key("ResourceRecordSet"),
            SourceArray::ChangeBatchChanges => {
                Path::root().key("ChangeBatch").key("Changes").index(index).key("ResourceRecordSet")
            }
            SourceArray::HealthChecks => Path::root().key("HealthChecks").index(index),
            SourceArray::CidrCollections => Path::root().key("CidrCollections").index(index),
        }
    }

    /// The element's place.
    #[must_use]
    #[inline(never)]
    pub fn place(self) -> Place {
        Place::new(self.document as usize, self.path())
    }

    /// The place of a field of the element, such as `field("AliasTarget").field("DNSName")` in one go.
    #[must_use]
    #[inline(never)]
    pub fn field(self, names: &[&str]) -> Place {
        let path = names.iter().fold(self.path(), |path, name| path.key(name));
        Place::new(self.document as usize, path)
    }
}
