//! What the full module has besides: documents in and out, descriptions, and everything that says why.
#![expect(unsafe_code, reason = "a function is exported by its name, which Rust counts as unsafe")]

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_report};
use pointsman_core::query::Query;
use pointsman_core::validate::{apply, apply_json, validate};

use super::{BAD_ARGUMENT, DONE, REFUSED};
use crate::convert::{self, Fault};
use crate::documents::{self, Bundle};
use crate::findings;
use crate::memory::{self, with};
use crate::state::State;

#[unsafe(no_mangle)]
extern "C" fn pointsman_check(address: u32, length: u32) -> u32 {
    with_bundle(address, length, |state, bundle| {
        let validated = validate(&bundle.parsed(), &bundle.options());
        state.text = bundle.findings(&validated.diagnostics).into_bytes();
        if has_errors(&validated.diagnostics) { REFUSED } else { DONE }
    })
    .unwrap_or(BAD_ARGUMENT)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_apply(address: u32, length: u32, batch_address: u32, batch_length: u32) -> u32 {
    let Some(batch) = memory::text(batch_address, batch_length) else { return BAD_ARGUMENT };
    with_bundle(address, length, |state, mut bundle| {
        let parsed = bundle.parsed();
        let applied = apply(&parsed, &parse(parsed.len(), batch), &bundle.options());
        if !has_errors(&applied.diagnostics) {
            state.text = apply_json(&parsed, &bundle.texts(), batch, &applied).into_bytes();
            return DONE;
        }
        drop(parsed);
        bundle.documents.push(("batch", None, batch));
        state.text = bundle.findings(&applied.diagnostics).into_bytes();
        REFUSED
    })
    .unwrap_or(BAD_ARGUMENT)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_load(address: u32, length: u32) -> u32 {
    with_bundle(address, length, |state, bundle| {
        let validated = validate(&bundle.parsed(), &bundle.options());
        state.text = bundle.findings(&validated.diagnostics).into_bytes();
        validated.zone.map_or(0, |zone| state.add_zone(compile(&zone)))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_describe(zone: u32) -> u32 {
    say(|state| state.zones.get(zone).map(|zone| documents::zone_json(zone)))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_record_set_describe(zone: u32, number: u32) -> u32 {
    say(|state| documents::record_set_json(state.zones.get(zone)?, number))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_new(zone: u32, address: u32, length: u32) -> u32 {
    with_report(address, length, |state, report| {
        let (view, findings) = HealthView::new(Arc::clone(state.zones.get(zone)?), report);
        Some((state.add_view(view), findings))
    })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_update(view: u32, address: u32, length: u32) -> u32 {
    with_report(address, length, |state, report| {
        let old = state.views.get(view)?;
        let ((view, findings), by_place) = (old.view.updated(report), Rc::clone(&old.by_place));
        Some((state.add_view_like(view, by_place), findings))
    })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_health_checks(view: u32) -> u32 {
    say(|state| Some(documents::health_checks_json(&state.views.get(view)?.view)))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_answered(view: u32) -> u32 {
    say(|state| Some(state.views.get(view)?.view.answered()))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_unanswered(view: u32, address: u32, length: u32) -> u32 {
    let Some(lines) = memory::text(address, length) else { return BAD_ARGUMENT };
    say(|state| Some(state.views.get(view)?.view.unanswered(lines)))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_without_data(view: u32) -> u32 {
    say(|state| Some(state.views.get(view)?.view.without_data().join("\n")))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_odds(view: u32) -> u32 {
    ask(view, |view, query| match view.odds(query) {
        Ok(odds) => (DONE, odds.to_json()),
        Err(error) => (REFUSED, error.to_string()),
    })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_explain(view: u32, as_json: u32) -> u32 {
    ask(view, |view, query| {
        let explanation = view.explain(query);
        (DONE, if as_json == 0 { explanation.to_string() } else { explanation.to_json() })
    })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_resolve_json(view: u32, address: u32, length: u32) -> u32 {
    let Some(line) = memory::text(address, length) else { return BAD_ARGUMENT };
    say(|state| {
        let view = state.views.get_mut(view)?;
        Some(view.view.resolve_json(line, &mut view.scratch))
    })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_odds_json(view: u32, address: u32, length: u32) -> u32 {
    let Some(line) = memory::text(address, length) else { return BAD_ARGUMENT };
    say(|state| Some(state.views.get(view)?.view.odds_json(line)))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_explain_json(view: u32, address: u32, length: u32) -> u32 {
    let Some(line) = memory::text(address, length) else { return BAD_ARGUMENT };
    say(|state| Some(state.views.get(view)?.view.explain_json(line)))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_image(zone: u32) -> u32 {
    with(|state, _, _| match state.zones.get(zone).map(|zone| zone.to_image()) {
        Some(image) => {
            state.text = image;
            DONE
        }
        None => BAD_ARGUMENT,
    })
}

/// Keeps what is to be said as the text.
fn say(what: impl FnOnce(&mut State) -> Option<String>) -> u32 {
    with(|state, _, _| match what(state) {
        Some(text) => {
            state.text = text.into_bytes();
            DONE
        }
        None => BAD_ARGUMENT,
    })
}

/// Puts the query in the buffer to a view that answers in text.
fn ask(view: u32, question: impl FnOnce(&HealthView, &Query) -> (u32, String)) -> u32 {
    with(|state, flat, _| {
        let Some(view) = state.views.get(view) else { return BAD_ARGUMENT };
        match convert::read(flat, &mut state.query) {
            Ok(()) => {
                let (status, text) = question(&view.view, &state.query);
                state.text = text.into_bytes();
                status
            }
            Err(fault @ (Fault::Name | Fault::Client)) => fault as u32,
        }
    })
}

fn with_bundle<T>(address: u32, length: u32, work: impl FnOnce(&mut State, Bundle<'_>) -> T) -> Option<T> {
    let bundle = memory::bytes(address, length).and_then(Bundle::read);
    with(|state, _, _| {
        // A host may pass the last text back where it stands, so that it is freed only once it has been read.
        let last = core::mem::take(&mut state.text);
        let done = bundle.map(|bundle| work(state, bundle));
        drop(last);
        done
    })
}

/// Makes a view with a report; its handle, or 0 where the text says why not.
fn with_report(
    address: u32,
    length: u32,
    view: impl FnOnce(&mut State, &HealthReport) -> Option<(u32, Vec<Diagnostic>)>,
) -> u32 {
    let text = memory::text(address, length);
    with(|state, _, _| {
        let _last = core::mem::take(&mut state.text);
        let text = text?;
        if text.is_empty() {
            return Some(view(state, &HealthReport::default())?.0);
        }
        match parse_report(0, text) {
            Ok((report, mut findings)) => {
                let (handle, warnings) = view(state, &report)?;
                findings.extend(warnings);
                state.text = findings::lines(&findings, &[("health report", text)]).into_bytes();
                Some(handle)
            }
            Err(findings) => {
                state.text = findings::lines(&findings, &[("health report", text)]).into_bytes();
                None
            }
        }
    })
    .unwrap_or(0)
}
