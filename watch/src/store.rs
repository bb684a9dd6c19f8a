//! What a run leaves for the next: last statuses and forces of each zone, in a file with a checksum, which one process holds.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::files;
use crate::force::Force;
use crate::plan::Subject;

/// The state is of the operator's: whoever may read it learns why something is forced.
const MODE: u32 = 0o600;
/// What every version of the file begins with.
const FAMILY: &str = "pointsman watch state ";

/// What is kept, by the name of the zone. The first version of the file named none: its content stands under the empty name.
pub type Kept = BTreeMap<String, KeptZone>;

/// What is kept of one zone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptZone {
    /// Raw statuses; what has no data is not listed.
    pub statuses: BTreeMap<Subject, KeptStatus>,
    /// What operators hold, also of subjects that the zone does not have at the moment.
    pub forces: BTreeMap<Subject, KeptForce>,
}

/// A status as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStatus {
    /// The raw status.
    pub status: RawStatus,
    /// Since when it counted as healthy or unhealthy, by the time of day.
    pub since: Option<Time>,
}

/// A force as it was, by the time of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeptForce {
    up: bool,
    why: String,
    until: Option<u64>,
    since: u64,
}

impl KeptForce {
    pub(crate) fn of(force: &Force, now: Moment) -> Self {
        Self {
            up: force.up,
            why: force.why.clone(),
            until: force.until.map(|until| now.shown(until).unix_ms()),
            since: now.shown(force.since).unix_ms(),
        }
    }

    pub(crate) fn to_force(&self, now: Moment) -> Force {
        Force {
            up: self.up,
            why: self.why.clone(),
            until: self.until.map(|until| now.steady_of(Time::from_unix_ms(until))),
            since: now.steady_of(Time::from_unix_ms(self.since)),
        }
    }
}

impl KeptZone {
    pub(crate) fn add(&mut self, subject: &Subject, status: RawStatus, since: Option<Time>) {
        if status != RawStatus::NoData {
            self.statuses.insert(subject.clone(), KeptStatus { status, since });
        }
    }
}

/// The right to write a state file: no other process has it while this lives.
#[derive(Debug)]
pub struct StateLock {
    _file: File,
}

impl StateLock {
    /// Takes the right to write a state file, by a lock on a file beside it.
    ///
    /// # Errors
    /// Another process has it, with [`io::ErrorKind::WouldBlock`]; or the lock file cannot be made.
    pub fn take(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let mut options = OpenOptions::new();
        // A link at its name would let somebody else's file be opened for writing.
        options.read(true).write(true).create(true).truncate(false).mode(MODE);
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path.with_file_name(name))?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Self { _file: file })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    zone: String,
    list: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force: Option<KeptForce>,
}

/// Writes what is known, whole or not at all, and through to the disk.
///
/// # Errors
/// The disk is full, the folder is not there or may not be written; the file that was there stays as it was.
pub fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    files::replace(path, &to_text(kept)?, MODE)
}

/// The content of a state file.
///
/// # Errors
/// Something cannot be written as JSON, which nothing that was read here is.
pub fn to_text(kept: &Kept) -> io::Result<String> {
    let mut body = String::new();
    for (zone, kept) in kept {
        let subjects: std::collections::BTreeSet<&Subject> = kept.statuses.keys().chain(kept.forces.keys()).collect();
        for subject in subjects {
            let known = kept.statuses.get(subject);
            let line = Line {
                zone: zone.clone(),
                list: subject.list().into(),
                id: subject.id().into(),
                status: known.map(|known| word(known.status).into()),
                since: known.and_then(|known| known.since).map(Time::unix_ms),
                force: kept.forces.get(subject).cloned(),
            };
            body.push_str(&serde_json::to_string(&line)?);
            body.push('\n');
        }
    }
    Ok(format!("{FAMILY}2 {}\n{body}", checksum(&body)))
}

/// Reads what a run before left; nothing when there is no such file.
///
/// # Errors
/// The file cannot be read, is no state file, or was damaged.
pub fn read(path: &Path) -> io::Result<Kept> {
    match files::require_regular(path) {
        Ok(_) => parse(&fs::read_to_string(path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
        Err(error) => Err(error),
    }
}

/// Moves a file that cannot be used out of the way of the next write, and returns where to.
///
/// # Errors
/// It cannot be renamed.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".damaged");
    let aside = path.with_file_name(name);
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Reads the content of a state file.
///
/// # Errors
/// It is no state file, or was damaged.
pub fn parse(text: &str) -> io::Result<Kept> {
    let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let rest = text.strip_prefix(FAMILY).ok_or_else(|| damaged("it is not a state file of `pointsman watch`"))?;
    let (head, body) = rest.split_once('\n').ok_or_else(|| damaged("it ends early"))?;
    let (version, sum) = head.split_once(' ').ok_or_else(|| damaged("it ends early"))?;
    if !matches!(version, "1" | "2") {
        return Err(damaged("it is of another version of `pointsman watch`"));
    }
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
        let zone = kept.entry(line.zone).or_default();
        if let Some(status) = line.status.as_deref().and_then(status) {
            zone.add(&subject, status, line.since.map(Time::from_unix_ms));
        }
        if let Some(force) = line.force {
            zone.forces.insert(subject, force);
        }
    }
    // A line may say nothing that this version understands.
    kept.retain(|_, zone| *zone != KeptZone::default());
    Ok(kept)
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
        let mut zone = KeptZone::default();
        let alarm = RawStatus::Insufficient { last_known_unhealthy: true };
        zone.add(&Subject::HealthCheck("hc \"1\"\n".into()), RawStatus::Unhealthy, Some(Time::from_unix_ms(7)));
        zone.add(&Subject::AliasTarget("lb.example.".into()), alarm, None);
        let force =
            Force { up: false, why: "drill".into(), until: Some(Time::from_unix_ms(9)), since: Time::default() };
        let now = Moment::at(Time::from_unix_ms(8));
        zone.forces.insert(Subject::HealthCheck("hc-2".into()), KeptForce::of(&force, now));
        let mut other = KeptZone::default();
        other.add(&Subject::HealthCheck("hc-2".into()), RawStatus::Healthy, None);
        Kept::from([("example.com.".into(), zone), ("example.net.".into(), other)])
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
    fn the_first_version_is_read() {
        let body = "{\"List\":\"HealthChecks\",\"Id\":\"hc-1\",\"Status\":\"unhealthy\"}\n";
        let kept = parse(&format!("pointsman watch state 1 {}\n{body}", checksum(body))).unwrap();
        let status = &kept[""].statuses[&Subject::HealthCheck("hc-1".into())];
        assert_eq!(status.status, RawStatus::Unhealthy);
    }

    #[test]
    fn one_process_at_a_time_holds_a_state_file() {
        let folder = folder("lock");
        let file = folder.join("state");
        let first = StateLock::take(&file).unwrap();
        assert_eq!(StateLock::take(&file).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(first);
        let _second = StateLock::take(&file).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
