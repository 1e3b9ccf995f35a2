package embedded

import (
	"errors"
	"os"
	"path/filepath"
)

// run settles full segments and prepares spare ones until quit is closed.
func (j *journal) run(quit <-chan struct{}) {
	for {
		select {
		case <-j.wake:
		case <-quit:
			return
		}
		if err := j.settle(); err != nil {
			j.fail(err)
			j.note(err)
			return
		}
		if err := j.prepare(); err != nil {
			j.note(err)
		}
	}
}

// settle makes the engine's part of the oldest sealed segments durable. The
// segments are then kept for their values, if they have any.
func (j *journal) settle() error {
	j.mu.RLock()
	n := 0
	for n < len(j.sealed) && j.sealed[n].pending == 0 {
		n++
	}
	done := j.sealed[:n:n]
	j.mu.RUnlock()
	if n == 0 {
		return nil
	}
	if err := j.syncEngine(); err != nil {
		return err
	}
	for _, seg := range done {
		if err := j.retire(seg); err != nil {
			return err
		}
	}
	if err := syncDirectory(j.dir); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sealed = j.sealed[n:]
	close(j.settled)
	j.settled = make(chan struct{})
	return nil
}

// syncEngine makes all that the engine has taken durable. If that fails, what is
// lost is only in the segments, so nothing may go on.
func (j *journal) syncEngine() error {
	err := j.flush()
	if err != nil {
		j.fail(err)
	}
	return err
}

// retire takes a segment out of what a start gives to the engine.
func (j *journal) retire(seg *segment) error {
	if seg.values == 0 {
		return j.forget(seg)
	}
	if err := seg.file.Truncate(seg.end); err != nil {
		return err
	}
	from := seg.name()
	seg.redo = false
	return os.Rename(filepath.Join(j.dir, from), filepath.Join(j.dir, seg.name()))
}

// prepare writes a spare segment's blocks, so that syncs of it need not
// allocate any. Without one the journal works, only slower.
func (j *journal) prepare() error {
	j.mu.RLock()
	wanted := j.spare == nil && j.head != nil && (j.head.ready || j.head.end > j.prepareAfter)
	j.mu.RUnlock()
	if !wanted || room(j.free, reserveBytes+2*uint64(j.size)) != nil {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(j.dir, spareName), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	zeros := make([]byte, min(scanBytes, j.size))
	for at := int64(0); at < j.size && err == nil; at += int64(len(zeros)) {
		_, err = file.WriteAt(zeros, at)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.spare = file
	return nil
}
