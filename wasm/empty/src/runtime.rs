//! The same allocator as the component's, and the same end.

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    trap()
}

/// Ends the instance.
pub(crate) fn trap() -> ! {
    core::arch::wasm32::unreachable()
}
