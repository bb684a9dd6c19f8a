//! What can be asked, as JSON.

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
    Read {
        #[serde(flatten)]
        version: Version,
    },
    /// Every failure, tried on every name and every class of clients.
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
    Diff { old: Version, new: Version },
    /// What a change alters, batch by batch.
    Walk {
        old: Version,
        batches: Vec<Text>,
    },
    /// How long until clients have moved.
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
