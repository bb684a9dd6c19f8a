//! What can be asked, as JSON.

#[cfg(feature = "analyses")]
use pointsman_verify::facts::Facts;
use serde::Deserialize;

/// A text with the name that findings give it.
#[derive(Deserialize)]
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) text: String,
    #[serde(rename = "cidrCollection")]
    pub(crate) cidr_collection: Option<String>,
}

/// The texts of one version of a zone.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) documents: Vec<Text>,
    #[serde(rename = "zoneName")]
    pub(crate) zone_name: Option<String>,
}

/// One request.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(crate) enum Request {
    /// Texts of any format as the AWS CLI would print them.
    #[cfg(feature = "formats")]
    Read {
        #[serde(flatten)]
        version: Version,
        /// Values of a CloudFormation template's parameters.
        #[serde(default)]
        parameters: std::collections::BTreeMap<String, String>,
        /// The name that a traffic policy is used for.
        name: Option<String>,
        /// The TTL of a traffic policy's record sets, in seconds.
        ttl: Option<u32>,
    },
    /// Every failure, tried on every name and every class of clients.
    #[cfg(feature = "analyses")]
    Drill {
        #[serde(flatten)]
        version: Version,
        #[serde(default)]
        facts: Facts,
        depth: Option<usize>,
        #[serde(default)]
        only: Vec<String>,
    },
    /// What a change alters.
    #[cfg(feature = "analyses")]
    Diff { old: Version, new: Version },
    /// What a change alters, batch by batch.
    #[cfg(feature = "analyses")]
    Walk { old: Version, batches: Vec<Text> },
    /// How long until clients have moved.
    #[cfg(feature = "analyses")]
    Rto {
        #[serde(flatten)]
        version: Version,
        #[serde(default)]
        facts: Facts,
        name: String,
        #[serde(rename = "type")]
        record_type: String,
        #[serde(default)]
        down: Vec<String>,
        want: Option<f64>,
        percentile: Option<f64>,
        seed: Option<u64>,
    },
}
