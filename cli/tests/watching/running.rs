//! `pointsman watch` as a process, and its feed as a client sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A folder that is gone with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pointsman-watch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.join(name);
        let new = self.0.join(format!("{name}.new"));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &file).unwrap();
        file
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }

    /// Waits until the log has this: its lines are written together, a moment later.
    pub(crate) fn wait_for_log(&self, what: &str) {
        wait_for(what, || self.read("log").contains(what).then_some(()));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn pointsman() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pointsman"))
}

/// A running watch. Its log goes to the file `log` of the folder.
pub(crate) struct Watch {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Watch {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_as(folder, pointsman(), arguments)
    }

    /// The same by a command of one's own, which gets the arguments.
    pub(crate) fn start_as(folder: &Path, mut command: Command, arguments: &[&str]) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        command.current_dir(folder).args(["watch", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        assert!(url.contains("://127.0.0.1:"), "{url:?}: {}", std::fs::read_to_string(folder.join("log")).unwrap());
        Self { child, _stdout: stdout, url: url.trim().into() }
    }

    /// Ends it as a crash of the machine would, as far as a process can tell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `pointsman force` with these arguments: exit code, stdout and stderr.
    pub(crate) fn force(&self, folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = pointsman();
        command.current_dir(folder).args(["force", "--feed", &self.url, "--token-file", "token"]).args(arguments);
        let output = command.env_remove("POINTSMAN_TOKEN").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// A figure of the metrics.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let (_, _, metrics) = self.request("GET", "/metrics", &[], "");
        let line = metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("{name}: {metrics}"))
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends a request as it is written and reads all there is.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Status code, head and body.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[&str], body: &str) -> (u16, String, String) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for header in headers {
            request.push_str(&format!("{header}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let answer = self.raw(request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        (code, head.to_lowercase(), body.to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (code, _, body) = self.request("GET", path, &[], "");
        assert_eq!(code, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The status of a check.
    pub(crate) fn check(&self, id: &str) -> Value {
        let status = self.get("/v1/status");
        let lists = [&status["HealthChecks"], &status["AliasTargets"]];
        let mut all = lists.into_iter().filter_map(Value::as_array).flatten();
        all.find(|item| item["Id"] == id).cloned().unwrap_or_else(|| panic!("no {id} in {status}"))
    }

    /// Events of the stream as they come: when, which, and what.
    pub(crate) fn events(&self) -> Receiver<(Instant, String, Value)> {
        let mut stream = self.connect();
        stream.write_all(b"GET /v1/health/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut event = String::new();
            for line in BufReader::new(stream).lines() {
                let Ok(line) = line else { return };
                if let Some(name) = line.strip_prefix("event: ") {
                    event = name.into();
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let data = serde_json::from_str(data).unwrap();
                    if sender.send((Instant::now(), event.clone(), data)).is_err() {
                        return;
                    }
                }
            }
        });
        receiver
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([format!("-{name}"), self.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it as the system would, and sees that it ends well and soon.
    pub(crate) fn end(mut self) {
        self.signal("TERM");
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
pub(crate) fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "waited 60 s for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
