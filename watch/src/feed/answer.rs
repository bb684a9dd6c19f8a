//! Answers: a text, or a stream of server-sent events that goes on.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;
use tokio::sync::mpsc;

/// The body of an answer.
pub(super) enum Content {
    Text(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

/// An answer.
pub(super) type Answer = Response<Content>;

/// An answer that says why not, where there could be something else.
pub(super) type Refusal = Box<Answer>;

impl Body for Content {
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

/// An answer of text.
pub(super) fn text(status: StatusCode, kind: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Content::Text(Some(Bytes::from(text))));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// An answer of JSON.
pub(super) fn json_text(text_of_json: String) -> Answer {
    text(StatusCode::OK, "application/json", text_of_json)
}

/// An answer that says why not.
pub(super) fn fault(status: StatusCode, message: &str) -> Answer {
    text(status, "application/json", json!({"error": message}).to_string())
}

/// The same as a refusal.
pub(super) fn refusal(status: StatusCode, message: &str) -> Refusal {
    Box::new(fault(status, message))
}
