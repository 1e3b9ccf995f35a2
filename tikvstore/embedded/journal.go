package embedded

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roster/core"
)

const (
	// segmentBytes and prepareAfter are what a journal's size and prepareAfter are
	// but in tests.
	segmentBytes = 64 << 20
	prepareAfter = 256 << 10
	// maxSealed is how many full segments may wait for the engine's disk before
	// commits wait too, sealedWait for how long they do.
	maxSealed  = 3
	sealedWait = 10 * time.Second
	// keptBuffer is the largest buffer that is kept for the next append.
	keptBuffer = 1 << 20
	// spareName is the file that is to become the next segment.
	spareName = "spare.tmp"
)

// errMoved tells that a value is no longer at a place.
var errMoved = errors.New("the value has moved")

// journal makes batches durable, each with one sync, and keeps the values in
// them. The engine holds where they are.
//
// Batches go to the end of the newest segment. When it is full, the engine's
// files are synced in the background, and from then on the segment is kept only
// for its values. At a start the engine is given again what the other segments
// hold: it may have lost it.
type journal struct {
	dir  string
	size int64 // of a segment, unless one batch alone is longer
	// prepareAfter is how much goes into a segment that was not prepared before
	// one is: a store that writes little needs none.
	prepareAfter int64

	free func() (uint64, error)
	sync func(*os.File) error
	// flush makes what the engine has taken durable.
	flush func() error
	note  func(error) // is told what fails in the background

	appending sync.Mutex // held during an append
	buf       []byte
	top       uint64 // the highest version in the journal
	newest    uint32 // the id of the newest segment

	mu       sync.RWMutex // guards what follows, and segments' pending
	segments map[uint32]*segment
	head     *segment
	sealed   []*segment
	spare    *os.File
	settled  chan struct{} // closed and replaced when sealed gets shorter
	broken   error         // why nothing can be appended any more

	wake           chan struct{}
	syncs, written atomic.Uint64
}

// append makes batches durable with one sync. Each must be reported to applied
// once the engine has it. handed tells whether a batch may come back at a start
// although there was an error.
func (j *journal) append(batches ...*batch) (handed bool, err error) {
	j.appending.Lock()
	defer j.appending.Unlock()
	need := int64(0)
	for _, b := range batches {
		need += headBytes + 1
		for i := range b.writes {
			need += b.writes[i].framed()
		}
	}
	seg, err := j.place(need)
	if err != nil {
		return false, err
	}
	buf := slices.Grow(j.buf[:0], int(need))
	for _, b := range batches {
		buf = appendFrame(buf, b, seg.id, seg.salt)
	}
	if cap(buf) <= keptBuffer {
		j.buf = buf
	}
	values := int64(0)
	for _, b := range batches {
		b.seg = seg
		for i := range b.writes {
			if p := &b.writes[i].place; p.segment != 0 {
				p.offset += uint32(seg.end)
				values += int64(p.length)
			}
		}
	}
	// A frame that is cut short is no frame, and the next takes its place.
	if _, err := seg.file.WriteAt(buf, seg.end); err != nil {
		return false, errEngine("writing its journal", err)
	}
	j.mu.Lock()
	seg.pending += len(batches)
	seg.values += values
	seg.end += int64(len(buf))
	j.mu.Unlock()
	if err := j.sync(seg.file); err != nil {
		j.fail(err)
		return true, err
	}
	j.syncs.Add(1)
	j.written.Add(uint64(len(buf)))
	for _, b := range batches {
		j.top = max(j.top, b.version)
	}
	return true, nil
}

// applied tells that the engine has a batch.
func (j *journal) applied(b *batch) {
	j.mu.Lock()
	b.seg.pending--
	seal := b.seg.pending == 0 && b.seg != j.head
	prepare := !b.seg.ready && b.seg.end > j.prepareAfter && j.spare == nil
	j.mu.Unlock()
	if seal || prepare {
		poke(j.wake)
	}
}

