//! Envoy with the filter as a host: cases that expect an answer, in one real Envoy with a listener and a plugin for each of
//! them, asked over HTTP by 200 draws.
//!
//! A filter cannot tell odds, so it is held to the native engine: for each draw the answer, its path and whether it
//! failed open must be the native one's, and the native odds are judged against the documentation first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::case::Case;
use crate::engine::{Engine as _, Native};
use crate::judge::judge;

/// Draws that each case is asked with.
const DRAWS: u64 = 200;
/// An outcome as likely as this must be among their answers.
const LIKELY: f64 = 0.05;
/// How long Envoy may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Judges the cases of files, prints the ids of those that failed and `N passed, N failed, N skipped`; returns whether none
/// failed.
pub fn conformance(files: &[PathBuf]) -> Result<bool> {
    let mut cases = Vec::new();
    for file in files {
        cases.extend(crate::cases(file)?);
    }
    let (mut failed, mut skipped) = (Vec::new(), BTreeMap::<&str, u32>::new());
    let mut asked = Vec::new();
    for case in &cases {
        match inexpressible(case) {
            Some(reason) => *skipped.entry(reason).or_default() += 1,
            None => asked.push(case),
        }
    }
    let mut native = Native::default();
    let plugins = asked.iter().map(|case| plugin(case, &mut native)).collect::<Result<Vec<_>>>()?;
    let envoy = Envoy::start(&plugins)?;
    for (number, case) in asked.iter().enumerate() {
        let verdict = judge(case, &mut native).and_then(|()| ask(case, &mut native, &envoy, number));
        if let Err(error) = verdict {
            failed.push(case.id.as_str());
            eprintln!("{} ({}): {error:#}", case.id, case.source);
        }
    }
    failed.iter().for_each(|id| println!("{id}"));
    for (reason, count) in &skipped {
        eprintln!("{count} skipped: {reason}");
    }
    let passed = asked.len().saturating_sub(failed.len());
    println!("{passed} passed, {} failed, {} skipped", failed.len(), skipped.values().sum::<u32>());
    Ok(failed.is_empty())
}

/// Why a proxy cannot be asked this.
fn inexpressible(case: &Case) -> Option<&'static str> {
    if case.expect.is_none() {
        return Some("it expects a refusal, which is for the command: a host loads what can be evaluated");
    }
    if case.client.contains_key("ecs") {
        return Some("a proxy sees the client's address, not a subnet that a resolver tells");
    }
    None
}

/// The zone's documents after the case's batch.
fn documents(case: &Case, native: &mut Native) -> Result<Vec<String>> {
    let documents = case.documents();
    match &case.change_batch {
        None => Ok(documents),
        Some(batch) => {
            let applied = native.apply(&documents, &batch.to_string())?;
            Ok(vec![applied.map_err(|refusals| anyhow::anyhow!("{refusals:?}"))?])
        }
    }
}

/// The filter's configuration for a case.
fn plugin(case: &Case, native: &mut Native) -> Result<Value> {
    let mut documents =
        documents(case, native)?.iter().map(|text| serde_json::from_str(text)).collect::<Result<Vec<Value>, _>>()?;
    if let Some(latency) = case.client.get("latency_ms") {
        // Latencies of a client come from a table: here, one row for everybody.
        for document in &mut documents {
            document.as_object_mut().map(|fields| fields.remove("LatencyTable"));
        }
        documents.push(json!({"LatencyTable": {"Default": latency}}));
    }
    let question = case.query.as_ref().context("no question")?;
    let mut client = json!({
        "address": {"header": "x-ip"}, "country_header": "x-country", "continent_header": "x-continent",
        "subdivision_header": "x-subdivision", "latitude_header": "x-latitude", "longitude_header": "x-longitude",
    });
    if let Some(region) = case.client.get("vpc_region") {
        client["vpc_region"] = region.clone();
    }
    Ok(json!({
        "zones": [{"documents": documents}],
        "health": {"report": serde_json::from_str::<Value>(&case.report())?},
        "question": {"name": {"fixed": question.name}, "type": question.record_type},
        "client": client,
        "draw": {"header": "x-draw"},
        "answer": {"header": {}},
    }))
}

