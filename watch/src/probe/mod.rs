//! One try of one endpoint, as a Route 53 checker does it (semantics 6.2).

use std::net::IpAddr;
use std::time::Duration;

/// How to try an endpoint, and what counts as success (6.1, 6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is spoken.
    pub protocol: Protocol,
    /// The address to connect to; without it [`host`](Self::host) is resolved, to IPv4 only (6.1.3).
    pub address: Option<IpAddr>,
    /// The name to resolve, to send as Host, and with SNI in the TLS handshake.
    pub host: Option<String>,
    /// The port.
    pub port: u16,
    /// The path to ask for, with a leading slash; not used by TCP.
    pub path: String,
    /// What the first 5,120 bytes of the body must hold (6.2).
    pub search: Option<String>,
}

/// What is spoken to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A connection is enough.
    Tcp,
    /// HTTP/1.1.
    Http,
    /// HTTP/1.1 over TLS.
    Https {
        /// Whether the name is sent in the handshake.
        sni: bool,
        /// Whether the certificate must be valid; Route 53 does not look at it.
        verify: bool,
    },
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the endpoint counts as healthy by it.
    pub success: bool,
    /// In words: `HTTP 503 in 41 ms`, `connection refused`.
    pub reason: String,
    /// How long it took.
    pub took: Duration,
    /// The parts of a deep health document, where the body was one: name and status, in document order.
    pub parts: Vec<(String, String)>,
}
