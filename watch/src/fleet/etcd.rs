//! etcd through its JSON gateway, which every version from 3.4 on serves on its client port.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use pointsman_fleet::{Compare, Entry, Key, Mirror, Put, Record, Transaction};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::bytes64::{decoded, encoded};
use super::connection::{Connection, EtcdTls, EtcdUser, PATIENCE, error_of};
use super::engine::{Batch, Engine, EngineError};
use crate::log::Log;

/// A line of a stream is not longer than this.
const LINE_BYTES_MAX: usize = 256 << 20;

/// The keys of a fleet in an etcd.
#[derive(Clone)]
pub(super) struct Etcd {
    connection: Arc<Connection>,
    /// What all its keys begin with.
    prefix: Arc<str>,
    log: Log,
}

impl Etcd {
    /// Another member is asked from now on.
    pub(super) fn next(&self) {
        self.connection.next();
    }

    /// A fleet of this name in the etcd at these addresses.
    ///
    /// # Errors
    /// An address is none, or a certificate cannot be used.
    pub(super) fn new(
        endpoints: &[String],
        tls: &EtcdTls,
        user: Option<EtcdUser>,
        fleet: &str,
        log: Log,
    ) -> Result<Self, String> {
        let connection = Arc::new(Connection::new(endpoints, tls, user)?);
        Ok(Self { connection, prefix: format!("/pointsman/v1/{fleet}/").into(), log })
    }

    fn key(&self, key: &Key) -> String {
        encoded(format!("{}{key}", self.prefix))
    }

    /// From a place below the prefix to just before another.
    async fn range(&self, from: &str, to: &str, revision: i64, more: &Value) -> Result<Value, EngineError> {
        let mut body = Map::new();
        body.insert("key".into(), encoded(format!("{}{from}", self.prefix)).into());
        body.insert("range_end".into(), encoded(format!("{}{to}", self.prefix)).into());
        if revision > 0 {
            body.insert("revision".into(), revision.to_string().into());
        }
        body.extend(more.as_object().cloned().unwrap_or_default());
        self.connection.ask("/v3/kv/range", &Value::Object(body)).await
    }

    /// A key and its entry as etcd writes them. What this version cannot read is logged and passed over.
    fn entry(&self, kv: &Value) -> Option<(Key, Entry)> {
        let key = self.key_of(kv)?;
        let bytes = kv.get("value").and_then(Value::as_str).and_then(decoded).unwrap_or_default();
        match Record::read(&key, &bytes) {
            Ok(record) => {
                let (created, modified) = (number(kv, "create_revision"), number(kv, "mod_revision"));
                Some((key, Entry { record, created, modified, lease: number(kv, "lease") }))
            }
            Err(reason) => {
                self.log.line("fleet-value-unread", &[("reason", &reason)]);
                None
            }
        }
    }

    fn key_of(&self, kv: &Value) -> Option<Key> {
        let key = kv.get("key").and_then(Value::as_str).and_then(decoded)?;
        Key::parse(String::from_utf8(key).ok()?.strip_prefix(&*self.prefix)?)
    }

    /// What one message of a stream says, revision by revision.
    fn batches(&self, message: &Value) -> Result<Vec<Batch>, EngineError> {
        if let Some(error) = message.get("error") {
            return Err(error_of(error));
        }
        let result = message.get("result").unwrap_or(&Value::Null);
        if number(result, "compact_revision") > 0 {
            return Err(EngineError::Compacted);
        }
        if result.get("canceled").and_then(Value::as_bool) == Some(true) {
            let reason = result.get("cancel_reason").and_then(Value::as_str).unwrap_or("the watch was cancelled");
            return Err(EngineError::Unavailable(reason.to_owned()));
        }
        let mut batches: Vec<Batch> = Vec::new();
        for event in result.get("events").and_then(Value::as_array).into_iter().flatten() {
            let Some(kv) = event.get("kv") else { continue };
            let revision = number(kv, "mod_revision");
            let change = match event.get("type").and_then(Value::as_str) {
                Some("DELETE") => self.key_of(kv).map(|key| (key, None)),
                _ => self.entry(kv).map(|(key, entry)| (key, Some(entry))),
            };
            match batches.last_mut() {
                Some((last, changes)) if *last == revision => changes.extend(change),
                _ => batches.push((revision, change.into_iter().collect())),
            }
        }
        Ok(batches)
    }
}

impl Engine for Etcd {
    async fn list(&self) -> Result<Mirror, EngineError> {
        let serializable = json!({"serializable": true});
        let first = self.range("", "zone/", 0, &serializable).await?;
        let revision = first.get("header").map_or(0, |header| number(header, "revision"));
        let list = |answer: &Value| answer.get("kvs").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut entries: Vec<(Key, Entry)> = list(&first).iter().filter_map(|kv| self.entry(kv)).collect();
        // Zones are long: of those only what says which version is where, at the same revision.
        let keys = self.range("zone/", "zone0", revision, &json!({"serializable": true, "keys_only": true})).await?;
        for kv in list(&keys) {
            let Some(key @ Key::Current(_)) = self.key_of(&kv) else { continue };
            let text = key.to_string();
            let one = self.range(&text, &format!("{text}\0"), revision, &serializable).await?;
            entries.extend(list(&one).iter().filter_map(|kv| self.entry(kv)));
        }
        Ok(Mirror::new(revision, entries))
    }

