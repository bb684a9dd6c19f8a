//! The machine that figures come from, as far as it bears on them. No host name, no path.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// Where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The day, in UTC.
    pub date: String,
    /// The processor's model.
    pub processor: String,
    /// How many of its threads there are.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The operating system's kernel.
    pub kernel: String,
    /// The compiler.
    pub rustc: String,
    /// How many programs wanted to run when the section began: what is above 0 took time away from it.
    pub load_average: String,
}

impl Machine {
    /// This one, now.
    #[must_use]
    pub fn here() -> Self {
        let unknown = || String::from("unknown");
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(name))?.trim_start_matches([' ', '\t', ':']);
            Some(line.trim().to_owned())
        };
        let kibibytes = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        Self {
            date: output("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(unknown),
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: kibibytes.unwrap_or_default().div_ceil(1 << 20),
            // What a builder calls its build says nothing of what it costs.
            kernel: output("uname", &["-sr"])
                .and_then(|text| text.split('-').next().map(str::to_owned))
                .unwrap_or_else(unknown),
            rustc: output(&std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()), &["--version"])
                .unwrap_or_else(unknown),
            load_average: load_average(),
        }
    }
}

/// The load average of the last minute.
#[must_use]
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
