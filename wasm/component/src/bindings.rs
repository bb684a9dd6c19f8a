//! Types and glue, generated from the WIT package.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    reason = "generated from ../wit, which documents every item"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "pointsman",
});

export!(Component);

/// The type that the world's exports hang on; see `guest`.
pub(crate) struct Component;

pub(crate) use exports::pointsman::routing::{prepared, routing as wit};
