//! `ResourceRecordSet` as the API model spells it.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use super::fields::{array, boolean, integer, object, text, unknown};
use super::node::{Node, NodePath, Problems};
use super::origin::Origin;
use crate::diagnostic::{Diagnostic, Route53Error, Severity};

/// The fields of a record set that were given, unchecked but for their JSON types.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordSetFields<'t> {
    /// Where it stands.
    pub origin: Origin,
    /// `Name`
    pub name: Option<Cow<'t, str>>,
    /// `Type`
    pub record_type: Option<Cow<'t, str>>,
    /// `SetIdentifier`
    pub set_identifier: Option<Cow<'t, str>>,
    /// The routing policy fields, in document order; one is right, none is simple.
    pub routing: Vec<RoutingField<'t>>,
    /// `TTL`
    pub ttl: Option<i64>,
    /// The values of `ResourceRecords`.
    pub resource_records: Option<Vec<Cow<'t, str>>>,
    /// `AliasTarget`
    pub alias_target: Option<Box<AliasTargetFields<'t>>>,
    /// `HealthCheckId`
    pub health_check_id: Option<Cow<'t, str>>,
    /// `TrafficPolicyInstanceId`
    pub traffic_policy_instance_id: Option<Box<str>>,
    /// Whether a field had a wrong JSON type, which is reported already.
    pub damaged: bool,
}

/// A routing policy field.
#[derive(Debug, Clone, PartialEq)]
pub enum RoutingField<'t> {
    /// `Weight`
    Weight(i64),
    /// `Region`
    Region(Cow<'t, str>),
    /// `Failover`
    Failover(Cow<'t, str>),
    /// `GeoLocation`
    GeoLocation {
        /// `ContinentCode`
        continent_code: Option<Cow<'t, str>>,
        /// `CountryCode`
        country_code: Option<Cow<'t, str>>,
        /// `SubdivisionCode`
        subdivision_code: Option<Cow<'t, str>>,
    },
    /// `GeoProximityLocation`
    GeoProximityLocation(Box<GeoProximityFields<'t>>),
    /// `CidrRoutingConfig`
    CidrRoutingConfig {
        /// `CollectionId`
        collection_id: Option<Cow<'t, str>>,
        /// `LocationName`
        location_name: Option<Cow<'t, str>>,
    },
    /// `MultiValueAnswer`
    MultiValueAnswer(bool),
}

impl RoutingField<'_> {
    /// The API word.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Weight(_) => "Weight",
            Self::Region(_) => "Region",
            Self::Failover(_) => "Failover",
            Self::GeoLocation { .. } => "GeoLocation",
            Self::GeoProximityLocation(_) => "GeoProximityLocation",
            Self::CidrRoutingConfig { .. } => "CidrRoutingConfig",
            Self::MultiValueAnswer(_) => "MultiValueAnswer",
        }
    }
}

/// The fields of `GeoProximityLocation`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GeoProximityFields<'t> {
    /// `AWSRegion`
    pub aws_region: Option<Cow<'t, str>>,
    /// `LocalZoneGroup`
    pub local_zone_group: Option<Cow<'t, str>>,
    /// `Coordinates`: latitude and longitude as written.
    pub coordinates: Option<CoordinateTexts<'t>>,
    /// `Bias`
    pub bias: Option<i64>,
}

/// Latitude and longitude, as given.
pub type CoordinateTexts<'t> = (Option<Cow<'t, str>>, Option<Cow<'t, str>>);

/// The fields of `AliasTarget`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AliasTargetFields<'t> {
    /// `HostedZoneId`
    pub hosted_zone_id: Option<Cow<'t, str>>,
    /// `DNSName`
    pub dns_name: Option<Cow<'t, str>>,
    /// `EvaluateTargetHealth`
    pub evaluate_target_health: Option<bool>,
}

impl<'t> RecordSetFields<'t> {
    /// Reads one record set; `None` when the value is not an object.
    pub(crate) fn read(node: Node<'t>, at: &NodePath<'_>, origin: Origin, problems: &mut Problems) -> Option<Self> {
        let before = problems.list.len();
        let members = object(node, at, problems)?;
        let mut fields = Self {
            origin,
            name: None,
            record_type: None,
            set_identifier: None,
            routing: Vec::new(),
            ttl: None,
            resource_records: None,
            alias_target: None,
            health_check_id: None,
            traffic_policy_instance_id: None,
            damaged: false,
        };
        for (key, value) in members {
            let here = at.key(&key);
            match &*key {
                "Name" => fields.name = text(value, &here, problems),
                "Type" => fields.record_type = text(value, &here, problems),
                "SetIdentifier" => fields.set_identifier = text(value, &here, problems),
                "TTL" => fields.ttl = integer(&value, &here, problems),
                "HealthCheckId" => fields.health_check_id = text(value, &here, problems),
                "TrafficPolicyInstanceId" => {
                    fields.traffic_policy_instance_id = text(value, &here, problems).map(|id| (*id).into());
                }
                "ResourceRecords" => fields.resource_records = resource_records(value, &here, problems),
                "AliasTarget" => fields.alias_target = alias_target(value, &here, problems).map(Box::new),
                "Weight" => fields.routing.extend(integer(&value, &here, problems).map(RoutingField::Weight)),
                "Region" => fields.routing.extend(text(value, &here, problems).map(RoutingField::Region)),
                "Failover" => fields.routing.extend(text(value, &here, problems).map(RoutingField::Failover)),
                "MultiValueAnswer" => {
                    fields.routing.extend(boolean(&value, &here, problems).map(RoutingField::MultiValueAnswer));
                }
                "GeoLocation" => fields.routing.extend(geo_location(value, &here, problems)),
                "GeoProximityLocation" => fields.routing.extend(geo_proximity(value, &here, problems)),
                "CidrRoutingConfig" => fields.routing.extend(cidr_routing(value, &here, problems)),
                _ => {
                    unknown(&key, at, problems);
                }
            }
        }
        fields.damaged = problems.list.iter().skip(before).any(|finding| finding.severity == Severity::Error);
        Some(fields)
    }
}

