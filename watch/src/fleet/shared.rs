//! What the feed and the member task share of a fleet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use pointsman_core::model::{Region, Time};
use pointsman_fleet::{Key, Mirror, Put, Role, Subject, Transaction, Writer, verdict};
use serde_json::{Value, json};

use super::engine::{Engine as _, EngineError};
use super::etcd::Etcd;
use super::settings::FleetSettings;

/// Why something that was asked of a fleet was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The engine cannot take it at the moment.
    Unavailable(String),
    /// Somebody else was there first.
    Conflict(String),
    /// It cannot be done at all.
    Never(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unavailable(message) | Self::Conflict(message) | Self::Never(message)) = self;
        f.write_str(message)
    }
}

/// The document of a zone that this watch's location has.
#[derive(Debug, Clone)]
pub(super) struct ZoneBody {
    pub(super) digest: String,
    pub(super) body: Bytes,
    /// The number of the zone's state that it was last seen to be of.
    pub(super) number: u64,
}

/// What is known at the moment.
#[derive(Default)]
pub(super) struct Known {
    pub(super) mirror: Arc<Mirror>,
    pub(super) role: Option<Role>,
    /// Why the engine cannot be reached; none while it can.
    pub(super) lost: Option<String>,
    /// When a leader last confirmed the report of a zone, by this machine's clocks.
    pub(super) confirmed: BTreeMap<String, (Instant, Time)>,
    /// This watch decides by its own tries, as --alone allows.
    pub(super) alone: bool,
    /// When the force of a key ends that was written at a revision, by this machine's steady clock; none: when it is cleared.
    pub(super) ends: BTreeMap<Key, (i64, Option<Time>)>,
    pub(super) bodies: BTreeMap<String, ZoneBody>,
    /// Why a published zone is not in force here.
    pub(super) body_problems: BTreeMap<String, String>,
}

/// A fleet, as one of its watches sees it.
pub(crate) struct Fleet {
    pub(super) settings: FleetSettings,
    pub(super) etcd: Etcd,
    pub(super) id: String,
    pub(super) run: String,
    /// Between two signs of life.
    pub(super) beat: Duration,
    pub(super) known: Mutex<Known>,
    /// Reports that were not what follows from the keys.
    pub(super) differs: AtomicU64,
    /// What operators had written through this watch.
    sequence: AtomicI64,
}

