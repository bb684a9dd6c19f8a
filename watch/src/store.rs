//! What a run leaves for the next: last statuses and forces, in a file with a checksum.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde::{Deserialize, Serialize};

use crate::force::Force;
use crate::plan::Subject;

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// Raw statuses; what has no data is not listed.
    pub statuses: BTreeMap<Subject, KeptStatus>,
    /// What operators hold.
    pub forces: BTreeMap<Subject, KeptForce>,
}

/// A status as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStatus {
    /// The raw status.
    pub status: RawStatus,
    /// Since when it counted as healthy or unhealthy.
    pub since: Option<Time>,
}

/// A force as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeptForce {
    up: bool,
    why: String,
    until: Option<u64>,
    since: u64,
}

impl KeptForce {
    pub(crate) fn of(force: &Force) -> Self {
        Self {
            up: force.up,
            why: force.why.clone(),
            until: force.until.map(Time::unix_ms),
            since: force.since.unix_ms(),
        }
    }

    pub(crate) fn to_force(&self) -> Force {
        Force {
            up: self.up,
            why: self.why.clone(),
            until: self.until.map(Time::from_unix_ms),
            since: Time::from_unix_ms(self.since),
        }
    }
}

impl Kept {
    pub(crate) fn add(&mut self, subject: &Subject, status: RawStatus, since: Option<Time>) {
        if status != RawStatus::NoData {
            self.statuses.insert(subject.clone(), KeptStatus { status, since });
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    list: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force: Option<KeptForce>,
}

const MAGIC: &str = "pointsman watch state 1";

/// Writes what is known, whole or not at all.
///
/// # Errors
/// The disk is full, the folder is not there or may not be written; the file that was there stays as it was.
pub fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let mut body = String::new();
    let subjects: std::collections::BTreeSet<&Subject> = kept.statuses.keys().chain(kept.forces.keys()).collect();
    for subject in subjects {
        let known = kept.statuses.get(subject);
        let line = Line {
            list: subject.list().into(),
            id: subject.id().into(),
            status: known.map(|known| word(known.status).into()),
            since: known.and_then(|known| known.since).map(Time::unix_ms),
            force: kept.forces.get(subject).cloned(),
        };
        body.push_str(&serde_json::to_string(&line)?);
        body.push('\n');
    }
    replace(path, &format!("{MAGIC} {}\n{body}", checksum(&body)))
}

/// Reads what a run before left; nothing when there is no such file.
///
/// # Errors
/// The file cannot be read, is no state file, or was damaged.
pub fn read(path: &Path) -> io::Result<Kept> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error),
    };
    let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let rest = text.strip_prefix(MAGIC).ok_or_else(|| damaged("it is not a state file of `pointsman watch`"))?;
    let (sum, body) = rest.split_once('\n').ok_or_else(|| damaged("it ends early"))?;
    if sum.trim() != checksum(body) {
        return Err(damaged("its checksum does not fit: it was cut off or changed"));
    }
    let mut kept = Kept::default();
    for line in body.lines() {
        let line: Line = serde_json::from_str(line)?;
        let subject = match line.list.as_str() {
            "HealthChecks" => Subject::HealthCheck(line.id),
            _ => Subject::AliasTarget(line.id),
        };
        if let Some(status) = line.status.as_deref().and_then(status) {
            kept.add(&subject, status, line.since.map(Time::from_unix_ms));
        }
        if let Some(force) = line.force {
            kept.forces.insert(subject, force);
        }
    }
    Ok(kept)
}

/// Puts a text in the place of a file by writing another and renaming it, so that a reader sees the old or the new one.
///
/// # Errors
/// The other file cannot be written or renamed.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let write = |new: &PathBuf| -> io::Result<()> {
        let mut file = File::create(new)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(new, path)
    };
    write(&new).inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

fn checksum(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

const fn word(status: RawStatus) -> &'static str {
    match status {
        RawStatus::Insufficient { last_known_unhealthy: true } => "insufficient, last unhealthy",
        other => other.as_str(),
    }
}

fn status(word: &str) -> Option<RawStatus> {
    Some(match word {
        "healthy" => RawStatus::Healthy,
        "unhealthy" => RawStatus::Unhealthy,
        "insufficient" => RawStatus::Insufficient { last_known_unhealthy: false },
        "insufficient, last unhealthy" => RawStatus::Insufficient { last_known_unhealthy: true },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pointsman-store-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn some() -> Kept {
        let mut kept = Kept::default();
        let alarm = RawStatus::Insufficient { last_known_unhealthy: true };
        kept.add(&Subject::HealthCheck("hc \"1\"\n".into()), RawStatus::Unhealthy, Some(Time::from_unix_ms(7)));
        kept.add(&Subject::AliasTarget("lb.example.".into()), alarm, None);
        let force =
            Force { up: false, why: "drill".into(), until: Some(Time::from_unix_ms(9)), since: Time::default() };
        kept.forces.insert(Subject::HealthCheck("hc-2".into()), KeptForce::of(&force));
        kept
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = folder("round");
        let file = folder.join("state");
        assert_eq!(read(&file).unwrap(), Kept::default());
        write(&file, &some()).unwrap();
        assert_eq!(read(&file).unwrap(), some());
        write(&file, &Kept::default()).unwrap();
        assert_eq!(read(&file).unwrap(), Kept::default());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn damage_is_seen() {
        let folder = folder("damage");
        let file = folder.join("state");
        write(&file, &some()).unwrap();
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&file, &damaged).unwrap();
            assert!(read(&file).is_err(), "byte {at}");
            fs::write(&file, &whole[..at]).unwrap();
            assert!(read(&file).is_err(), "cut at {at}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_disk_leaves_the_old_file() {
        // Writing to this device fails as on a full disk.
        let full = Path::new("/dev/full");
        if full.exists() {
            let mut device = File::options().write(true).open(full).unwrap();
            assert_eq!(device.write_all(b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        }
        let folder = folder("full");
        let file = folder.join("state");
        write(&file, &some()).unwrap();
        // A folder stands where the new file would be written.
        fs::create_dir(folder.join(format!("state.{}.new", std::process::id()))).unwrap();
        assert!(write(&file, &Kept::default()).is_err());
        assert_eq!(read(&file).unwrap(), some());
        fs::remove_dir_all(folder).unwrap();
    }
}
