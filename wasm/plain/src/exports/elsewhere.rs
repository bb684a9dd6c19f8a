//! What only the full module does: a caller of this one gets an error that says where it is.
#![expect(unsafe_code, reason = "a function is exported by its name, which Rust counts as unsafe")]

use alloc::sync::Arc;

use pointsman_core::health::HealthView;

use super::REFUSED;
use crate::memory::with;

/// As a finding, for functions whose text is findings.
const FINDING: &str = concat!(
    r#"{"code":"only-decides","severity":"error","class":"cannot-be-evaluated","#,
    r#""message":"this module only decides: see pointsman_plain.wasm","#,
    r#""help":"compile documents with `pointsman compile`"}"#,
    "\n"
);

/// Without bytes the view of which nothing is known yet; with some, a report of JSON, which is not read here.
#[unsafe(no_mangle)]
extern "C" fn pointsman_view_new(zone: u32, _: u32, length: u32) -> u32 {
    if length != 0 {
        return refuse(0);
    }
    with(|state, _, _| {
        let view = HealthView::unreported(Arc::clone(state.zones.get(zone)?));
        state.text.clear();
        Some(state.add_view(view))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_update(_: u32, _: u32, _: u32) -> u32 {
    refuse(0)
}

fn refuse(status: u32) -> u32 {
    with(|state, _, _| state.text = FINDING.as_bytes().to_vec());
    status
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_check(_: u32, _: u32) -> u32 {
    refuse(REFUSED)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_apply(_: u32, _: u32, _: u32, _: u32) -> u32 {
    refuse(REFUSED)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_load(_: u32, _: u32) -> u32 {
    refuse(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_odds(_: u32) -> u32 {
    refuse(REFUSED)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_explain(_: u32, _: u32) -> u32 {
    refuse(REFUSED)
}
