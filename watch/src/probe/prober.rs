//! One try of one endpoint, as a Route 53 checker makes it (semantics 6.2).

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::deep;
use super::http::{self, End, deadline};
use super::names::Names;
use super::obstacle::Obstacle;
use super::stalls::Stalls;
use super::target::{Outcome, Protocol, Target, Timeouts, Verdict};
use super::tls::Tls;
use super::words;
use crate::networks::Networks;

/// What the kernel may hold of what an endpoint sends: a flood costs no more than this.
const RECEIVE_BUFFER: u32 = 32_768;
/// How long a farewell in TLS may take.
const FAREWELL: Duration = Duration::from_millis(50);

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
/// assert!(outcome.is_success());
/// println!("{}", outcome.reason); // connected in 1 ms
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Prober {
    names: Names,
    tls: Tls,
    networks: Networks,
    stalls: Stalls,
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

    /// Connects only where these networks allow it. A target elsewhere is not tried, and its outcome says so.
    #[must_use]
    pub fn within(self, networks: Networks) -> Self {
        Self { networks, ..self }
    }

    /// How late this process was itself. [`Stalls::beat`] has to run beside the tries, on the same thread; without it only
    /// time-outs that were noticed late are excused.
    #[must_use]
    pub fn stalls(&self) -> Stalls {
        self.stalls.clone()
    }

    /// Tries an endpoint once. Takes no longer than the time-outs together, and little memory whatever is sent.
    pub async fn probe(&self, target: &Target, timeouts: &Timeouts) -> Outcome {
        let (begun, stalled) = (Instant::now(), self.stalls.total_ms());
        let tried = match target.protocol {
            Protocol::Tcp => self.tcp(target, timeouts, begun).await,
            Protocol::Http => self.http(target, timeouts, begun).await,
            Protocol::Https { sni, verify } => self.https(target, timeouts, begun, sni, verify).await,
        };
        let mut outcome = match tried {
            Ok(outcome) => outcome,
            Err(Obstacle::Endpoint(reason)) => Outcome::new(false, reason, begun.elapsed()),
            Err(Obstacle::Ours(reason)) => not_tried(reason, begun),
            Err(Obstacle::Slow(reason)) => {
                let elapsed = begun.elapsed();
                // The beat may be due in this very turn of the thread.
                tokio::task::yield_now().await;
                let late_ms = self.stalls.total_ms().saturating_sub(stalled);
                match was_late(target, timeouts, elapsed, Duration::from_millis(late_ms)) {
                    Some(late) => not_tried(format!("this machine was {} late: {reason}", words::span(late)), begun),
                    None => Outcome::new(false, reason, elapsed),
                }
            }
        };
        outcome.reason = words::tidy(&outcome.reason);
        outcome
    }

    fn with_names(names: Names) -> Result<Self, ProberError> {
        Ok(Self { names, tls: tls(Vec::new())?, networks: Networks::default(), stalls: Stalls::default() })
    }

    async fn tcp(&self, target: &Target, timeouts: &Timeouts, begun: Instant) -> Result<Outcome, Obstacle> {
        let (_stream, _) = self.connect(target, begun, timeouts.connect_tcp).await?;
        let took = begun.elapsed();
        Ok(Outcome::new(true, format!("connected in {}", words::measured(took)), took))
    }

    async fn http(&self, target: &Target, timeouts: &Timeouts, begun: Instant) -> Result<Outcome, Obstacle> {
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
    ) -> Result<Outcome, Obstacle> {
        let limit = timeouts.connect_http;
        let (stream, address) = self.connect(target, begun, limit).await?;
        let host = target.host.as_deref().map(|host| host.trim_end_matches('.'));
        let handshake = self.tls.connect(stream, host, address, sni, verify);
        let mut stream = timeout_at(deadline(begun, limit), handshake)
            .await
            .unwrap_or_else(|_| Err(format!("no TLS handshake within {}", words::span(limit))))?;
        let outcome = converse(&mut stream, target, address, timeouts, begun).await;
        // A courtesy, which may fail.
        let _ = timeout(FAREWELL, stream.shutdown()).await;
        outcome
    }

    /// Connects until `limit` after `begun`, name resolution included.
    async fn connect(&self, target: &Target, begun: Instant, limit: Duration) -> Result<(TcpStream, IpAddr), Obstacle> {
        let deadline = deadline(begun, limit);
        let address = match (target.address, &target.host) {
            (Some(address), _) => address,
            // Whoever does not answer here is this machine's resolver.
            (None, Some(host)) => timeout_at(deadline, self.names.address(host)).await.unwrap_or_else(|_| {
                Err(Obstacle::Ours(format!("name server did not answer in {}", words::span(limit))))
            })?,
            (None, None) => return Err(Obstacle::Endpoint("neither an address nor a name to connect to".to_owned())),
        };
        if let Err(network) = self.networks.allows(address) {
            return Err(Obstacle::Ours(format!("{address} is denied as part of {network} (--allow, --deny)")));
        }
        let stream = timeout_at(deadline, dial(SocketAddr::new(address, target.port)))
            .await
            .map_err(|_| format!("no connection within {}", words::span(limit)))??;
        Ok((stream, address))
    }
}