fn ask(case: &Case, native: &mut Native, envoy: &Envoy, number: usize) -> Result<()> {
    let documents = documents(case, native)?;
    native.load(&documents, &case.report())?;
    let mut connection = Connection::open(*envoy.ports.get(number).context("no listener")?)?;
    let mut facts = String::new();
    for (name, value) in &case.client {
        if !matches!(name.as_str(), "latency_ms" | "vpc_region") {
            let text = value.as_str().map_or_else(|| value.to_string(), Into::into);
            write!(facts, "x-{name}: {text}\r\n")?;
        }
    }
    let mut seen: Vec<Value> = Vec::new();
    for draw in 0..DRAWS {
        let word = format!("draw-{draw}");
        let said = connection.answer(&format!("{facts}x-draw: {word}\r\n"))?;
        let line = native.resolve(&case.query_line(fnv1a(word.as_bytes())))?;
        let answer: Value = serde_json::from_str(&line)?;
        let expected = in_a_header(&answer);
        ensure!(said == expected, "{word}: Envoy says {said}, native {expected}");
        seen.push(answer);
    }
    let odds: Value = serde_json::from_str(&native.odds(&case.query_line(0))?)?;
    for outcome in odds["outcomes"].as_array().context("no outcomes")? {
        let likely = outcome["probability"].as_f64().is_some_and(|probability| probability >= LIKELY);
        if likely && outcome.get("members").is_none() {
            ensure!(
                seen.iter().any(|answer| answer["values"] == outcome["values"]),
                "{DRAWS} draws never gave {}",
                outcome["values"]
            );
        }
    }
    Ok(())
}

/// FNV-1a of 64 bits, by which the filter makes a draw of a header.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A native answer as the filter's header has it.
fn in_a_header(answer: &Value) -> String {
    let text = |key: &str| answer[key].as_str().unwrap_or_default();
    let list = |key: &str| {
        let texts: Vec<String> = answer[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|text| format!("{text:?}"))
            .collect();
        texts.join(" ")
    };
    let mut header = format!("rcode={}, type={}", text("rcode"), text("type"));
    if let Some(ttl) = answer["ttl"].as_u64() {
        let _ = write!(header, ", ttl={ttl}");
    }
    let fail_open = u8::from(answer["fail_open"] == true);
    let _ = write!(header, ", answer=({}), path=({}), fail-open=?{fail_open}", list("values"), list("set_identifiers"));
    for (key, name) in [("referral", "referral"), ("alias_target", "alias-target")] {
        if let Some(text) = answer.get(key).and_then(Value::as_str) {
            let _ = write!(header, ", {name}={text:?}");
        }
    }
    if answer.get("undetermined").is_some() {
        header.push_str(", undetermined=?1");
    }
    header
}

/// A running Envoy, and the port of each case's listener.
struct Envoy {
    process: Child,
    ports: Vec<u16>,
    folder: PathBuf,
}

