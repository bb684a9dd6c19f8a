//! Hosts that follow the feeds of a fleet, as real processes: CoreDNS, Envoy, and a worker in workerd.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::etcd::free_port;
use crate::running::wait_for;

/// The name that every host is asked for.
pub(crate) const NAME: &str = "shop.example.com";

/// A process that ends with the test.
pub(crate) struct Host {
    pub(crate) name: String,
    child: Child,
    port: u16,
    is_dns: bool,
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `cargo xtask fleet` built.
fn built(variable: &str) -> PathBuf {
    std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| panic!("`cargo xtask fleet` sets {variable}"))
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Host {
    fn start(name: String, folder: &Path, mut command: Command, port: u16, is_dns: bool) -> Self {
        let log = std::fs::File::create(folder.join(format!("{name}.log"))).unwrap();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Self { name, child, port, is_dns }
    }

    /// CoreDNS, with the zone of these feeds for a location, and health by them.
    pub(crate) fn coredns(number: usize, folder: &Path, feeds: &str, location: &str) -> Self {
        let (port, name) = (free_port(), format!("coredns-{number}"));
        let zone = folder.join(format!("{name}.zone.json"));
        let corefile = folder.join(format!("{name}.Corefile"));
        let module = built("POINTSMAN_MODULE");
        let text = format!(
            ".:{port} {{\n bind 127.0.0.1\n errors\n pointsman {{\n module {}\n zone_feed {} {feeds} at {location}\n \
             health feed {feeds}\n instances 1\n }}\n}}\n",
            module.display(),
            zone.display()
        );
        std::fs::write(&corefile, text).unwrap();
        let mut command = Command::new(built("POINTSMAN_COREDNS"));
        command.arg("-conf").arg(corefile);
        Self::start(name, folder, command, port, true)
    }

    /// Envoy as it is configured in host-examples, with servers at this port and health by this feed.
    pub(crate) fn envoy(folder: &Path, servers: u16, feed: &str) -> Self {
        let (port, project) = (free_port(), project());
        let text = std::fs::read_to_string(project.join("host-examples/envoy/config/active-passive.yaml")).unwrap();
        let feed = feed.rsplit(':').next().unwrap();
        let changes = [
            ("example.internal", "example.com".to_owned()),
            ("port_value: 10000", format!("port_value: {port}")),
            ("port_value: 8053", format!("port_value: {feed}")),
            ("port_value: 9901", "port_value: 0".into()),
            ("8080", servers.to_string()),
            ("target/wasm", project.join("target/wasm").display().to_string()),
            ("interval_ms: 1000", "interval_ms: 100".into()),
            ("                    zones:\n", "                    tick_ms: 50\n                    zones:\n".into()),
        ];
        let text = changes.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        // A retry would hide how long it takes.
        let lines: Vec<&str> = text.lines().filter(|line| !line.contains("retry_policy")).collect();
        let config = folder.join("envoy.yaml");
        std::fs::write(&config, lines.join("\n")).unwrap();
        let mut command = Command::new(built("ENVOY"));
        command.args(["--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warn", "-c"]).arg(config);
        Self::start("envoy".into(), folder, command, port, false)
    }

    /// The worker of host-examples, with the zone and the health of this feed.
    pub(crate) fn worker(folder: &Path, servers: u16, feed: &str, location: &str) -> Self {
        let (port, worker) = (free_port(), project().join("host-examples/worker"));
        let mut command = Command::new(built("WORKERD"));
        command.current_dir(&worker).arg("serve").arg(format!("--socket-addr=http=127.0.0.1:{port}"));
        command.arg(worker.join("workerd.capnp"));
        let origins = serde_json::json!({"127.0.0.11": format!("http://127.0.0.11:{servers}"),
            "127.0.0.12": format!("http://127.0.0.12:{servers}")});
        for (key, value) in [
            ("ORIGINS", origins.to_string()),
            ("NAME", NAME.into()),
            ("FEED", format!("{feed}/v1/health")),
            ("ZONE_FEED", format!("{feed}/v1/zone?location={location}")),
            ("REFRESH", "0.1".into()),
            ("MAX_AGE", "60".into()),
            ("WHEN_STALE", "keep".into()),
            ("TIMEOUT", "1000".into()),
            // What another try of the worker's own finds is not what the feed said.
            ("LEAVE_ALONE", "0".into()),
            ("CONSECUTIVE_FAILURES", "1".into()),
            ("MAX_EJECTED", "50".into()),
            ("FAIL_CLOSED", String::new()),
            ("DEBUG_TOKEN", "let me see".into()),
        ] {
            command.env(key, value);
        }
        Self::start("worker".into(), folder, command, port, false)
    }

    /// The address that it answers with, or the name of the server that it reached without a second try.
    pub(crate) fn answer(&self) -> Option<String> {
        match self.is_dns {
            true => self.address(),
            false => self.page(),
        }
    }

    fn address(&self) -> Option<String> {
        let mut query = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in NAME.split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend_from_slice(label.as_bytes());
        }
        query.extend_from_slice(&[0, 0, 1, 0, 1]);
        let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
        socket.send_to(&query, ("127.0.0.1", self.port)).ok()?;
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer).ok()?;
        // One answer, and it is the last record: without EDNS in the question there is none in the response.
        let one_answer = answer[..2] == [0, 7] && answer[3] & 15 == 0 && answer[6..12] == [0, 1, 0, 0, 0, 0];
        let address = answer.get(length.checked_sub(4)?..length).filter(|_| one_answer)?;
        Some(address.iter().map(u8::to_string).collect::<Vec<_>>().join("."))
    }

    fn page(&self) -> Option<String> {
        let mut stream =
            TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], self.port)), Duration::from_secs(1)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {NAME}\r\ncf-blob: {{\"country\":\"US\",\"continent\":\"NA\"}}\r\n\
             cf-connecting-ip: 203.0.113.9\r\nx-pointsman-debug: let me see\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let is_first_try = answer.starts_with("http/1.1 200") && !answer.contains("x-pointsman-tried");
        let server = ["127.0.0.11", "127.0.0.12"].into_iter().find(|server| answer.contains(&format!("at {server}")));
        server.filter(|_| is_first_try).map(String::from)
    }

    /// Waits until it answers so.
    pub(crate) fn wait_for(&self, answer: &str, why: &str) {
        wait_for(&format!("{} to answer {answer}: {why}", self.name), || {
            (self.answer().as_deref() == Some(answer)).then_some(())
        });
    }
}
