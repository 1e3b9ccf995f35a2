package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

const (
	// reclaimRatio is the part of a segment's values that must be out of reach for
	// the rest to be moved.
	reclaimRatio = 0.5
	// movedBytes is about how much is moved under one sync.
	movedBytes = 1 << 20
)

// reclaimer remembers how far the cleaning of the journal has come.
type reclaimer struct {
	last    uint32 // the segment looked at last
	written uint64 // to the journal before the last pass
}

// budget is how much one pass may read: three times what was written since the one
// before it. So the work is in proportion to the writes, and there is none without
// them. As what is moved is read twice, with less the garbage could grow faster
// than it goes.
func (r *reclaimer) budget(written uint64) int64 {
	fresh := written - r.written
	r.written = written
	return 3 * int64(fresh)
}

// reclaim gives back the space of values that no snapshot reaches any more. It
// looks at segments until it has read budget bytes, or a segment more.
func (s *Store) reclaim(budget int64) error {
	for _, seg := range s.journal.past(s.reclaimer.last, s.forgotten) {
		if budget <= 0 {
			break
		}
		s.reclaimer.last = seg.id
		read, err := s.reclaimSegment(seg)
		if err != nil {
			return errEngine("cleaning the journal", err)
		}
		budget -= read
	}
	return nil
}

// past returns the segments whose commits all have versions up to floor, in a
// circle that begins behind the one called last.
func (j *journal) past(last uint32, floor uint64) []*segment {
	j.mu.RLock()
	defer j.mu.RUnlock()
	all := make([]*segment, 0, len(j.segments))
	for _, seg := range j.segments {
		all = append(all, seg)
	}
	slices.SortFunc(all, func(a, b *segment) int { return cmp.Compare(a.id, b.id) })
	var past []*segment
	for i, seg := range all[:max(len(all)-1, 0)] {
		if !seg.redo && all[i+1].before <= floor {
			past = append(past, seg)
		}
	}
	i := slices.IndexFunc(past, func(seg *segment) bool { return seg.id > last })
	if i < 0 {
		return past
	}
	return append(past[i:len(past):len(past)], past[:i]...)
}

// reclaimSegment moves what is in reach to the end of the journal, if that is
// worth it, and deletes the segment. It returns how much it has read.
func (s *Store) reclaimSegment(seg *segment) (read int64, err error) {
	txn := s.db.NewTransactionAt(s.forgotten, false)
	defer txn.Discard()
	inReach := func(each func(*batch) error) error {
		read += seg.end
		end, err := seg.frames(func(b *batch) error {
			var failed error
			b.writes = slices.DeleteFunc(b.writes, func(w write) bool {
				reached, err := reaches(txn, &w, b.version)
				failed = errors.Join(failed, err)
				return !reached
			})
			return errors.Join(failed, each(b))
		})
		if err == nil && end != seg.end {
			err = fmt.Errorf("journal segment %s is damaged at offset %d", seg.name(), end)
		}
		return err
	}
	kept := int64(0)
	err = inReach(func(b *batch) error {
		for i := range b.writes {
			kept += b.writes[i].framed()
		}
		return nil
	})
	if err != nil || float64(kept) > (1-reclaimRatio)*float64(seg.end) {
		return read, err
	}
	if kept == 0 {
		return read, s.journal.forget(seg)
	}
	if err := room(s.free, reserveBytes+2*uint64(kept)); err != nil {
		return read, err
	}
	var moved []*batch
	size := int64(0)
	err = inReach(func(b *batch) error {
		if len(b.writes) == 0 {
			return nil
		}
		moved = append(moved, b)
		for i := range b.writes {
			size += b.writes[i].framed()
		}
		if size < movedBytes {
			return nil
		}
		err := s.move(moved)
		moved, size = nil, 0
		return err
	})
	if err == nil {
		err = s.move(moved)
	}
	if err != nil {
		return read, err
	}
	return read, s.journal.forget(seg)
}

// reaches reports whether the write of a version is the one that the snapshot of
// txn has, and its value lies where the write has it.
func reaches(txn *badger.Txn, w *write, version uint64) (bool, error) {
	if w.place.segment == 0 {
		return false, nil
	}
	item, err := txn.Get(w.key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if item.Version() != version || item.UserMeta() != outsideMark {
		return false, nil
	}
	here := false
	err = item.Value(func(b []byte) error {
		p, ok := decodePlace(b)
		here = ok && p == w.place
		return nil
	})
	return here, err
}

// move writes batches once more, at their versions.
func (s *Store) move(batches []*batch) error {
	if len(batches) == 0 {
		return nil
	}
	if err := s.journal.keepUp(); err != nil {
		return err
	}
	if _, err := s.journal.append(batches...); err != nil {
		return err
	}
	return s.takeIn(batches...)
}
