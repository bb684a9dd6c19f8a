//! Record sets and their types (semantics 1.3 - 1.5).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::{AliasTarget, Name, RoutingPolicy};

/// A record type of the Route 53 API (1.4.1).
///
/// ```
/// use pointsman_core::model::RecordType;
/// assert_eq!(RecordType::parse("AAAA"), Some(RecordType::Aaaa));
/// assert_eq!(RecordType::parse("AXFR"), None);
/// assert_eq!(RecordType::Https.as_str(), "HTTPS");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "each variant is the DNS record type of that name")]
pub enum RecordType {
    Soa,
    A,
    Txt,
    Ns,
    Cname,
    Mx,
    Naptr,
    Ptr,
    Srv,
    Spf,
    Aaaa,
    Caa,
    Ds,
    Tlsa,
    Sshfp,
    Svcb,
    Https,
}

impl RecordType {
    /// Every type, in the order of the API model.
    pub const ALL: [Self; 17] = [
        Self::Soa,
        Self::A,
        Self::Txt,
        Self::Ns,
        Self::Cname,
        Self::Mx,
        Self::Naptr,
        Self::Ptr,
        Self::Srv,
        Self::Spf,
        Self::Aaaa,
        Self::Caa,
        Self::Ds,
        Self::Tlsa,
        Self::Sshfp,
        Self::Svcb,
        Self::Https,
    ];

    /// Reads a type by its API word, in any case; `None` for a type that Route 53 does not know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }

    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soa => "SOA",
            Self::A => "A",
            Self::Txt => "TXT",
            Self::Ns => "NS",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Naptr => "NAPTR",
            Self::Ptr => "PTR",
            Self::Srv => "SRV",
            Self::Spf => "SPF",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Ds => "DS",
            Self::Tlsa => "TLSA",
            Self::Sshfp => "SSHFP",
            Self::Svcb => "SVCB",
            Self::Https => "HTTPS",
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A checked record set: one policy, and either values or an alias.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRecordSet {
    /// The owner name.
    pub name: Name,
    /// The type; with the name it makes the group (1.3.1).
    pub record_type: RecordType,
    /// How it stands among the members of its group.
    pub routing: Routing,
    /// What it answers with.
    pub content: Content,
    /// Its health check, as an index into [`super::HostedZone::health_checks`].
    pub health_check: Option<u32>,
}

/// Alone in its group, or one of several under a policy (1.3.3).
#[derive(Debug, Clone, PartialEq)]
pub enum Routing {
    /// Simple routing: the only record set of its name and type (1.3.4).
    Simple,
    /// A member of a group under a routing policy.
    Member {
        /// Unique within the group, 1 to 128 characters (1.3.2).
        set_identifier: Box<str>,
        /// The policy and this member's part in it.
        policy: RoutingPolicy,
    },
}

/// Values with a TTL, or an alias that has neither (1.5.1, 1.5.2).
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The record set's own values.
    Values {
        /// Time to live in seconds, 0 to 2147483647.
        ttl: u32,
        /// The values in document order, in Route 53's own spelling (1.5.5).
        values: Vec<Box<str>>,
    },
    /// What another record set or an AWS resource answers.
    Alias(AliasTarget),
}
