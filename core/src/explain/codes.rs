//! The register of reasons: every code that an explanation gives, with its parameters and what it means.
//!
//! `docs/explanations.md` is written from it. A code that is not here cannot be given.

/// Where a reason stands in an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonKind {
    /// The lookup: what the zone has for the name and type.
    Lookup,
    /// A group: how many of its candidates are healthy.
    Group,
    /// A record set that was chosen: by which rule.
    Chosen,
    /// A record set that was not chosen.
    NotChosen,
    /// The health of a record set (`health_reason`).
    Health,
    /// A health check: where its status comes from.
    Check,
    /// An AWS resource that an alias leads to.
    AliasTarget,
    /// Something to know beside the steps.
    Note,
}

impl ReasonKind {
    /// All kinds, in the order of the register.
    pub const ALL: [Self; 8] = [
        Self::Lookup,
        Self::Group,
        Self::Chosen,
        Self::NotChosen,
        Self::Health,
        Self::Check,
        Self::AliasTarget,
        Self::Note,
    ];

    /// What the reasons of this kind are about, as a heading.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "the lookup",
            Self::Group => "a group",
            Self::Chosen => "a record set that was chosen",
            Self::NotChosen => "a record set that was not chosen",
            Self::Health => "the health of a record set",
            Self::Check => "a health check",
            Self::AliasTarget => "an alias target",
            Self::Note => "a note",
        }
    }
}

macro_rules! reasons {
    ($($variant:ident, $code:literal, $kind:ident, [$($parameter:literal),*], $meaning:literal;)*) => {
        /// The code of a reason: stable, and listed in docs/explanations.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ReasonCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl ReasonCode {
            /// Every code, in the order of the register.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as JSON has it, such as `lowest-latency`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Where reasons of this code stand.
            #[must_use]
            pub const fn kind(self) -> ReasonKind {
                match self { $(Self::$variant => ReasonKind::$kind,)* }
            }

            /// The names of the parameters that a reason of this code can have.
            #[must_use]
            pub const fn parameters(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($parameter),*],)* }
            }

            /// What the code means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

