//go:build unix

package pointsman

import (
	"os"
	"syscall"
)

// inode distinguishes a file that was renamed into place from the one that it replaced.
func inode(info os.FileInfo) any {
	if stat, known := info.Sys().(*syscall.Stat_t); known {
		return stat.Ino
	}
	return nil
}
