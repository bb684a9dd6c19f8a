//! Types and glue of the world `decide`, generated from the WIT package.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    reason = "generated from ../wit, which documents every item"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "decide",
});

export!(Component);

/// The type that the world's exports hang on; see `decide`.
pub(crate) struct Component;

pub(crate) use exports::pointsman::routing::decisions as wit;
