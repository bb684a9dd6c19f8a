//go:build !linux

package plain

import (
	"bytes"

	"github.com/tetratelabs/wazero/experimental"
)

// linearMemory is a linear memory on Go's heap.
type linearMemory struct{ bytes []byte }

// Allocate implements experimental.MemoryAllocator, for one memory.
func (m *linearMemory) Allocate(capacity, _ uint64) experimental.LinearMemory {
	m.bytes = make([]byte, 0, capacity)
	return m
}

// Reallocate implements experimental.LinearMemory.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if more := int(size) - len(m.bytes); more > 0 {
		m.bytes = append(m.bytes, make([]byte, more)...)
	}
	return m.bytes
}

// Free implements experimental.LinearMemory.
func (m *linearMemory) Free() { m.bytes = nil }

// chunk is what is copied at a time: Go cannot be interrupted within a copy.
const chunk = 256 << 10

// snapshotCopy is a copy of a memory.
type snapshotCopy struct{ bytes []byte }

func (c *snapshotCopy) take(from []byte) error {
	c.bytes = bytes.Clone(from)
	return nil
}

func (c *snapshotCopy) restore(_ *linearMemory, to []byte) error {
	for at := 0; at < len(to); at += chunk {
		copy(to[at:min(at+chunk, len(to))], c.bytes[at:])
	}
	return nil
}

func (c *snapshotCopy) free() { c.bytes = nil }
