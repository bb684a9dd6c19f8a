//! An etcd of three members on loopback, each of which can be killed, stopped and started.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A member, which may be down.
pub(crate) struct Member {
    pub(crate) client: u16,
    peer: u16,
    child: Option<Child>,
    folder: PathBuf,
}

/// The members.
pub(crate) struct Etcd {
    pub(crate) members: Vec<Member>,
    cluster: String,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Etcd {
    /// Starts so many members, and waits until they have a leader.
    pub(crate) fn start(folder: &Path, members: usize) -> Self {
        let members: Vec<Member> = (0..members)
            .map(|number| Member {
                client: free_port(),
                peer: free_port(),
                child: None,
                folder: folder.join(format!("etcd-{number}")),
            })
            .collect();
        let cluster: Vec<String> = members
            .iter()
            .enumerate()
            .map(|(number, member)| format!("m{number}=http://127.0.0.1:{}", member.peer))
            .collect();
        let mut etcd = Self { members, cluster: cluster.join(",") };
        for number in 0..etcd.members.len() {
            etcd.revive(number);
        }
        etcd.wait_for_leader();
        etcd
    }

    /// The addresses as a watch is given them, beginning with this member.
    pub(crate) fn urls(&self, first: usize) -> String {
        let count = self.members.len();
        let url = |number: usize| format!("http://127.0.0.1:{}", self.members[number % count].client);
        (first..first + count).map(url).collect::<Vec<_>>().join(",")
    }

    /// Starts a member that is down.
    pub(crate) fn revive(&mut self, number: usize) {
        let cluster = self.cluster.clone();
        let member = &mut self.members[number];
        std::fs::create_dir_all(&member.folder).unwrap();
        let log = std::fs::File::options().create(true).append(true).open(member.folder.join("log")).unwrap();
        let (client, peer) =
            (format!("http://127.0.0.1:{}", member.client), format!("http://127.0.0.1:{}", member.peer));
        let mut command = Command::new("etcd");
        command
            .args(["--name", &format!("m{number}"), "--logger", "zap"])
            .arg("--data-dir")
            .arg(member.folder.join("data"));
        command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
        command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
        command.args(["--initial-cluster", &cluster, "--initial-cluster-token", "pointsman"]);
        command.env("ETCD_UNSUPPORTED_ARCH", std::env::consts::ARCH);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        member.child = Some(child.expect("etcd is installed; `cargo xtask fleet` sees to it"));
    }

    /// Kills a member as a crash would.
    pub(crate) fn kill(&mut self, number: usize) {
        if let Some(mut child) = self.members[number].child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// One request to a member's gateway; `None` when it does not answer.
    pub(crate) fn ask(&self, number: usize, path: &str, body: &str) -> Option<String> {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.members[number].client)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    }

    /// The member that leads.
    pub(crate) fn leader(&self) -> Option<usize> {
        (0..self.members.len()).find(|number| {
            let Some(status) = self.ask(*number, "/v3/maintenance/status", "{}") else { return false };
            let field = |name: &str| {
                let (_, rest) = status.split_once(&format!("\"{name}\":\""))?;
                rest.split('"').next().map(String::from)
            };
            field("leader").is_some() && field("leader") == field("member_id")
        })
    }

    pub(crate) fn wait_for_leader(&self) {
        let start = Instant::now();
        while self.leader().is_none() {
            assert!(start.elapsed() < Duration::from_secs(30), "etcd finds no leader");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for number in 0..self.members.len() {
            self.kill(number);
        }
    }
}
