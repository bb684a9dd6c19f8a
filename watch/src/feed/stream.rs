//! The stream of a zone: `report` with everything, then `change` with what changed, each a health report; `alive` with a
//! time when nothing did. The id of an event is the entity tag of the report as it is then.

use std::sync::Arc;
use std::time::Duration;

use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tokio::sync::mpsc;

use super::answer::{Answer, Content};
use super::slots::StreamSlot;
use crate::follower::{Follower, GATHER};
use crate::hub::{Hub, WatchedZone};

/// Events that wait for a client to read; its connection's own buffers come on top.
const WAITING_MAX: usize = 16;

/// Answers with the stream of a zone. `slot` is free again when the client is gone.
pub(super) fn stream(hub: Arc<Hub>, zone: Arc<WatchedZone>, alive: Duration, slot: StreamSlot) -> Answer {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let _slot = slot;
        let (mut follower, first) = Follower::new(hub, zone);
        let mut next = Some(first);
        while let Some(events) = next {
            if sender.send(events).await.is_err() {
                return;
            }
            // The first change after a quiet time does not wait.
            tokio::time::sleep(GATHER).await;
            next = tokio::select! {
                () = sender.closed() => return,
                events = follower.next(alive) => events,
            };
        }
    });
    let mut answer = Response::new(Content::Stream(receiver));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
