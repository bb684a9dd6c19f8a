//! One try of one endpoint, as a Route 53 checker does it (semantics 6.2).
//!
//! A try ends: every wait has a time-out, every buffer a limit, and the connection is closed behind it. Whatever the
//! endpoint does is a result with a reason in words, never an error of ours.

mod body;
mod deep;
mod http;
mod names;
mod tls;
mod words;

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use self::http::End;
use self::names::Names;
use self::tls::Tls;

/// What of a body counts (6.2), after unpacking.
const BODY_LIMIT: usize = 5120;
/// The longest head of an answer.
const HEAD_LIMIT: usize = 16_384;
/// What the kernel may hold of what an endpoint sends: a flood costs no more than this.
const RECEIVE_BUFFER: u32 = 32_768;
/// How long a farewell in TLS may take.
const FAREWELL: Duration = Duration::from_millis(50);

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
    /// assert_eq!(Timeouts::default().scaled(0.1).connect_http, Duration::from_millis(400));
    /// assert_eq!(Timeouts::default().scaled(-1.0), Timeouts::default());
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

/// Why there is no prober. What goes wrong with an endpoint is an [`Outcome`] instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProberError {
    message: String,
}

impl fmt::Display for ProberError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for ProberError {}

/// Tries endpoints; holds what tries share, and remembers of them nothing but names' addresses, for their TTL.
///
/// ```
/// use pointsman_watch::probe::{Prober, Protocol, Target, Timeouts};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let port = listener.local_addr()?.port();
/// let prober = Prober::new()?;
/// let target = Target {
///     protocol: Protocol::Tcp,
///     address: Some([127, 0, 0, 1].into()),
///     host: None,
///     port,
///     path: String::new(),
///     search: None,
/// };
/// let outcome = runtime.block_on(prober.probe(&target, &Timeouts::default()));
/// assert!(outcome.success);
/// println!("{}", outcome.reason); // connected in 1 ms
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Prober {
    names: Names,
    tls: Tls,
}

impl fmt::Debug for Prober {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prober").finish_non_exhaustive()
    }
}

impl Prober {
    /// Names are resolved as this machine is configured. Where it is not, endpoints by name fail and say so.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, ProberError> {
        Self::with_names(Names::of_system())
    }

    /// Names are resolved by these name servers, over UDP, and over TCP where an answer is long.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up.
    pub fn with_name_servers(servers: &[SocketAddr]) -> Result<Self, ProberError> {
        Self::with_names(Names::of(servers))
    }

    /// Trusts these certificate authorities besides those of this machine, where a certificate must be valid.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up.
    pub fn trusting(self, authorities: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Self, ProberError> {
        Ok(Self { tls: tls(authorities.into_iter().collect())?, ..self })
    }

    /// Tries an endpoint once. Takes no longer than the time-outs together, and little memory whatever is sent.
    pub async fn probe(&self, target: &Target, timeouts: &Timeouts) -> Outcome {
        let begun = Instant::now();
        let tried = match target.protocol {
            Protocol::Tcp => self.tcp(target, timeouts, begun).await,
            Protocol::Http => self.http(target, timeouts, begun).await,
            Protocol::Https { sni, verify } => self.https(target, timeouts, begun, sni, verify).await,
        };
        let mut outcome = tried.unwrap_or_else(|reason| Outcome::new(false, reason, begun.elapsed()));
        outcome.reason = words::tidy(&outcome.reason);
        outcome
    }

    fn with_names(names: Names) -> Result<Self, ProberError> {
        Ok(Self { names, tls: tls(Vec::new())? })
    }

    async fn tcp(&self, target: &Target, timeouts: &Timeouts, begun: Instant) -> Result<Outcome, String> {
        let (_stream, _) = self.connect(target, begun, timeouts.connect_tcp).await?;
        let took = begun.elapsed();
        Ok(Outcome::new(true, format!("connected in {}", words::measured(took)), took))
    }

    async fn http(&self, target: &Target, timeouts: &Timeouts, begun: Instant) -> Result<Outcome, String> {
        let (mut stream, address) = self.connect(target, begun, timeouts.connect_http).await?;
        converse(&mut stream, target, address, timeouts, begun).await
    }

    async fn https(
        &self,
        target: &Target,
        timeouts: &Timeouts,
        begun: Instant,
        sni: bool,
        verify: bool,
    ) -> Result<Outcome, String> {
        let limit = timeouts.connect_http;
        let (stream, address) = self.connect(target, begun, limit).await?;
        let host = target.host.as_deref().map(|host| host.trim_end_matches('.'));
        let handshake = self.tls.connect(stream, host, address, sni, verify);
        let mut stream = timeout_at(begun + limit, handshake)
            .await
            .unwrap_or_else(|_| Err(format!("no TLS handshake within {}", words::span(limit))))?;
        let outcome = converse(&mut stream, target, address, timeouts, begun).await;
        // A courtesy, which may fail.
        let _ = timeout(FAREWELL, stream.shutdown()).await;
        outcome
    }

    /// Connects until `limit` after `begun`, name resolution included.
    async fn connect(&self, target: &Target, begun: Instant, limit: Duration) -> Result<(TcpStream, IpAddr), String> {
        let deadline = begun + limit;
        let address = match (target.address, &target.host) {
            (Some(address), _) => address,
            (None, Some(host)) => timeout_at(deadline, self.names.address(host))
                .await
                .unwrap_or_else(|_| Err(format!("name server did not answer in {}", words::span(limit))))?,
            (None, None) => return Err("neither an address nor a name to connect to".to_owned()),
        };
        let stream = timeout_at(deadline, dial(SocketAddr::new(address, target.port)))
            .await
            .map_err(|_| format!("no connection within {}", words::span(limit)))?
            .map_err(|error| words::io(&error))?;
        Ok((stream, address))
    }
}

