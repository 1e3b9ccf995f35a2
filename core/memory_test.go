package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// memory is a Store for tests of what a Service does with one: it keeps no history
// and lets one Update run at a time.
type memory struct {
	version uint64
	items   map[string][]byte
	// again makes the next Update run its function twice, as after a conflict.
	again bool
}

func newMemory() *memory { return &memory{version: 1, items: map[string][]byte{}} }

func (m *memory) View(_ context.Context, _ ViewOptions, fn func(Reader) error) error {
	return fn(&memoryTxn{version: m.version, items: m.items})
}

func (m *memory) Read(context.Context, ...[]byte) ([][]byte, error) {
	return nil, errors.New("not what is tested")
}

func (m *memory) Update(_ context.Context, fn func(Txn) error) error {
	for {
		m.version++
		txn := &memoryTxn{version: m.version, items: maps.Clone(m.items)}
		if err := fn(txn); err != nil {
			return err
		}
		if !m.again {
			m.items = txn.items
			return nil
		}
		m.again = false
	}
}

// Changes never knows, as over TiKV.
func (m *memory) Changes(context.Context, Range, uint64) (Changes, error) { return Changes{}, nil }

func (m *memory) Close() error { return nil }

type memoryTxn struct {
	version uint64
	items   map[string][]byte
}

func (t *memoryTxn) Version() uint64 { return t.version }

func (t *memoryTxn) Get(key []byte) ([]byte, error) { return t.items[string(key)], nil }

func (t *memoryTxn) BatchGet(keys [][]byte) (map[string][]byte, error) {
	got := map[string][]byte{}
	for _, key := range keys {
		if value, ok := t.items[string(key)]; ok {
			got[string(key)] = value
		}
	}
	return got, nil
}

func (t *memoryTxn) Scan(r Range) (Page, error) {
	keys := slices.Sorted(maps.Keys(t.items))
	if r.Reverse {
		slices.Reverse(keys)
	}
	var page Page
	for _, key := range keys {
		if key >= string(r.Start) && (r.End == nil || key < string(r.End)) && (r.Limit == 0 || len(page.Items) < r.Limit) {
			page.Items = append(page.Items, Item{[]byte(key), t.items[key]})
		}
	}
	return page, nil
}

func (t *memoryTxn) Put(key, value []byte) error {
	t.items[string(key)] = value
	return nil
}

func (t *memoryTxn) Delete(key []byte) error {
	delete(t.items, string(key))
	return nil
}

func (t *memoryTxn) Guard([]byte) error { return nil }

// bed is a Service whose changes a test commits in batches of its choice.
type bed struct {
	*Service
	store   *memory
	changes []*change
}

func newBed(t rapid.TB) *bed {
	b := &bed{store: newMemory()}
	s, err := New(Options{Store: b.store, Keys: seal.Generate(), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	b.Service = s
	b.lanes = newLanes(func(c commitment) { b.changes = append(b.changes, c.changes...) }, false)
	return b
}

// caught are the changes that ask makes.
func (b *bed) caught(ask func(API) error) []*change {
	b.changes = nil
	if err := ask(b.Service); err != nil {
		return nil
	}
	return b.changes
}

// together commits changes in one batch, and apart each in its own; the results
// are their verdicts.
func (b *bed) together(changes []*change) []string {
	b.commit(commitment{ctx: context.Background(), instance: "i", changes: changes})
	verdicts := make([]string, len(changes))
	for i, c := range changes {
		if c.err != nil {
			verdicts[i] = c.err.Error()
		}
	}
	return verdicts
}

func (b *bed) apart(changes []*change) (verdicts []string) {
	for _, c := range changes {
		verdicts = append(verdicts, b.together([]*change{c})...)
	}
	return verdicts
}

// state is what the store holds, a line for each record, less what is random or
// tells which commit wrote it.
func (b *bed) state(t rapid.TB) (lines []string) {
	t.Helper()
	kinds := []struct {
		name   string
		bounds func() (start, end []byte)
		record func() proto.Message
	}{
		{"instance", metakey.InstanceRange, func() proto.Message { return new(pb.InstanceInfoPB) }},
		{"vault", func() (start, end []byte) { return metakey.StorageVaultRange("i") }, func() proto.Message { return new(pb.StorageVaultPB) }},
		{"history", metakey.AllHistoryRange, func() proto.Message { return new(pb.HistoryPB) }},
		{"request", metakey.RequestRange, func() proto.Message { return new(pb.RequestPB) }},
	}
	all := &memoryTxn{items: b.store.items}
	for _, kind := range kinds {
		start, end := kind.bounds()
		page, err := all.Scan(Range{Start: start, End: end})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			m := kind.record()
			if err := proto.Unmarshal(item.Value, m); err != nil {
				t.Fatal(err)
			}
			seal.Mask(m)
			if h, ok := m.(*pb.HistoryPB); ok {
				h.OperationId, h.Revision = nil, nil
			}
			lines = append(lines, kind.name+" "+compactJSON(m))
		}
	}
	page, err := all.Scan(Range{})
	if err != nil {
		t.Fatal(err)
	}
	start, end := metakey.AllHistoryRange()
	for _, item := range page.Items {
		if bytes.Compare(item.Key, start) < 0 || bytes.Compare(item.Key, end) >= 0 {
			lines = append(lines, fmt.Sprintf("%x", item.Key))
		}
	}
	return lines
}
