//! The guide's three terminals, followed as they are written: its commands, its zone, and the answers that it shows. Only
//! the ports differ, so that nothing else on this machine is in the way.
#![cfg(all(unix, feature = "watch"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The guide's blocks of a section, in order: what kind, and what is in it.
fn blocks(section: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in section.lines() {
        match line.strip_prefix("```") {
            Some(kind) if !inside => {
                inside = true;
                blocks.push((kind.to_owned(), String::new()));
            }
            Some(_) => inside = false,
            None if inside => {
                let block = &mut blocks.last_mut().unwrap().1;
                block.push_str(line);
                block.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// What the guide writes, on ports of this test's own.
struct Ports([(&'static str, String); 3]);

impl Ports {
    fn free() -> Self {
        // All are held until all are known, so that no two are the same.
        let held = ["8081", "8082", "8053"].map(|port| (port, TcpListener::bind("127.0.0.1:0").unwrap()));
        Self(held.map(|(port, listener)| (port, listener.local_addr().unwrap().port().to_string())))
    }

    fn on(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (port, own)| text.replace(port, own))
    }

    fn feed(&self) -> &str {
        &self.0[2].1
    }
}

/// A terminal: a shell in a process group of its own, which Ctrl-C reaches as a whole.
struct Terminal(Child);

impl Terminal {
    fn open(folder: &Path, commands: &str) -> Self {
        let child = shell(folder, commands).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        Self(child.unwrap())
    }

    fn press_ctrl_c(&self) {
        let done = Command::new("kill").args(["-s", "INT", "--", &format!("-{}", self.0.id())]).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "KILL", "--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

/// A shell to which Ctrl-C means what it means in a terminal: a test that runs in the background may have inherited that it ignores it,
/// and hands that on.
const LISTENING: &str = "import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp('sh', ['sh', '-c', sys.argv[1]])";

fn shell(folder: &Path, commands: &str) -> Command {
    let programs = Path::new(env!("CARGO_BIN_EXE_pointsman")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("python3");
    shell.args(["-c", LISTENING, commands]).current_dir(folder).env("PATH", path).stdin(Stdio::null());
    shell
}

/// Asks as the guide does until the answer is the one that it shows.
fn until(folder: &Path, command: &str, wanted: &str) -> Duration {
    let begun = Instant::now();
    loop {
        let output = shell(folder, command).output().unwrap();
        let is = String::from_utf8_lossy(&output.stdout).into_owned();
        if is == wanted {
            return begun.elapsed();
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(begun.elapsed() < Duration::from_secs(60), "{command}\nprinted\n{is}{told}\nand not\n{wanted}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The zones of the examples, on these ports, in a folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn with_zones(zones: &Path, ports: &Ports) -> Self {
        let folder = std::env::temp_dir().join(format!("pointsman-three-terminals-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["watched.json", "latency.json"] {
            let text = std::fs::read_to_string(zones.join(name)).unwrap();
            std::fs::write(folder.join(name), ports.on(&text)).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_new_user_follows_three_terminals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = std::fs::read_to_string(root.join("docs/guide.md")).unwrap();
    let section = guide.split("\n## Live health, in three terminals\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = blocks(section);
    let [servers, watch, resolve, east, west, force] = blocks.as_slice() else { panic!("{blocks:#?}") };
    let kinds: Vec<&str> = blocks.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["sh", "sh", "sh", "text", "text", "sh"]);

    let ports = Ports::free();
    let folder = Folder::with_zones(&root.join("host-examples/zones"), &ports);
    let folder = folder.0.as_path();
    let servers = ports.on(&servers.1);
    let (_, foreground) = servers.trim_end().rsplit_once('\n').unwrap();
    let mut first = Terminal::open(folder, &servers);
    // The watch says where it listens in the guide by its default; here it is given.
    let place = format!("pointsman watch --listen 127.0.0.1:{} ", ports.feed());
    let _second = Terminal::open(folder, &watch.1.replace("pointsman watch ", &place));

    let resolve = resolve.1.as_str();
    let up = until(folder, &format!("test -f health.json && grep -q us-east-1 health.json && {resolve}"), &east.1);
    first.press_ctrl_c();
    let down = until(folder, resolve, &west.1);
    println!("first statuses after {up:?}, another answer {down:?} after Ctrl-C");
    assert!(down > Duration::from_secs(1), "three tries, a second from each other, took {down:?}");

    let again = Terminal::open(folder, foreground);
    println!("back after {:?}", until(folder, resolve, &east.1));
    let force =
        force.1.replace("pointsman force ", &format!("pointsman force --feed http://127.0.0.1:{} ", ports.feed()));
    let [hold, clear] = force.lines().collect::<Vec<_>>()[..] else { panic!("{force}") };
    for (command, wanted) in [(hold, &west.1), (clear, &east.1)] {
        let output = shell(folder, command).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        println!("{} {:?} later", String::from_utf8_lossy(&output.stdout).trim(), until(folder, resolve, wanted));
    }
    drop(again);
    let _ = first.0.try_wait();
}
