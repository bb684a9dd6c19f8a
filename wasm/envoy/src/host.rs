//! What the proxy-wasm crate does not offer, or offers with a panic: calls of the host whose failure is no fault of ours.

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(buffer: *mut u8, buffer_size: usize) -> u32;
}

/// Puts a value into the request's filter state. The host refuses when another filter holds the key, which must not stop
/// a request.
pub(crate) fn set_filter_state(key: &str, value: &str) {
    // SAFETY: both pointers are valid for the lengths beside them, and the host only reads.
    let _ = unsafe { proxy_set_property(key.as_ptr(), key.len(), value.as_ptr(), value.len()) };
}

/// A number that differs between VMs; `None` where the host gives no random bytes.
pub(crate) fn random_seed() -> Option<u64> {
    let mut bytes = [0_u8; 8];
    // SAFETY: the pointer is valid for the length beside it.
    let status = unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) };
    (status == 0).then(|| u64::from_le_bytes(bytes))
}
