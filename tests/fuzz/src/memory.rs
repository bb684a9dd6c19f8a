//! The plain module's memory outside WebAssembly: an arena with addresses from 0, so that every address and length that a
//! host may pass can be tried. The counterpart of wasm/plain/src/memory.rs; what it returns is checked in the same way.
#![expect(unsafe_code, reason = "it stands for the one file of the plain module that follows pointers")]

use std::cell::UnsafeCell;

use crate::plain_module::layout::{Answer, Query};
use crate::plain_module::state::State;

/// Bytes in the arena: one page of WebAssembly.
pub(crate) const SIZE: usize = 65_536;

struct Instance {
    state: State,
    query: Query,
    answer: Answer,
    arena: Box<[u8]>,
}

thread_local! {
    static INSTANCE: UnsafeCell<Instance> = UnsafeCell::new(fresh());
}

fn fresh() -> Instance {
    Instance { state: State::EMPTY, query: Query::EMPTY, answer: Answer::EMPTY, arena: vec![0; SIZE].into() }
}

fn instance<T>(work: impl FnOnce(*mut Instance) -> T) -> T {
    INSTANCE.with(|instance| work(instance.get()))
}

/// Begins again with nothing loaded.
pub(crate) fn reset() {
    // SAFETY: no export runs, and the instance is this thread's own.
    instance(|instance| unsafe { *instance = fresh() });
}

/// Writes as a host does: into the arena from an address on, as far as there is room.
pub(crate) fn write(address: usize, bytes: &[u8]) {
    // SAFETY: as in `reset`.
    let arena = instance(|instance| unsafe { &mut (&mut *instance).arena });
    for (place, byte) in arena.iter_mut().skip(address).zip(bytes) {
        *place = *byte;
    }
}

/// Writes as a host does into the query's buffer.
pub(crate) fn write_query(at: usize, bytes: &[u8]) {
    // SAFETY: as in `reset`; every byte pattern is a valid `Query`.
    let query = instance(|instance| unsafe {
        std::slice::from_raw_parts_mut((&raw mut (*instance).query).cast::<u8>(), size_of::<Query>())
    });
    for (place, byte) in query.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

/// What is loaded, and the two fixed buffers.
pub(crate) fn with<T>(work: impl FnOnce(&mut State, &Query, &mut Answer) -> T) -> T {
    instance(|instance| {
        // SAFETY: no export calls another, and the instance is this thread's own. The arena is not lent here.
        unsafe { work(&mut (*instance).state, &(*instance).query, &mut (*instance).answer) }
    })
}

/// Where a host writes queries: nowhere in the arena.
pub(crate) fn query_address() -> u32 {
    0
}

/// Where a host reads answers: nowhere in the arena.
pub(crate) fn answer_address() -> u32 {
    0
}

/// The bytes at an address that a host gave; `None` when they do not lie within the memory.
pub(crate) fn bytes<'a>(address: u32, length: u32) -> Option<&'a [u8]> {
    if length == 0 {
        return Some(&[]);
    }
    let end = u64::from(address).checked_add(u64::from(length))?;
    if address == 0 || end > SIZE as u64 {
        return None;
    }
    // SAFETY: the range lies within the arena, which lives as long as the thread, and nothing writes to it while a call
    // runs.
    instance(|instance| unsafe {
        let arena = (&raw const *(*instance).arena).cast::<u8>();
        Some(std::slice::from_raw_parts(arena.add(address as usize), length as usize))
    })
}

/// The text at an address that a host gave; `None` when it is not UTF-8 or not within the memory.
pub(crate) fn text<'a>(address: u32, length: u32) -> Option<&'a str> {
    std::str::from_utf8(bytes(address, length)?).ok()
}

/// Memory for a host to write into: the host of this arena writes where it likes.
pub(crate) fn allocate(size: u32) -> u32 {
    u32::from(size > 0)
}

/// Takes memory back.
pub(crate) fn release(_: u32, _: u32) {}
