//! What is given beside the documents.

/// What the documents do not say themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The zone's name, for a zone whose documents have neither HostedZone nor an apex SOA or NS record.
    pub zone_name: Option<&'a str>,
}
