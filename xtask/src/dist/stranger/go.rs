//! With Go: `go get` from the modules as a proxy has them, in a program of a few lines, and in a CoreDNS that is built as its
//! documentation says, from plugin.cfg.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::folder::{ANSWER, Folder, answers, prints};
use crate::dist::archive::{text, write};
use crate::dist::go::MODULES;
use crate::dist::made::Dist;
use crate::process::{output, root};

/// Builds and asks. `slow`: CoreDNS with all its plugins, which takes minutes.
pub(super) fn uses(dist: &Dist, slow: bool) -> Result<()> {
    let folder = Folder::new("go")?;
    let version = format!("v{}", dist.facts.version);
    let go = |arguments: &[&str]| -> Result<Command> {
        let mut go = folder.command("go");
        // What this machine has downloaded already is a proxy, too; a cache of its own, since releases never change their bytes.
        let downloads =
            PathBuf::from(output("go", &["env", "GOMODCACHE"]).context("go does not run")?).join("cache/download");
        let others = output("go", &["env", "GOPROXY"]).unwrap_or_default();
        // Without paths in what is compiled, Go's build cache serves every folder.
        let proxy = format!("file://{},file://{},{others}", dist.folder.join("go").display(), downloads.display());
        go.env("GOPROXY", proxy).env("GOMODCACHE", folder.0.join("modcache")).env("GOFLAGS", "-modcacherw -trimpath");
        go.env("GONOSUMDB", "pointsman.example").env("GOWORK", "off").args(arguments);
        Ok(go)
    };
    prints(&mut go(&["mod", "init", "stranger.example"])?)?;
    prints(&mut go(&["get", &format!("{}@{version}", MODULES[1].path)])?)?;
    answers(&mut go(&["run", "."])?)?;
    if !slow {
        return Ok(());
    }

    let release = text(&root().join("host-examples/coredns/go.mod"))?;
    let release = release.lines().find_map(|line| line.trim().strip_prefix("github.com/coredns/coredns "));
    let wanted = format!("github.com/coredns/coredns@{}", release.context("go.mod names no CoreDNS")?);
    let downloaded: Value = serde_json::from_str(&prints(&mut go(&["mod", "download", "-json", &wanted])?)?)?;
    let sources = downloaded.get("Dir").and_then(Value::as_str).context("go downloaded no CoreDNS")?;
    let coredns = folder.0.join("coredns-sources");
    prints(folder.command("cp").args(["-r", sources]).arg(&coredns))?;
    prints(folder.command("chmod").args(["-R", "u+w"]).arg(&coredns))?;
    let list = text(&coredns.join("plugin.cfg"))?;
    let with = list.replace("\nfile:file\n", &format!("\npointsman:{}/pointsman\nfile:file\n", MODULES[0].path));
    write(&coredns.join("plugin.cfg"), with.as_bytes())?;
    for arguments in [
        &["get", &format!("{}@{version}", MODULES[0].path)][..],
        &["generate", "coredns.go"],
        &["build", "-o", "../coredns", "."],
    ] {
        prints(go(arguments)?.current_dir(&coredns))?;
    }
    let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let corefile = text(&folder.0.join("Corefile"))?.replace("5353", &port);
    write(&folder.0.join("Corefile"), corefile.as_bytes())?;
    let server =
        folder.command(folder.0.join("coredns")).stdout(Stdio::null()).spawn().context("CoreDNS does not start")?;
    let _server = Server(server);
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let question = ["@127.0.0.1", "-p", &port, "+short", "+tries=1", "+time=1", "www.example.com", "A"];
        if prints(folder.command("dig").args(question)).is_ok_and(|answer| answer.trim() == ANSWER) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("a CoreDNS that was built from plugin.cfg does not answer {ANSWER}")
}

/// A server that stops with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
