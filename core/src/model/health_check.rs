//! Health checks (semantics 6).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

/// A health check with everything that bears on its status.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// The id that record sets name.
    pub id: Box<str>,
    /// How its raw status comes about.
    pub kind: HealthCheckKind,
    /// Whether the status is flipped, after Disabled (6.6).
    pub inverted: bool,
    /// Whether the raw status is replaced by healthy (6.6).
    pub disabled: bool,
}

/// How the raw status of a check comes about (6.1.1).
#[derive(Debug, Clone, PartialEq)]
pub enum HealthCheckKind {
    /// Checkers connect to an endpoint (6.2).
    Endpoint(Box<EndpointCheck>),
    /// So many children must be healthy (6.3).
    Calculated {
        /// Healthy children needed; 0 is always healthy (6.3.1).
        health_threshold: u16,
        /// The children, as indices into [`super::HostedZone::health_checks`]; none of them is calculated (6.3.3).
        children: Vec<u32>,
    },
    /// The data stream of a CloudWatch alarm (6.4).
    CloudwatchMetric(InsufficientDataHealthStatus),
    /// An Application Recovery Controller routing control (6.5).
    RecoveryControl,
    /// The id is used but no HealthChecks document describes it (10.48): taken as an endpoint check.
    Unknown,
}

impl HealthCheckKind {
    /// The word of a check whose status is reported, as [`as_str`](Self::as_str) gives it; `None` for any other word.
    pub(crate) fn reported_word(word: &str) -> Option<&'static str> {
        let others = [Self::RecoveryControl.as_str(), Self::Unknown.as_str()];
        Protocol::ALL.into_iter().map(Protocol::as_str).chain(others).find(|known| *known == word)
    }

    /// The API word, or what stands for it in text.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Endpoint(check) => check.protocol.as_str(),
            Self::Calculated { .. } => "CALCULATED",
            Self::CloudwatchMetric(_) => "CLOUDWATCH_METRIC",
            Self::RecoveryControl => "RECOVERY_CONTROL",
            Self::Unknown => "unknown type",
        }
    }
}

/// What checkers do to test an endpoint (6.1, 6.2).
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointCheck {
    /// The protocol.
    pub protocol: Protocol,
    /// The address to connect to; without it the name is resolved (6.1.3).
    pub ip_address: Option<IpAddr>,
    /// The name to resolve, or to send as Host.
    pub fully_qualified_domain_name: Option<Box<str>>,
    /// The port, 1 to 65535.
    pub port: u16,
    /// The path to ask for, with a leading slash; empty for TCP.
    pub resource_path: Box<str>,
    /// What the first 5,120 bytes of the body must hold (6.2), for the STR_MATCH types.
    pub search_string: Option<Box<str>>,
    /// Seconds between two requests of one checker: 10 or 30.
    pub request_interval: u8,
    /// Consecutive results that change a checker's view, 1 to 10.
    pub failure_threshold: u8,
    /// Whether the name is sent in the TLS handshake.
    pub enable_sni: bool,
    /// Checker Regions; the default is all eight (6.1.2).
    pub regions: u8,
}

/// The protocol of an endpoint check (6.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the API word of that name")]
pub enum Protocol {
    Http,
    Https,
    HttpStrMatch,
    HttpsStrMatch,
    Tcp,
}

impl Protocol {
    /// Every protocol.
    pub(crate) const ALL: [Self; 5] = [Self::Http, Self::Https, Self::HttpStrMatch, Self::HttpsStrMatch, Self::Tcp];

    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::HttpStrMatch => "HTTP_STR_MATCH",
            Self::HttpsStrMatch => "HTTPS_STR_MATCH",
            Self::Tcp => "TCP",
        }
    }

    /// The port when a check names none: 80, or 443 for HTTPS; TCP checks must name one.
    #[must_use]
    pub const fn default_port(self) -> Option<u16> {
        match self {
            Self::Http | Self::HttpStrMatch => Some(80),
            Self::Https | Self::HttpsStrMatch => Some(443),
            Self::Tcp => None,
        }
    }
}

/// What a CloudWatch check is while its data does not suffice (6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsufficientDataHealthStatus {
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
    /// What it was when data last sufficed; healthy if there never was any.
    LastKnownStatus,
}
