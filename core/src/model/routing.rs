//! The eight routing policies and a member's part in each (semantics 1.3.3, 1.7).

use alloc::boxed::Box;

use super::{Continent, Country, Position, Region, Subdivision};
use crate::limits::{GEOPROXIMITY_MEMBERS_MAX, GROUP_MEMBERS_MAX};

/// A member's part in its group's policy; simple routing is [`super::record::Routing::Simple`].
#[derive(Debug, Clone, PartialEq)]
pub enum RoutingPolicy {
    /// Weight 0 to 255 (4.3).
    Weighted(u8),
    /// The Region whose latency counts (4.4).
    Latency(Region),
    /// PRIMARY or SECONDARY (4.2).
    Failover(Failover),
    /// The place that is served (4.5).
    Geolocation(GeoLocation),
    /// A position with a bias (4.6).
    Geoproximity(GeoProximityLocation),
    /// A location of a CIDR collection (4.7).
    IpBased(CidrRoutingConfig),
    /// One of up to eight in an answer (4.8).
    MultivalueAnswer,
}

impl RoutingPolicy {
    /// Which policy this is.
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Weighted(_) => PolicyKind::Weighted,
            Self::Latency(_) => PolicyKind::Latency,
            Self::Failover(_) => PolicyKind::Failover,
            Self::Geolocation(_) => PolicyKind::Geolocation,
            Self::Geoproximity(_) => PolicyKind::Geoproximity,
            Self::IpBased(_) => PolicyKind::IpBased,
            Self::MultivalueAnswer => PolicyKind::MultivalueAnswer,
        }
    }

    /// Whether this member serves every client that no other one does: `*` of geolocation and of IP-based routing.
    #[must_use]
    pub fn is_default(&self) -> bool {
        match self {
            Self::Geolocation(place) => *place == GeoLocation::Default,
            Self::IpBased(config) => config.location.is_none(),
            Self::Weighted(_)
            | Self::Latency(_)
            | Self::Failover(_)
            | Self::Geoproximity(_)
            | Self::MultivalueAnswer => false,
        }
    }
}

/// A routing policy without its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PolicyKind {
    /// One record set, no choice (4.1).
    Simple,
    /// Primary, else secondary (4.2).
    Failover,
    /// In proportion to weights (4.3).
    Weighted,
    /// Lowest latency (4.4).
    Latency,
    /// Smallest matching place (4.5).
    Geolocation,
    /// Smallest biased distance (4.6).
    Geoproximity,
    /// Longest matching CIDR block (4.7).
    IpBased,
    /// Up to eight healthy members together (4.8).
    MultivalueAnswer,
}

impl PolicyKind {
    /// Every policy, in order; simple routing is the first.
    pub const ALL: [Self; 8] = [
        Self::Simple,
        Self::Failover,
        Self::Weighted,
        Self::Latency,
        Self::Geolocation,
        Self::Geoproximity,
        Self::IpBased,
        Self::MultivalueAnswer,
    ];

    /// The policy's name in running text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Failover => "failover",
            Self::Weighted => "weighted",
            Self::Latency => "latency",
            Self::Geolocation => "geolocation",
            Self::Geoproximity => "geoproximity",
            Self::IpBased => "IP-based",
            Self::MultivalueAnswer => "multivalue answer",
        }
    }

    /// Whether which members apply depends on the client (5.9).
    #[must_use]
    pub const fn candidates_depend_on_client(self) -> bool {
        match self {
            Self::Geolocation | Self::IpBased => true,
            Self::Simple
            | Self::Failover
            | Self::Weighted
            | Self::Latency
            | Self::Geoproximity
            | Self::MultivalueAnswer => false,
        }
    }

    /// Whether the choice may hang on where the client is: on its place, its position or its latencies (4.4 - 4.6).
    #[must_use]
    pub const fn chooses_by_place(self) -> bool {
        match self {
            Self::Latency | Self::Geolocation | Self::Geoproximity => true,
            Self::Simple | Self::Failover | Self::Weighted | Self::IpBased | Self::MultivalueAnswer => false,
        }
    }

    /// How many members a group may have (1.7); `None` where the policy itself allows no more than its parts.
    #[must_use]
    pub const fn members_max(self) -> Option<usize> {
        match self {
            Self::Simple | Self::Failover => None,
            Self::Geoproximity => Some(GEOPROXIMITY_MEMBERS_MAX),
            Self::Weighted | Self::Latency | Self::Geolocation | Self::IpBased | Self::MultivalueAnswer => {
                Some(GROUP_MEMBERS_MAX)
            }
        }
    }
}

/// The role of a failover member (4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failover {
    /// Answers while it is healthy, and when nothing is.
    Primary,
    /// Answers while the primary is unhealthy and it is healthy.
    Secondary,
}

impl Failover {
    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Secondary => "SECONDARY",
        }
    }
}

/// The place that a geolocation member serves (4.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GeoLocation {
    /// A state of the US, or a subdivision of Ukraine (10.30).
    Subdivision(Country, Subdivision),
    /// A country.
    Country(Country),
    /// A continent.
    Continent(Continent),
    /// `CountryCode: "*"`: every client (4.5.7).
    Default,
}

/// Where a geoproximity member is, and how strongly it draws (4.6).
#[derive(Debug, Clone, PartialEq)]
pub struct GeoProximityLocation {
    /// The position, approximate for Regions and Local Zone groups (10.16).
    pub position: Position,
    /// The Region, when the position was given as one.
    pub region: Option<Region>,
    /// What the record set called the place: a Region, a Local Zone group, or coordinates.
    pub place: Box<str>,
    /// -99 to 99.
    pub bias: i8,
}

/// The location of a CIDR collection that an IP-based member serves (4.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrRoutingConfig {
    /// The collection, as an index into [`super::HostedZone::cidr_collections`].
    pub collection: u32,
    /// The location's name; `None` is the default `*`.
    pub location: Option<Box<str>>,
}
