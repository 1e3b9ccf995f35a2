package mysqlfront

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/core"
	"roster/core/coretest"
	pb "roster/core/metapb"
	"roster/mysqlfront/admin"
	"roster/mysqlfront/session"
)

// createInstances makes instances with one cluster of three nodes each.
func createInstances(t testing.TB, service *core.Service, n int) {
	t.Helper()
	ctx := context.Background()
	errs := make(chan error, 64)
	sem := make(chan struct{}, 64)
	go func() {
		defer close(errs)
		for i := range n {
			sem <- struct{}{}
			go func() {
				errs <- createInstance(ctx, service, fmt.Sprintf("i%07d", i))
				<-sem
			}()
		}
		for range cap(sem) {
			sem <- struct{}{}
		}
	}()
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func createInstance(ctx context.Context, service *core.Service, id string) error {
	err := service.CreateInstance(ctx, &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("u"), ObjInfo: &pb.ObjectStoreInfoPB{
		Ak: new("AK"), Sk: new("SK"), Bucket: new("b"), Endpoint: new("e"), Region: new("r"), Provider: pb.ObjectStoreInfoPB_S3.Enum(),
	}})
	if err != nil {
		return err
	}
	var nodes []*pb.NodeInfoPB
	for n := range 3 {
		nodes = append(nodes, &pb.NodeInfoPB{
			CloudUniqueId: new(fmt.Sprintf("1:%s:n%d", id, n)), Ip: new(fmt.Sprintf("10.0.0.%d", n)), HeartbeatPort: new(int32(9050)),
		})
	}
	return service.AddCluster(ctx, &pb.AlterClusterRequest{InstanceId: &id, Cluster: &pb.ClusterPB{
		ClusterId: new("c1"), ClusterName: new("etl"), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: nodes,
	}})
}

const listAll = "SHOW CLUSTERS IN ALL INSTANCES"

// paged is a service that counts the pages of instances it lists.
type paged struct {
	*core.Service
	pages atomic.Int64
}

func (c *paged) ListInstances(ctx context.Context, after string, limit int) ([]*pb.InstanceInfoPB, bool, error) {
	c.pages.Add(1)
	return c.Service.ListInstances(ctx, after, limit)
}

func (c *paged) serve(t testing.TB) *running {
	return start(t, func(o *Options) { o.Engines = []session.Engine{admin.New(admin.Options{Backend: c})} })
}

