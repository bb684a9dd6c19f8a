//! What a text does not say itself.

use crate::traffic_policy::Instance;

/// What the texts of a zone do not say themselves, given by whoever reads them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The zone that is meant: its name, its id, or how the format itself refers to it, such as a Terraform address.
    pub zone: Option<&'a str>,
    /// Values of a template's parameters.
    pub parameters: &'a [(String, String)],
    /// The name that a traffic policy's instance is created for.
    pub name: Option<&'a str>,
    /// The TTL in seconds of a traffic policy's instance.
    pub ttl: Option<u32>,
    /// What [`instances`](crate::instances) found among all texts of the zone: the names that traffic policies are used for,
    /// where [`name`](Self::name) does not say one.
    pub instances: &'a [Instance],
}
