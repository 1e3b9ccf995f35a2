//go:build linux || darwin

package embedded

import "syscall"

// freeBytes is the space that dir's file system has left for us.
func freeBytes(dir string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}
