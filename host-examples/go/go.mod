module pointsman.example/pointsman

go 1.26.0

replace pointsman.example/coredns => ../coredns

require pointsman.example/coredns v0.0.0

require (
	github.com/tetratelabs/wazero v1.12.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
