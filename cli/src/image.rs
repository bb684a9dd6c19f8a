//! Images of compiled zones: files that `pointsman compile` writes, and what is in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pointsman_core::compile::{IMAGE_MAGIC, ImageHeader, Zone};
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::output::{self, STRONG, count};
use crate::source::{read_file, unreadable};

/// The image in a file, or `None` where the file holds something else, such as a document.
pub(crate) fn open_if_image(path: &str) -> Result<Option<Zone>, Stop> {
    // Of a pipe nothing may be read here: what is read is gone for whoever reads it next.
    if path == "-" || !Path::new(path).is_file() || !begins_as_an_image(path) {
        return Ok(None);
    }
    let bytes = read_file(path).map_err(|error| unreadable(path, "image", &error))?;
    open(path, &bytes).map(Some)
}

fn begins_as_an_image(path: &str) -> bool {
    let mut first = [0; IMAGE_MAGIC.len()];
    fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut first)).is_ok()
        && first == IMAGE_MAGIC
}

/// Opens the bytes of an image.
pub(crate) fn open(name: &str, bytes: &[u8]) -> Result<Zone, Stop> {
    Zone::from_image(bytes).map_err(|error| Stop::cannot(format!("cannot open `{name}`: {error}"), error.help()))
}

/// Writes a file whole or not at all: under another name in its folder first.
pub(crate) fn write(path: &str, bytes: &[u8]) -> Result<(), Stop> {
    let target = Path::new(path);
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside: PathBuf = target.with_file_name(name);
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| io::Write::write_all(&mut file, bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, target));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        Stop::cannot(format!("cannot write `{path}`: {error}"), "")
    })
}

/// What is in an image, as people or machines read it.
pub(crate) struct Summary {
    zone: String,
    private: bool,
    bytes: usize,
    header: ImageHeader,
    record_sets: BTreeMap<&'static str, usize>,
    names_and_types: usize,
    health_checks: usize,
    alias_targets: usize,
}

impl Summary {
    pub(crate) fn of(zone: &Zone, bytes: &[u8]) -> Result<Self, Stop> {
        let header = ImageHeader::read(bytes).map_err(|error| Stop::cannot(error.to_string(), error.help()))?;
        let mut record_sets = BTreeMap::new();
        for number in 0_u32.. {
            let Some(policy) = zone.policy(number) else { break };
            *record_sets.entry(policy.as_str()).or_insert(0_usize) += 1;
        }
        Ok(Self {
            zone: zone.name().to_string(),
            private: zone.is_private(),
            bytes: bytes.len(),
            header,
            record_sets,
            names_and_types: zone.questions().len(),
            health_checks: zone.health_check_ids().len(),
            alias_targets: zone.alias_targets().len(),
        })
    }

    fn digest(&self) -> String {
        self.header.digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "zone": self.zone,
            "private": self.private,
            "bytes": self.bytes,
            "digest": self.digest(),
            "format": self.header.format,
            "semantics": self.header.semantics,
            "record_sets": self.record_sets.values().sum::<usize>(),
            "record_sets_by_policy": self.record_sets,
            "names_and_types": self.names_and_types,
            "health_checks": self.health_checks,
            "alias_targets": self.alias_targets,
        })
    }

    pub(crate) fn show(&self, file: &str) -> Result<(), Stop> {
        let mut out = output::stdout();
        let kind = if self.private { "private zone" } else { "zone" };
        io::Write::write_fmt(
            &mut out,
            format_args!("{STRONG}{file}{STRONG:#}  {kind} {}, {} bytes\n", self.zone, self.bytes),
        )?;
        let policies: Vec<String> =
            self.record_sets.iter().map(|(policy, number)| format!("{number} {policy}")).collect();
        let total = count(self.record_sets.values().sum(), "record set");
        let lines = [
            ("digest", self.digest()),
            ("format", format!("{}, semantics {}", self.header.format, self.header.semantics)),
            ("holds", format!("{total} ({}) in {}", policies.join(", "), count(self.names_and_types, "group"))),
            (
                "uses",
                format!("{}, {}", count(self.health_checks, "health check"), count(self.alias_targets, "alias target")),
            ),
        ];
        for (label, text) in lines {
            io::Write::write_fmt(&mut out, format_args!("  {label:<7} {text}\n"))?;
        }
        Ok(())
    }
}
