//! A watch among others: what all of them know through an engine, which they alone speak to.

mod bytes64;
mod connection;
mod engine;
mod etcd;
mod follow;
mod in_force;
mod member;
mod requests;
mod settings;
mod shared;
mod zones;

pub use connection::{EtcdTls, EtcdUser};
pub(crate) use member::start;
pub(crate) use requests::Hold;
pub use settings::FleetSettings;
pub(crate) use shared::{Fleet, Refused};
pub(crate) use zones::prefetch;
