//! Names to addresses: IPv4 only, by the machine's name servers (6.1.3), remembered no longer than their TTL.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};

use super::obstacle::Obstacle;
use super::words;

/// How long one question waits for its answer. A lost packet costs one try, not the whole check.
const TRY: Duration = Duration::from_millis(1500);
/// How often it is asked again; together they outlast the time that an HTTP check has to connect.
const RETRIES: usize = 2;
/// The longest that "no such name" is believed: who makes the name wants to see its check recover.
const LONGEST_NO: Duration = Duration::from_secs(10);
/// How many answers are remembered; there are at most as many names as checks.
const REMEMBERED: u64 = 4096;

/// Resolves names, or says why it cannot.
pub(super) struct Names {
    resolver: Result<TokioResolver, String>,
}

impl Names {
    /// By the machine's own configuration. Without one, each name fails and says so.
    pub(super) fn of_system() -> Self {
        Self::of_configuration(hickory_resolver::system_conf::read_system_conf())
    }

    fn of_configuration(read: Result<(ResolverConfig, ResolverOpts), NetError>) -> Self {
        Self { resolver: read.map_err(|error| unusable(&error)).and_then(|(config, options)| build(config, options)) }
    }

    /// By these name servers alone.
    pub(super) fn of(servers: &[SocketAddr]) -> Self {
        if servers.is_empty() {
            return Self { resolver: Err("no name server is configured".to_owned()) };
        }
        let servers = servers.iter().map(|server| {
            let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
            (udp.port, tcp.port) = (server.port(), server.port());
            let mut config = NameServerConfig::udp(server.ip());
            config.connections = vec![udp, tcp];
            config
        });
        Self { resolver: build(ResolverConfig::from_name_servers(servers.collect()), ResolverOpts::default()) }
    }

    /// The address of `host`, or why there is none.
    pub(super) async fn address(&self, host: &str) -> Result<IpAddr, Obstacle> {
        if let Ok(address) = host.parse() {
            return Ok(address);
        }
        let resolver = self.resolver.as_ref().map_err(|reason| Obstacle::Ours(reason.clone()))?;
        // Plain names as they are, underscores and all; others by the rules of IDNA.
        let read = if host.is_ascii() { Name::from_ascii(host) } else { Name::from_utf8(host) };
        let mut name =
            read.map_err(|_| Obstacle::Endpoint(format!("{} is no name", words::quoted(host.as_bytes()))))?;
        // It is complete as it stands: no search list.
        name.set_fqdn(true);
        let begun = Instant::now();
        let answer = resolver.ipv4_lookup(name).await.map_err(|error| failure(host, &error, begun.elapsed()))?;
        answer
            .answers()
            .iter()
            .find_map(|record| match record.data {
                RData::A(address) => Some(IpAddr::V4(Ipv4Addr::from(address))),
                _ => None,
            })
            .ok_or_else(|| Obstacle::Endpoint(no_record(host)))
    }
}

fn build(config: ResolverConfig, options: ResolverOpts) -> Result<TokioResolver, String> {
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let chosen = builder.options_mut();
    *chosen = options;
    chosen.timeout = TRY;
    chosen.attempts = RETRIES;
    chosen.cache_size = REMEMBERED;
    chosen.negative_max_ttl = Some(LONGEST_NO);
    builder.build().map_err(|error| unusable(&error))
}

fn unusable(error: &NetError) -> String {
    let why = match error {
        NetError::Io(error) if error.kind() == io::ErrorKind::NotFound => "/etc/resolv.conf is missing".to_owned(),
        other => inner(other),
    };
    words::tidy(&format!("the name servers of this machine are unknown: {why}"))
}

/// A server that says no speaks of the name; one that says nothing, or cannot be asked, of this machine.
fn failure(host: &str, error: &NetError, took: Duration) -> Obstacle {
    let endpoint = |reason: String| Obstacle::Endpoint(words::tidy(&reason));
    let ours = |reason: String| Obstacle::Ours(words::tidy(&reason));
    match error {
        NetError::Timeout => ours(format!("name server did not answer in {}", words::span(took))),
        NetError::NoConnections => ours("no name server can be reached".to_owned()),
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => endpoint(format!("no such name: {}", words::quoted(host.as_bytes()))),
            ResponseCode::NoError => endpoint(no_record(host)),
            code => response(code),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => response(*code),
        other => ours(format!("name server: {}", inner(other))),
    }
}

/// SERVFAIL is what a resolver says of a zone that is broken; the other codes are between it and this machine.
fn response(code: ResponseCode) -> Obstacle {
    let word = match code {
        ResponseCode::ServFail => return Obstacle::Endpoint("name server answered SERVFAIL".to_owned()),
        ResponseCode::Refused => "REFUSED",
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::NotAuth => "NOTAUTH",
        other => return Obstacle::Ours(format!("name server answered with code {}", u16::from(other))),
    };
    Obstacle::Ours(format!("name server answered {word}"))
}

fn no_record(host: &str) -> String {
    format!("no A record for {}", words::quoted(host.as_bytes()))
}

fn inner(error: &NetError) -> String {
    match error {
        NetError::Io(error) => words::io(error),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_machine_without_name_servers_says_so() {
        let missing = Names::of_configuration(Err(io::Error::from_raw_os_error(2).into()));
        let reason = missing.address("www.example.com").await.expect_err("nobody to ask");
        assert_eq!(
            reason,
            Obstacle::Ours("the name servers of this machine are unknown: /etc/resolv.conf is missing".into())
        );

        let empty = Names::of_configuration(hickory_resolver::system_conf::parse_resolv_conf("search example.com\n"));
        let reason = empty.address("www.example.com").await.expect_err("nobody to ask");
        assert_eq!(
            reason,
            Obstacle::Ours("the name servers of this machine are unknown: no nameservers found in config".into())
        );
        // An address needs nobody.
        assert_eq!(empty.address("192.0.2.1").await, Ok([192, 0, 2, 1].into()));
    }

    #[test]
    fn failures_read_as_what_happened() {
        let ours = |error: NetError, reason: &str| {
            let obstacle = failure("a.example", &error, Duration::from_millis(4510));
            assert_eq!(obstacle, Obstacle::Ours(reason.into()));
        };
        ours(NetError::Timeout, "name server did not answer in 4.5 s");
        ours(NetError::NoConnections, "no name server can be reached");
        ours(io::Error::from_raw_os_error(111).into(), "name server: connection refused");
        ours(DnsError::ResponseCode(ResponseCode::Refused).into(), "name server answered REFUSED");
        ours(DnsError::ResponseCode(ResponseCode::BADVERS).into(), "name server answered with code 16");
        let broken = failure("a", &DnsError::ResponseCode(ResponseCode::ServFail).into(), Duration::ZERO);
        assert_eq!(broken, Obstacle::Endpoint("name server answered SERVFAIL".into()));
    }
}
