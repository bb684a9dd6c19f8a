//! Writes the stream of each zone to a file, for `pointsman replay`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::OFlags;
use tokio::task::JoinSet;

use crate::follower::{Follower, GATHER};
use crate::hub::{Hub, WatchedZone, count};

/// Anybody may read it; the feed serves the same.
const MODE: u32 = 0o644;
/// Between looks at which zones there are.
const LOOK: Duration = Duration::from_secs(1);

/// Appends each zone's events to a file: to `place` itself, or where that is a folder, to a file a zone in it. When nothing
/// changes, a sign of life is written each time that `alive` has passed. It belongs on a thread of its own, as it waits for
/// the disk.
pub(crate) async fn record(hub: Arc<Hub>, place: PathBuf, alive: Duration) {
    let (mut recorded, mut tasks): (Vec<Arc<WatchedZone>>, JoinSet<()>) = (Vec::new(), JoinSet::new());
    loop {
        let zones = hub.zones();
        recorded.retain(|known| zones.iter().any(|zone| Arc::ptr_eq(zone, known)));
        for zone in zones.iter() {
            if !recorded.iter().any(|known| Arc::ptr_eq(zone, known)) {
                recorded.push(Arc::clone(zone));
                let path = path_of(&place, zone);
                tasks.spawn(record_zone(Arc::clone(&hub), Arc::clone(zone), path, alive));
            }
        }
        // Those of zones that are gone have ended.
        while tasks.try_join_next().is_some() {}
        tokio::time::sleep(LOOK).await;
    }
}

fn path_of(place: &Path, zone: &WatchedZone) -> PathBuf {
    match place.is_dir() {
        true => place.join(format!("{}.events", zone.name().trim_end_matches('.'))),
        false => place.to_path_buf(),
    }
}

async fn record_zone(hub: Arc<Hub>, zone: Arc<WatchedZone>, path: PathBuf, alive: Duration) {
    let (mut follower, first) = Follower::new(Arc::clone(&hub), Arc::clone(&zone));
    let mut next = Some(first);
    let mut is_whole = true;
    while let Some(mut events) = next {
        if !is_whole {
            // What was lost is in the whole report; an event that was cut off ends at an empty line.
            events = [b"\n\n", &*follower.whole()].concat().into();
        }
        is_whole = match append(&path, &events) {
            Ok(()) => true,
            Err(error) => {
                count(&hub.counters.write_failures);
                let pairs = [("file", &*path.to_string_lossy()), ("reason", &error.to_string())];
                hub.log.line("file-not-written", &pairs);
                false
            }
        };
        tokio::time::sleep(if is_whole { GATHER } else { LOOK }).await;
        if !hub.zones().iter().any(|known| Arc::ptr_eq(known, &zone)) {
            return;
        }
        next = follower.next(alive).await;
    }
}

/// Opened anew each time, so that the file may be moved away or be deleted.
fn append(path: &Path, events: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Neither a link to somebody else's file nor a pipe that nobody reads.
    options.append(true).create(true).mode(MODE);
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    let mut file: File = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    file.write_all(events)
}
