package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

// statusPrinter is StatusReplies that count how often something is made.
type statusPrinter struct {
	*core.StatusReplies
	// made counts details, joined replies.
	made, joined int
}

func newStatusPrinter(maxBytes int) *statusPrinter {
	p := new(statusPrinter)
	p.StatusReplies = core.NewStatusReplies(maxBytes, func(detail *core.StatusDetail) ([]byte, error) {
		p.made++
		return []byte(encodedDetail(detail)), nil
	}, func(details [][]byte) []byte {
		p.joined++
		return bytes.Join(details, []byte("|"))
	})
	return p
}

func encodedDetail(detail *core.StatusDetail) string {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(detail)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// wantStatuses compares the reply to a request with what GetClusterStatus says.
func (p *statusPrinter) wantStatuses(ctx context.Context, t *testing.T, s *core.Service, req *pb.GetClusterStatusRequest) {
	t.Helper()
	resp, want := s.GetClusterStatus(ctx, req)
	got, err := p.reply(ctx, s, req)
	if core.CodeOf(err) != core.CodeOf(want) || err != nil && err.Error() != want.Error() {
		t.Errorf("got %v, want %v", err, want)
	}
	var details []string
	for _, detail := range resp.GetDetails() {
		details = append(details, encodedDetail(detail))
	}
	if want := strings.Join(details, "|"); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func (p *statusPrinter) reply(ctx context.Context, s *core.Service, req *pb.GetClusterStatusRequest) (string, error) {
	body, err := s.ClusterStatusReply(ctx, req.String(), func() (*pb.GetClusterStatusRequest, error) { return req, nil }, p.StatusReplies)
	return string(body), err
}

func asking(ids ...string) *pb.GetClusterStatusRequest {
	return &pb.GetClusterStatusRequest{InstanceIds: ids}
}

func TestStatusRepliesAreMadeOnceUntilARecordChanges(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	create(t, s, "j")
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "c", "node")), core.OK)
	p := newStatusPrinter(1 << 20)
	normal := asking("i", "j")
	normal.Status = pb.ClusterStatus_NORMAL.Enum()
	for _, step := range []struct {
		name         string
		change       func()
		made, joined int
	}{
		{"at first", func() {}, 2, 3},
		{"again", func() {}, 0, 0},
		{"after a change", func() { wantCode(t, s.AddCluster(t.Context(), cluster("i", "d")), core.OK) }, 2, 3},
		{"after a change of another instance", func() { create(t, s, "k") }, 0, 0},
		{"after the first cluster of an instance", func() { wantCode(t, s.AddCluster(t.Context(), cluster("j", "c")), core.OK) }, 2, 3},
		{"after its last", func() { wantCode(t, s.DropCluster(t.Context(), cluster("j", "c")), core.OK) }, 0, 3},
		{"after it is there that was not", func() { create(t, s, "none") }, 0, 1},
	} {
		step.change()
		made, joined := p.made, p.joined
		for range 3 {
			p.wantStatuses(t.Context(), t, s, asking("i", "j"))
			p.wantStatuses(t.Context(), t, s, normal)
			p.wantStatuses(t.Context(), t, s, asking("j", "none", "i", "j"))
		}
		if made, joined = p.made-made, p.joined-joined; made != step.made || joined != step.joined {
			t.Errorf("%s: %d details and %d replies were made, want %d and %d", step.name, made, joined, step.made, step.joined)
		}
		made = p.made
		p.wantStatuses(t.Context(), t, s, &pb.GetClusterStatusRequest{CloudUniqueIds: []string{"node", "1:j:x", "other"}})
		if p.made != made {
			t.Errorf("%s: %d details were made for who asked by cloud_unique_id", step.name, p.made-made)
		}
	}
}

func TestStatusRepliesOfAPastVersion(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "old")), core.OK)
	before, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "new")), core.OK)
	p := newStatusPrinter(1 << 20)
	for range 2 {
		p.wantStatuses(t.Context(), t, s, asking("i"))
		p.wantStatuses(core.WithVersion(t.Context(), before), t, s, asking("i"))
		p.wantStatuses(core.WithVersion(t.Context(), 1<<62), t, s, asking("i"))
	}
}

