//! Response codes, and what leaves a choice to the tie rule.

/// The response code of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rcode {
    /// NOERROR: an answer, a referral, or no data.
    NoError,
    /// NXDOMAIN: neither the name nor any name below it exists (2.2).
    NxDomain,
    /// REFUSED: the name lies outside the zone (10.46).
    Refused,
    /// SERVFAIL: what would answer cannot be evaluated (10.51).
    ServFail,
}

impl Rcode {
    /// The mnemonic of RFC 1035 and RFC 2136.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoError => "NOERROR",
            Self::NxDomain => "NXDOMAIN",
            Self::Refused => "REFUSED",
            Self::ServFail => "SERVFAIL",
        }
    }
}

/// Why the answer is no more than the tie rule's pick: too little is known of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undetermined {
    /// No latency is known to any Region that can be chosen: that of a healthy record set, or of any when none is (10.13).
    LatencyUnknown,
    /// The client's position is unknown (10.14).
    PositionUnknown,
}

impl Undetermined {
    /// The reason in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LatencyUnknown => "no latency is known from this client to any Region of the group",
            Self::PositionUnknown => "the position of this client is unknown",
        }
    }
}
