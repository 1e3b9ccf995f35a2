//go:build unix && !linux

package cluster

import "syscall"

// attributes keep a terminal's interrupt from the process, so that the cluster
// outlives the tests that stop on it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
