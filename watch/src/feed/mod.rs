//! The feed: what is known, over HTTP, for hosts, dashboards and people.

mod access;
mod answer;
mod changes;
mod decoded;
mod fleet;
mod guard;
mod patience;
mod routes;
mod server;
mod slots;
mod stream;
mod tls;

pub use self::access::Access;
pub(crate) use self::server::serve;
pub use self::server::url;
pub use self::tls::{TlsError, TlsFiles};