// TestOverviewReadsWhatChanged has more rows than packets have numbers.
func TestOverviewReadsWhatChanged(t *testing.T) {
	ctx := t.Context()
	service := &paged{Service: coretest.NewService(t, core.Options{})}
	createInstances(t, service.Service, 300)
	r := service.serve(t)
	one, other := r.loggedIn(), r.loggedIn()
	anew := start(t, withService(t, service.Service, unlisted)).loggedIn()

	one.query(listAll)
	made := service.pages.Load()
	for _, step := range []struct {
		name   string
		change func() error
	}{
		{"nothing", func() error { return nil }},
		{"a new name", func() error { return rename(ctx, service, "i0000007", "new") }},
		{"two instances more", func() error {
			return errors.Join(createInstance(ctx, service.Service, "a"), createInstance(ctx, service.Service, "z"))
		}},
		{"an instance without clusters", func() error {
			return service.DropCluster(ctx, &pb.AlterClusterRequest{InstanceId: new("i0000150"), Cluster: &pb.ClusterPB{ClusterId: new("c1")}})
		}},
		{"an instance dropped", func() error {
			return service.DropInstance(ctx, &pb.AlterInstanceRequest{InstanceId: new("i0000150")})
		}},
		{"many instances", func() error {
			return errors.Join(
				rename(ctx, service, "a", "first"), rename(ctx, service, "z", "last"), createInstance(ctx, service.Service, "between"),
				service.DropCluster(ctx, &pb.AlterClusterRequest{InstanceId: new("i0000008"), Cluster: &pb.ClusterPB{ClusterId: new("c1")}}),
				rename(ctx, service, "i0000009", "new"), createInstance(ctx, service.Service, "i0000009a"),
			)
		}},
		{"an instance with two clusters", func() error {
			return service.AddCluster(ctx, &pb.AlterClusterRequest{InstanceId: new("i0000000"), Cluster: &pb.ClusterPB{
				ClusterId: new("c2"), ClusterName: new("more"), Type: pb.ClusterPB_COMPUTE.Enum(),
			}})
		}},
	} {
		if err := step.change(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		want := anew.query(listAll)
		for _, c := range []*raw{one, other} {
			if got := c.query(listAll); got != want {
				t.Errorf("after %s the kept list is\n%q, want\n%q", step.name, got, want)
			}
		}
	}
	// The other server of the same service lists pages too; this one does not.
	if got := service.pages.Load(); got != made {
		t.Errorf("%d pages of instances were read again", got-made)
	}
}

func rename(ctx context.Context, service core.API, instance, name string) error {
	return service.RenameCluster(ctx, &pb.AlterClusterRequest{InstanceId: &instance, Cluster: &pb.ClusterPB{ClusterId: new("c1"), ClusterName: &name}})
}

func TestOverviewIsOneSnapshot(t *testing.T) {
	t.Run("made beside changes", func(t *testing.T) { testOverviewIsOneSnapshot(t, false) })
	t.Run("kept before them", func(t *testing.T) { testOverviewIsOneSnapshot(t, true) })
}

// Each writer gives two instances the same numbered name, one after the other, and
// lists in between what others do. A list that is kept before is never made again.
func testOverviewIsOneSnapshot(t *testing.T, kept bool) {
	const writers, rounds = 3, 40
	service := &paged{Service: coretest.NewService(t, core.Options{})}
	createInstances(t, service.Service, 2*writers)
	r := service.serve(t)
	if kept {
		r.loggedIn().query(listAll)
	}
	numberOf := func(list string, instance int) int {
		_, row, _ := strings.Cut(list, fmt.Sprintf("i%07d", instance))
		number, _ := strconv.Atoi(strings.TrimPrefix(row[1:6], "n")) // 0 before the first name
		return number
	}
	var all sync.WaitGroup
	for w := range writers {
		c := r.loggedIn()
		all.Go(func() {
			last := make([]int, 2*writers)
			for round := 1; round <= rounds; round++ {
				for i := range 2 {
					if err := rename(t.Context(), service, fmt.Sprintf("i%07d", 2*w+i), fmt.Sprintf("n%04d", round)); err != nil {
						t.Error(err)
						return
					}
					list := c.query(listAll)
					now := make([]int, 2*writers)
					for instance := range now {
						if now[instance] = numberOf(list, instance); now[instance] < last[instance] {
							t.Errorf("instance %d went back from %d to %d", instance, last[instance], now[instance])
						}
					}
					for pair := range writers {
						if first, second := now[2*pair], now[2*pair+1]; first-second != 0 && first-second != 1 {
							t.Errorf("instances of a pair are at %d and %d in one list", first, second)
						}
					}
					if now[2*w+i] != round {
						t.Errorf("instance %d is at %d after %d was acknowledged", 2*w+i, now[2*w+i], round)
					}
					last = now
				}
			}
		})
	}
	all.Wait()
	if pages := service.pages.Load(); kept && pages != 1 {
		t.Errorf("%d pages of instances were read, want the first one only", pages)
	}
}

// While one connection makes a list to keep, another gets its own.
func TestOverviewIsMadeToBeKeptByOne(t *testing.T) {
	service := &paged{Service: coretest.NewService(t, core.Options{})}
	createInstances(t, service.Service, 3)
	r := service.serve(t)
	c := r.loggedIn()
	r.overviews.making.Lock()
	want := c.query(listAll)
	if listsKept(r) > 0 || strings.Count(want, "etl") != 3 {
		t.Errorf("%d lists are kept, of the answer %q", listsKept(r), want)
	}
	r.overviews.making.Unlock()
	if got := c.query(listAll); got != want || listsKept(r) != 1 {
		t.Errorf("%d lists are kept, of the answer %q, want %q", listsKept(r), got, want)
	}

	r.overviews.turn <- struct{}{}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.overviews.latest(ended, listingKey{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait for one's turn ended with %v", err)
	}
	<-r.overviews.turn
}

func listsKept(r *running) int {
	r.overviews.mu.Lock()
	defer r.overviews.mu.Unlock()
	return len(r.overviews.kept)
}

// onlyName lists one column, the instance.
type onlyName struct{ session.Listing }

func (onlyName) Columns() []session.Column { return []session.Column{{Name: "Instance"}} }

func TestOverviewIsBounded(t *testing.T) {
	rows := func(n int, name func(i int) string) iter.Seq2[session.Row, error] {
		return func(yield func(session.Row, error) bool) {
			for i := range n {
				if !yield(session.Row{name(i)}, nil) {
					return
				}
			}
		}
	}
	ascending := func(i int) string { return fmt.Sprintf("i%07d", i) }
	for _, c := range []struct {
		name string
		rows iter.Seq2[session.Row, error]
		kept bool
	}{
		{"no rows", rows(0, ascending), true},
		{"as many rows as are kept", rows(maxOverviewRows, ascending), true},
		{"a row more", rows(maxOverviewRows+1, ascending), false},
		{"a row more, of one instance", rows(maxOverviewRows+1, func(int) string { return "i" }), false},
		{"long rows", rows(9, func(i int) string { return ascending(i) + strings.Repeat("x", 1<<20) }), false},
		{"instances out of order", rows(3, func(i int) string { return ascending(9 - i) }), false},
		{"an instance that comes again", rows(3, func(i int) string { return ascending(i % 2) }), false},
	} {
		maker := overviewMaker{list: &overview{}, open: partMaker{key: listingKey{Listing: onlyName{}}}}
		passed, wanted := 0, 0
		for _, err := range maker.watch(c.rows) {
			if err != nil {
				t.Error(err)
			}
			passed++
		}
		for _, err := range c.rows {
			if err != nil {
				t.Error(err)
			}
			wanted++
		}
		maker.close()
		if kept := maker.list != nil; kept != c.kept || passed != wanted {
			t.Errorf("%s: kept %v, %d of %d rows passed, want kept %v", c.name, kept, passed, wanted, c.kept)
		}
	}

	kept := newOverviews()
	for i := range 100 {
		key := listingKey{form: form{in: time.FixedZone("", i)}}
		kept.keep(key, &overview{version: 2, bytes: maxOverview / 3})
		kept.keep(key, &overview{version: 1})
		if kept.find(key).version != 2 {
			t.Error("an older listing took the place of a newer one")
		}
		sum := 0
		for _, o := range kept.kept {
			sum += o.size()
		}
		if sum != kept.bytes || sum > maxOverviews {
			t.Fatalf("%d bytes are kept, counted as %d", sum, kept.bytes)
		}
	}
}

// growing is instances that have changed to one with many rows.
type growing struct{ session.Every }

func (growing) ChangedInstances(_ context.Context, since uint64) (core.ChangedInstances, error) {
	changed := core.ChangedInstance{ID: "i", Doc: new(pb.InstanceInfoPB)}
	return core.ChangedInstances{Version: since + 1, Known: since > 0, Instances: []core.ChangedInstance{changed}}, nil
}

// manyRows lists more than is kept, whatever there is.
type manyRows struct{ onlyName }

func (manyRows) Rows(*pb.InstanceInfoPB) iter.Seq2[session.Row, error] {
	return func(yield func(session.Row, error) bool) {
		for range maxOverviewRows + 1 {
			if !yield(session.Row{"i"}, nil) {
				return
			}
		}
	}
}

func TestOverviewThatGrowsTooLongIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, key := newOverviews(), listingKey{Listing: manyRows{}}
		kept.keep(key, &overview{version: 1})
		for range 2 {
			if made, version, err := kept.latest(t.Context(), key, growing{}); made != nil || version != 0 || err != nil {
				t.Errorf("got %v at %d, %v, want none to be made", made, version, err)
			}
		}
		if len(kept.kept) != 0 || kept.bytes != 0 {
			t.Errorf("%d lists of %d bytes are still kept", len(kept.kept), kept.bytes)
		}
		time.Sleep(longTime)
		if made, version, err := kept.latest(t.Context(), key, growing{}); made != nil || version != 1 || err != nil {
			t.Errorf("later: got %v at %d, %v, want one to be made at 1", made, version, err)
		}

		kept.keep(key, &overview{version: 3})
		if kept.giveUp(key, 2); kept.find(key).version != 3 || kept.wasLong(key) {
			t.Error("a list that another made meanwhile is dropped")
		}
		for i := range 3 * maxLong {
			kept.giveUp(listingKey{form: form{in: time.FixedZone("", i)}}, 1)
		}
		if n := len(kept.long); n > maxLong {
			t.Errorf("%d lists are known to be too long", n)
		}
	})
}

