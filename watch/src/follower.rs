//! What somebody who follows a zone gets: the whole report first, then changes, and signs of life when nothing does.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::hub::{FeedEvent, Hub, WatchedZone};

/// Between two writes, for whoever calls [`Follower::next`]: in an outage many changes are one write.
pub(crate) const GATHER: Duration = Duration::from_millis(10);
/// What one write takes at most, give or take an event.
const WRITE_BYTES_MAX: usize = 64 * 1024;

/// One who follows a zone.
pub(crate) struct Follower {
    hub: Arc<Hub>,
    zone: Arc<WatchedZone>,
    events: broadcast::Receiver<FeedEvent>,
    /// The number of the report that it was sent.
    sent: u64,
}

impl Follower {
    /// Follows a zone from now on; the second value is the event with the whole report.
    pub(crate) fn new(hub: Arc<Hub>, zone: Arc<WatchedZone>) -> (Self, Bytes) {
        let events = zone.subscribe();
        let (sent, first) = hub.whole_event(&zone);
        (Self { hub, zone, events, sent }, first)
    }

    /// The next events, as they are written to a stream: what changed, or after `alive` that nothing did; `None` when the
    /// zone is gone. To be called again if it was dropped before its end.
    pub(crate) async fn next(&mut self, alive: Duration) -> Option<Bytes> {
        loop {
            let next = match tokio::time::timeout(alive, self.events.recv()).await {
                Err(_) => Next::Events(self.hub.alive_event(&self.zone, self.sent)),
                Ok(Ok(first)) => gather(first, &mut self.events, &mut self.sent),
                Ok(Err(RecvError::Lagged(_))) => Next::Whole,
                Ok(Err(RecvError::Closed)) => return None,
            };
            match next {
                Next::Nothing => {}
                Next::Events(text) => return Some(text),
                Next::Whole => return Some(self.whole()),
            }
        }
    }

    /// The event with the whole report, for one who lost something.
    pub(crate) fn whole(&mut self) -> Bytes {
        let (sequence, event) = self.hub.whole_event(&self.zone);
        self.sent = sequence;
        event
    }
}

/// What it is sent next.
enum Next {
    /// It has all of that already.
    Nothing,
    /// These events.
    Events(Bytes),
    /// A whole report, because changes were missed or would not say it.
    Whole,
}

/// An event and those that wait behind it. `sent` is the number that the client is at.
fn gather(first: FeedEvent, events: &mut broadcast::Receiver<FeedEvent>, sent: &mut u64) -> Next {
    let mut text = BytesMut::new();
    let mut event = first;
    loop {
        match event {
            // The whole report before it had this already.
            FeedEvent::Change(sequence, _) if sequence <= *sent => {}
            FeedEvent::Change(sequence, change) if sequence == sent.saturating_add(1) => {
                *sent = sequence;
                text.extend_from_slice(&change);
            }
            FeedEvent::Change(..) | FeedEvent::Whole => return Next::Whole,
        }
        if text.len() >= WRITE_BYTES_MAX {
            break;
        }
        event = match events.try_recv() {
            Ok(event) => event,
            Err(TryRecvError::Lagged(_)) => return Next::Whole,
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        };
    }
    if text.is_empty() { Next::Nothing } else { Next::Events(text.freeze()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_wait_are_one_write_and_a_gap_is_a_whole_report() {
        let (sender, mut events) = broadcast::channel(8);
        let change = |number: u64| FeedEvent::Change(number, Bytes::from(format!("{number};")));
        for number in [3, 4, 5] {
            sender.send(change(number)).unwrap();
        }
        let mut sent = 2;
        // One that the client has comes first.
        assert!(matches!(gather(change(2), &mut events, &mut sent), Next::Events(text) if text == "3;4;5;"));
        assert_eq!(sent, 5);
        assert!(matches!(gather(change(5), &mut events, &mut sent), Next::Nothing));
        sender.send(change(8)).unwrap();
        assert!(matches!(gather(change(6), &mut events, &mut sent), Next::Whole));
        for number in 7..20 {
            sender.send(change(number)).unwrap();
        }
        assert!(matches!(gather(change(7), &mut events, &mut sent), Next::Whole), "some were lost");
    }
}
