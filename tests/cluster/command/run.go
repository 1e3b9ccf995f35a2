package command

import (
	"os/exec"
	"syscall"
	"time"
)

// groupPace is how often Run looks whether processes are left.
const groupPace = 20 * time.Millisecond

// Run runs a command of exec.CommandContext in a process group of its own, without
// a terminal's interrupts. When the context or the command ends, whatever is left
// in the group gets a SIGTERM, and is killed after the limit.
func Run(cmd *exec.Cmd, limit time.Duration) error {
	var told time.Time
	terminate := func() error {
		told = time.Now()
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = terminate
	cmd.WaitDelay = limit
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	if told.IsZero() {
		_ = terminate() // none may be left
	}
	pace := time.NewTicker(groupPace)
	defer pace.Stop()
	// The number is not given to another group as long as one process is left.
	for syscall.Kill(-cmd.Process.Pid, 0) == nil {
		if time.Since(told) > limit {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			break
		}
		<-pace.C
	}
	return err
}
