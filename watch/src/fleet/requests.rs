//! What operators ask of a fleet through the feed of one of its watches.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pointsman_core::health::HealthyAbove;
use pointsman_core::parse::RawStatus;
use pointsman_fleet::{
    Asked, Compare, Entry, Force, Key, Mirror, Publication, Put, Record, Rollout, Rules, Subject, Told, Transaction,
    Version, clear, force, tell,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shared::{Fleet, Refused, digest_of};
use crate::clock::Moment;

/// A part of a zone's document. etcd takes requests of up to 1.5 MiB, and its JSON makes four thirds of it.
const CHUNK_BYTES: usize = 512 << 10;
/// Subjects of one transaction; etcd takes 128 operations.
const SUBJECTS_MAX: usize = 100;
/// How often an operator's transaction is made anew, because keys moved since it was made, until the operator has to ask again.
const TRIES_MAX: u32 = 20;
/// How long until what the others wrote is heard, as a rule.
const HEARD_AFTER: Duration = Duration::from_millis(50);

/// `POST /v1/fleet/zones/NAME`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct WrittenPublication {
    /// The document; without it a version that is kept already is meant.
    body: Option<String>,
    /// The digest, of a version that is kept already.
    digest: Option<String>,
    /// Locations; without them all.
    to: Option<Vec<String>>,
    /// The number of the state that the operator looked at; 0 when there was none.
    expect: u64,
    why: String,
}

/// `POST /v1/fleet/rules`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct WrittenRules {
    healthy_above: Option<String>,
    /// A number, or `half`.
    quorum: Option<String>,
    why: String,
}

/// What is to be held, and how.
#[derive(Debug, Clone)]
pub(crate) struct Hold<'r> {
    pub(crate) up: bool,
    pub(crate) why: &'r str,
    pub(crate) for_ms: Option<u64>,
    /// The revision of the force that may be replaced.
    pub(crate) over: Option<i64>,
}

impl Fleet {
    /// Holds subjects of a zone on the whole fleet.
    pub(crate) async fn hold(&self, zone: &str, subjects: &[Subject], hold: &Hold<'_>) -> Result<(), Refused> {
        self.reachable()?;
        let record = Force { writer: self.writer(), up: hold.up, why: hold.why.into(), for_ms: hold.for_ms };
        let steady = Moment::now().steady;
        let may_replace =
            |key: &Key, at: i64| hold.over.is_some_and(|over| at <= over) || self.is_over(key, at, steady);
        // What is refused takes no lease.
        force(&self.mirror(), zone, subjects, &record, 0, may_replace).map_err(Refused::Conflict)?;
        let lease = match hold.for_ms {
            Some(ms) => self.lease(ms).await?,
            None => 0,
        };
        for part in subjects.chunks(SUBJECTS_MAX) {
            self.submit_anew(|mirror| force(mirror, zone, part, &record, lease, may_replace)).await?;
        }
        Ok(())
    }

    /// Lets go of subjects of a zone on the whole fleet.
    pub(crate) async fn let_go(&self, zone: &str, subjects: &[Subject]) -> Result<(), Refused> {
        self.reachable()?;
        let seen = self.mirror().revision;
        for part in subjects.chunks(SUBJECTS_MAX) {
            // One that ended by itself meanwhile is gone, which was asked for; one that is new, nobody here has seen.
            let made = |mirror: &Mirror| {
                let is_new =
                    |(subject, _, entry): &(&Subject, &Force, &Entry)| entry.modified > seen && part.contains(subject);
                match mirror.forces(zone).find(is_new) {
                    Some((subject, ..)) => Err(format!("{subject} was forced anew at the same time; look again")),
                    None => Ok(clear(mirror, zone, part)),
                }
            };
            self.submit_anew(made).await?;
        }
        Ok(())
    }

    /// Has a state written down that somebody told this watch; returns once the fleet has it.
    pub(crate) async fn told(&self, zone: &str, subject: &Subject, state: &str) -> Result<(), Refused> {
        self.reachable()?;
        let made = |mirror: &Mirror| {
            let before = mirror.told(zone).find(|(own, _)| *own == subject).map(|(_, told)| told.status);
            let was_down =
                matches!(before, Some(RawStatus::Unhealthy | RawStatus::Insufficient { last_known_unhealthy: true }));
            let status = match state {
                "OK" | "On" => RawStatus::Healthy,
                "ALARM" | "Off" => RawStatus::Unhealthy,
                _ => RawStatus::Insufficient { last_known_unhealthy: was_down },
            };
            Ok(tell(mirror, zone, subject, Told { writer: self.writer(), state: state.into(), status }))
        };
        self.submit_anew(made).await
    }

