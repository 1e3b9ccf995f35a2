//go:build linux

package main

import (
	"bytes"
	"errors"
	"os"
	"syscall"
)

const (
	appendBytes = 2 << 10
	// maxAppended bounds the file: it starts over beyond.
	maxAppended = 1 << 30
)

// appender writes records to a file for many writers. Those that wait at the
// same time share one write and one fdatasync; one writer alone has its own.
type appender struct {
	file    *os.File
	queue   chan chan error // a writer's channel is where it gets its answer
	done    chan struct{}
	size    int
	records []byte
}

func newAppender(dir string, writers int) (*appender, error) {
	file, err := os.CreateTemp(dir, "appends-")
	if err != nil {
		return nil, err
	}
	a := &appender{
		file:    file,
		queue:   make(chan chan error, writers),
		done:    make(chan struct{}),
		records: bytes.Repeat([]byte("r"), writers*appendBytes),
	}
	go a.run(writers)
	return a, nil
}

// writer returns the operation of one writer, for one goroutine.
func (a *appender) writer() operation {
	answer := make(chan error, 1)
	return func() error {
		a.queue <- answer
		return <-answer
	}
}

func (a *appender) run(writers int) {
	defer close(a.done)
	group := make([]chan error, 0, writers)
	for first := range a.queue {
		group = append(group[:0], first)
		for len(a.queue) > 0 {
			group = append(group, <-a.queue)
		}
		err := a.append(a.records[:len(group)*appendBytes])
		for _, answer := range group {
			answer <- err
		}
	}
}

func (a *appender) append(records []byte) error {
	if a.size+len(records) > maxAppended {
		if err := a.file.Truncate(0); err != nil {
			return err
		}
		a.size = 0
	}
	n, err := a.file.WriteAt(records, int64(a.size))
	if err != nil {
		return err
	}
	a.size += n
	return syscall.Fdatasync(int(a.file.Fd()))
}

// close ends the appender and removes its file. No writer may be at work.
func (a *appender) close() error {
	close(a.queue)
	<-a.done
	return errors.Join(a.file.Close(), os.Remove(a.file.Name()))
}