reasons! {
    NameFound, "name-found", Lookup, [], "The zone has the name and the type, or a CNAME that stands in for it.";
    WildcardFound, "wildcard-found", Lookup, ["wildcard"], "The zone does not have the name; a wildcard matches it.";
    TypeNotFound, "type-not-found", Lookup, ["blocked_wildcard"], "The zone has the name, but no record set of the type.";
    WildcardTypeNotFound, "wildcard-type-not-found", Lookup, ["wildcard"], "The zone does not have the name; a wildcard matches it, but has no record set of the type.";
    NoRecordSetsAtName, "no-record-sets-at-name", Lookup, ["blocked_wildcard"], "The zone has no record sets at the name, only below it.";
    NameNotFound, "name-not-found", Lookup, ["closest_encloser", "blocked_wildcard"], "The zone has neither the name nor anything below it, and no wildcard matches.";
    Delegated, "delegated", Lookup, ["name"], "The name lies at or below a delegation.";
    OutsideZone, "outside-zone", Lookup, [], "The name lies outside the zone.";

    HealthyCandidates, "healthy-candidates", Group, [], "At least one candidate is healthy.";
    NoHealthyCandidate, "no-healthy-candidate", Group, [], "There are candidates, and none of them is healthy.";
    Quarantined, "group-quarantined", Group, ["finding"], "The record sets of the group cannot be evaluated, for the reason that the finding gives; what they would answer is SERVFAIL.";
    NoCandidate, "no-candidate", Group, [], "No record set of the group applies to this client.";

    OnlyRecordSet, "only-record-set", Chosen, [], "The group has one record set, which is chosen whatever its health.";
    PrimaryHealthy, "primary-healthy", Chosen, ["rank", "runner_up"], "The primary is healthy.";
    PrimaryUnhealthy, "primary-unhealthy", Chosen, ["rank", "runner_up"], "The primary is unhealthy and the secondary is healthy.";
    NoPrimary, "no-primary", Chosen, ["rank", "runner_up"], "The group has no primary.";
    PrimaryAsLastResort, "primary-as-last-resort", Chosen, ["rank", "runner_up"], "Neither primary nor secondary is healthy; the primary is returned.";
    OnlyOneInPool, "only-one-in-pool", Chosen, ["weight", "rank", "pool", "runner_up"], "No other record set can be chosen.";
    DrawnByWeight, "drawn-by-weight", Chosen, ["weight", "total_weight", "level", "pool"], "The draw chose it among those that can be chosen, in proportion to weights.";
    DrawnEqually, "drawn-equally", Chosen, ["weight", "members", "level", "pool"], "The draw chose it among record sets of weight 0, each equally likely.";
    LowestLatency, "lowest-latency", Chosen, ["latency_ms", "rank", "pool", "runner_up"], "It has the lowest latency from the client of those that can be chosen.";
    NearestRegion, "nearest-region", Chosen, ["distance_km", "rank", "pool", "runner_up"], "Private zone: its Region is the VPC's own, or the nearest to it of those that can be chosen.";
    ChinaRule, "china-rule", Chosen, ["latency_ms", "distance_km", "rank", "pool", "runner_up"], "Clients in China get cn-north-1 while it can be chosen.";
    FirstRegionCode, "first-region-code", Chosen, ["rank", "pool", "runner_up"], "No latency is known to any Region that can be chosen; the first Region code in byte order is taken.";
    SmallestPlace, "smallest-place", Chosen, ["place", "rank", "pool", "runner_up"], "It serves the smallest place that contains the client, of those that can be chosen.";
    NearestPlace, "nearest-place", Chosen, ["distance_km", "biased_km", "rank", "pool", "runner_up"], "It is nearest after bias, of those that can be chosen.";
    FirstSetIdentifier, "first-set-identifier", Chosen, ["rank", "pool", "runner_up"], "The client's position is unknown; the first SetIdentifier in byte order is taken.";
    LongestBlock, "longest-block", Chosen, ["block", "network", "rank", "pool", "runner_up"], "Its CIDR block is the longest that contains the client, of those that can be chosen.";
    NoBlockContainsClient, "no-block-contains-client", Chosen, ["network", "rank", "pool", "runner_up"], "The default: no CIDR block contains the client.";
    ClientNetworkUnknown, "client-network-unknown", Chosen, ["rank", "pool", "runner_up"], "The default: the client's network is unknown.";
    NoHealthyBlockContainsClient, "no-healthy-block-contains-client", Chosen, ["network", "rank", "pool", "runner_up"], "The default: every record set whose CIDR block contains the client is unhealthy.";
    AllReturned, "all-returned", Chosen, ["members", "pool"], "All record sets that can be chosen are returned together.";
    DrawnTogether, "drawn-together", Chosen, ["members", "level", "pool"], "More record sets can be chosen than an answer holds; the draw chose it among them.";

    Unhealthy, "unhealthy", NotChosen, ["weight", "latency_ms", "distance_km", "biased_km", "block", "network", "place", "rank"], "It is unhealthy, and others are not, or its group was looked at for its health alone.";
    NotDrawn, "not-drawn", NotChosen, ["weight", "level"], "The draw chose another.";
    ZeroWeight, "zero-weight", NotChosen, ["weight"], "Its weight is 0, and record sets with a weight above 0 can be chosen.";
    SecondaryStandsBy, "secondary-stands-by", NotChosen, ["rank"], "The primary comes first.";
    HigherLatency, "higher-latency", NotChosen, ["latency_ms", "rank"], "Its latency from the client is higher.";
    FartherRegion, "farther-region", NotChosen, ["distance_km", "rank"], "Private zone: its Region is farther from the VPC's.";
    LatencyUnknown, "latency-unknown", NotChosen, ["rank"], "The latency to its Region is unknown, which ranks last.";
    LaterRegionCode, "later-region-code", NotChosen, ["rank"], "No latency is known, and its Region code stands later in byte order.";
    TieLaterRegionCode, "tie-later-region-code", NotChosen, ["latency_ms", "distance_km", "rank"], "Its Region is as near as the chosen one, and its code stands later in byte order.";
    ChinaPrefersBeijing, "china-prefers-cn-north-1", NotChosen, ["latency_ms", "distance_km", "rank"], "Clients in China get cn-north-1.";
    WiderPlace, "wider-place", NotChosen, ["place", "rank"], "The chosen one serves a smaller place that contains the client.";
    FartherPlace, "farther-place", NotChosen, ["distance_km", "biased_km", "rank"], "It is farther after bias.";
    TieLaterSetIdentifier, "tie-later-set-identifier", NotChosen, ["distance_km", "biased_km", "rank"], "It is equally far after bias, and its SetIdentifier stands later in byte order.";
    LaterSetIdentifier, "later-set-identifier", NotChosen, ["rank"], "The client's position is unknown, and its SetIdentifier stands later in byte order.";
    ShorterBlock, "shorter-block", NotChosen, ["block", "network", "rank"], "The chosen one has a longer CIDR block that contains the client.";
    DefaultStandsBy, "default-stands-by", NotChosen, ["network", "rank"], "It is the default, and a CIDR block of the chosen one contains the client.";
    NotAmongDrawn, "not-among-drawn", NotChosen, ["level"], "More record sets can be chosen than an answer holds; the draw left it out.";
    PlaceElsewhere, "place-elsewhere", NotChosen, [], "The client is not in its place, as far as is known.";
    LocationElsewhere, "location-elsewhere", NotChosen, [], "No CIDR block of its location contains the client.";

    NoHealthCheck, "no-health-check", Health, [], "Healthy: it has no health check.";
    NotEvaluated, "not-evaluated", Health, ["finding"], "Healthy, because nothing says otherwise: the record set cannot be evaluated.";
    CheckHealthy, "check-healthy", Health, ["check"], "Healthy: its health check is.";
    CheckUnhealthy, "check-unhealthy", Health, ["check", "target", "target_health"], "Unhealthy: its health check is.";
    TargetHealthy, "target-healthy", Health, ["target"], "Healthy: it has no health check, and its alias target is healthy.";
    TargetUnhealthy, "target-unhealthy", Health, ["target"], "Unhealthy: it has no health check, and its alias target is unhealthy.";
    TargetNotEvaluated, "target-not-evaluated", Health, ["target", "check"], "Healthy: EvaluateTargetHealth is false, so its target's health does not count, and its own check, if it has one, is healthy.";
    CheckAndTargetHealthy, "check-and-target-healthy", Health, ["check", "target"], "Healthy: its health check and its alias target are.";
    CheckHealthyTargetUnhealthy, "check-healthy-target-unhealthy", Health, ["check", "target"], "Unhealthy: its health check is healthy, and its alias target is unhealthy.";
    TakenDown, "taken-down", Health, [], "Unhealthy: it was taken down by request.";

    ReportedHealthy, "reported-healthy", Check, ["inverted", "successes", "checkers", "reports"], "It is reported healthy.";
    ReportedUnhealthy, "reported-unhealthy", Check, ["inverted", "successes", "checkers", "reports"], "It is reported unhealthy.";
    NoData, "no-data", Check, ["inverted"], "Nothing is reported, which counts as healthy.";
    InsufficientData, "insufficient-data", Check, ["inverted", "insufficient_data_health_status", "last_known"], "The CloudWatch alarm has insufficient data; the check's setting says what that counts as.";
    EnoughChildrenHealthy, "enough-children-healthy", Check, ["inverted", "healthy", "children", "threshold"], "As many of its children are healthy as it needs.";
    TooFewChildrenHealthy, "too-few-children-healthy", Check, ["inverted", "healthy", "children", "threshold"], "Fewer of its children are healthy than it needs.";
    Disabled, "disabled", Check, ["inverted"], "It is disabled, which counts as healthy.";

    ResourceHealthy, "resource-healthy", AliasTarget, [], "Nothing reports the resource unhealthy.";
    ResourceUnhealthy, "resource-unhealthy", AliasTarget, [], "The resource is reported unhealthy.";
    ResourceNotEvaluated, "resource-not-evaluated", AliasTarget, [], "EvaluateTargetHealth is false, so the resource's health does not count.";
    AddressesKnown, "addresses-known", AliasTarget, [], "The answer is the resource's addresses as the AliasTargets document lists them.";
    AddressesUnknown, "addresses-unknown", AliasTarget, [], "The answer is the resource's addresses, which no AliasTargets document lists.";
    NoAddressOfType, "no-address-of-type", AliasTarget, ["type"], "The AliasTargets document lists no address of the type for the resource.";

    FailOpen, "fail-open", Note, ["candidates", "pool_size"], "No candidate is healthy, so unhealthy ones count as healthy.";
    UndeterminedLatency, "undetermined-latency", Note, ["possible"], "No latency is known to any Region that can be chosen, so that Route 53 may choose any of these.";
    UndeterminedPosition, "undetermined-position", Note, ["possible"], "The client's position is unknown, so that Route 53 may choose any of these.";
    CloseDistance, "close-distance", Note, ["set_identifier"], "Another record set is less than 2 % farther; AWS's own positions are not published and may decide otherwise.";
    TargetWithoutRecordSets, "target-without-record-sets", Note, [], "The alias leads to a name that has no record set of the type, so there is no data.";
    LeftOut, "left-out", Note, ["count"], "Further steps are left out.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn every_code_is_there_once_and_says_what_it_means() {
        let codes: BTreeSet<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ReasonCode::ALL.len());
        for code in ReasonCode::ALL {
            assert!(code.meaning().ends_with('.') && code.meaning().len() > 10, "{code:?}");
            assert!(
                code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{code:?}"
            );
        }
    }
}
