//! What a module without a standard library must bring itself: memory, and an end.

/// One thread, small code: the allocator that Rust's own library uses for this target.
#[cfg(feature = "documents")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Smaller still.
#[cfg(not(feature = "documents"))]
#[global_allocator]
static ALLOCATOR: crate::allocator::Allocator = crate::allocator::Allocator::NEW;

/// Core does not panic. Should it all the same, the host sees a trap and can drop the instance.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
