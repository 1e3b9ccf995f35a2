package embedded

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"roster/core"
)

var benchValue = bytes.Repeat([]byte("v"), 1500)

func BenchmarkGet(b *testing.B) {
	s := open(b, Options{})
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
		})
	}
}