// fail ends appending.
func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.broken = err
		close(j.settled)
	}
}

// place returns the segment that need bytes go to, a new one if need be.
func (j *journal) place(need int64) (*segment, error) {
	j.mu.RLock()
	head, spare, broken := j.head, j.spare, j.broken
	j.mu.RUnlock()
	switch {
	case broken != nil:
		return nil, errHalted().Because(broken)
	case head != nil && head.end+need <= j.size && (head.ready || spare == nil):
		return head, nil
	}
	return j.roll()
}

// keepUp waits while too many segments are sealed.
func (j *journal) keepUp() error {
	if j.isBehind() == nil {
		return nil
	}
	timer := time.NewTimer(sealedWait)
	defer timer.Stop()
	for {
		settled := j.isBehind()
		if settled == nil {
			return nil
		}
		poke(j.wake)
		select {
		case <-settled:
		case <-timer.C:
			return core.Errorf(core.Unavailable,
				"the disk is too slow: %d full journal segments of %d bytes are not settled after %v; nothing was written: retry later",
				maxSealed, j.size, sealedWait)
		}
	}
}

// isBehind returns what is closed when that changes, nil if the journal is not
// behind or takes nothing any more.
func (j *journal) isBehind() <-chan struct{} {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.broken != nil || len(j.sealed) < maxSealed {
		return nil
	}
	return j.settled
}

// roll seals the newest segment and starts the next.
func (j *journal) roll() (*segment, error) {
	j.mu.RLock()
	old, file := j.head, j.spare
	j.mu.RUnlock()
	seg := &segment{id: j.newest + 1, salt: rand.Uint32(), before: j.top, redo: true, ready: file != nil, file: file, end: segmentHead}
	err := j.create(seg)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.spare = nil // from here on another may be prepared under its name
	if err != nil {
		return nil, core.Errorf(core.Unavailable, "the store cannot start a journal segment; nothing was written: check the disk").Because(err)
	}
	j.segments[seg.id] = seg
	j.head, j.newest = seg, seg.id
	if old != nil {
		j.sealed = append(j.sealed, old)
		poke(j.wake)
	}
	return seg, nil
}

// create gives a segment its file, which it may have already under another name.
func (j *journal) create(seg *segment) (err error) {
	path := filepath.Join(j.dir, seg.name())
	if seg.file == nil {
		seg.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	} else {
		err = os.Rename(filepath.Join(j.dir, spareName), path)
	}
	if err == nil {
		_, err = seg.file.WriteAt(seg.head(), 0)
	}
	if err == nil {
		err = j.sync(seg.file)
	}
	if err == nil {
		err = syncDirectory(j.dir)
	}
	if err != nil && seg.file != nil {
		err = errors.Join(err, seg.file.Close())
	}
	return err
}

// value is the value at a place, errMoved if it is no longer there.
func (j *journal) value(p place) ([]byte, error) {
	j.mu.RLock()
	seg := j.segments[p.segment]
	j.mu.RUnlock()
	if seg == nil {
		return nil, errMoved
	}
	value, err := seg.value(p)
	if errors.Is(err, os.ErrClosed) {
		return nil, errMoved
	}
	return value, err
}

// forget deletes a segment that nothing needs.
func (j *journal) forget(seg *segment) error {
	j.mu.Lock()
	delete(j.segments, seg.id)
	j.mu.Unlock()
	return errors.Join(os.Remove(filepath.Join(j.dir, seg.name())), seg.file.Close())
}

// close settles every segment that the engine, which is closed, has all of.
func (j *journal) close() error {
	var errs []error
	if j.head != nil && j.broken == nil {
		j.sealed = append(j.sealed, j.head)
		errs = append(errs, j.settle())
	}
	for _, seg := range j.segments {
		errs = append(errs, seg.file.Close())
	}
	if j.spare != nil {
		errs = append(errs, j.spare.Close(), os.Remove(filepath.Join(j.dir, spareName)))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the journal: %w", err)
	}
	return nil
}
