package embedded

import (
	"errors"
	"os"
	"syscall"
)

// syncReachesMaps tells that syncing a file writes what was changed through maps
// of it as well.
const syncReachesMaps = true

// syncData makes a file's bytes durable, and of its metadata what reading them
// back needs.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
