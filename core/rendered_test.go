package core_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// printer is a Rendered that encodes documents behind its key, and counts how often.
type printer struct {
	*core.Rendered[string, string]
	made int
}

func newPrinter(maxBytes int) *printer {
	p := new(printer)
	p.Rendered = core.NewRendered(maxBytes, func(text string) int { return len(text) },
		func(prefix string, doc *pb.InstanceInfoPB) (string, error) {
			p.made++
			return prefix + encoded(doc), nil
		})
	return p
}

func encoded(doc *pb.InstanceInfoPB) string {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// of reads an instance, and prints it.
func (p *printer) of(t *testing.T, s *core.Service, prefix, id string, reveal bool) string {
	t.Helper()
	reading, err := s.ReadInstance(as(t, core.Call{Reveal: reveal}), &pb.GetInstanceRequest{InstanceId: &id})
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Of(prefix, reading)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func putRecord(t *testing.T, store core.Store, key []byte, record proto.Message) {
	t.Helper()
	raw, err := proto.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(key, raw) }); err != nil {
		t.Fatal(err)
	}
}

func TestRenderedMakesOnceUntilARecordChanges(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "i")
	p := newPrinter(1 << 20)
	for _, step := range []struct {
		name   string
		change func()
		// made counts what has to be made anew, masked and revealed.
		made int
		want string
	}{
		{"at first", func() {}, 2, "sk"},
		{"again", func() {}, 0, "sk"},
		{"after a change", func() { wantCode(t, s.AddCluster(t.Context(), cluster("i", "c", "node")), core.OK) }, 2, "name_c"},
		{"after a change of another instance", func() { create(t, s, "j") }, 0, "name_c"},
		{"after a change of the service's account", func() {
			putRecord(t, store, metakey.MetaServiceArnInfo(), &pb.RamUserPB{UserId: new("me"), Ak: new("account-ak"), Sk: new("")})
		}, 2, "account-ak"},
		{"after a change of the keys of the existing service", func() {
			putRecord(t, store, metakey.MetaServiceEncryption(), &pb.EncryptionKeyInfoPB{Items: []*pb.EncryptionKeyInfoPB_KeyItem{{KeyId: new(int64(9))}}})
		}, 1, "account-ak"},
	} {
		step.change()
		before := p.made
		for range 3 {
			for _, reveal := range []bool{false, true} {
				got := p.of(t, s, "", "i", reveal)
				doc, err := s.GetInstance(as(t, core.Call{Reveal: reveal}), &pb.GetInstanceRequest{InstanceId: new("i")})
				if err != nil {
					t.Fatal(err)
				}
				if want := encoded(doc); got != want {
					t.Errorf("%s, reveal %t: got %q\nwant %q", step.name, reveal, got, want)
				}
				if reveal && !strings.Contains(got, step.want) {
					t.Errorf("%s: got %q\nwant %s in it", step.name, got, step.want)
				}
			}
		}
		if got := p.made - before; got != step.made {
			t.Errorf("%s: rendered %d times, want %d", step.name, got, step.made)
		}
	}
}

