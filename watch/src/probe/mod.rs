//! One try of one endpoint, as a Route 53 checker does it (semantics 6.2).
//!
//! A try ends: every wait has a time-out, every buffer a limit, and the connection is closed behind it. Whatever the
//! endpoint does is a result with a reason in words, never an error of ours; and what goes wrong on this side is no result
//! about the endpoint ([`Verdict::NotTried`]).
//!
//! HTTP/1.1 is read by a reader of its own and not by hyper's client: a check looks at broken answers on purpose (headers
//! that are none, bodies that end early, chunks that lie), takes a status from them where Route 53 does, and never holds
//! more than 5,120 bytes of a body. hyper refuses a whole answer for one bad header line, and does not say which.

mod body;
mod deep;
mod http;
mod names;
mod obstacle;
mod prober;
mod stalls;
mod target;
mod tls;
mod words;

pub use self::prober::{Prober, ProberError, judge};
pub use self::stalls::Stalls;
pub use self::target::{Outcome, Protocol, Target, Timeouts, Verdict};