func TestStatusRepliesFailAsDetailsDo(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	one := &pb.ClusterPB{ClusterId: new("c"), Type: pb.ClusterPB_COMPUTE.Enum()}
	for id, n := range map[string]int{"half": core.MaxStatuses / 2, "other": core.MaxStatuses / 2, "one": 1} {
		putRecord(t, store, metakey.Instance(id), &pb.InstanceInfoPB{InstanceId: &id, Clusters: slices.Repeat([]*pb.ClusterPB{one}, n)})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p := newStatusPrinter(256 << 20)
	for range 2 {
		p.wantStatuses(t.Context(), t, s, asking("half", "other"))
		p.wantStatuses(t.Context(), t, s, asking("half", "one", "other"))
		p.wantStatuses(t.Context(), t, s, asking())
		p.wantStatuses(t.Context(), t, s, asking("one", "a\nb"))
		p.wantStatuses(t.Context(), t, s, asking(slices.Repeat([]string{"one"}, core.MaxInstances)...))
		p.wantStatuses(t.Context(), t, s, asking(slices.Repeat([]string{"one"}, core.MaxInstances+1)...))
		p.wantStatuses(t.Context(), t, s, asking(slices.Repeat([]string{"one"}, core.MaxListed+1)...))
		p.wantStatuses(ended, t, s, asking("none"))
		p.wantStatuses(ended, t, s, asking(manyIDs("i", core.MaxInstances)...))
	}
}

func manyIDs(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%04d", prefix, i)
	}
	return ids
}

