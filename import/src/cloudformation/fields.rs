//! The fields of the Route 53 resources, which have the API's own names; how a template writes their values differs.

/// What a field holds in the API.
#[derive(Debug)]
pub(super) enum Shape {
    /// A text; a template may write a number.
    Text,
    /// A whole number, which a template may write as a text.
    Integer,
    /// True or false, which a template may write as a text.
    Bool,
    /// The same, and false where it is not given: the API asks for it, and templates need not say it.
    BoolOrFalse,
    /// Texts.
    Texts,
    /// In the API objects with a `Value`, in a template texts.
    Values,
    /// An object.
    Block(&'static [(&'static str, Shape)]),
}

use Shape::{Block, Bool, BoolOrFalse, Integer, Text, Texts, Values};

/// `AWS::Route53::RecordSet`, without what says which zone it is in.
pub(super) const RECORD_SET: &[(&str, Shape)] = &[
    ("Name", Text),
    ("Type", Text),
    ("SetIdentifier", Text),
    ("TTL", Integer),
    ("ResourceRecords", Values),
    ("HealthCheckId", Text),
    ("Weight", Integer),
    ("Region", Text),
    ("Failover", Text),
    ("MultiValueAnswer", Bool),
    ("AliasTarget", Block(&[("HostedZoneId", Text), ("DNSName", Text), ("EvaluateTargetHealth", BoolOrFalse)])),
    ("GeoLocation", Block(&[("ContinentCode", Text), ("CountryCode", Text), ("SubdivisionCode", Text)])),
    (
        "GeoProximityLocation",
        Block(&[
            ("AWSRegion", Text),
            ("LocalZoneGroup", Text),
            ("Coordinates", Block(&[("Latitude", Text), ("Longitude", Text)])),
            ("Bias", Integer),
        ]),
    ),
    ("CidrRoutingConfig", Block(&[("CollectionId", Text), ("LocationName", Text)])),
];

/// `HealthCheckConfig` of `AWS::Route53::HealthCheck`.
pub(super) const HEALTH_CHECK: &[(&str, Shape)] = &[
    ("Type", Text),
    ("IPAddress", Text),
    ("Port", Integer),
    ("ResourcePath", Text),
    ("FullyQualifiedDomainName", Text),
    ("SearchString", Text),
    ("RequestInterval", Integer),
    ("FailureThreshold", Integer),
    ("MeasureLatency", Bool),
    ("Inverted", Bool),
    ("HealthThreshold", Integer),
    ("ChildHealthChecks", Texts),
    ("EnableSNI", Bool),
    ("Regions", Texts),
    ("AlarmIdentifier", Block(&[("Name", Text), ("Region", Text)])),
    ("InsufficientDataHealthStatus", Text),
    ("RoutingControlArn", Text),
];