/// Asks over a connection that is there already, and judges the answer as [`Prober::probe`] does. Whatever takes too long
/// is the endpoint's fault.
pub async fn judge<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &Target,
    address: IpAddr,
    timeouts: &Timeouts,
) -> Outcome {
    let begun = Instant::now();
    let mut outcome = match converse(stream, target, address, timeouts, begun).await {
        Ok(outcome) => outcome,
        Err(Obstacle::Endpoint(reason) | Obstacle::Slow(reason)) => Outcome::new(false, reason, begun.elapsed()),
        Err(Obstacle::Ours(reason)) => not_tried(reason, begun),
    };
    outcome.reason = words::tidy(&outcome.reason);
    outcome
}

fn not_tried(reason: String, begun: Instant) -> Outcome {
    Outcome { verdict: Verdict::NotTried, reason, took: begun.elapsed(), parts: Vec::new() }
}

/// How late this process was, where that is a quarter of what the endpoint had for its slowest step or more.
fn was_late(target: &Target, timeouts: &Timeouts, elapsed: Duration, stalled: Duration) -> Option<Duration> {
    let (steps, shortest) = match target.protocol {
        Protocol::Tcp => (timeouts.connect_tcp, timeouts.connect_tcp),
        Protocol::Http | Protocol::Https { .. } => {
            let body = target.search.as_ref().map_or(Duration::ZERO, |_| timeouts.body);
            (timeouts.connect_http + timeouts.response + body, timeouts.connect_http.min(timeouts.response))
        }
    };
    // A try that took longer than all its time-outs was not looked after.
    let late = stalled.max(elapsed.saturating_sub(steps));
    (late >= (shortest / 4).max(Duration::from_millis(50))).then_some(late)
}

fn tls(extra: Vec<CertificateDer<'static>>) -> Result<Tls, ProberError> {
    Tls::new(extra).map_err(|error| ProberError { message: format!("TLS cannot be set up: {error}") })
}

async fn dial(address: SocketAddr) -> Result<TcpStream, Obstacle> {
    let local = |error: std::io::Error| Obstacle::of_socket(&error, true);
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(local)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER).map_err(local)?;
    socket.set_nodelay(true).map_err(local)?;
    let mut connecting = std::pin::pin!(socket.connect(address));
    // What fails in the first turn failed before a packet went out.
    let mut first = true;
    std::future::poll_fn(move |context| {
        let at_once = std::mem::replace(&mut first, false);
        connecting.as_mut().poll(context).map_err(|error| Obstacle::of_socket(&error, at_once))
    })
    .await
}

/// Asks over a connection, and judges the answer.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &Target,
    address: IpAddr,
    timeouts: &Timeouts,
    begun: Instant,
) -> Result<Outcome, Obstacle> {
    let head = http::ask(stream, &http::request(target, address), timeouts.response).await?;
    let status = head.status;
    let answered = begun.elapsed();
    let mut outcome =
        Outcome::new((200..400).contains(&status), format!("HTTP {status} in {}", words::measured(answered)), answered);
    if status == 408 {
        // "Request Timeout": whoever says so waited for us.
        return Err(Obstacle::Slow(outcome.reason));
    }
    let search = target.search.as_deref().filter(|_| outcome.is_success());

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
    outcome.took = found.unwrap_or_else(|| begun.elapsed());
    let (verdict, more) = match (found, end) {
        (Some(_), _) => (Verdict::Success, format!(", {string} found")),
        (None, End::Done) => (Verdict::Failure, format!(", but {string} is not in the first 5,120 bytes")),
        (None, End::Late) => {
            let limit = words::span(timeouts.body);
            return Err(Obstacle::Slow(format!("{}, but no {string} within {limit}", outcome.reason)));
        }
        (None, End::Broken(how)) => return Err(Obstacle::Slow(format!("{}, but {how}", outcome.reason))),
    };
    outcome.verdict = verdict;
    outcome.reason.push_str(&more);
    Ok(outcome)
}

fn contains(bytes: &[u8], string: &[u8]) -> bool {
    string.is_empty() || bytes.windows(string.len()).any(|window| window == string)
}