impl Envoy {
    fn start(plugins: &[Value]) -> Result<Self> {
        let binary =
            std::env::var_os("ENVOY").context("ENVOY is not set; run `cargo xtask conformance --host envoy`")?;
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/wasm/pointsman_envoy.wasm");
        ensure!(module.is_file(), "{} is missing; build it with `cargo xtask envoy build`", module.display());
        let folder = std::env::temp_dir().join(format!("pointsman-envoy-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let config = folder.join("envoy.json");
        std::fs::write(&config, configuration(plugins, &module).to_string())?;
        let log = folder.join("log");
        let process = Command::new(binary)
            .arg("-c")
            .arg(config)
            .args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "error", "--log-path"])
            .arg(&log)
            .arg("--admin-address-path")
            .arg(folder.join("admin"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Envoy")?;
        let mut envoy = Self { process, ports: Vec::new(), folder };
        let deadline = Instant::now() + PATIENCE;
        while envoy.ports.is_empty() {
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = envoy.process.try_wait()? {
                bail!("Envoy ended with {status}:\n{}", said());
            }
            ensure!(Instant::now() < deadline, "Envoy is not ready within {PATIENCE:?}:\n{}", said());
            std::thread::sleep(Duration::from_millis(50));
            envoy.ports = envoy.listening().unwrap_or_default();
            if envoy.ports.len() != plugins.len() {
                envoy.ports.clear();
            }
        }
        Ok(envoy)
    }

    /// The ports in the order of the cases, once Envoy is ready.
    fn listening(&self) -> Result<Vec<u16>> {
        let address = std::fs::read_to_string(self.folder.join("admin"))?;
        ensure!(get(&address, "/ready")?.trim() == "LIVE", "not ready");
        let listeners: Value = serde_json::from_str(&get(&address, "/listeners?format=json")?)?;
        let mut ports = BTreeMap::new();
        for listener in listeners["listener_statuses"].as_array().into_iter().flatten() {
            let number: usize = listener["name"].as_str().context("no name")?.parse()?;
            let port = listener["local_address"]["socket_address"]["port_value"].as_u64().context("no port")?;
            ports.insert(number, u16::try_from(port)?);
        }
        Ok(ports.into_values().collect())
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A listener a plugin, each on a port of its own, all in one VM.
fn configuration(plugins: &[Value], module: &Path) -> Value {
    let listeners: Vec<Value> = plugins
        .iter()
        .enumerate()
        .map(|(number, plugin)| {
            let filter = json!({
                "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
                "config": {
                    "name": format!("case-{number}"), "root_id": format!("case-{number}"),
                    "vm_config": {
                        "vm_id": "conformance", "runtime": "envoy.wasm.runtime.v8",
                        "code": {"local": {"filename": module}},
                    },
                    "configuration": {
                        "@type": "type.googleapis.com/google.protobuf.StringValue", "value": plugin.to_string(),
                    },
                },
            });
            let manager = json!({
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "conformance",
                "http_filters": [
                    {"name": "pointsman", "typed_config": filter},
                    {"name": "envoy.filters.http.router", "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}},
                ],
                "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{
                    "match": {"prefix": "/"}, "direct_response": {"status": 200},
                    "response_headers_to_add": [{"header": {"key": "x-answer", "value": "%REQ(x-pointsman)%"}}],
                }]}]},
            });
            json!({
                "name": number.to_string(),
                "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
                "filter_chains": [{"filters": [{
                    "name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}],
            })
        })
        .collect();
    json!({
        "static_resources": {"listeners": listeners},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
    })
}

/// One HTTP connection, asked again and again.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The header that the filter set on a request with these headers.
    fn answer(&mut self, headers: &str) -> Result<String> {
        let request = format!("GET / HTTP/1.1\r\nhost: conformance\r\n{headers}\r\n");
        self.0.get_mut().write_all(request.as_bytes())?;
        let (mut line, mut answer, mut status) = (String::new(), None, String::new());
        loop {
            line.clear();
            ensure!(self.0.read_line(&mut line)? > 0, "Envoy closed the connection after {status:?}");
            match line.trim_end() {
                "" => break,
                first if status.is_empty() => status = first.to_owned(),
                field => {
                    if let Some((name, value)) = field.split_once(": ")
                        && name == "x-answer"
                    {
                        answer = Some(value.to_owned());
                    }
                }
            }
        }
        answer.with_context(|| format!("{status} without an answer"))
    }
}

/// One GET of Envoy's admin interface.
fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")?;
    let text = std::io::read_to_string(stream)?;
    let (head, body) = text.split_once("\r\n\r\n").context("no answer")?;
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return Ok(body.to_owned());
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((length, chunk)) = rest.split_once("\r\n") {
        let (content, behind) =
            chunk.split_at_checked(usize::from_str_radix(length, 16)?).context("a chunk is cut off")?;
        whole.push_str(content);
        rest = behind.trim_start_matches("\r\n");
    }
    Ok(whole)
}
