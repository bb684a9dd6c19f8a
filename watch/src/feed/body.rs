//! Bodies of answers: a text, or a stream of server-sent events that goes on.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use pointsman_core::model::Time;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use crate::board::change_report;
use crate::shared::{News, Shared, now};

/// The body of an answer.
pub(super) enum Answer {
    Text(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Text(text) => Poll::Ready(text.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(events) => events.poll_recv(context).map(|event| Some(Ok(Frame::data(event?)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Text(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64)),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// A stream of events: `report` with everything, then `change` with what changed, each a health report; `alive` with a
/// time when nothing did. Its id is the entity tag of the report as it is then.
pub(super) fn events(shared: Arc<Shared>, alive: Duration) -> Answer {
    // A client that reads nothing for so many events is cut off by its own full buffer, not by ours.
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut news = shared.listen();
        if sender.send(whole(&shared)).await.is_err() {
            return;
        }
        loop {
            let event = tokio::select! {
                () = sender.closed() => return,
                heard = tokio::time::timeout(alive, news.recv()) => match heard {
                    Err(_) => event("alive", &shared, &format!("{{\"Time\":\"{}\"}}", now())),
                    Ok(Ok(News::Changes(changes))) => {
                        let time = changes.first().map_or_else(Time::default, |change| change.at);
                        match change_report(&changes, time) {
                            Some(report) => event("change", &shared, &report),
                            None => whole(&shared),
                        }
                    }
                    Ok(Ok(News::Everything) | Err(RecvError::Lagged(_))) => whole(&shared),
                    Ok(Err(RecvError::Closed)) => return,
                },
            };
            if sender.send(event).await.is_err() {
                return;
            }
        }
    });
    Answer::Stream(receiver)
}

fn whole(shared: &Shared) -> Bytes {
    let report = shared.board().report(now());
    event("report", shared, &report)
}

fn event(name: &str, shared: &Shared, data: &str) -> Bytes {
    let tag = shared.entity_tag(shared.board().version());
    Bytes::from(format!("event: {name}\nid: {}\ndata: {data}\n\n", tag.trim_matches('"')))
}
