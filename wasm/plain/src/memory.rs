//! The one place that follows pointers: between addresses that a host has and slices, and to the module's state.

use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::cell::UnsafeCell;

use crate::layout::{Answer, Query};
use crate::state::State;

/// What is loaded, and the two fixed buffers. A core module without shared memory runs on one thread at a time.
struct Global<T>(UnsafeCell<T>);

// SAFETY: the module has one memory that is not shared, so no two calls into it run at once.
unsafe impl<T> Sync for Global<T> {}

static STATE: Global<State> = Global(UnsafeCell::new(State::EMPTY));
static QUERY: Global<Query> = Global(UnsafeCell::new(Query::EMPTY));
static ANSWER: Global<Answer> = Global(UnsafeCell::new(Answer::EMPTY));

/// What is loaded. Each exported function calls this once, first of all, and lends it on.
pub(crate) fn with<T>(work: impl FnOnce(&mut State, &Query, &mut Answer) -> T) -> T {
    // SAFETY: no export calls another, and there is one thread; so these are the only references. Every byte pattern is
    // a valid `Query`.
    unsafe { work(&mut *STATE.0.get(), &*QUERY.0.get(), &mut *ANSWER.0.get()) }
}

/// Where a host writes queries.
pub(crate) fn query_address() -> u32 {
    QUERY.0.get() as u32
}

/// Where a host reads answers.
pub(crate) fn answer_address() -> u32 {
    ANSWER.0.get() as u32
}

/// The bytes at an address that a host gave; `None` when they do not lie within the memory.
pub(crate) fn bytes<'a>(address: u32, length: u32) -> Option<&'a [u8]> {
    if length == 0 {
        return Some(&[]);
    }
    let end = u64::from(address).checked_add(u64::from(length))?;
    let size = u64::try_from(core::arch::wasm32::memory_size::<0>()).ok()?.checked_mul(65_536)?;
    if address == 0 || end > size {
        return None;
    }
    // SAFETY: the range lies within the memory, every byte of which is initialised, and the host does not write while a
    // call runs. What is read here is copied or parsed before the call ends.
    Some(unsafe { core::slice::from_raw_parts(address as *const u8, length as usize) })
}

/// The text at an address that a host gave; `None` when it is not UTF-8 or not within the memory.
pub(crate) fn text<'a>(address: u32, length: u32) -> Option<&'a str> {
    core::str::from_utf8(bytes(address, length)?).ok()
}

/// Memory for a host to write into; 0 when there is none, or none was asked for.
pub(crate) fn allocate(size: u32) -> u32 {
    match layout(size) {
        // SAFETY: the layout has a size above zero.
        Some(layout) => unsafe { alloc(layout) as u32 },
        None => 0,
    }
}

/// Takes memory back that [`allocate`] gave with this size.
pub(crate) fn release(address: u32, size: u32) {
    if let (Some(layout), true) = (layout(size), address != 0) {
        // SAFETY: the host promises that the address and size are those of one allocation, not yet freed.
        unsafe { dealloc(address as *mut u8, layout) }
    }
}

fn layout(size: u32) -> Option<Layout> {
    if size == 0 {
        return None;
    }
    Layout::from_size_align(size as usize, 8).ok()
}