func TestRenderedFollowsTheKeysOfTheExistingService(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	putRecord(t, store, metakey.Instance("old"), &pb.InstanceInfoPB{InstanceId: new("old"), ObjInfo: []*pb.ObjectStoreInfoPB{{
		Id: new("1"), Ak: new("a"), Sk: new("n6+wLwU2J5BVXwE2RekXog=="),
		EncryptionInfo: &pb.EncryptionInfoPB{EncryptionMethod: new("AES_256_ECB"), KeyId: new(int64(1))},
	}}})
	p := newPrinter(1 << 20)
	if got := p.of(t, s, "", "old", true); !strings.Contains(got, "test-sk1") {
		t.Errorf("got %q", got)
	}
	other := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	putRecord(t, store, metakey.MetaServiceEncryption(), &pb.EncryptionKeyInfoPB{
		Items: []*pb.EncryptionKeyInfoPB_KeyItem{{KeyId: new(int64(1)), Key: &other}},
	})
	reading, err := s.ReadInstance(as(t, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: new("old")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Of("", reading); strings.Contains(got, "test-sk1") {
		t.Errorf("with another key got %q, %v", got, err)
	}
}

func TestRenderedNeverMixes(t *testing.T) {
	s := newService(t, openStore(t))
	p := newPrinter(1 << 20)
	for _, id := range []string{"i", "j"} {
		err := s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("u"), ObjInfo: object("ak", "CANARY-"+id)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for _, prefix := range []string{"a", "b", "c"} {
			for _, id := range []string{"i", "j"} {
				for _, reveal := range []bool{true, false} {
					got := p.of(t, s, prefix, id, reveal)
					doc, err := s.GetInstance(as(t, core.Call{Reveal: reveal}), &pb.GetInstanceRequest{InstanceId: &id})
					if err != nil {
						t.Fatal(err)
					}
					if got != prefix+encoded(doc) || strings.Contains(got, "CANARY-"+id) != reveal {
						t.Errorf("%q of %s, reveal %t, is %q", prefix, id, reveal, got)
					}
				}
				reading, err := s.ReadDocument(as(t, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: &id})
				if err != nil {
					t.Fatal(err)
				}
				if got, err := p.Of(prefix, reading); err != nil || !strings.Contains(got, seal.Masked) || strings.Contains(got, "CANARY") {
					t.Errorf("the document alone is %q, %v", got, err)
				}
			}
		}
	}
	if want := 3 * 2 * 3; p.made != want {
		t.Errorf("rendered %d times, want %d", p.made, want)
	}
}

func TestRenderedIsBounded(t *testing.T) {
	s := newService(t, openStore(t))
	const instances, fitting = 20, 8
	for i := range instances {
		create(t, s, fmt.Sprintf("i%02d", i))
	}
	text := strings.Repeat("x", 4<<10)
	made := map[string]int{}
	cache := core.NewRendered(fitting*5<<10, func(text string) int { return len(text) },
		func(_ struct{}, doc *pb.InstanceInfoPB) (string, error) {
			made[doc.GetInstanceId()]++
			return text, nil
		})
	of := func(id string) {
		reading, err := s.ReadInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: &id})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cache.Of(struct{}{}, reading); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 3 {
		for i := range instances {
			of(fmt.Sprintf("i%02d", i))
			of("i00")
		}
		if got := made["i00"]; got != 1 {
			t.Errorf("what is always in use was made %d times, want once", got)
		}
		if got := made["i10"]; got != round+1 {
			t.Errorf("after %d rounds, what was long unused was made %d times", round+1, got)
		}
	}
	text = strings.Repeat("x", fitting*5<<10)
	clear(made)
	create(t, s, "large")
	of("large")
	of("large")
	of("i00")
	if made["large"] != 2 || made["i00"] != 0 {
		t.Errorf("made %v: what is too large must not be kept, nor cost others their place", made)
	}
}

func TestRenderedKeepsNoErrors(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	failing := true
	cache := core.NewRendered(1<<20, func(string) int { return 0 }, func(struct{}, *pb.InstanceInfoPB) (string, error) {
		if failing {
			return "", errors.New("not now")
		}
		return "made", nil
	})
	for _, want := range []string{"", "made"} {
		reading, err := s.ReadInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: new("i")})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cache.Of(struct{}{}, reading); got != want || (err != nil) != failing {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		failing = false
	}
}

// Readers must see what was acknowledged before they asked, and never go back.
func TestRenderedIsAsFreshAsTheReading(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	cache := core.NewRendered(1<<20, func(int) int { return 0 }, func(_ struct{}, doc *pb.InstanceInfoPB) (int, error) {
		return len(doc.Clusters), nil
	})
	wantFresh(t, s, func() (int, error) {
		reading, err := s.ReadInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: new("i")})
		if err != nil {
			return 0, err
		}
		return cache.Of(struct{}{}, reading)
	})
}

// wantFresh has many count the clusters of the instance i while they become more: each
// sees what was acknowledged before, and never goes back.
func wantFresh(t *testing.T, s *core.Service, count func() (int, error)) {
	t.Helper()
	const clusters = 40
	var readers sync.WaitGroup
	written := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for last := 0; ; {
				n, err := count()
				if err != nil || n < last {
					t.Errorf("read %d clusters after %d, %v", n, last, err)
					return
				}
				last = n
				select {
				case <-written:
					return
				default:
				}
			}
		})
	}
	for i := range clusters {
		wantCode(t, s.AddCluster(t.Context(), cluster("i", fmt.Sprintf("c%d", i))), core.OK)
		if n, err := count(); err != nil || n != i+1 {
			t.Errorf("read %d clusters, %v, want %d", n, err, i+1)
		}
	}
	close(written)
	readers.Wait()
}

func TestRenderedReplacesWhatIsOutOfDate(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "busy")
	create(t, s, "calm")
	p := newPrinter(16 << 10)
	p.of(t, s, "", "calm", false)
	for i := range 50 {
		wantCode(t, s.AddCluster(t.Context(), cluster("busy", fmt.Sprintf("c%d", i))), core.OK)
		p.of(t, s, "", "busy", false)
		wantCode(t, s.DropCluster(t.Context(), cluster("busy", fmt.Sprintf("c%d", i))), core.OK)
		p.of(t, s, "", "busy", false)
	}
	before := p.made
	p.of(t, s, "", "calm", false)
	if p.made != before {
		t.Error("what nobody uses any more cost another its place")
	}
}

func TestRenderedFindsWithoutAllocating(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	p := newPrinter(1 << 20)
	p.of(t, s, "k", "i", true)
	reading, err := s.ReadInstance(as(t, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: new("i")})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, err = p.Of("k", reading) }); n != 0 || err != nil || p.made != 1 {
		t.Errorf("%v allocations, %v, rendered %d times", n, err, p.made)
	}
}
