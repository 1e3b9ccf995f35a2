package storetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/core"
)

// latestValues are the promises of Read.
var latestValues = []testCase{
	{"read returns values in the order of the keys", func(t *testing.T, s *fixture) {
		s.put("a", "1", "c", "3", "d", "4")
		s.delete("d")
		s.wantRead("c=3", "absent=", "a=1", "d=", "c=3")
	}},
	{"read of no keys returns nothing", func(t *testing.T, s *fixture) {
		if values, err := s.Read(s.ctx); err != nil || len(values) != 0 {
			t.Errorf("Read = %q, %v, want nothing", values, err)
		}
	}},
	{"read sees every write acknowledged before", func(t *testing.T, s *fixture) {
		const workers, writes = 8, 40
		s.together(workers, func(worker int) error {
			key := fmt.Appendf(nil, "key%d", worker)
			for i := range writes {
				want := strconv.Itoa(i)
				if err := s.tryUpdate(func(tx core.Txn) error { return tx.Put(key, []byte(want)) }); err != nil {
					return err
				}
				got, err := s.Read(s.ctx, key)
				if err != nil {
					return err
				}
				if string(got[0]) != want {
					return fmt.Errorf("read %q after the write of %q was acknowledged", got[0], want)
				}
			}
			return nil
		})
	}},
	{"read is of one snapshot", func(t *testing.T, s *fixture) {
		const readers, reads = 4, 100
		s.put("x", "0", "y", "0")
		s.together(readers+1, func(worker int) error {
			for i := range reads {
				if worker == 0 {
					value := []byte(strconv.Itoa(i))
					err := s.tryUpdate(func(tx core.Txn) error {
						if err := tx.Put([]byte("x"), value); err != nil {
							return err
						}
						return tx.Put([]byte("y"), value)
					})
					if err != nil {
						return err
					}
					continue
				}
				got, err := s.Read(s.ctx, []byte("x"), []byte("y"))
				if err != nil {
					return err
				}
				if !slices.Equal(got[0], got[1]) {
					return fmt.Errorf("read x=%s and y=%s, which were written together", got[0], got[1])
				}
			}
			return nil
		})
	}},
	{"read never goes back in time", func(t *testing.T, s *fixture) {
		const readers, reads = 4, 100
		s.put("a", "0")
		s.together(readers+1, func(worker int) error {
			last := 0
			for i := range reads {
				if worker == 0 {
					value := []byte(strconv.Itoa(i))
					if err := s.tryUpdate(func(tx core.Txn) error { return tx.Put([]byte("a"), value) }); err != nil {
						return err
					}
					continue
				}
				got, err := s.Read(s.ctx, []byte("a"))
				if err != nil {
					return err
				}
				now, err := strconv.Atoi(string(got[0]))
				if err != nil {
					return err
				}
				if now < last {
					return fmt.Errorf("read %d after %d", now, last)
				}
				last = now
			}
			return nil
		})
	}},
	{"read ends with its context and leaves the others", func(t *testing.T, s *fixture) {
		const readers, reads = 8, 40
		s.put("a", "1")
		s.together(readers, func(worker int) error {
			for range reads {
				ctx, cancel := context.WithCancel(s.ctx)
				impatient := worker%2 == 0
				if impatient {
					go cancel()
				}
				got, err := s.Read(ctx, []byte("a"))
				cancel()
				switch {
				case impatient && core.CodeOf(err) == core.Unavailable:
				case err != nil:
					return err
				case string(got[0]) != "1":
					return fmt.Errorf("read %q, want the value that is there", got[0])
				}
			}
			return nil
		})
		ended, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.Read(ended, []byte("a"))
		wantCode(t, err, core.Unavailable)
	}},
	{"read refuses keys out of bounds", func(t *testing.T, s *fixture) {
		for _, key := range [][]byte{nil, make([]byte, core.MaxKeyBytes+1)} {
			_, err := s.Read(s.ctx, []byte("a"), key)
			wantCode(t, err, core.InvalidArgument)
		}
	}},
}

// wantRead compares pairs of key=value with what one Read returns.
func (s *fixture) wantRead(pairs ...string) {
	s.t.Helper()
	keys := make([][]byte, len(pairs))
	for i, pair := range pairs {
		key, _, _ := strings.Cut(pair, "=")
		keys[i] = []byte(key)
	}
	values, err := s.Read(s.ctx, keys...)
	if err != nil {
		s.t.Fatalf("Read: %v", err)
	}
	for i, value := range values {
		if got := string(keys[i]) + "=" + string(value); got != pairs[i] {
			s.t.Errorf("Read has %s at %d, want %s", got, i, pairs[i])
		}
	}
}
