//! What a member of a group is called in findings, and what the service says to it.

use alloc::format;
use alloc::string::String;

use crate::model::record::Routing;
use crate::model::routing::PolicyKind;
use crate::model::{Failover, GeoLocation, ResourceRecordSet, RoutingPolicy};
use crate::validate::route53_messages::{self, Shown};

pub(super) fn policy(set: &ResourceRecordSet) -> Option<&RoutingPolicy> {
    match &set.routing {
        Routing::Simple => None,
        Routing::Member { policy, .. } => Some(policy),
    }
}

pub(super) fn kind(set: &ResourceRecordSet) -> PolicyKind {
    policy(set).map_or(PolicyKind::Simple, RoutingPolicy::kind)
}

/// A member's SetIdentifier for a message.
pub(super) fn shown(set: &ResourceRecordSet) -> Shown<'_> {
    Shown(set_identifier(set))
}

pub(super) fn set_identifier(set: &ResourceRecordSet) -> &str {
    match &set.routing {
        Routing::Simple => "",
        Routing::Member { set_identifier, .. } => set_identifier,
    }
}

pub(super) fn invalid_set_of_changes(set: &ResourceRecordSet) -> String {
    format!(
        "The request contains an invalid set of changes for a resource record set '{} {}'",
        set.record_type,
        route53_messages::name(set.name.as_ref())
    )
}

/// What the service says to a record set whose group has another policy (8.3.6).
pub(super) fn beside_other_policy(set: &ResourceRecordSet) -> Option<String> {
    let rrset = route53_messages::rrset_of(set);
    let text = match policy(set) {
        None => format!("{rrset} cannot be created as other RRSets exist with the same name and type."),
        Some(RoutingPolicy::Weighted(_)) => {
            format!("{rrset} cannot be created as a non-weighted set exists with the same name and type.")
        }
        Some(RoutingPolicy::Latency(region)) => format!(
            "{rrset}, and Region Name={region} cannot be created because a non-latency RRSet with the same name and \
             type already exists."
        ),
        Some(RoutingPolicy::Failover(Failover::Primary)) => format!(
            "{rrset} marked as primary cannot be created because a non-failover RRSet with the same name and type \
             already exists."
        ),
        Some(RoutingPolicy::Geolocation(place)) => format!(
            "{rrset}, and routing to {} cannot be created because a non-GEO RRSet with the same name and type \
             already exists.",
            route53_messages::place(*place)
        ),
        Some(RoutingPolicy::MultivalueAnswer) => format!(
            "{rrset} cannot be created because a non multivalue answer rrset exists with the same name and type."
        ),
        Some(
            RoutingPolicy::Failover(Failover::Secondary) | RoutingPolicy::Geoproximity(_) | RoutingPolicy::IpBased(_),
        ) => {
            return None;
        }
    };
    Some(text)
}

/// The field that gives a record set its policy.
pub(super) fn policy_field(set: &ResourceRecordSet) -> &'static str {
    match policy(set) {
        None => "Name",
        Some(RoutingPolicy::Weighted(_)) => "Weight",
        Some(RoutingPolicy::Latency(_)) => "Region",
        Some(RoutingPolicy::Failover(_)) => "Failover",
        Some(RoutingPolicy::Geolocation(_)) => "GeoLocation",
        Some(RoutingPolicy::Geoproximity(_)) => "GeoProximityLocation",
        Some(RoutingPolicy::IpBased(_)) => "CidrRoutingConfig",
        Some(RoutingPolicy::MultivalueAnswer) => "MultiValueAnswer",
    }
}

pub(super) fn describe(place: GeoLocation) -> String {
    match place {
        GeoLocation::Subdivision(country, subdivision) => format!("{country}-{subdivision}"),
        GeoLocation::Country(country) => format!("{country}"),
        GeoLocation::Continent(continent) => continent.name().into(),
        GeoLocation::Default => "everywhere else, the default".into(),
    }
}
