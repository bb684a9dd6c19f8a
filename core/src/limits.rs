//! Every limit in one place, with its unit and its source.
//!
//! *Model* limits are ranges of the Route 53 API model: a value outside cannot be stored. *Quota* limits are
//! account quotas, which AWS raises on request, so passing one is a warning.

/// Bytes of a domain name on the wire without the root label: 255 less the final zero octet (RFC 1035 2.3.4; 1.1.1).
pub const NAME_BYTES_MAX: usize = 254;
/// Bytes of one label (RFC 1035 2.3.4; 1.1.1).
pub const LABEL_BYTES_MAX: usize = 63;
/// Characters of a name as the API receives it, escapes counted (1.1.1).
pub const NAME_CHARACTERS_MAX: usize = 1024;
/// Characters of a SetIdentifier (1.3.2).
pub const SET_IDENTIFIER_CHARACTERS_MAX: usize = 128;
/// Largest TTL in seconds (1.5.1).
pub const TTL_SECONDS_MAX: i64 = 2_147_483_647;
/// Values of one record set (1.5.1).
pub const VALUES_MAX: usize = 400;
/// Characters of one value (1.5.1).
pub const VALUE_CHARACTERS_MAX: usize = 4000;
/// Largest Weight (1.7).
pub const WEIGHT_MAX: i64 = 255;
/// Largest Bias; the smallest is its negative (1.7).
pub const BIAS_MAX: i64 = 99;
/// Characters of AliasTarget.HostedZoneId (1.6.1).
pub const HOSTED_ZONE_ID_CHARACTERS_MAX: usize = 32;
/// Characters of a HealthCheckId (1.7).
pub const HEALTH_CHECK_ID_CHARACTERS_MAX: usize = 64;
/// Characters of a CIDR location name (1.7).
pub const CIDR_LOCATION_CHARACTERS_MAX: usize = 16;
/// Longest prefix of an IPv4 CIDR block, in bits (1.7).
pub const CIDR_IPV4_PREFIX_MAX: u8 = 24;
/// Longest prefix of an IPv6 CIDR block, in bits (1.7).
pub const CIDR_IPV6_PREFIX_MAX: u8 = 48;
/// Blocks of one CIDR collection (quota, 1.7).
pub const CIDR_BLOCKS_QUOTA: usize = 1000;
/// CIDR collections of one account (quota, 1.7).
pub const CIDR_COLLECTIONS_QUOTA: usize = 5;
/// Members of a weighted, latency, geolocation, multivalue or IP-based group (1.7).
pub const GROUP_MEMBERS_MAX: usize = 100;
/// Members of a geoproximity group (1.7).
pub const GEOPROXIMITY_MEMBERS_MAX: usize = 30;
/// Record sets of one hosted zone (quota, 1.7).
pub const RECORDS_QUOTA: usize = 10_000;
/// Health checks of one account (quota, 6.1.4).
pub const HEALTH_CHECKS_QUOTA: usize = 200;
/// Groups in an alias chain before it is deeper than documented (1.6.8, 10.23).
pub const ALIAS_GROUPS_DOCUMENTED: usize = 3;
/// Largest HealthThreshold (6.3.1).
pub const HEALTH_THRESHOLD_MAX: i64 = 256;
/// Children of a calculated health check by quota; the schema's limit is one more (6.3.3, 10.26).
pub const CHILD_HEALTH_CHECKS_QUOTA: usize = 255;
/// Largest FailureThreshold (6.1.2).
pub const FAILURE_THRESHOLD_MAX: i64 = 10;
/// FailureThreshold when a check names none (6.1.2).
pub const FAILURE_THRESHOLD_DEFAULT: u8 = 3;
/// RequestInterval in seconds when a check names none (6.1.2).
pub const REQUEST_INTERVAL_SECONDS_DEFAULT: u8 = 30;
/// Characters of ResourcePath, SearchString and FullyQualifiedDomainName (6.1.2).
pub const HEALTH_CHECK_TEXT_CHARACTERS_MAX: usize = 255;
/// Fewest checker Regions of a health check (6.1.2).
pub const CHECKER_REGIONS_MIN: usize = 3;
/// Changes' resource records in one request, an UPSERT counted twice (1.7).
pub const BATCH_RESOURCE_RECORDS_MAX: usize = 1000;
/// Characters of all values in one request, an UPSERT counted twice (1.7).
pub const BATCH_VALUE_CHARACTERS_MAX: usize = 32_000;
/// Members in a multivalue answer (4.8.1).
pub const MULTIVALUE_ANSWER_MAX: usize = 8;
/// Distinct outcomes that `odds` lists (10.40).
pub const ODDS_OUTCOMES_MAX: usize = 100_000;
/// SOA minimum that negative caching assumes when the zone has no SOA record, in seconds (2.6).
pub const SOA_MINIMUM_DEFAULT: u32 = 86_400;
/// SOA TTL that negative caching assumes when the zone has no SOA record, in seconds (2.6).
pub const SOA_TTL_DEFAULT: u32 = 900;