    /// Has done what `made` makes of the keys; when one of them moved meanwhile, what it makes of them as they are then.
    async fn submit_anew(&self, made: impl Fn(&Mirror) -> Asked) -> Result<(), Refused> {
        let mut tries: u32 = 0;
        loop {
            let transaction = made(&self.mirror()).map_err(Refused::Conflict)?;
            if transaction.then.is_empty() {
                return Ok(());
            }
            tries = tries.saturating_add(1);
            match self.submit(&transaction).await {
                // What the others wrote is heard in a moment.
                Err(Refused::Conflict(_)) if tries < TRIES_MAX => tokio::time::sleep(HEARD_AFTER).await,
                other => return other,
            }
        }
    }

    /// Publishes a document, or puts a version in force that is kept.
    pub(crate) async fn publish(&self, zone: &str, written: WrittenPublication) -> Result<Value, Refused> {
        self.reachable()?;
        let why = written.why.trim();
        if why.is_empty() || why.chars().count() > 500 {
            return Err(Refused::Never("say why, in 1 to 500 characters (Why)".into()));
        }
        let rollout = written.to.map_or(Rollout::All, Rollout::To);
        let writer = self.writer();
        let (version, digest) = match (written.body, written.digest) {
            (Some(body), None) => {
                let version = self.write_body(zone, body.into(), why).await?;
                let digest = version.digest.clone();
                (Some(version), digest)
            }
            (None, Some(digest)) => (None, digest),
            _ => return Err(Refused::Never("send either Body or Digest".into())),
        };
        let publication = Publication {
            zone: zone.into(),
            writer,
            version,
            digest: digest.clone(),
            rollout,
            expect: written.expect,
            why: why.into(),
        };
        let transaction = publication.transaction(&self.mirror()).map_err(Refused::Conflict)?;
        self.submit(&transaction).await?;
        Ok(json!({"Zone": zone, "Digest": digest, "Number": written.expect.saturating_add(1)}))
    }

    async fn write_body(&self, zone: &str, body: Bytes, why: &str) -> Result<Version, Refused> {
        let digest = digest_of(&body);
        let chunks = u32::try_from(body.len().div_ceil(CHUNK_BYTES).max(1)).unwrap_or(u32::MAX);
        let parts: Vec<Bytes> = match body.is_empty() {
            true => vec![Bytes::new()],
            false => (0..body.len())
                .step_by(CHUNK_BYTES)
                .map(|at| body.slice(at..body.len().min(at + CHUNK_BYTES)))
                .collect(),
        };
        for (number, part) in (0..).zip(parts) {
            // Parts are named by what is in them: one that is there is the same, unless it was damaged.
            let key = Key::Body { zone: zone.into(), digest: digest.clone(), number };
            let then = vec![Put::Write { key, record: Record::Body(part.to_vec()), lease: 0 }];
            self.submit(&Transaction { compare: Vec::new(), then }).await?;
        }
        Ok(Version { writer: self.writer(), digest, chunks, bytes: body.len() as u64, why: why.into() })
    }

    /// Sets the rules that all watches go by.
    pub(crate) async fn set_rules(&self, written: WrittenRules) -> Result<Value, Refused> {
        self.reachable()?;
        let never = |message: &str| Refused::Never(message.to_owned());
        let mirror = self.mirror();
        let before = mirror.rules().cloned().ok_or_else(|| never("the fleet has no rules yet"))?;
        let above: HealthyAbove = match &written.healthy_above {
            Some(text) => text.parse().map_err(|error| Refused::Never(format!("HealthyAbove: {error}")))?,
            None => before.healthy_above,
        };
        let quorum = match written.quorum.as_deref() {
            None => before.quorum,
            Some("half") => None,
            Some(number) => match number.parse() {
                Ok(number @ 1..) => Some(number),
                _ => return Err(never("Quorum is a number of probers, or `half` of those seen within a day")),
            },
        };
        if written.why.trim().is_empty() {
            return Err(never("say why (Why)"));
        }
        let rules = Rules { writer: self.writer(), healthy_above: above, quorum, why: written.why.trim().into() };
        let compare = vec![Compare::Modified(Key::Rules, mirror.modified(&Key::Rules))];
        let then = vec![Put::Write { key: Key::Rules, record: Record::Rules(rules.clone()), lease: 0 }];
        self.submit(&Transaction { compare, then }).await?;
        Ok(json!({"HealthyAbove": rules.healthy_above.to_string(), "Quorum": rules.quorum}))
    }

    /// The document of a version that is kept, for people who compare.
    pub(crate) async fn kept_version(&self, zone: &str, digest: &str) -> Result<Vec<u8>, Refused> {
        let mirror: Arc<_> = self.mirror();
        let version = mirror.current(zone).and_then(|current| current.version(digest));
        let chunks = version.ok_or_else(|| Refused::Never(format!("no version {digest} of {zone} is kept")))?.chunks;
        self.version(zone, digest, chunks).await
    }

    fn reachable(&self) -> Result<(), Refused> {
        match &self.known().lost {
            None => Ok(()),
            Some(reason) => Err(Refused::Unavailable(format!(
                "the fleet cannot be reached, so that nothing can be changed: {reason}; what is in force stays"
            ))),
        }
    }
}
