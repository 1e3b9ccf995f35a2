//go:build linux

package harness

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// OwnMemory is how many bytes the server holds in memory, without the pages of
// files it has mapped.
func (s *Server) OwnMemory() (int, error) {
	path := fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid)
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(status, []byte("RssAnon:"))
	kib, _, _ := bytes.Cut(after, []byte("kB"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(kib)))
	if err != nil {
		return 0, fmt.Errorf("RssAnon in %s: %w", path, err)
	}
	return n << 10, nil
}
