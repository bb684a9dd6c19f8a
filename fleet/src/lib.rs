//! Many watches, one verdict: what they write into an engine that all of them see, and what each does next.
//!
//! Everything here is a function of what was read. There is no clock and no socket, and no decision compares the clocks of
//! two machines: order comes from the engine's revisions. A watch brings [`Node`] what it reads and carries out the
//! transactions that it asks for; the tests bring it every order of messages that they can think of.

#![forbid(unsafe_code)]

mod key;
mod mirror;
mod node;
mod operator;
mod record;
mod statuses;
mod transaction;
mod verdict;
mod word;

pub use key::Key;
pub use mirror::{Entry, Mirror};
pub use node::{Input, Node, Output, Purpose, Role};
pub use operator::{Asked, Publication, Rollout, clear, force, tell};
pub use record::{Current, Force, Leader, Member, Record, Report, Rules, Table, Told, Version, Writer};
pub use statuses::{Statuses, Subject};
pub use transaction::{Compare, Put, Transaction};
pub use verdict::{Verdict, verdict, votes};
pub use word::{WORD_INSUFFICIENT_DOWN, status_of, word_of};