    async fn follow(&self, after: i64, batches: mpsc::Sender<Batch>) -> Result<(), EngineError> {
        let body = json!({"create_request": {
            "key": encoded(&*self.prefix), "range_end": encoded(end_of(&self.prefix)),
            "start_revision": after.saturating_add(1).to_string(),
        }});
        let opened = tokio::time::timeout(PATIENCE, self.connection.open("/v3/watch", &body)).await;
        let late = || Err(EngineError::Unavailable("the stream does not begin in time".into()));
        let (mut response, _connection) = opened.unwrap_or_else(|_| late())?;
        let mut line: Vec<u8> = Vec::new();
        while let Some(frame) = response.frame().await {
            let frame = frame.map_err(|error| EngineError::Unavailable(format!("the stream broke: {error}")))?;
            let Ok(data) = frame.into_data() else { continue };
            for part in data.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                if line.len() > LINE_BYTES_MAX {
                    return Err(EngineError::Unavailable("a message of the stream is too long".into()));
                }
                if !line.ends_with(b"\n") {
                    continue;
                }
                let message: Value = serde_json::from_slice(&line)
                    .map_err(|error| EngineError::Unavailable(format!("the stream is no JSON: {error}")))?;
                line.clear();
                for batch in self.batches(&message)? {
                    if batches.send(batch).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
        Err(EngineError::Unavailable("the stream ended".into()))
    }

    async fn submit(&self, transaction: &Transaction) -> Result<bool, EngineError> {
        let compare = transaction.compare.iter().map(|compare| match compare {
            Compare::Created(key, revision) => json!({"key": self.key(key), "target": "CREATE", "result": "EQUAL",
                "create_revision": revision.to_string()}),
            Compare::Modified(key, revision) => json!({"key": self.key(key), "target": "MOD", "result": "EQUAL",
                "mod_revision": revision.to_string()}),
            Compare::Exists(key) => json!({"key": self.key(key), "target": "CREATE", "result": "GREATER",
                "create_revision": "0"}),
        });
        let then = transaction.then.iter().map(|put| match put {
            Put::Write { key, record, lease } => json!({"request_put": {"key": self.key(key),
                "value": encoded(record.bytes()), "lease": lease.to_string()}}),
            Put::Delete(key) => json!({"request_delete_range": {"key": self.key(key)}}),
        });
        let body = json!({"compare": compare.collect::<Value>(), "success": then.collect::<Value>()});
        let answer = self.connection.ask("/v3/kv/txn", &body).await?;
        Ok(answer.get("succeeded").and_then(Value::as_bool) == Some(true))
    }

    async fn grant(&self, seconds: u64) -> Result<i64, EngineError> {
        let answer = self.connection.ask("/v3/lease/grant", &json!({"TTL": seconds.to_string()})).await?;
        match number(&answer, "ID") {
            0 => Err(EngineError::Unavailable("the lease has no number".into())),
            lease => Ok(lease),
        }
    }

    async fn keep_alive(&self, lease: i64) -> Result<(), EngineError> {
        let answer = self.connection.ask("/v3/lease/keepalive", &json!({"ID": lease.to_string()})).await?;
        match answer.get("result").map_or(0, |result| number(result, "TTL")) {
            1.. => Ok(()),
            _ => Err(EngineError::LeaseGone),
        }
    }

    async fn remaining(&self, lease: i64) -> Result<u64, EngineError> {
        let answer = self.connection.ask("/v3/lease/timetolive", &json!({"ID": lease.to_string()})).await?;
        match u64::try_from(number(&answer, "TTL")) {
            Ok(seconds @ 1..) => Ok(seconds),
            _ => Err(EngineError::LeaseGone),
        }
    }

    async fn revoke(&self, lease: i64) -> Result<(), EngineError> {
        self.connection.ask("/v3/lease/revoke", &json!({"ID": lease.to_string()})).await.map(drop)
    }

    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, EngineError> {
        let answer = self.connection.ask("/v3/kv/range", &json!({"key": self.key(key)})).await?;
        let kv = answer.get("kvs").and_then(Value::as_array).and_then(|list| list.first());
        Ok(kv.map(|kv| kv.get("value").and_then(Value::as_str).and_then(decoded).unwrap_or_default()))
    }
}

/// Where the keys end that begin with this.
fn end_of(prefix: &str) -> String {
    format!("{}0", prefix.trim_end_matches('/'))
}

/// A whole number, which etcd writes as a text; 0 when it is left out.
fn number(value: &Value, key: &str) -> i64 {
    let value = value.get(key);
    value.and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok())).unwrap_or(0)
}
