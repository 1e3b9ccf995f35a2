package embedded

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"roster/core"
)

var benchValue = bytes.Repeat([]byte("v"), 1500)

func BenchmarkRead(b *testing.B) {
	s := open(b, Options{})
	key := []byte("key")
	set(b, s, string(key), string(benchValue))
	b.ReportAllocs()
	for b.Loop() {
		if values, err := s.Read(b.Context(), key); err != nil || len(values[0]) != len(benchValue) {
			b.Fatal(values, err)
		}
	}
}

// BenchmarkGet reads more than the cache holds.
func BenchmarkGet(b *testing.B) {
	s := open(b, Options{})
	s.cache.most = 0
	const keys = 1000
	for i := range keys {
		set(b, s, fmt.Sprintf("key%06d", i), string(benchValue))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		err := s.View(b.Context(), core.ViewOptions{}, func(r core.Reader) error {
			value, err := r.Get(fmt.Appendf(nil, "key%06d", i%keys))
			if err == nil && len(value) != len(benchValue) {
				err = fmt.Errorf("got %d bytes", len(value))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkUpdateDistinctKeys(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := open(b, Options{})
			var id atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(writers) // times GOMAXPROCS, which -cpu 1 makes exact
			b.RunParallel(func(pb *testing.PB) {
				key := fmt.Appendf(nil, "key%06d", id.Add(1))
				for pb.Next() {
					err := s.Update(b.Context(), func(tx core.Txn) error {
						if _, err := tx.Get(key); err != nil {
							return err
						}
						return tx.Put(key, benchValue)
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			stats := s.Stats()
			b.ReportMetric(float64(stats.Syncs)/float64(b.N), "syncs/op")
		})
	}
}

// BenchmarkUpdateOverSync takes turns between an Update with one writer and its
// ceiling: an append of as many bytes to a file that has its blocks, and a sync.
func BenchmarkUpdateOverSync(b *testing.B) {
	s := open(b, Options{})
	file, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(make([]byte, segmentBytes)); err != nil {
		b.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		b.Fatal(err)
	}
	var syncs, updates []time.Duration
	at := 0
	for b.Loop() {
		begun := time.Now()
		if _, err := file.WriteAt(benchValue, int64(at)); err != nil {
			b.Fatal(err)
		}
		if err := syncData(file); err != nil {
			b.Fatal(err)
		}
		at = (at + len(benchValue)) % (segmentBytes - len(benchValue))
		synced := time.Now()
		set(b, s, "key", string(benchValue))
		syncs, updates = append(syncs, synced.Sub(begun)), append(updates, time.Since(synced))
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	b.ReportMetric(median(syncs), "sync-ns")
	b.ReportMetric(median(updates), "update-ns")
	b.ReportMetric(median(updates)/median(syncs), "update/sync")
}