// lengthy is an engine whose list of everything is too long to keep. It counts those
// that are made to be kept.
func lengthy(e session.Engine, made *atomic.Int64) session.Engine {
	return altering{e, func(r *session.Result) {
		*r = session.Result{Columns: onlyName{}.Columns(), Listing: manyRows{}, Every: lengthyRows{made}, Rows: manyRows{}.Rows(nil)}
	}}
}

type lengthyRows struct{ made *atomic.Int64 }

func (lengthyRows) ChangedInstances(context.Context, uint64) (core.ChangedInstances, error) {
	return core.ChangedInstances{Version: 1}, nil
}

func (l lengthyRows) RowsAt(context.Context, uint64) iter.Seq2[session.Row, error] {
	l.made.Add(1)
	return manyRows{}.Rows(nil)
}

func TestOverviewIsNotMadeInVainEachTime(t *testing.T) {
	var made atomic.Int64
	service := coretest.NewService(t, core.Options{})
	c := start(t, withService(t, service, func(e session.Engine) session.Engine { return lengthy(e, &made) })).loggedIn()
	want := c.query(listAll)
	if got := c.query(listAll); got != want {
		t.Errorf("the second answer has %d bytes, the first %d: %.200q", len(got), len(want), want)
	}
	if n := made.Load(); n != 1 {
		t.Errorf("the list was made to be kept %d times, want once", n)
	}
}

