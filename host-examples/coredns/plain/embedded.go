package plain

// Embedded is pointsman_plain.wasm where this Go module was installed as a release, which puts a file with `go:embed` in
// the place of this one. In a clone it is nil: `cargo xtask wasm` builds the module there.
var Embedded []byte
