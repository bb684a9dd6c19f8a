//! 2,000 checks at their real interval of 10 s against local servers: how much of a core, and how much memory.
//!
//! ```text
//! cargo bench --package pointsman-watch -- [--smoke] [--json FILE]
//! ```
//!
//! Three processes, so that the figures are those of the watch alone: servers, the watch, and this one, which reads
//! `/proc`. Every try is a new connection, as Route 53's are; a quarter of them is HTTPS with a whole handshake.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program for people, which ends when it cannot measure"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_watch::log::{Form, Log};
use pointsman_watch::networks::Networks;
use pointsman_watch::rules::Rules;
use pointsman_watch::{Settings, Sources, run};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const CORE_PERCENT_MAX: f64 = 15.0;
const MEMORY_MB_MAX: f64 = 100.0;
/// What a server answers; the last words are what HTTP_STR_MATCH looks for.
const BODY: &str = r#"{"status":"healthy","checks":{"database":{"status":"healthy"},"cache":{"status":"healthy"}}}"#;
/// Clock ticks of `/proc/PID/stat`: Linux tells programs 100 a second on every machine.
const TICKS_A_SECOND: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("servers") => servers(),
        Some("watch") => watch(&arguments),
        _ => measure(&arguments),
    }
}

// ---- measuring ---------------------------------------------------------------------------------------------------------

