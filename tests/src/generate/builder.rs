//! What the parts of a zone in the making know of each other: types, and where aliases may lead.

use serde_json::{Value, json};

use super::network::Network;
use super::rng::Rng;

/// A type with values to choose from.
pub(super) type Kind = &'static str;

/// Types that any policy takes, CNAME aside (1.4.2); addresses most of all.
const KINDS: [Kind; 10] = ["A", "A", "A", "A", "A", "AAAA", "AAAA", "TXT", "MX", "CNAME"];

pub(super) const ZONE_ID: &str = "Z0EXAMPLE000000000001";
/// What aliases outside the zone lead to: hosted zone and name.
pub(super) const RESOURCES: [(&str, &str); 4] = [
    ("Z35SXDOTRQ7X7K", "dualstack.lb-1.us-east-1.elb.amazonaws.com."),
    ("Z35SXDOTRQ7X7K", "lb-2.us-east-1.elb.amazonaws.com."),
    ("Z3AQBSTGFYJSTF", "s3-website-us-east-1.amazonaws.com."),
    (CLOUDFRONT, "d111111abcdef8.cloudfront.net."),
];
/// CloudFront's targets may not be evaluated, nor used by a private zone (3.5, 1.6.10).
const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";

/// The type of a group: mostly the one that the zone is about, so that its groups can lead to each other.
pub(super) fn kind(rng: &mut Rng, usual: Kind) -> Kind {
    if rng.percent(85) { usual } else { rng.one_of::<Kind>(&KINDS) }
}

/// The type that a zone is about.
pub(super) fn usual_kind(rng: &mut Rng) -> Kind {
    rng.one_of::<Kind>(&KINDS)
}

/// A zone in the making.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) private: bool,
    pub(super) knows_id: bool,
    pub(super) check_ids: Vec<String>,
    /// Id and location names of each collection.
    pub(super) collections: Vec<(String, Vec<String>)>,
    pub(super) networks: Vec<Network>,
}

/// A name as some alias writes it, and how many groups lie from there to the end.
pub(super) type Target = (String, usize);

impl Builder {
    /// Where an alias leads: to a group of this zone, or to an AWS resource.
    pub(super) fn alias(&self, rng: &mut Rng, kind: Kind, targets: &[Target]) -> Option<Value> {
        let evaluate = rng.percent(70);
        if !targets.is_empty() && rng.percent(88) {
            // The latest groups are the deepest.
            let late = targets.len().saturating_sub(3);
            let (target, _) = if rng.percent(60) { rng.one_of(&targets[late..]) } else { rng.one_of(targets) };
            let id = format!("{}{ZONE_ID}", if rng.percent(50) { "/hostedzone/" } else { "" });
            let id = if id.len() > 32 { ZONE_ID.to_owned() } else { id };
            return Some(json!({"HostedZoneId": id, "DNSName": target, "EvaluateTargetHealth": evaluate}));
        }
        if !matches!(kind, "A" | "AAAA") {
            return None;
        }
        let (id, name) = *rng.one_of(&RESOURCES);
        if id == CLOUDFRONT && self.private {
            return None;
        }
        let name = if rng.percent(20) { name.to_uppercase() } else { name.to_owned() };
        Some(json!({"HostedZoneId": id, "DNSName": name, "EvaluateTargetHealth": evaluate && id != CLOUDFRONT}))
    }
}
