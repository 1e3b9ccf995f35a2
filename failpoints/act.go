package failpoints

import (
	"os"
	"strings"
	"time"
)

// Values of return that mean the same at every failpoint.
const (
	// Crash ends the process as kill -9 does: a panic would be caught.
	Crash = "crash"
	// Panic is the library's action of that name, for routes that send values.
	Panic = "panic"
	// sleep goes before a duration. Unlike the library's action of that name it
	// lets other callers pass the failpoint meanwhile.
	sleep = "sleep "
)

// Act does what the value of a failpoint that was hit says, and reports whether
// the failpoint's own effect is to follow.
func Act(value any) bool {
	if value == nil { // the library has acted, or its term was off
		return false
	}
	text, _ := value.(string)
	switch {
	case text == Crash:
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {} // the signal may take a moment
	case text == Panic:
		panic("a failpoint panicked")
	case strings.HasPrefix(text, sleep):
		time.Sleep(Duration(text[len(sleep):]))
		return false
	}
	return true
}

// Duration reads the value of a failpoint that takes one: "1.5s" and the like, or
// a number of milliseconds. Other values are none.
func Duration(value any) time.Duration {
	switch v := value.(type) {
	case int:
		return time.Duration(v) * time.Millisecond
	case string:
		if d, err := time.ParseDuration(v); err == nil {
			return d
		}
	}
	return 0
}
