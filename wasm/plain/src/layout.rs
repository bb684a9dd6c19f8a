//! The flat forms of a query and an answer, byte for byte as the README's tables have them; little-endian.

/// The version of everything that a host sees of this module.
pub(crate) const ABI_VERSION: u32 = 3;

/// Latencies that a query can carry: more than there are Regions.
pub(crate) const LATENCIES_MAX: usize = 64;
/// In place of how many latencies there are: that none is known, whatever the zone's table holds.
pub(crate) const NO_LATENCIES: u8 = u8::MAX;
/// Record sets that an answer's values can come from.
pub(crate) const SOURCES_MAX: usize = 8;

/// A query, written by the host.
#[repr(C, align(8))]
pub(crate) struct Query {
    /// The draw.
    pub(crate) draw: u64,
    /// The DNS number of the type.
    pub(crate) record_type: u16,
    /// Bytes of `name` that count.
    pub(crate) name_length: u8,
    /// How many of `latencies` count.
    pub(crate) latency_count: u8,
    /// 4, 6, or 0 for none: the family of `ip`.
    pub(crate) ip_family: u8,
    /// 4, 6, or 0 for none: the family of `ecs`.
    pub(crate) ecs_family: u8,
    /// The source prefix length of `ecs`.
    pub(crate) ecs_prefix_length: u8,
    /// 1 when latitude and longitude count, else 0.
    pub(crate) has_position: u8,
    /// The address that the query came from; IPv4 in the first four bytes.
    pub(crate) ip: [u8; 16],
    /// The EDNS client subnet.
    pub(crate) ecs: [u8; 16],
    /// ISO 3166-1 alpha-2, or zeros.
    pub(crate) country: [u8; 2],
    /// A continent's code, or zeros.
    pub(crate) continent: [u8; 2],
    /// The country of `subdivision`, or zeros.
    pub(crate) subdivision_country: [u8; 2],
    /// The subdivision, padded with zeros.
    pub(crate) subdivision: [u8; 3],
    /// The VPC's Region as `pointsman_region` numbers it, or 0.
    pub(crate) vpc_region: u8,
    /// Zero.
    pub(crate) reserved: [u8; 6],
    /// Degrees north.
    pub(crate) latitude: f64,
    /// Degrees east.
    pub(crate) longitude: f64,
    /// The name in wire form.
    pub(crate) name: [u8; 256],
    /// Latencies to Regions.
    pub(crate) latencies: [Latency; LATENCIES_MAX],
}

/// How far the client is from a Region.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Latency {
    /// The Region as `pointsman_region` numbers it.
    pub(crate) region: u32,
    /// Zero.
    pub(crate) reserved: u32,
    /// Milliseconds.
    pub(crate) milliseconds: f64,
}

/// An answer, written by the module.
#[repr(C, align(8))]
pub(crate) struct Answer {
    /// The DNS number of the response code.
    pub(crate) rcode: u8,
    /// The flags below.
    pub(crate) flags: u8,
    /// The DNS number of the type of the values.
    pub(crate) record_type: u16,
    /// Seconds; 0 when the flag `HAS_TTL` is not set.
    pub(crate) ttl: u32,
    /// Bits of the client's network that the zone's own data looked at.
    pub(crate) scope_prefix_length: u8,
    /// 0 determined, 1 latency unknown, 2 position unknown.
    pub(crate) undetermined: u8,
    /// 0 nothing, 1 record sets, 2 an AWS resource.
    pub(crate) source_kind: u8,
    /// The policy of the last group on the way, as the README numbers them.
    pub(crate) policy: u8,
    /// How many of `sources` count.
    pub(crate) source_count: u32,
    /// The numbers of the record sets, or of the resource, that the values are of.
    pub(crate) sources: [u32; SOURCES_MAX],
    /// Where the values are, once `pointsman_values` was asked: `value_count` times an address and a length.
    pub(crate) values: u32,
    /// How many values there are.
    pub(crate) value_count: u32,
    /// Where the path is: `path_count` record set numbers.
    pub(crate) path: u32,
    /// How many record sets the path has.
    pub(crate) path_count: u32,
    /// The address of the delegated name or the alias target, in wire form without the root label.
    pub(crate) name: u32,
    /// Its length.
    pub(crate) name_length: u32,
}

pub(crate) const FLAG_FAIL_OPEN: u8 = 1;
pub(crate) const FLAG_HAS_TTL: u8 = 2;
pub(crate) const FLAG_REFERRAL: u8 = 4;
pub(crate) const FLAG_ALIAS_TARGET: u8 = 8;
pub(crate) const FLAG_PLACE: u8 = 16;

pub(crate) const SOURCE_NOTHING: u8 = 0;
pub(crate) const SOURCE_RECORD_SETS: u8 = 1;
pub(crate) const SOURCE_RESOURCE: u8 = 2;

// The sizes that the README gives; a change of one is a change of the ABI.
const _: () = assert!(size_of::<Query>() == 1360 && size_of::<Answer>() == 72);

impl Query {
    pub(crate) const EMPTY: Self = Self {
        draw: 0,
        record_type: 0,
        name_length: 0,
        latency_count: 0,
        ip_family: 0,
        ecs_family: 0,
        ecs_prefix_length: 0,
        has_position: 0,
        ip: [0; 16],
        ecs: [0; 16],
        country: [0; 2],
        continent: [0; 2],
        subdivision_country: [0; 2],
        subdivision: [0; 3],
        vpc_region: 0,
        reserved: [0; 6],
        latitude: 0.0,
        longitude: 0.0,
        name: [0; 256],
        latencies: [Latency { region: 0, reserved: 0, milliseconds: 0.0 }; LATENCIES_MAX],
    };
}

impl Answer {
    pub(crate) const EMPTY: Self = Self {
        rcode: 0,
        flags: 0,
        record_type: 0,
        ttl: 0,
        scope_prefix_length: 0,
        undetermined: 0,
        source_kind: 0,
        policy: 0,
        source_count: 0,
        sources: [0; SOURCES_MAX],
        values: 0,
        value_count: 0,
        path: 0,
        path_count: 0,
        name: 0,
        name_length: 0,
    };
}
