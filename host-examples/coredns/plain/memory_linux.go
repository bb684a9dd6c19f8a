package plain

import (
	"unsafe"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// linearMemory is a linear memory outside Go's heap: it grows without being copied, is given back at once when its
// instance is closed, and can share pages with others.
type linearMemory struct {
	address unsafe.Pointer
	size    uintptr
}

// Allocate implements experimental.MemoryAllocator, for one memory.
func (m *linearMemory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate implements experimental.LinearMemory; nil when there is no memory.
func (m *linearMemory) Reallocate(size uint64) []byte {
	var address unsafe.Pointer
	var err error
	switch {
	case size == 0:
		return []byte{}
	case m.address == nil:
		address, err = unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	default:
		address, err = unix.MremapPtr(m.address, m.size, nil, uintptr(size), unix.MREMAP_MAYMOVE)
	}
	if err != nil {
		return nil
	}
	m.address, m.size = address, uintptr(size)
	return unsafe.Slice((*byte)(address), size)
}

// Free implements experimental.LinearMemory.
func (m *linearMemory) Free() {
	if m.address != nil {
		_ = unix.MunmapPtr(m.address, m.size)
		m.address, m.size = nil, 0
	}
}

// snapshotCopy is a file without a name in memory. Restored instances map it, so that pages which they do not write are
// there once for all of them.
type snapshotCopy struct{ fd int }

// memoryMax is the largest linear memory. The file is as long, though it holds only what was written, so that a restored
// memory can grow behind what it began with.
const memoryMax = 1 << 32

// chunk is what is copied at a time: Go cannot be interrupted within a copy.
const chunk = 256 << 10

func (c *snapshotCopy) take(bytes []byte) error {
	fd, err := unix.MemfdCreate("pointsman-snapshot", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	for at := 0; at < len(bytes) && err == nil; at += chunk {
		part := bytes[at:min(at+chunk, len(bytes))]
		if !isZero(part) {
			_, err = unix.Pwrite(fd, part, int64(at))
		}
	}
	if err == nil {
		err = unix.Ftruncate(fd, memoryMax)
	}
	if err != nil {
		_ = unix.Close(fd)
		return err
	}
	c.fd = fd
	return nil
}

func isZero(bytes []byte) bool {
	for _, b := range bytes {
		if b != 0 {
			return false
		}
	}
	return true
}

func (c *snapshotCopy) restore(to *linearMemory, bytes []byte) error {
	_, err := unix.MmapPtr(c.fd, 0, unsafe.Pointer(unsafe.SliceData(bytes)), uintptr(len(bytes)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED)
	return err
}

func (c *snapshotCopy) free() {
	_ = unix.Close(c.fd)
	c.fd = -1
}
