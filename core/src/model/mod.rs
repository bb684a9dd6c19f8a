//! The checked vocabulary: each type holds only what Route 53 could hold, under Route 53's own word for it.

pub mod alias;
pub mod cidr;
pub mod geo;
pub mod health_check;
pub mod latency;
pub mod name;
pub mod record;
pub mod region;
pub mod routing;
pub mod time;
pub(crate) mod word;
pub mod zone;

pub use alias::{AliasTarget, EvaluateTargetHealth};
pub use cidr::{CidrCollection, IpNetwork};
pub use geo::{Continent, Country, Position, Subdivision};
pub use health_check::{HealthCheck, HealthCheckKind};
pub use latency::{Latencies, LatencyTable};
pub use name::{Name, NameBuf, NameError, NameRef};
pub use record::{RecordType, ResourceRecordSet};
pub use region::Region;
pub use routing::{Failover, GeoLocation, RoutingPolicy};
pub use time::Time;
pub use word::UnknownWord;
pub use zone::{HostedZone, Quarantined, QuarantinedTypes};

/// The version of docs/semantics.md that this crate follows: it moves only when some query is answered differently.
pub const SEMANTICS_VERSION: u16 = 1;
