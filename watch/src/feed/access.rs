//! Who may do what.

use std::time::Duration;

use crate::keeper::Keeper;

/// Who may do what.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// What a client has to know to change anything; without it nothing can be changed.
    pub token: Option<String>,
    /// What a client has to know to read; without it everybody may. The token for changes is as good.
    pub read_token: Option<String>,
    /// Names and addresses by which clients call this feed, besides the address they connect to and `localhost`.
    pub hosts: Vec<String>,
    /// Between signs of life on a stream.
    pub alive: Duration,
    /// Factor on intervals and time-outs, for the status to show.
    pub scale: f64,
    /// Who writes down what was acknowledged.
    pub(crate) keeper: Option<Keeper>,
}
