//! The exported functions: integers in, an integer out, bytes through the memory. wasm/plain/README.md describes each.
#![expect(unsafe_code, reason = "a function is exported by its name, which Rust counts as unsafe")]

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::health::HealthView;
use pointsman_core::model::NameBuf;
use pointsman_core::parse::{HealthReport, parse, parse_report};
use pointsman_core::resolve::Question;
use pointsman_core::validate::{apply, apply_json, validate};

use crate::convert::{self, Fault};
use crate::documents::{self, Bundle};
use crate::layout::{self, ABI_VERSION};
use crate::memory::{self, with};
use crate::state::{Kept, State, View};

/// What functions without a handle to give answer.
const DONE: u32 = 0;
/// No such zone, view or record set; or bytes that do not lie in the memory, or are not what they should be.
const BAD_ARGUMENT: u32 = 1;
/// The text says why.
const REFUSED: u32 = 4;

#[unsafe(no_mangle)]
extern "C" fn pointsman_abi_version() -> u32 {
    ABI_VERSION
}

// ---- memory ------------------------------------------------------------------------------------------------------------

#[unsafe(no_mangle)]
extern "C" fn pointsman_alloc(size: u32) -> u32 {
    memory::allocate(size)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_free(address: u32, size: u32) {
    memory::release(address, size);
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_query() -> u32 {
    memory::query_address()
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_answer() -> u32 {
    memory::answer_address()
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_text() -> u32 {
    with(|state, _, _| state.text.as_ptr() as u32)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_text_length() -> u32 {
    with(|state, _, _| u32::try_from(state.text.len()).unwrap_or(0))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_text_free() {
    with(|state, _, _| state.text = String::new());
}

// ---- zones -------------------------------------------------------------------------------------------------------------

#[unsafe(no_mangle)]
extern "C" fn pointsman_check(address: u32, length: u32) -> u32 {
    with_bundle(address, length, |state, bundle| {
        let validated = validate(&bundle.parsed(), &bundle.options());
        state.text = bundle.findings(&validated.diagnostics);
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
            state.text = apply_json(&parsed, &bundle.texts(), batch, &applied);
            return DONE;
        }
        drop(parsed);
        bundle.documents.push(("batch", None, batch));
        state.text = bundle.findings(&applied.diagnostics);
        REFUSED
    })
    .unwrap_or(BAD_ARGUMENT)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_load(address: u32, length: u32) -> u32 {
    with_bundle(address, length, |state, bundle| {
        let validated = validate(&bundle.parsed(), &bundle.options());
        state.text = bundle.findings(&validated.diagnostics);
        validated.zone.map_or(0, |zone| state.add_zone(compile(&zone)))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_free(zone: u32) -> u32 {
    with(|state, _, _| if state.zones.remove(zone) { DONE } else { BAD_ARGUMENT })
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
extern "C" fn pointsman_glue(zone: u32, name_address: u32, name_length: u32, record_type: u32) -> u32 {
    with(|state, _, _| {
        let name = NameBuf::from_wire(memory::bytes(name_address, name_length)?).ok()?;
        let record_type = convert::record_type(u16::try_from(record_type).ok()?);
        state.zones.get(zone)?.glue(name.as_ref(), record_type)?.checked_add(1)
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_region(address: u32, length: u32) -> u32 {
    memory::text(address, length).map_or(0, convert::region_number)
}

// ---- views -------------------------------------------------------------------------------------------------------------

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
extern "C" fn pointsman_view_free(view: u32) -> u32 {
    with(|state, _, _| if state.views.remove(view) { DONE } else { BAD_ARGUMENT })
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

// ---- questions ---------------------------------------------------------------------------------------------------------

#[unsafe(no_mangle)]
extern "C" fn pointsman_question_new(zone: u32) -> u32 {
    with(|state, flat, _| {
        let zone = Arc::clone(state.zones.get(zone)?);
        convert::read_question(flat, &mut state.query).ok()?;
        let question = Question::new(&zone, state.query.name.as_ref(), state.query.record_type);
        Some(state.questions.add(Kept { zone, question }))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_question_free(question: u32) -> u32 {
    with(|state, _, _| if state.questions.remove(question) { DONE } else { BAD_ARGUMENT })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_client_new() -> u32 {
    with(|state, flat, _| {
        convert::read_client(flat, &mut state.query.client).ok()?;
        Some(state.clients.add(state.query.client.clone()))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_client_free(client: u32) -> u32 {
    with(|state, _, _| if state.clients.remove(client) { DONE } else { BAD_ARGUMENT })
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_resolve(view: u32) -> u32 {
    with(|state, flat, answer| resolve(state, flat, answer, view, (0, 0), flat.draw))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_resolve_kept(view: u32, question: u32, client: u32, draw: u64) -> u32 {
    with(|state, flat, answer| resolve(state, flat, answer, view, (question, client), draw))
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_values(view: u32) -> u32 {
    with(|state, _, answer| {
        let Some(view) = state.views.get(view) else { return BAD_ARGUMENT };
        convert::values(view.view.zone(), &mut state.values, answer);
        DONE
    })
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

// ---- helpers -----------------------------------------------------------------------------------------------------------

/// Answers a question about a client: each what a handle stands for, or with 0 what the query buffer says.
fn resolve(
    state: &mut State,
    flat: &layout::Query,
    answer: &mut layout::Answer,
    view: u32,
    (question, client): (u32, u32),
    draw: u64,
) -> u32 {
    let State { views, questions, clients, query, path, .. } = state;
    let Some(view) = views.get_mut(view) else { return BAD_ARGUMENT };
    let question = match questions.get(question) {
        Some(kept) if Arc::ptr_eq(&kept.zone, view.view.zone()) => Some(&kept.question),
        None if question == 0 => {
            if let Err(fault) = convert::read_question(flat, query) {
                return fault as u32;
            }
            None
        }
        _ => return BAD_ARGUMENT,
    };
    let mut kept = clients.get_mut(client);
    if kept.is_none() {
        if client != 0 {
            return BAD_ARGUMENT;
        }
        if let Err(fault) = convert::read_client(flat, &mut query.client) {
            return fault as u32;
        }
    }
    let View { view, scratch, by_place, asks_place } = view;
    let by_place = asks_place.then_some(&**by_place);
    if let Some(question) = question {
        let client = kept.as_deref().unwrap_or(&query.client);
        let resolved = view.resolve_question(question, client, draw, scratch);
        convert::write(&resolved, view.zone(), by_place, path, answer);
        return DONE;
    }
    // A kept client takes the query's place while the answer is made.
    query.draw = draw;
    if let Some(client) = &mut kept {
        core::mem::swap(*client, &mut query.client);
    }
    let resolved = view.resolve(query, scratch);
    convert::write(&resolved, view.zone(), by_place, path, answer);
    if let Some(client) = &mut kept {
        core::mem::swap(*client, &mut query.client);
    }
    DONE
}

/// Keeps what is to be said as the text.
fn say(what: impl FnOnce(&mut State) -> Option<String>) -> u32 {
    with(|state, _, _| match what(state) {
        Some(text) => {
            state.text = text;
            DONE
        }
        None => BAD_ARGUMENT,
    })
}

/// Puts the query in the buffer to a view that answers in text.
fn ask(view: u32, question: impl FnOnce(&HealthView, &pointsman_core::query::Query) -> (u32, String)) -> u32 {
    with(|state, flat, _| {
        let Some(view) = state.views.get(view) else { return BAD_ARGUMENT };
        match convert::read(flat, &mut state.query) {
            Ok(()) => {
                let (status, text) = question(&view.view, &state.query);
                state.text = text;
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
        let bundle = Bundle::report(text);
        if text.is_empty() {
            return Some(view(state, &HealthReport::default())?.0);
        }
        match parse_report(0, text) {
            Ok((report, mut findings)) => {
                let (handle, warnings) = view(state, &report)?;
                findings.extend(warnings);
                state.text = bundle.findings(&findings);
                Some(handle)
            }
            Err(findings) => {
                state.text = bundle.findings(&findings);
                None
            }
        }
    })
    .unwrap_or(0)
}