impl Fleet {
    pub(super) fn new(settings: FleetSettings, etcd: Etcd, id: &str, run: &str, beat: Duration) -> Self {
        Self {
            settings,
            etcd,
            id: id.into(),
            run: run.into(),
            beat,
            known: Mutex::default(),
            differs: AtomicU64::new(0),
            sequence: AtomicI64::new(0),
        }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys as they were last seen.
    pub(crate) fn mirror(&self) -> Arc<Mirror> {
        Arc::clone(&self.known().mirror)
    }

    /// The moment that the report of a zone is of: when a leader last confirmed it. Nothing moves it while the fleet is out
    /// of reach, or too few probers live; `now` while this watch decides alone.
    pub(crate) fn time_of(&self, zone: &str, now: Time) -> Time {
        let known = self.known();
        if known.alone {
            return now;
        }
        known.confirmed.get(zone).map_or(Time::default(), |(_, time)| *time)
    }

    /// Who speaks, for a value that an operator has written through this watch.
    pub(crate) fn writer(&self) -> Writer {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        Writer { id: self.id.clone(), run: format!("{}-operator", self.run), sequence: sequence.unsigned_abs() }
    }

    /// Has a transaction of an operator done.
    pub(crate) async fn submit(&self, transaction: &Transaction) -> Result<(), Refused> {
        match self.etcd.submit(transaction).await {
            Ok(true) => Ok(()),
            // It may have been done, and the answer lost, before it was asked for again.
            Ok(false) if self.is_done(transaction).await => Ok(()),
            Ok(false) => Err(Refused::Conflict("somebody else changed it at the same time; look again".into())),
            Err(error) => Err(refused(error)),
        }
    }

    async fn is_done(&self, transaction: &Transaction) -> bool {
        let Some(Put::Write { key, record, .. }) = transaction.then.first() else { return false };
        self.etcd.read(key).await.is_ok_and(|value| value == Some(record.bytes()))
    }

    /// Whether a force's time is over, though its key may live for a moment longer.
    pub(super) fn is_over(&self, key: &Key, modified: i64, steady: Time) -> bool {
        let known = self.known();
        known.ends.get(key).is_some_and(|(own, until)| *own == modified && until.is_some_and(|until| until <= steady))
    }

    /// A lease for a force of so many milliseconds.
    pub(crate) async fn lease(&self, for_ms: u64) -> Result<i64, Refused> {
        self.etcd.grant(for_ms.div_ceil(1000).saturating_add(1)).await.map_err(refused)
    }

    /// The document of a version that is kept.
    pub(crate) async fn version(&self, zone: &str, digest: &str, chunks: u32) -> Result<Vec<u8>, Refused> {
        let mut document = Vec::new();
        for number in 0..chunks {
            let key = Key::Body { zone: zone.into(), digest: digest.into(), number };
            match self.etcd.read(&key).await.map_err(refused)? {
                Some(part) => document.extend_from_slice(&part),
                None => return Err(Refused::Never(format!("part {number} of version {digest} is missing"))),
            }
        }
        if digest_of(&document) != digest {
            return Err(Refused::Never(format!("version {digest} is damaged: its digest is {}", digest_of(&document))));
        }
        Ok(document)
    }

    /// What a person wants to know.
    pub(crate) fn to_json(&self) -> Value {
        let known = self.known();
        let mirror = &known.mirror;
        let members = mirror.members().map(|(id, member)| {
            json!({"Id": id, "Location": member.location, "Run": member.writer.run,
                "Position": position(&member.location)})
        });
        let zones = mirror.zones().into_iter().map(|zone| {
            let verdict = verdict(mirror, zone);
            let report = mirror.report(zone);
            let age = known.confirmed.get(zone).map(|(at, _)| at.elapsed().as_secs_f64());
            json!({"Name": zone, "Probers": verdict.live, "Quorum": verdict.quorum,
                "Frozen": report.is_none_or(|report| report.frozen), "ConfirmedSecondsAgo": age,
                "Revision": report.map(|report| report.revision), "Number": report.map(|report| report.number)})
        });
        let published = mirror.published().map(|(zone, current)| {
            let mut state = serde_json::to_value(current).unwrap_or_default();
            if let Some(state) = state.as_object_mut() {
                state.insert("Name".into(), zone.into());
                state.insert("Here".into(), known.bodies.get(zone).map(|body| body.digest.clone()).into());
                state.insert("Problem".into(), known.body_problems.get(zone).cloned().into());
            }
            state
        });
        let rules = mirror.rules();
        json!({
            "Fleet": self.settings.name,
            "Id": self.id,
            "Location": self.settings.location,
            "Role": role_word(known.role, known.lost.is_some()),
            "Alone": known.alone,
            "Lost": known.lost,
            "Leader": mirror.leader().map(|(leader, _)| leader.writer.id.clone()),
            "Revision": mirror.revision,
            "HealthyAbove": rules.map(|rules| rules.healthy_above.to_string()),
            "Quorum": rules.and_then(|rules| rules.quorum),
            "Members": members.collect::<Value>(),
            "SeenWithinADay": mirror.seen(),
            "Zones": zones.collect::<Value>(),
            "Published": published.collect::<Value>(),
            "ReportsThatDiffer": self.differs.load(Ordering::Relaxed),
        })
    }

    /// What each watch holds a subject for: its name, its location, and the word.
    pub(crate) fn by_location(&self, zone: &str) -> BTreeMap<Subject, Vec<Value>> {
        let mirror = self.mirror();
        let mut all: BTreeMap<Subject, Vec<Value>> = BTreeMap::new();
        for (prober, table) in mirror.tables(zone) {
            for (subject, status) in &table.statuses.0 {
                let one = json!({"Prober": prober, "Location": table.location, "Status": status.as_str()});
                all.entry(subject.clone()).or_default().push(one);
            }
        }
        all
    }

    /// Figures for Prometheus: a name, what it is, and its value.
    pub(crate) fn figures(&self) -> Vec<(&'static str, &'static str, f64)> {
        let known = self.known();
        let oldest = known.confirmed.values().map(|(at, _)| at.elapsed().as_secs_f64()).fold(0.0, f64::max);
        let yes = |is: bool| if is { 1.0 } else { 0.0 };
        let frozen = known.mirror.zones().iter().any(|zone| known.mirror.report(zone).is_none_or(|one| one.frozen));
        let count = |number: usize| u32::try_from(number).map_or(f64::MAX, f64::from);
        vec![
            ("fleet_connected", "Whether the fleet's engine can be reached.", yes(known.lost.is_none())),
            ("fleet_leader", "Whether this watch writes the fleet's reports.", yes(known.role == Some(Role::Leader))),
            ("fleet_probers", "Watches of the fleet that live.", count(known.mirror.members().count())),
            ("fleet_frozen", "Whether too few probers live to decide.", yes(frozen)),
            ("fleet_alone", "Whether this watch decides by its own tries.", yes(known.alone)),
            ("fleet_confirmed_age_seconds", "How long ago a leader confirmed the oldest report.", oldest),
            (
                "fleet_reports_that_differ",
                "Reports that were not what this watch works out from the same keys.",
                u32::try_from(self.differs.load(Ordering::Relaxed)).map_or(f64::MAX, f64::from),
            ),
        ]
    }
}

/// Degrees north and east of a location that is a Region, about.
fn position(location: &str) -> Option<[f64; 2]> {
    Region::parse(location).map(|region| [region.position().latitude(), region.position().longitude()])
}

const fn role_word(role: Option<Role>, lost: bool) -> &'static str {
    match role {
        _ if lost => "cut off",
        Some(Role::Leader) => "leader",
        Some(Role::Prober) => "prober",
        Some(Role::NameTaken) => "name taken",
        Some(Role::Out) | None => "joining",
    }
}

fn refused(error: EngineError) -> Refused {
    match error {
        EngineError::Refused(reason) => Refused::Never(format!("etcd refuses: {reason}")),
        other => Refused::Unavailable(format!("the fleet's etcd cannot take it at the moment: {other}")),
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
