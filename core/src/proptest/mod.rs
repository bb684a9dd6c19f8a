//! Property-based testing of routing rules: strategies for the `proptest` crate, behind the feature `proptest`.
//!
//! A rule is a sentence about every situation: "EU clients get EU endpoints while one is healthy". These strategies
//! make situations by the thousand, and where one breaks the rule they shrink it to the smallest that still does.
//!
//! | of a zone of one's own | makes |
//! |---|---|
//! | [`situations`] | health, question, client and draw together: what a rule is tested over |
//! | [`failures`] | sets of failing health checks and alias targets |
//! | [`health_reports`], [`histories`] | reports of any kind, and reports that change |
//! | [`clients`], [`questions`], [`draws`] | who asks, what is asked, and the number that decides what is left to chance |
//!
//! | of any zone | makes |
//! |---|---|
//! | [`zones`] | zones of any policy, depth and alias shape, without errors |
//! | [`worlds`] | such a zone with health, question, client and draw |
//! | [`health_checks`], [`names`], [`spellings`] | the parts of zones |
//!
//! [`check_rule`] looks for the simplest situation that breaks a rule and returns it as a ticket, a
//! [`Counterexample`]. Every value prints for people and has `to_json()` or `documents()` in Route 53's own JSON, so
//! that it can be given to any host.
//!
//! ```
//! use pointsman_core::model::RecordType;
//! use pointsman_core::proptest::{check_rule, found, load, situations};
//! use proptest::test_runner::TestRunner;
//!
//! let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
//!     {"Name": "pay.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
//!      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
//!     {"Name": "pay.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY", "HealthCheckId": "hc-2",
//!      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
//!   "HealthChecks": [
//!     {"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443}},
//!     {"Id": "hc-2", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443}}]}"#])?;
//! let cases = situations(&zone).asking("pay.example.com", RecordType::A);
//! let rule = "whenever the primary is down, the secondary answers";
//! let broken = check_rule(&mut TestRunner::deterministic(), rule, &cases, |situation| {
//!     match situation.is_up("hc-1") || situation.answer().values == ["192.0.2.2"] {
//!         true => Ok(()),
//!         false => Err(found("the primary's address, though it is down")),
//!     }
//! });
//! // It does not when both are down: failover fails open to the primary.
//! assert_eq!(broken.unwrap_err().situation().health().down(), ["hc-1", "hc-2"]);
//! # Ok::<(), String>(())
//! ```
//!
//! In proptest's own macro, shrinking stops after four times as many tries as there are cases; for the smallest
//! failure of a large zone raise `max_shrink_iters`.
//!
//! Nothing here decides an answer: without the feature the crate is the same, `no_std` and all.

mod checks;
mod clients;
mod counterexample;
mod dice;
mod health;
mod json;
mod names;
mod questions;
mod shrink;
mod situations;
mod worlds;
mod zones;

pub use checks::{CheckType, HealthChecks, SampleHealthChecks, health_checks};
pub use clients::{Clients, SampleClient, clients};
pub use counterexample::{Case, Counterexample, check_rule, found};
pub use health::{Failures, Health, HealthReports, Histories, History, Status, failures, health_reports, histories};
pub use names::{Names, Spellings, names, spellings};
pub use questions::{Questions, SampleQuestion, draws, questions};
pub use situations::{Situation, Situations, situations};
pub use worlds::{World, Worlds, worlds};
pub use zones::{SampleZone, Zones, zones};

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::compile::Zone;
use crate::diagnostic::Severity;

/// The zone of one's own that its documents describe, ready to be asked.
///
/// # Errors
/// Everything that stands in the way, a line each. What Route 53 would refuse and yet can be evaluated does not.
///
/// ```
/// use pointsman_core::proptest::load;
/// let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}}"#, r#"{"ResourceRecordSets": []}"#])?;
/// assert_eq!(zone.name().to_string(), "example.com.");
/// assert!(load([r#"{"ResourceRecordSets": []}"#]).unwrap_err().contains("no document names the zone"));
/// # Ok::<(), String>(())
/// ```
pub fn load<'t>(documents: impl IntoIterator<Item = &'t str>) -> Result<Arc<Zone>, String> {
    match crate::Zone::load(documents) {
        Ok(zone) => Ok(Arc::clone(zone.compiled())),
        Err(findings) => {
            let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
            Err(errors.map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    }
}
