//! Names to addresses: IPv4 only, by the machine's name servers (6.1.3), remembered no longer than their TTL.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};

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
        let read = hickory_resolver::system_conf::read_system_conf();
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
    pub(super) async fn address(&self, host: &str) -> Result<IpAddr, String> {
        if let Ok(address) = host.parse() {
            return Ok(address);
        }
        let resolver = self.resolver.as_ref().map_err(Clone::clone)?;
        let mut name = Name::from_utf8(host).map_err(|_| format!("{} is no name", words::quoted(host.as_bytes())))?;
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
            .ok_or_else(|| no_record(host))
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
    words::tidy(&format!("the name servers of this machine are unknown: {}", inner(error)))
}

fn failure(host: &str, error: &NetError, took: Duration) -> String {
    let reason = match error {
        NetError::Timeout => format!("name server did not answer in {}", words::span(took)),
        NetError::NoConnections => "no name server can be reached".to_owned(),
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => format!("no such name: {}", words::quoted(host.as_bytes())),
            ResponseCode::NoError => no_record(host),
            code => response(code),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => response(*code),
        other => format!("name server: {}", inner(other)),
    };
    words::tidy(&reason)
}

fn response(code: ResponseCode) -> String {
    let word = match code {
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::NotAuth => "NOTAUTH",
        other => return format!("name server answered with code {}", u16::from(other)),
    };
    format!("name server answered {word}")
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