fn measure(arguments: &[String]) {
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let json = arguments.iter().skip_while(|argument| *argument != "--json").nth(1);
    let (checks, scale) = if smoke { (100_u32, 0.1) } else { (2000, 1.0) };
    let interval = Duration::from_secs(10).mul_f64(scale);

    let (_servers, mut line) = Process::start(&["servers"]);
    let ports: Vec<String> = first_line(&mut line).split(' ').map(String::from).collect();
    let scale = scale.to_string();
    let mut words = vec!["watch", &scale];
    let many = checks.to_string();
    words.push(&many);
    words.extend(ports.iter().map(String::as_str));
    let (watch, mut line) = Process::start(&words);
    let feed = first_line(&mut line);

    // Three results each until there is a status, and the first try at any time of the first interval.
    std::thread::sleep(interval * 4);
    let healthy = get(&feed, "/v1/health").matches(r#":"healthy""#).count();
    assert_eq!(healthy, checks as usize, "all of them are tried and found healthy");
    let tries = successes(&feed);
    let (begun, before) = (Instant::now(), watch.cpu_seconds());
    std::thread::sleep(interval * 6);
    let (took, used) = (begun.elapsed().as_secs_f64(), watch.cpu_seconds() - before);
    let (made, percent) = (successes(&feed) - tries, 100.0 * used / took);
    let (memory, peak) = (watch.memory_mb("VmRSS:"), watch.memory_mb("VmHWM:"));

    println!("{checks} checks every {interval:?}: {made} tries in {took:.1} s");
    println!("  half HTTP, a quarter HTTPS, an eighth each TCP and HTTP_STR_MATCH");
    println!("  {percent:.1} % of one core (at most {CORE_PERCENT_MAX} %)");
    println!("  {memory:.1} MB resident, {peak:.1} MB at most (at most {MEMORY_MB_MAX} MB)");
    if let Some(file) = json {
        let mut lines = String::new();
        let number = if checks == 2000 { "2,000".into() } else { checks.to_string() };
        let what = format!("{number} checks every {} s", interval.as_secs());
        for (id, what, figure, unit, budget) in [
            ("watch/cpu", format!("processor time, {what}"), percent, "% of one core", CORE_PERCENT_MAX),
            ("watch/memory", format!("memory at most, {what}"), peak, "MB", MEMORY_MB_MAX),
        ] {
            let row = serde_json::json!({
                "id": id, "what": what, "figure": (figure * 10.0).round() / 10.0, "unit": unit,
                "budget": {"at_most": budget},
            });
            let _ = writeln!(lines, "{row}");
        }
        std::fs::write(file, lines).expect("the file for the figures can be written");
    }
    assert!(peak <= MEMORY_MB_MAX, "{peak:.1} MB");
    // What else this machine does moves a small figure little; a smoke test at ten times the speed proves nothing of it.
    assert!(smoke || percent <= CORE_PERCENT_MAX, "{percent:.1} % of one core");
}

/// A child that ends with this process.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> (Self, BufReader<ChildStdout>) {
        let this = std::env::current_exe().expect("the path of this program");
        let mut command = Command::new(this);
        let child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("this program starts itself");
        let stdout = child.stdout.take().expect("a pipe");
        (Self(child), BufReader::new(stdout))
    }

    /// User and system time.
    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("Linux");
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok());
        ticks.sum::<f64>() / TICKS_A_SECOND
    }

    fn memory_mb(&self, key: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("memory is told");
        line.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).expect("a number") / 1000.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn first_line(reader: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("the child says where it is");
    line.trim().to_owned()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).expect("the feed listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// How many tries succeeded in a row, over all checks: none fails, so it is how many were made.
fn successes(feed: &str) -> u64 {
    let answer = get(feed, "/v1/status");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    let status: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let checks = status["HealthChecks"].as_array().expect("a list");
    checks.iter().filter_map(|check| check["Checkers"][0]["Consecutive"].as_u64()).sum()
}

// ---- the watch ---------------------------------------------------------------------------------------------------------

fn watch(arguments: &[String]) {
    let number = |at: usize| arguments.get(at).and_then(|word| word.parse::<f64>().ok()).expect("a number");
    let (scale, checks) = (number(1), number(2) as u32);
    let (http, https, tcp) = (number(3) as u16, number(4) as u16, number(5) as u16);
    let zone = zone(checks, http, https, tcp);
    let settings = Settings {
        id: None,
        load: Box::new(move || {
            let validated = validate(&[parse(0, &zone)], &Options::default());
            let zone = validated.zone.ok_or_else(|| format!("{:?}", validated.diagnostics))?;
            Ok(Sources { zones: vec![zone], rules: Rules::default() })
        }),
        files: Vec::new(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: None,
        hosts: Vec::new(),
        token: None,
        read_token: None,
        out: None,
        on_change: Vec::new(),
        record: None,
        state: None,
        scale,
        verify_certificates: false,
        networks: Networks::default(),
        hold_when_flips: None,
        accept_loss_percent: 50,
        fleet: None,
        fleet_zones: None,
        log: Log::new(Form::Pairs),
    };
    let ready = |url: &str| {
        println!("{}", url.trim_start_matches("http://"));
        let _ = std::io::stdout().flush();
    };
    run(settings, ready).expect("the watch runs");
}

fn zone(checks: u32, http: u16, https: u16, tcp: u16) -> String {
    let mut list = String::new();
    for number in 0..checks {
        let (kind, port, more) = match number % 8 {
            0..4 => ("HTTP", http, r#","ResourcePath":"/health""#),
            4 | 5 => ("HTTPS", https, r#","ResourcePath":"/health""#),
            6 => ("HTTP_STR_MATCH", http, r#","ResourcePath":"/health","SearchString":"\"cache\":""#),
            _ => ("TCP", tcp, ""),
        };
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            list,
            r#"{comma}{{"Id":"hc-{number}","HealthCheckConfig":{{"Type":"{kind}","IPAddress":"127.0.0.1","Port":{port},"RequestInterval":10{more}}}}}"#
        );
    }
    format!(r#"{{"HostedZone":{{"Id":"Z1","Name":"example.com."}},"ResourceRecordSets":[],"HealthChecks":[{list}]}}"#)
}

// ---- servers -----------------------------------------------------------------------------------------------------------

fn servers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let [http, https, tcp] = [listen().await, listen().await, listen().await];
        let ports = [&http, &https, &tcp].map(|listener| listener.local_addr().expect("a port").port().to_string());
        println!("{}", ports.join(" "));
        let _ = std::io::stdout().flush();
        let acceptor = acceptor();
        tokio::spawn(async move {
            while let Ok((stream, _)) = http.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = https.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream).await;
                    }
                });
            }
        });
        while let Ok((stream, _)) = tcp.accept().await {
            drop(stream);
        }
    });
}

async fn listen() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port")
}

fn acceptor() -> TlsAcceptor {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("the key belongs to the certificate")))
}

/// One request, one answer.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let (mut request, mut chunk) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend(chunk.iter().take(read)),
        }
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ";
    let _ = stream.write_all(format!("{head}{}\r\n\r\n{BODY}", BODY.len()).as_bytes()).await;
    let _ = stream.shutdown().await;
}
