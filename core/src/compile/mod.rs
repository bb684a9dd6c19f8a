//! Stage 3: [`HostedZone`] to [`Zone`]: immutable, indexed, integers instead of strings.
//!
//! Record sets stand by name, type and SetIdentifier, so that a group is a range of them in the order that draws use
//! (10.37). Everything that no health report can change is worked out here.

#[cfg(feature = "documents")]
mod build;
mod bytes;
mod dependents;
mod image;
mod index;
mod names;
mod prefix;
mod record_set;
mod records;
#[cfg(feature = "documents")]
mod tables;
mod text;
mod zone;

#[cfg(feature = "documents")]
pub use build::compile;
pub use image::{IMAGE_FORMAT, IMAGE_MAGIC, ImageError, ImageHeader, image_digest};
pub(crate) use index::{Index, hash};
pub(crate) use names::Node;
pub use record_set::RecordSet;
pub(crate) use records::{
    Check, CheckKind, Group, NONE, NodeId, Place, Record, RoutingValue, Target, continent_key, country_key,
    subdivision_key,
};
pub use zone::Zone;