impl Outcome {
    fn new(success: bool, reason: String, took: Duration) -> Self {
        Self { success, reason, took, parts: Vec::new() }
    }
}

fn tls(extra: Vec<CertificateDer<'static>>) -> Result<Tls, ProberError> {
    Tls::new(extra).map_err(|error| ProberError { message: format!("TLS cannot be set up: {error}") })
}

async fn dial(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// Asks over a connection, and judges the answer.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &Target,
    address: IpAddr,
    timeouts: &Timeouts,
    begun: Instant,
) -> Result<Outcome, String> {
    let head = http::ask(stream, &http::request(target, address), timeouts.response).await?;
    let status = head.status;
    let answered = begun.elapsed();
    let mut outcome =
        Outcome::new((200..400).contains(&status), format!("HTTP {status} in {}", words::measured(answered)), answered);
    let search = target.search.as_deref().filter(|_| outcome.success);

    // The string, if one is searched; and beyond it, a document of parts that began is read to its end.
    let mut found = search.filter(|string| string.is_empty()).map(|_| answered);
    let mut looked_at = 0_usize;
    let (body, end) = http::body(stream, head, timeouts.body, |bytes| {
        if let Some(string) = search.filter(|_| found.is_none()) {
            let fresh = bytes.get(looked_at.saturating_sub(string.len())..).unwrap_or_default();
            found = contains(fresh, string.as_bytes()).then(|| begun.elapsed());
            looked_at = bytes.len();
        }
        (search.is_none() || found.is_some()) && (!deep::may_be(bytes) || deep::is_whole(bytes))
    })
    .await;
    outcome.parts = deep::parts(body.bytes()).unwrap_or_default();

    let Some(string) = search else { return Ok(outcome) };
    let string = words::quoted(string.as_bytes());
    outcome.success = found.is_some();
    outcome.took = found.unwrap_or_else(|| begun.elapsed());
    outcome.reason.push_str(&match (found, end) {
        (Some(_), _) => format!(", {string} found"),
        (None, End::Done) => format!(", but {string} is not in the first 5,120 bytes"),
        (None, End::Late) => format!(", but no {string} within {}", words::span(timeouts.body)),
        (None, End::Broken(how)) => format!(", but {how}"),
    });
    Ok(outcome)
}

fn contains(bytes: &[u8], string: &[u8]) -> bool {
    string.is_empty() || bytes.windows(string.len()).any(|window| window == string)
}
