//! Stage 1: Route 53 JSON to [`Document`]. Grammar only: which fields are there and of which JSON type.
//!
//! Every reader of JSON in this crate goes through [`node`], so that duplicate keys, wrong types and unknown fields are
//! found and worded in one way.

mod document;
mod fields;
mod health_check;
mod locate;
mod locator;
pub(crate) mod node;
mod origin;
mod placeholders;
mod query;
mod read_document;
mod record_set;
mod report;

pub use document::{
    AliasTargetAddresses, Change, ChangeAction, CidrBlocks, CidrCollectionFields, Document, HostedZoneFields,
    LatencyRow, LatencyRows, Page,
};
pub use health_check::HealthCheckFields;
pub use locate::locate;
pub use locator::Locator;
pub use origin::{Origin, SourceArray};
pub use placeholders::Placeholders;
pub use query::{parse_query, set_fact};
pub use read_document::parse;
pub use record_set::{AliasTargetFields, CoordinateTexts, GeoProximityFields, RecordSetFields, RoutingField};
pub use report::{AliasStatus, CheckerReport, HealthReport, RawStatus, parse_report};
