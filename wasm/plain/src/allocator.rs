//! Memory for a module of which every byte travels: blocks of some forty sizes, with a list of the free ones of each size. A block is
//! at most half as large again as what was asked for, once that is more than 32 bytes; it is given again as it is, and never joined
//! with another or cut. So memory never shrinks, and holds the most of each size that there ever was at one time: what a host needs
//! that makes views and zones of much the same size over and over.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::memory_grow;
use core::cell::UnsafeCell;
use core::ptr::{self, null_mut};

const PAGE: usize = 65_536;
/// What every block is a multiple of, and aligned to.
const GRAIN: usize = 16;
/// Two sizes for each power of two.
const SIZES: usize = 2 * usize::BITS as usize + 1;

/// The allocator.
pub(crate) struct Allocator(UnsafeCell<Memory>);

struct Memory {
    /// By size, the first free block; each begins with the address of the next one. Zero is none.
    free: [usize; SIZES],
    /// Where memory that was never given begins and ends.
    fresh: (usize, usize),
}

// SAFETY: the module has one memory that is not shared, so no two calls into it run at once.
unsafe impl Sync for Allocator {}

impl Allocator {
    pub(crate) const NEW: Self = Self(UnsafeCell::new(Memory { free: [0; SIZES], fresh: (0, 0) }));
}

/// The place of a size among all sizes, and the bytes of its blocks; `None` for more than there can be.
fn size_of(bytes: usize) -> Option<(usize, usize)> {
    let bits = usize::BITS.checked_sub(bytes.max(GRAIN).checked_sub(1)?.leading_zeros())?;
    let whole = 1_usize.checked_shl(bits)?;
    let part = whole.checked_sub(whole / 4)?;
    let at = 2_usize.checked_mul(bits as usize)?;
    // Below 64 bytes three quarters would be no multiple of the grain.
    if bytes <= part && whole >= 64 { Some((at.checked_sub(1)?, part)) } else { Some((at, whole)) }
}

// SAFETY: blocks are aligned to the grain, lie in memory that nothing else uses, and are given to one caller at a time: each is
// either behind `fresh`, in one list, or a caller's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and nothing here allocates.
        let memory = unsafe { &mut *self.0.get() };
        let (Some((at, bytes)), true) = (size_of(layout.size()), layout.align() <= GRAIN) else { return null_mut() };
        if let Some(first) = memory.free.get_mut(at).filter(|first| **first != 0) {
            let block = *first as *mut u8;
            // SAFETY: a free block begins with the address of the next one, and is aligned for it.
            *first = unsafe { ptr::read(block.cast::<usize>()) };
            return block;
        }
        let (mut start, mut end) = memory.fresh;
        let left = end.wrapping_sub(start);
        if left < bytes {
            let pages = bytes.div_ceil(PAGE);
            let grown = memory_grow::<0>(pages);
            if grown == usize::MAX {
                return null_mut();
            }
            let from = grown.wrapping_mul(PAGE);
            // Memory that follows on what is left is taken with it.
            start = if from == end { start } else { from };
            end = from.wrapping_add(pages.wrapping_mul(PAGE));
        }
        memory.fresh = (start.wrapping_add(bytes), end);
        start as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: one thread, and nothing here allocates.
        let memory = unsafe { &mut *self.0.get() };
        if let Some(first) = size_of(layout.size()).and_then(|(at, _)| memory.free.get_mut(at)) {
            // SAFETY: the caller gives the block back, which is aligned for an address and has room for it.
            unsafe { ptr::write(block.cast::<usize>(), *first) };
            *first = block as usize;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if size_of(layout.size()) == size_of(bytes) {
            return block;
        }
        let Ok(wanted) = Layout::from_size_align(bytes, layout.align()) else { return null_mut() };
        // SAFETY: the size is not zero, as the caller promises; the blocks are two, each as large as what is copied.
        unsafe {
            let other = self.alloc(wanted);
            if !other.is_null() {
                ptr::copy_nonoverlapping(block, other, layout.size().min(bytes));
                self.dealloc(block, layout);
            }
            other
        }
    }
}
