//! The one import: how far the work is, and whether to go on.
#![expect(unsafe_code, reason = "an imported function is one of C")]

#[link(wasm_import_module = "pointsman")]
unsafe extern "C" {
    /// Says how far the work is; 0 stops it.
    fn progress(done: u32, of: u32) -> u32;
}

/// Whether to go on, asked of the host.
pub(crate) fn goes_on(done: usize, of: usize) -> bool {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    // SAFETY: integers in, an integer out; the host follows no pointer.
    unsafe { progress(number(done), number(of)) != 0 }
}
