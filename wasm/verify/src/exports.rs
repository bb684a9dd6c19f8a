//! The exported functions.
#![expect(unsafe_code, reason = "a function is exported by its name, which Rust counts as unsafe")]

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;

use crate::answer;

thread_local! {
    /// What the last call returned.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Memory for a request; 0 when there is none.
#[unsafe(no_mangle)]
extern "C" fn pointsman_alloc(size: u32) -> u32 {
    match Layout::from_size_align(size as usize, 8) {
        // SAFETY: the layout has a size above zero.
        Ok(layout) if size > 0 => unsafe { alloc(layout) as u32 },
        _ => 0,
    }
}

/// Takes memory back that [`pointsman_alloc`] gave with this size.
#[unsafe(no_mangle)]
extern "C" fn pointsman_free(address: u32, size: u32) {
    if let (Ok(layout), true, true) = (Layout::from_size_align(size as usize, 8), address != 0, size > 0) {
        // SAFETY: the host promises that the address and size are those of one allocation, not yet freed.
        unsafe { dealloc(address as *mut u8, layout) }
    }
}

/// Carries out the request at an address: 0 when the text is the result, 1 when it is an error.
#[unsafe(no_mangle)]
extern "C" fn pointsman_request(address: u32, length: u32) -> u32 {
    let size = core::arch::wasm32::memory_size::<0>() as u64 * 65_536;
    let is_inside = address != 0 && u64::from(address) + u64::from(length) <= size;
    let bytes = if is_inside {
        // SAFETY: the range lies within the memory, every byte of which is initialised, and the host does not write while
        // a call runs.
        unsafe { core::slice::from_raw_parts(address as *const u8, length as usize) }
    } else {
        &[]
    };
    let (status, text) = match answer::answer(bytes) {
        Ok(text) => (0, text),
        Err(text) => (1, text),
    };
    TEXT.set(text);
    status
}

/// Where the text of the last call lies.
#[unsafe(no_mangle)]
extern "C" fn pointsman_text() -> u32 {
    TEXT.with_borrow(|text| text.as_ptr() as u32)
}

/// How long it is, in bytes.
#[unsafe(no_mangle)]
extern "C" fn pointsman_text_length() -> u32 {
    TEXT.with_borrow(|text| u32::try_from(text.len()).unwrap_or(0))
}

/// Gives its memory back.
#[unsafe(no_mangle)]
extern "C" fn pointsman_text_free() {
    TEXT.set(String::new());
}
