//! What a listing has of a traffic policy's instance: the record sets of the policy, when they are given, take its place.

use std::collections::BTreeSet;

use pointsman_core::model::NameBuf;
use pointsman_core::parse::Document;
use serde_json::Value;

use crate::imported::Imported;

/// The traffic policies among what was read, by the instances that their record sets stand for.
///
/// ```
/// use pointsman_import::{Options, Policies, instances, read};
/// let policy = r#"{"TrafficPolicy": {"Id": "p-1", "Version": 1, "Name": "www", "Type": "A", "Document":
///     "{\"AWSPolicyFormatVersion\":\"2015-10-01\",\"RecordType\":\"A\",\"StartEndpoint\":\"e\",\"Endpoints\":{\"e\":{\"Type\":\"value\",\"Value\":\"192.0.2.1\"}}}"}}"#;
/// let used = r#"{"TrafficPolicyInstances": [{"Id": "i-1", "HostedZoneId": "Z1", "Name": "www.example.com.", "TTL": 60,
///     "State": "Applied", "TrafficPolicyId": "p-1", "TrafficPolicyVersion": 1, "TrafficPolicyType": "A"}]}"#;
/// let listing = r#"{"ResourceRecordSets": [{"Name": "www.example.com.", "Type": "A", "TrafficPolicyInstanceId": "i-1"}]}"#;
/// let options = Options { instances: &instances(&[policy, used, listing]), ..Options::default() };
/// let imported = read(policy, &options).ok_or("not recognised")?;
/// let policies = Policies::new([&imported], None);
/// assert_eq!(policies.without_listed(listing).as_deref(), Some(r#"{"ResourceRecordSets":[]}"#));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// The name that a policy is used for by request, whatever the id of its instance.
    name: Option<NameBuf>,
    /// The ids of the instances that were joined with their policy.
    ids: BTreeSet<String>,
}

impl Policies {
    /// The policies among these, the one that names no instance being used for a name.
    #[must_use]
    pub fn new<'i>(imported: impl IntoIterator<Item = &'i Imported>, name: Option<&str>) -> Self {
        let ids = imported.into_iter().flat_map(Imported::instances).cloned().collect();
        Self { name: name.and_then(|name| NameBuf::parse(name).ok()), ids }
    }

    /// Takes what a listing has of these instances out of documents.
    pub fn leave_out_listed(&self, documents: &mut [Document<'_>]) {
        for record_sets in documents.iter_mut().filter_map(|document| document.record_sets.as_mut()) {
            record_sets
                .retain(|fields| !self.replace(fields.name.as_deref(), fields.traffic_policy_instance_id.as_deref()));
        }
    }

    /// A listing, as the AWS CLI prints it, without what it has of these instances; `None` when it has nothing of them.
    #[must_use]
    pub fn without_listed(&self, text: &str) -> Option<String> {
        if !text.contains("\"TrafficPolicyInstanceId\"") {
            return None;
        }
        let mut listing: Value = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()?;
        let record_sets = listing.get_mut("ResourceRecordSets")?.as_array_mut()?;
        let before = record_sets.len();
        let text_of = |record_set: &Value, key: &str| record_set.get(key).and_then(Value::as_str).map(str::to_owned);
        record_sets.retain(|record_set| {
            let (name, id) = (text_of(record_set, "Name"), text_of(record_set, "TrafficPolicyInstanceId"));
            !self.replace(name.as_deref(), id.as_deref())
        });
        (record_sets.len() < before).then(|| listing.to_string())
    }

    /// Whether the policies' record sets take the place of one of this name and instance.
    fn replace(&self, name: Option<&str>, instance: Option<&str>) -> bool {
        let Some(id) = instance else { return false };
        let is_named = match (name.map(NameBuf::parse), &self.name) {
            (Some(Ok(name)), Some(own)) => name.as_ref() == own.as_ref(),
            _ => false,
        };
        is_named || self.ids.contains(id)
    }
}
