//! What is tried and how long it may take, and what came of it (semantics 6.1 and 6.2).

use std::net::IpAddr;
use std::time::Duration;

/// How to try an endpoint, and what counts as success (6.1, 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// What a try says of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts as healthy.
    Success,
    /// It counts as unhealthy.
    Failure,
    /// Nothing: the fault is on this side, such as no free descriptor, no name server, or a machine that was too busy to
    /// send in time.
    NotTried,
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it says of the endpoint.
    pub verdict: Verdict,
    /// In words: `HTTP 503 in 41 ms`, `connection refused`.
    pub reason: String,
    /// How long it took.
    pub took: Duration,
    /// The parts of a deep health document, where the body was one: name and status, in document order.
    pub parts: Vec<(String, String)>,
}

/// How long to wait for what (6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection by TCP, name resolution included.
    pub connect_tcp: Duration,
    /// For a connection by HTTP or HTTPS, name resolution and the TLS handshake included.
    pub connect_http: Duration,
    /// From then on, for a status and the headers.
    pub response: Duration,
    /// From then on, for the string in the body.
    pub body: Duration,
}

impl Default for Timeouts {
    /// Those of Route 53: 10 s, 4 s, 2 s, 2 s.
    fn default() -> Self {
        let [connect_tcp, connect_http, response, body] = [10, 4, 2, 2].map(Duration::from_secs);
        Self { connect_tcp, connect_http, response, body }
    }
}

impl Timeouts {
    /// All of them longer or shorter, for drills and tests. A factor that is no positive number changes nothing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pointsman_watch::probe::Timeouts;
    ///
    /// let [tenth, nonsense] = [0.1, -1.0];
    /// assert_eq!(Timeouts::default().scaled(tenth).connect_http, Duration::from_millis(400));
    /// assert_eq!(Timeouts::default().scaled(nonsense), Timeouts::default());
    /// ```
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let scale = |time: Duration| match Duration::try_from_secs_f64(time.as_secs_f64() * factor) {
            Ok(scaled) if factor > 0.0 => scaled,
            _ => time,
        };
        Self {
            connect_tcp: scale(self.connect_tcp),
            connect_http: scale(self.connect_http),
            response: scale(self.response),
            body: scale(self.body),
        }
    }
}

impl Outcome {
    /// Whether the endpoint counts as healthy by it.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.verdict == Verdict::Success
    }

    pub(super) fn new(success: bool, reason: String, took: Duration) -> Self {
        let verdict = if success { Verdict::Success } else { Verdict::Failure };
        Self { verdict, reason, took, parts: Vec::new() }
    }
}