func BenchmarkOverview(b *testing.B) {
	service := coretest.NewService(b, core.Options{})
	createInstances(b, service, 10_000)
	round := 0
	for name, wrap := range map[string]func(session.Engine) session.Engine{
		"kept": func(e session.Engine) session.Engine { return e },
		"anew": unlisted,
	} {
		for _, changes := range []int{0, 1, 100} {
			b.Run(fmt.Sprintf("%s, %d changes between", name, changes), func(b *testing.B) {
				c := start(b, withService(b, service, wrap)).loggedIn()
				if err := c.SetDeadline(time.Time{}); err != nil {
					b.Fatal(err)
				}
				size := len(c.query(listAll))
				request := finish(append(make([]byte, headerBytes, 256), "\x03"+listAll...), 0)
				room := make([]byte, 64<<10)
				for b.Loop() {
					if changes > 0 {
						b.StopTimer()
						for i := range changes {
							id := fmt.Sprintf("i%07d", 7*i)
							if err := rename(b.Context(), service, id, []string{"elt", "lte"}[round%2]); err != nil {
								b.Fatal(err)
							}
						}
						round++
						b.StartTimer()
					}
					if _, err := c.Write(request); err != nil {
						b.Fatal(err)
					}
					for left := size; left > 0; {
						n, err := c.Read(room[:min(left, len(room))])
						if err != nil {
							b.Fatal(err)
						}
						left -= n
					}
				}
			})
		}
	}
}
