//! Stage 1: Route 53 JSON to [`Document`]. Grammar only: which fields are there and of which JSON type.
//!
//! Every reader of JSON in this crate goes through [`node`], so that duplicate keys, wrong types and unknown fields are
//! found and worded in one way.

#[cfg(feature = "documents")]
mod document;
#[cfg(feature = "documents")]
mod fields;
#[cfg(feature = "documents")]
mod health_check;
#[cfg(feature = "documents")]
mod locate;
#[cfg(feature = "documents")]
mod locator;
#[cfg(feature = "documents")]
pub(crate) mod node;
#[cfg(feature = "documents")]
mod origin;
#[cfg(feature = "documents")]
mod placeholders;
#[cfg(feature = "documents")]
mod query;
#[cfg(feature = "documents")]
mod read_document;
#[cfg(feature = "documents")]
mod record_set;
#[cfg(feature = "documents")]
mod report;
mod status;

#[cfg(feature = "documents")]
pub use document::{
    AliasTargetAddresses, Change, ChangeAction, CidrBlocks, CidrCollectionFields, Document, HostedZoneFields,
    LatencyRow, LatencyRows, Page,
};
#[cfg(feature = "documents")]
pub use health_check::HealthCheckFields;
#[cfg(feature = "documents")]
pub use locate::locate;
#[cfg(feature = "documents")]
pub use locator::Locator;
#[cfg(feature = "documents")]
pub use origin::{Origin, SourceArray};
#[cfg(feature = "documents")]
pub use placeholders::Placeholders;
#[cfg(feature = "documents")]
pub use query::{parse_query, set_fact};
#[cfg(feature = "documents")]
pub use read_document::parse;
#[cfg(feature = "documents")]
pub use record_set::{AliasTargetFields, CoordinateTexts, GeoProximityFields, RecordSetFields, RoutingField};
#[cfg(feature = "documents")]
pub use report::parse_report;
pub use status::{AliasStatus, CheckerReport, HealthReport, RawStatus};