// record is an instance of one cluster in about so many bytes.
func record(t *testing.T, id string, bytes int) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pb.InstanceInfoPB{InstanceId: &id, Name: new(strings.Repeat("x", bytes)), Clusters: []*pb.ClusterPB{
		{ClusterId: &id, Type: pb.ClusterPB_COMPUTE.Enum()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestStatusRepliesAreBounded(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	const size, fitting = 64 << 10, 32
	some, others, large := manyIDs("some", fitting), manyIDs("others", fitting), manyIDs("large", 1)
	err := store.Update(t.Context(), func(tx core.Txn) error {
		for _, id := range slices.Concat(some, others) {
			if err := tx.Put(metakey.Instance(id), record(t, id, size)); err != nil {
				return err
			}
		}
		return tx.Put(metakey.Instance(large[0]), record(t, large[0], size*fitting/2))
	})
	if err != nil {
		t.Fatal(err)
	}
	p := newStatusPrinter(fitting*size + size/2)
	for _, step := range []struct {
		name string
		ids  []string
		made int
	}{
		{"at first", some, fitting},
		{"what fits", some, 0},
		{"a large one", large, 1},
		{"a large one again", large, 1},
		{"what fitted, after large ones", some, 0},
		{"others", others, fitting},
		{"what others took the place of", some, fitting},
		{"more than fits", slices.Concat(some, others), fitting},
	} {
		before := p.made
		p.wantStatuses(t.Context(), t, s, asking(step.ids...))
		if got := p.made - before; got != step.made {
			t.Errorf("%s: rendered %d times, want %d", step.name, got, step.made)
		}
	}
}

// countingStore holds records, and counts those of each read.
type countingStore struct {
	core.Store
	records       map[string][]byte
	latest, paged []int
}

func (c *countingStore) Read(_ context.Context, keys ...[]byte) ([][]byte, error) {
	c.latest = append(c.latest, len(keys))
	found := make([][]byte, len(keys))
	for i, key := range keys {
		found[i] = c.records[string(key)]
	}
	return found, nil
}

func (c *countingStore) View(_ context.Context, _ core.ViewOptions, fn func(core.Reader) error) error {
	return fn(countingReader{store: c})
}

func (c *countingStore) Changes(_ context.Context, _ core.Range, since uint64) (core.Changes, error) {
	changes := core.Changes{Version: since + 1, Known: true}
	for key := range c.records {
		changes.Keys = append(changes.Keys, []byte(key))
	}
	return changes, nil
}

type countingReader struct {
	core.Reader
	store *countingStore
}

func (c countingReader) BatchGet(keys [][]byte) (map[string][]byte, error) {
	c.store.paged = append(c.store.paged, len(keys))
	return c.store.records, nil
}

// Records of unknown size may be of any: not many are read at once.
func TestStatusRepliesReadWhatFitsIntoMemory(t *testing.T) {
	small, large := manyIDs("a", 40), manyIDs("b", 40)
	store := &countingStore{records: map[string][]byte{}}
	for ids, size := range map[*[]string]int{&small: 100, &large: core.MaxValueBytes/2 - 100} {
		record := record(t, "i", size)
		for _, id := range *ids {
			store.records[string(metakey.Instance(id))] = record
		}
	}
	s := newService(t, store)
	p := newStatusPrinter(1 << 30)
	for _, step := range []struct {
		name          string
		ids           []string
		latest, paged []int
	}{
		{"unknown ones", small, nil, []int{16, 16, 8}},
		{"small ones", small, []int{40}, nil},
		{"few unknown ones", large[:16], []int{16}, nil},
		{"large ones and unknown ones", large, nil, []int{24, 16}},
		{"large ones", large, nil, []int{32, 8}},
		{"small and large ones", slices.Concat(small, large[:30]), []int{70}, nil},
	} {
		store.latest, store.paged = nil, nil
		if got, err := p.reply(t.Context(), s, asking(step.ids...)); err != nil || strings.Count(got, "|") != len(step.ids)-1 {
			t.Fatalf("%s: %q, %v", step.name, got, err)
		}
		if !slices.Equal(store.latest, step.latest) || !slices.Equal(store.paged, step.paged) {
			t.Errorf("%s: reads %v and pages %v, want %v and %v", step.name, store.latest, store.paged, step.latest, step.paged)
		}
	}
}

// Records that have grown are read at once no more, whatever becomes of what was kept
// of them.
func TestStatusRepliesReadWhatHasGrownInPages(t *testing.T) {
	ids := manyIDs("i", 40)
	for name, c := range map[string]struct {
		maxBytes int
		fault    error
	}{
		"kept":               {1 << 30, nil},
		"too large to keep":  {1 << 20, nil},
		"cannot be rendered": {1 << 30, errors.New("damaged")},
	} {
		store := &countingStore{records: map[string][]byte{}}
		s := newService(t, store)
		var fault error
		replies := core.NewStatusReplies(c.maxBytes,
			func(*core.StatusDetail) ([]byte, error) { return []byte("detail"), fault },
			func(details [][]byte) []byte { return slices.Concat(details...) })
		ask := func() {
			store.latest, store.paged = nil, nil
			_, err := s.ClusterStatusReply(t.Context(), "", func() (*pb.GetClusterStatusRequest, error) { return asking(ids...), nil }, replies)
			if !errors.Is(err, fault) {
				t.Errorf("%s: got %v, want %v", name, err, fault)
			}
		}
		write := func(size int) {
			record := record(t, "i", size)
			for _, id := range ids {
				store.records[string(metakey.Instance(id))] = record
			}
		}
		write(100)
		for range 3 {
			ask()
		}
		if !slices.Equal(store.latest, []int{40}) || store.paged != nil {
			t.Errorf("%s: reads %v and pages %v of small ones, want one read", name, store.latest, store.paged)
		}
		write(core.MaxValueBytes - 100)
		fault = c.fault
		ask()
		ask()
		if store.latest != nil || !slices.Equal(store.paged, []int{16, 16, 8}) {
			t.Errorf("%s: reads %v and pages %v of large ones, want pages only", name, store.latest, store.paged)
		}
	}
}

// A reader sees every change acknowledged before, and never goes back.
func TestStatusRepliesAreNeverOld(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	create(t, s, "j")
	replies := core.NewStatusReplies(1<<20,
		func(detail *core.StatusDetail) ([]byte, error) { return make([]byte, len(detail.Clusters)), nil },
		func(details [][]byte) []byte { return slices.Concat(details...) })
	wantFresh(t, s, func() (int, error) {
		got, err := s.ClusterStatusReply(t.Context(), "", func() (*pb.GetClusterStatusRequest, error) { return asking("j", "i"), nil }, replies)
		return len(got), err
	})
}
