//! What wasmtime makes of the WIT.

#![allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all, reason = "generated from the WIT")]
wasmtime::component::bindgen!({
    path: "../../wasm/wit",
    world: "pointsman",
    additional_derives: [PartialEq],
});

/// The world `decide`; what both worlds have under one name is one type for each.
pub mod decide {
    wasmtime::component::bindgen!({
        path: "../../wasm/wit",
        world: "decide",
        additional_derives: [PartialEq],
    });
}
