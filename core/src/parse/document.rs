//! One document: everything that one JSON text holds.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use super::health_check::HealthCheckFields;
use super::origin::Origin;
use super::placeholders::Placeholders;
use super::record_set::RecordSetFields;
use crate::diagnostic::Diagnostic;

/// What one text holds, with the findings made while it was read; [`crate::validate`] joins documents into a zone.
#[derive(Debug, Clone, Default)]
pub struct Document<'t> {
    /// The document's number, which findings carry.
    pub number: usize,
    /// Findings of grammar: not JSON, wrong types, duplicate keys, unknown fields.
    pub diagnostics: Vec<Diagnostic>,
    /// `HostedZone`
    pub hosted_zone: Option<HostedZoneFields<'t>>,
    /// `ResourceRecordSets`
    pub record_sets: Option<Vec<RecordSetFields<'t>>>,
    /// `HealthChecks`, the array of list-health-checks.
    pub health_checks: Option<Vec<HealthCheckFields<'t>>>,
    /// `CidrCollections`
    pub cidr_collections: Option<Vec<CidrCollectionFields<'t>>>,
    /// `CidrBlocks` at the top level, as list-cidr-blocks prints them; they belong to `cidr_collection_id`.
    pub cidr_blocks: Option<CidrBlocks<'t>>,
    /// The collection that the blocks at the top level belong to, which their document does not say: set it after
    /// [`parse`].
    pub cidr_collection_id: Option<Box<str>>,
    /// `AliasTargets`: what AWS resources resolve to, by DNS name.
    pub alias_targets: Option<Vec<(Cow<'t, str>, AliasTargetAddresses<'t>)>>,
    /// `LatencyTable`
    pub latency_table: Option<LatencyRows<'t>>,
    /// `Changes`, at the top level or under `ChangeBatch`.
    pub changes: Option<Vec<Change<'t>>>,
    /// `HostedZoneId` at the top level: the zone that a change batch is for, as `--cli-input-json` takes it.
    pub hosted_zone_id: Option<Cow<'t, str>>,
    /// Where this page of a listing stands among its pages.
    pub page: Page<'t>,
    /// Values that are not known yet; none in what [`parse`] returns, since only the reader of another format knows them.
    pub placeholders: Placeholders,
    /// Whether the document lists some health checks of the account and not all of them, as a configuration does that
    /// describes the ones it manages: then one that is named and not listed may exist all the same.
    pub is_excerpt: bool,
}

/// The paging fields of a listing.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the API field of that name")]
pub struct Page<'t> {
    pub is_truncated: bool,
    pub next_record_name: Option<Cow<'t, str>>,
    pub next_record_type: Option<Cow<'t, str>>,
    pub next_record_identifier: Option<Cow<'t, str>>,
    pub marker: Option<Cow<'t, str>>,
    pub next_marker: Option<Cow<'t, str>>,
    pub next_token: Option<Cow<'t, str>>,
}

/// The fields of `HostedZone` that bear on answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostedZoneFields<'t> {
    /// `Id`
    pub id: Option<Cow<'t, str>>,
    /// `Name`
    pub name: Option<Cow<'t, str>>,
    /// `Config.PrivateZone`
    pub private_zone: Option<bool>,
}

/// The fields of a CIDR collection with its blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct CidrCollectionFields<'t> {
    /// Where it stands.
    pub origin: Origin,
    /// `Id`
    pub id: Option<Cow<'t, str>>,
    /// `CidrBlocks`: block and location name of each.
    pub cidr_blocks: Option<CidrBlocks<'t>>,
}

/// Blocks and their locations, in document order; a missing field is `None`.
pub type CidrBlocks<'t> = Vec<(Option<Cow<'t, str>>, Option<Cow<'t, str>>)>;

/// What an AWS resource resolves to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AliasTargetAddresses<'t> {
    /// `A`
    pub a: Option<Vec<Cow<'t, str>>>,
    /// `AAAA`
    pub aaaa: Option<Vec<Cow<'t, str>>>,
    /// `TTL`
    pub ttl: Option<i64>,
}

/// Rows of a `LatencyTable`: Region and milliseconds.
pub type LatencyRow<'t> = Vec<(Cow<'t, str>, f64)>;

/// A `LatencyTable` as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LatencyRows<'t> {
    /// `Networks`: network in CIDR form -> row.
    pub networks: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Countries`: country code -> row.
    pub countries: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Continents`: continent code -> row.
    pub continents: Vec<(Cow<'t, str>, LatencyRow<'t>)>,
    /// `Default`
    pub default: Option<LatencyRow<'t>>,
}

/// One change of a change batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'t> {
    /// Where the record set stands; `Action` is its sibling.
    pub origin: Origin,
    /// The action, `None` when it is missing or unknown, which is reported already.
    pub action: Option<ChangeAction>,
    /// `ResourceRecordSet`
    pub record_set: Option<RecordSetFields<'t>>,
}

/// What a change does (8.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the API word of that name")]
pub enum ChangeAction {
    Create,
    Upsert,
    Delete,
}

impl ChangeAction {
    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Upsert => "UPSERT",
            Self::Delete => "DELETE",
        }
    }
}
