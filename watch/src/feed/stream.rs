//! The stream of a zone: `report` with everything, then `change` with what changed, each a health report; `alive` with a
//! time when nothing did. The id of an event is the entity tag of the report as it is then.

use std::sync::Arc;
use std::time::Duration;

use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::answer::{Answer, Content};
use super::slots::StreamSlot;
use crate::hub::{FeedEvent, Hub, WatchedZone};

/// Events that wait for a client to read; its connection's own buffers come on top.
const WAITING_MAX: usize = 16;

/// Answers with the stream of a zone. `slot` is free again when the client is gone.
pub(super) fn stream(hub: Arc<Hub>, zone: Arc<WatchedZone>, alive: Duration, slot: StreamSlot) -> Answer {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let _slot = slot;
        let mut events = zone.subscribe();
        let (mut sent, first) = hub.whole_event(&zone);
        if sender.send(first).await.is_err() {
            return;
        }
        loop {
            let event = tokio::select! {
                () = sender.closed() => return,
                received = tokio::time::timeout(alive, events.recv()) => match received {
                    Err(_) => hub.alive_event(&zone, sent),
                    // The whole report before it had this already.
                    Ok(Ok(FeedEvent::Change(sequence, _))) if sequence <= sent => continue,
                    Ok(Ok(FeedEvent::Change(sequence, event))) if sequence == sent.saturating_add(1) => {
                        sent = sequence;
                        event
                    }
                    Ok(Ok(FeedEvent::Change(..) | FeedEvent::Whole) | Err(RecvError::Lagged(_))) => {
                        let (sequence, event) = hub.whole_event(&zone);
                        sent = sequence;
                        event
                    }
                    Ok(Err(RecvError::Closed)) => return,
                },
            };
            if sender.send(event).await.is_err() {
                return;
            }
        }
    });
    let mut answer = Response::new(Content::Stream(receiver));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
