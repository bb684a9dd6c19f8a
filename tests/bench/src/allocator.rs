//! An allocator that counts, while it is asked to, and passes everything on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What a piece of work asked the allocator for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Blocks asked for.
    pub calls: i64,
    /// Bytes asked for.
    pub bytes: i64,
    /// Bytes asked for and not given back.
    pub kept: i64,
}

/// Runs a piece of work and counts; nothing else may allocate at the same time.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Counts) {
    for counter in [&CALLS, &BYTES, &KEPT] {
        counter.store(0, Ordering::Relaxed);
    }
    COUNTING.store(true, Ordering::Relaxed);
    let result = work();
    COUNTING.store(false, Ordering::Relaxed);
    let [calls, bytes, kept] = [&CALLS, &BYTES, &KEPT].map(|counter| counter.load(Ordering::Relaxed));
    (result, Counts { calls, bytes, kept })
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicI64 = AtomicI64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static KEPT: AtomicI64 = AtomicI64::new(0);

struct Counting;

/// A size as the counters hold it; no block is larger than `isize::MAX`.
fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

// SAFETY: every call is passed on unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Ordering::Relaxed) {
            CALLS.fetch_add(1, Ordering::Relaxed);
            BYTES.fetch_add(signed(layout.size()), Ordering::Relaxed);
            KEPT.fetch_add(signed(layout.size()), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Ordering::Relaxed) {
            CALLS.fetch_add(1, Ordering::Relaxed);
            BYTES.fetch_add(signed(layout.size()), Ordering::Relaxed);
            KEPT.fetch_add(signed(layout.size()), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTING.load(Ordering::Relaxed) {
            CALLS.fetch_add(1, Ordering::Relaxed);
            BYTES.fetch_add(signed(size), Ordering::Relaxed);
            KEPT.fetch_add(signed(size) - signed(layout.size()), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTING.load(Ordering::Relaxed) {
            KEPT.fetch_sub(signed(layout.size()), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
