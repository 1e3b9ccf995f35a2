//go:build linux

package main

import (
	"os"
	"sync/atomic"
	"testing"
	"time"
)

func TestAppender(t *testing.T) {
	const writers = 8
	dir := t.TempDir()
	a, err := newAppender(dir, writers)
	if err != nil {
		t.Fatal(err)
	}
	var appended atomic.Int64
	var operations []operation
	for range writers {
		op := a.writer()
		operations = append(operations, func() error { appended.Add(1); return op() })
	}
	o, err := drive(t.Context(), operations, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(a.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	if int64(o.count) != appended.Load() || info.Size() != appended.Load()*appendBytes {
		t.Errorf("%d appends counted, %d made, %d bytes in the file", o.count, appended.Load(), info.Size())
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAppenderReportsAFailedWrite(t *testing.T) {
	a, err := newAppender(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.writer()(); err == nil {
		t.Error("an append to a closed file is no error")
	}
	if err := a.close(); err == nil {
		t.Error("closing the file twice is no error")
	}
}
