//! The exported functions: integers in, an integer out, bytes through the memory. wasm/plain/README.md describes each.
#![expect(unsafe_code, reason = "a function is exported by its name, which Rust counts as unsafe")]

// Written out, as the fuzz targets take this file by its path, too.
#[cfg(not(feature = "documents"))]
#[path = "exports/elsewhere.rs"]
mod elsewhere;
#[cfg(feature = "documents")]
#[path = "exports/full.rs"]
mod full;

use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pointsman_core::compile::Zone;
use pointsman_core::health::HealthView;
use pointsman_core::model::NameBuf;
use pointsman_core::resolve::Question;

use crate::convert;
use crate::layout::{self, ABI_VERSION};
use crate::memory::{self, with};
use crate::state::{Kept, State, View};
use crate::statuses;

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
    with(|state, _, _| state.text = Vec::new());
}

// ---- zones -------------------------------------------------------------------------------------------------------------

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_open(address: u32, length: u32) -> u32 {
    let image = memory::bytes(address, length);
    with(|state, _, _| {
        state.text.clear();
        match Zone::from_image(image?) {
            Ok(zone) => Some(state.add_zone(zone)),
            Err(error) => {
                state.text = error.code().as_bytes().to_vec();
                None
            }
        }
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_zone_free(zone: u32) -> u32 {
    with(|state, _, _| if state.zones.remove(zone) { DONE } else { BAD_ARGUMENT })
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
extern "C" fn pointsman_view_statuses(view: u32, address: u32, length: u32) -> u32 {
    let statuses = memory::bytes(address, length).and_then(statuses::read);
    with(|state, _, _| {
        let _last = core::mem::take(&mut state.text);
        let (checks, alias_targets) = statuses?;
        let old = state.views.get(view)?;
        let ((view, unknown), by_place) = (old.view.updated_by_name(&checks, &alias_targets), Rc::clone(&old.by_place));
        for name in unknown {
            state.text.extend_from_slice(name.as_bytes());
            state.text.push(b'\n');
        }
        Some(state.add_view_like(view, by_place))
    })
    .unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_down(view: u32, address: u32, length: u32) -> u32 {
    next_view(view, address, length, HealthView::without_named)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_without(view: u32, address: u32, length: u32) -> u32 {
    next_view(view, address, length, HealthView::without_record_set)
}

#[unsafe(no_mangle)]
extern "C" fn pointsman_view_free(view: u32) -> u32 {
    with(|state, _, _| if state.views.remove(view) { DONE } else { BAD_ARGUMENT })
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
extern "C" fn pointsman_set_identifier(view: u32, number: u32) -> u32 {
    with(|state, _, _| {
        let Some(view) = state.views.get(view) else { return BAD_ARGUMENT };
        let Some(record_set) = view.view.zone().record_set(number) else { return BAD_ARGUMENT };
        state.text = record_set.set_identifier().unwrap_or_default().as_bytes().to_vec();
        DONE
    })
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
    let resolved = if let Some(question) = question {
        view.resolve_question(question, kept.as_deref().unwrap_or(&query.client), draw, scratch)
    } else {
        // A kept client takes the query's place while the answer is made.
        query.draw = draw;
        if let Some(client) = &mut kept {
            core::mem::swap(*client, &mut query.client);
        }
        let resolved = view.resolve(query, scratch);
        if let Some(client) = &mut kept {
            core::mem::swap(*client, &mut query.client);
        }
        resolved
    };
    convert::write(&resolved, view.zone(), asks_place.then_some(&**by_place), path, answer);
    DONE
}

/// Makes a view of another one by a list of lines; its handle, or 0 where the text is the first line that names nothing.
fn next_view(view: u32, address: u32, length: u32, make: fn(&HealthView, &str) -> Option<HealthView>) -> u32 {
    let lines = memory::bytes(address, length);
    with(|state, _, _| {
        let _last = core::mem::take(&mut state.text);
        let old = state.views.get(view)?;
        let (mut next, by_place) = (old.view.clone(), Rc::clone(&old.by_place));
        for line in lines?.split(|byte| *byte == b'\n') {
            let Some(made) = core::str::from_utf8(line).ok().and_then(|line| make(&next, line)) else {
                state.text = line.to_vec();
                return None;
            };
            next = made;
        }
        Some(state.add_view_like(next, by_place))
    })
    .unwrap_or(0)
}
