package embedded

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// engineLog passes the engine's lines on, and remembers the faults that the
// engine only logs although they break a promise of the store.
type engineLog struct {
	to    Logger
	fault atomic.Pointer[error]
}

// silentFaults are parts of the engine's messages for a value log that could
// not be synced under an acknowledged commit, and for a damaged table that is
// left out of the store.
var silentFaults = []string{"curlf sync", "Ignoring table"}

func (l *engineLog) Errorf(format string, args ...any) {
	for _, part := range silentFaults {
		if strings.Contains(format, part) {
			err := fmt.Errorf(strings.TrimSpace(format), args...)
			l.fault.CompareAndSwap(nil, &err)
		}
	}
	l.Warningf(format, args...)
}

func (l *engineLog) Warningf(format string, args ...any) {
	if l.to != nil {
		l.to.Warnf("badger: "+strings.TrimSpace(format), args...)
	}
}

// Infof is debug output here: the engine tells of every flush and compaction.
func (l *engineLog) Infof(format string, args ...any) { l.Debugf(format, args...) }

func (l *engineLog) Debugf(format string, args ...any) {
	if l.to != nil {
		l.to.Debugf("badger: "+strings.TrimSpace(format), args...)
	}
}

// space tells that writes are refused for lack of space, or no longer are.
func (l *engineLog) space(lack error) {
	switch {
	case l.to == nil:
	case lack == nil:
		l.to.Warnf("there is space on the disk again: writes go on")
	default:
		l.to.Warnf("writes are refused: %v", lack)
	}
}

// stopped tells why no more writes are taken.
func (l *engineLog) stopped(cause error) {
	if l.to != nil {
		l.to.Warnf("no more writes are taken until a restart: %v: check the disk", cause)
	}
}

// journal tells what failed in the background.
func (l *engineLog) journal(err error) {
	if l.to != nil {
		l.to.Warnf("the store's journal: %v", err)
	}
}

// err is the first fault seen, nil if there was none.
func (l *engineLog) err() error {
	if fault := l.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}
