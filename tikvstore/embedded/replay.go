package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// replayBytes is about how much of the journal the engine is given at a time.
const replayBytes = 4 << 20

// openJournal opens the journal of a directory, gives apply every batch that the
// engine may have lost, and makes them durable there.
func openJournal(dir string, free func() (uint64, error), note func(error), apply func(...*batch) error) (*journal, error) {
	j := &journal{
		dir: dir, size: segmentBytes, prepareAfter: prepareAfter,
		free: free, sync: syncData, note: note,
		flush:    func() error { return syncEngine(dir) },
		segments: map[uint32]*segment{},
		settled:  make(chan struct{}),
		wake:     make(chan struct{}, 1),
	}
	err := j.load()
	if err == nil {
		err = j.replay(apply)
	}
	if err == nil {
		err = j.settle()
	}
	if err != nil {
		for _, seg := range j.segments {
			err = errors.Join(err, seg.file.Close())
		}
		return nil, err
	}
	return j, nil
}

// load opens the segments that are there.
func (j *journal) load() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	var names []string // in the order of their ids, which is that of the names
	for _, entry := range entries {
		if _, _, ok := segmentID(entry.Name()); ok {
			names = append(names, entry.Name())
		}
	}
	for i, name := range names {
		seg, err := openSegment(j.dir, name)
		if errors.Is(err, errTorn) && i == len(names)-1 {
			// The server ended while it made the segment: nothing was in it yet.
			if err := os.Remove(filepath.Join(j.dir, name)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("journal segment %s: %w", name, err)
		}
		if j.segments[seg.id] != nil {
			return errors.Join(fmt.Errorf("there are two journal segments %08x", seg.id), seg.file.Close())
		}
		j.segments[seg.id] = seg
		j.newest = seg.id
		if seg.redo {
			j.sealed = append(j.sealed, seg)
		}
	}
	if err := os.Remove(filepath.Join(j.dir, spareName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// replay gives apply the batches of the sealed segments.
func (j *journal) replay(apply func(...*batch) error) error {
	for i, seg := range j.sealed {
		// What the next segment knows of this one shows whether its end is there.
		if i > 0 && j.top < seg.before {
			return fmt.Errorf("journal segment %s: commits up to version %d are missing at its end", j.sealed[i-1].name(), seg.before)
		}
		j.top = max(j.top, seg.before)
		if err := j.replaySegment(seg, apply); err != nil {
			return fmt.Errorf("journal segment %s: %w", seg.name(), err)
		}
	}
	return nil
}

func (j *journal) replaySegment(seg *segment, apply func(...*batch) error) error {
	var batches []*batch
	size := int64(0)
	flush := func() error {
		err := apply(batches...)
		batches, size = nil, 0
		return err
	}
	end, err := seg.frames(func(b *batch) error {
		batches = append(batches, b)
		j.top = max(j.top, b.version)
		for _, w := range b.writes {
			seg.values += int64(w.place.length)
			size += w.framed()
		}
		if size < replayBytes {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	return seg.mend(end)
}

// mend cuts off what lies behind the last whole frame: nothing, or the frame
// that was being written when the server ended. Whole frames there mean that
// those before them are damaged.
func (s *segment) mend(end int64) error {
	damaged, err := s.follows(end)
	if err != nil {
		return err
	}
	if damaged {
		return fmt.Errorf("it is damaged at offset %d", end)
	}
	s.end = end
	if err := s.file.Truncate(end); err != nil {
		return err
	}
	return s.file.Sync()
}
