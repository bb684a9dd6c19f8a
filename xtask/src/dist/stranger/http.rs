//! Who tries it: the composed component behind `jco serve`, asked over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::folder::Folder;
use crate::dist::made::Dist;
use crate::node::Node;
use crate::process;

/// Serves and asks.
pub(super) fn uses(dist: &Dist) -> Result<()> {
    let folder = Folder::new("http")?;
    let node = Node::find()?;
    let mut install = node.npm(&folder.0);
    install.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]);
    process::run(install.stdout(std::io::stderr()))?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let component = dist.path(&format!("pointsman-{}.http.wasm", dist.facts.version));
    let mut serve = node.node(&folder.0);
    serve.args(["node_modules/.bin/jco", "serve", "--host", "127.0.0.1", "--port", &port.to_string()]).arg(component);
    // It has a process of its own for the server, and so is ended as a group.
    let server = serve.stdout(Stdio::null()).process_group(0).spawn().context("jco does not start")?;
    let _server = Server(server);

    let until = Instant::now().checked_add(Duration::from_secs(60)).context("no clock")?;
    let first = loop {
        match get(port, "/resolve?name=app.example.com&type=A&country=US") {
            Ok(reply) => break reply,
            Err(error) if Instant::now() > until => return Err(error.context("jco serves nothing")),
            Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    };
    let says = |reply: &str, status: u16, word: &str| {
        ensure!(reply.starts_with(&format!("HTTP/1.1 {status} ")) && reply.contains(word), "{status} {word}: {reply}");
        Ok(())
    };
    says(&first, 200, "\"values\":[\"192.0.2.10\"]")?;
    let down = get(port, "/resolve?name=app.example.com&type=A&country=US&down=us-east-1")?;
    says(&down, 200, "\"values\":[\"198.51.100.10\"]")?;
    let place = "/resolve?name=app.example.com&type=A&latitude=50.1&longitude=8.7&draw=7";
    says(&get(port, place)?, 200, "\"rcode\":\"NOERROR\"")?;
    says(&get(port, "/resolve?name=app.example.com&type=A&country=Germany")?, 400, "client.country")?;
    says(&get(port, "/resolve?type=A")?, 400, "name: is missing")?;
    says(&get(port, "/resolve?name=app.example.com&type=A&down=mars-north-1")?, 400, "mars-north-1")?;
    says(&get(port, "/")?, 404, "error")
}

/// What a server replies, its head and its body.
fn get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    if reply.is_empty() {
        bail!("no reply");
    }
    Ok(reply)
}

/// A server and what it started.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", "--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
