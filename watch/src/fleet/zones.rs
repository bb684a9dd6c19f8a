//! Published zones: fetched when this location should have another version, and kept in files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pointsman_fleet::Current;

use super::engine::Engine as _;
use super::etcd::Etcd;
use super::member::{Done, Running};
use super::settings::FleetSettings;
use super::shared::{Fleet, Refused, ZoneBody};
use crate::files;
use crate::log::Log;

/// Anybody may read a zone; the feed serves it as well.
const ZONE_MODE: u32 = 0o644;

/// Fetches the published zones before a watch begins, so that one without zone files of its own can begin with them.
///
/// # Errors
/// Why not all of them are here now; what was kept before is still there.
pub(crate) async fn prefetch(settings: &FleetSettings, folder: &Path, log: &Log) -> Result<(), String> {
    let etcd = Etcd::new(&settings.endpoints, &settings.tls, settings.user.clone(), &settings.name, log.clone())?;
    let mirror = etcd.list().await.map_err(|error| error.to_string())?;
    let fleet = Fleet::new(settings.clone(), etcd, "", "", Duration::ZERO);
    for (zone, current) in mirror.published() {
        let Some(version) = current.digest_at(&settings.location).and_then(|digest| current.version(digest)) else {
            continue;
        };
        let body = fleet.version(zone, &version.digest, version.chunks).await.map_err(|refused| refused.to_string())?;
        let body = ZoneBody { digest: version.digest.clone(), body: Bytes::from(body), number: current.number };
        keep(folder.join(file_of(zone)), &body).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    }
    Ok(())
}

/// What the feed has for a host.
pub(crate) struct Served {
    /// The version that the host should have.
    pub(crate) digest: String,
    /// The number of the zone's state that says so.
    pub(crate) number: u64,
    /// Its document; `None` when the host has it.
    pub(crate) body: Option<Bytes>,
}

impl Fleet {
    /// The version of a zone for hosts of a location; of this watch's own without one. `known` are the digests of what the
    /// host has. A watch that is cut off does not know what is in force: a host that has a version keeps it, and one that has
    /// none gets the last good one.
    pub(crate) async fn served(
        &self,
        zone: &str,
        location: Option<&str>,
        known: &[&str],
    ) -> Result<Option<Served>, Refused> {
        let location = location.unwrap_or(&self.settings.location);
        let (served, is_here) = {
            let mut state = self.known();
            if let Some(reason) = state.lost.as_ref().filter(|_| !known.is_empty()) {
                let reason =
                    format!("the fleet cannot be reached, so that this watch cannot say what is in force: {reason}");
                return Err(Refused::Unavailable(reason));
            }
            let current = state.mirror.current(zone).cloned();
            let wanted = current.as_ref().and_then(|current| Some((current.digest_at(location)?, current.number)));
            let is_own = location == self.settings.location;
            let body = state.bodies.get_mut(zone);
            match (wanted, body) {
                (Some((digest, number)), Some(body)) if body.digest == digest => {
                    body.number = number;
                    (Served { digest: digest.to_owned(), number, body: Some(body.body.clone()) }, true)
                }
                // What should be here is not, or not yet: the last good one stays.
                (_, Some(body)) if is_own => {
                    (Served { digest: body.digest.clone(), number: body.number, body: Some(body.body.clone()) }, true)
                }
                (Some((digest, number)), _) if !is_own => {
                    (Served { digest: digest.to_owned(), number, body: None }, false)
                }
                _ => return Ok(None),
            }
        };
        if known.contains(&served.digest.as_str()) {
            return Ok(Some(Served { body: None, ..served }));
        }
        if is_here {
            return Ok(Some(served));
        }
        let body = self.kept_version(zone, &served.digest).await?;
        Ok(Some(Served { body: Some(Bytes::from(body)), ..served }))
    }
}

impl Running {
    /// Fetches what this location should have and has not.
    pub(super) fn fetch_all(&mut self) {
        let Some(mirror) = self.node.mirror() else { return };
        let location = self.fleet.settings.location.clone();
        let wanted: Vec<(String, String, u32, u64)> = mirror
            .published()
            .filter_map(|(zone, current): (&str, &Current)| {
                let digest = current.digest_at(&location)?;
                let chunks = current.version(digest)?.chunks;
                Some((zone.to_owned(), digest.to_owned(), chunks, current.number))
            })
            .collect();
        for (zone, digest, chunks, number) in wanted {
            let has = self.fleet.known().bodies.get(&zone).is_some_and(|body| body.digest == digest);
            if has || self.fetching.get(&zone) == Some(&digest) {
                continue;
            }
            self.fetching.insert(zone.clone(), digest.clone());
            let (fleet, done) = (Arc::clone(&self.fleet), self.done.clone());
            tokio::spawn(async move {
                let result = match fleet.version(&zone, &digest, chunks).await {
                    Ok(body) => Ok(ZoneBody { digest, body: Bytes::from(body), number }),
                    Err(refused) => Err(refused.to_string()),
                };
                let _ = done.send(Done::Fetched(zone, Box::new(result)));
            });
        }
    }

    pub(super) fn fetched(&mut self, zone: &str, result: Result<ZoneBody, String>) {
        self.fetching.remove(zone);
        let kept = result.and_then(|body| match &self.folder {
            Some(folder) => keep(folder.join(file_of(zone)), &body).map(|()| body).map_err(|error| error.to_string()),
            None => Ok(body),
        });
        let mut known = self.fleet.known();
        match kept {
            Ok(body) => {
                self.hub.log.line("fleet-zone", &[("zone", zone), ("digest", &body.digest)]);
                known.body_problems.remove(zone);
                known.bodies.insert(zone.to_owned(), body);
            }
            Err(problem) => {
                let problem = format!("{problem}; the last good version stays in force");
                self.hub.log.line("fleet-zone-refused", &[("zone", zone), ("reason", &problem)]);
                known.body_problems.insert(zone.to_owned(), problem);
            }
        }
    }
}

fn keep(path: PathBuf, body: &ZoneBody) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = std::str::from_utf8(&body.body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    files::replace(&path, text, ZONE_MODE)
}

/// The file of a published zone.
fn file_of(zone: &str) -> String {
    format!("{}.json", zone.trim_end_matches('.').replace('/', "%2f"))
}