fn resource_records<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Vec<Cow<'t, str>>> {
    let elements = array(node, at, problems)?;
    let mut values = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let at = at.index(index);
        let mut given = false;
        for (key, value) in object(element, &at, problems)? {
            match &*key {
                "Value" => {
                    given = true;
                    values.push(text(value, &at.key("Value"), problems).unwrap_or_default());
                }
                _ => unknown(&key, &at, problems),
            }
        }
        if !given {
            let finding = Diagnostic::cannot("value-missing", "a resource record has no `Value`");
            problems
                .push(&at, finding.help("give the value, or leave the element out").error(Route53Error::InvalidInput));
        }
    }
    Some(values)
}

fn alias_target<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<AliasTargetFields<'t>> {
    let mut fields = AliasTargetFields::default();
    for (key, value) in object(node, at, problems)? {
        let here = at.key(&key);
        match &*key {
            "HostedZoneId" => fields.hosted_zone_id = text(value, &here, problems),
            "DNSName" => fields.dns_name = text(value, &here, problems),
            "EvaluateTargetHealth" => fields.evaluate_target_health = boolean(&value, &here, problems),
            _ => unknown(&key, at, problems),
        }
    }
    Some(fields)
}

fn geo_location<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<RoutingField<'t>> {
    let (mut continent_code, mut country_code, mut subdivision_code) = (None, None, None);
    for (key, value) in object(node, at, problems)? {
        let here = at.key(&key);
        match &*key {
            "ContinentCode" => continent_code = text(value, &here, problems),
            "CountryCode" => country_code = text(value, &here, problems),
            "SubdivisionCode" => subdivision_code = text(value, &here, problems),
            "ContinentName" | "CountryName" | "SubdivisionName" => {}
            _ => unknown(&key, at, problems),
        }
    }
    Some(RoutingField::GeoLocation { continent_code, country_code, subdivision_code })
}

fn geo_proximity<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<RoutingField<'t>> {
    let mut fields = GeoProximityFields::default();
    for (key, value) in object(node, at, problems)? {
        let here = at.key(&key);
        match &*key {
            "AWSRegion" => fields.aws_region = text(value, &here, problems),
            "LocalZoneGroup" => fields.local_zone_group = text(value, &here, problems),
            "Bias" => fields.bias = integer(&value, &here, problems),
            "Coordinates" => {
                let (mut latitude, mut longitude) = (None, None);
                for (key, value) in object(value, &here, problems)? {
                    let there = here.key(&key);
                    match &*key {
                        "Latitude" => latitude = text(value, &there, problems),
                        "Longitude" => longitude = text(value, &there, problems),
                        _ => unknown(&key, &here, problems),
                    }
                }
                fields.coordinates = Some((latitude, longitude));
            }
            _ => unknown(&key, at, problems),
        }
    }
    Some(RoutingField::GeoProximityLocation(Box::new(fields)))
}

fn cidr_routing<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<RoutingField<'t>> {
    let (mut collection_id, mut location_name) = (None, None);
    for (key, value) in object(node, at, problems)? {
        let here = at.key(&key);
        match &*key {
            "CollectionId" => collection_id = text(value, &here, problems),
            "LocationName" => location_name = text(value, &here, problems),
            _ => unknown(&key, at, problems),
        }
    }
    Some(RoutingField::CidrRoutingConfig { collection_id, location_name })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use crate::parse::parse;

    #[test]
    fn a_resource_record_without_value_is_told() {
        let text =
            r#"{"ResourceRecordSets":[{"Name":"a.","Type":"A","TTL":1,"ResourceRecords":[{},{"Value":"192.0.2.1"}]}]}"#;
        let document = parse(0, text);
        let finding = document.diagnostics.first().unwrap();
        assert_eq!(finding.code, "value-missing");
        assert_eq!(finding.place.as_ref().unwrap().path.to_string(), "$.ResourceRecordSets[0].ResourceRecords[0]");
    }
}
