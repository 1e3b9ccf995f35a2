package mysqlfront

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/core"
	"roster/core/coretest"
	pb "roster/core/metapb"
	"roster/mysqlfront/admin"
	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

// withService has the engines of the shipped server run statements.
func withService(t testing.TB, service *core.Service, wrap func(session.Engine) session.Engine) func(*Options) {
	selects := tables.New(service, tables.Options{})
	t.Cleanup(func() {
		if err := selects.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(o *Options) {
		o.Engines = []session.Engine{wrap(admin.New(admin.Options{Backend: service})), selects}
	}
}

// altering is an engine whose results are altered before they are sent.
type altering struct {
	session.Engine
	alter func(*session.Result)
}

func (a altering) Prepare(s *session.Session, text string) (session.Statement, bool, error) {
	st, ok, err := a.Engine.Prepare(s, text)
	if st != nil {
		st = alteringStatement{st, a.alter}
	}
	return st, ok, err
}

type alteringStatement struct {
	session.Statement
	alter func(*session.Result)
}

func (a alteringStatement) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	result, err := a.Statement.Run(ctx, s, args)
	if result != nil {
		a.alter(result)
	}
	return result, err
}

// unlisted is an engine none of whose answers are kept.
func unlisted(e session.Engine) session.Engine {
	return altering{e, func(r *session.Result) { r.Listing = nil }}
}

// answer is all packets of an answer with rows, of OK or of an error.
func (r *raw) answer() string {
	r.t.Helper()
	var all bytes.Buffer
	from := &raw{Conn: teeConn{r.Conn, io.TeeReader(r.Conn, &all)}, t: r.t}
	for packets, ends := 0, 0; ends < 2; packets++ {
		p, err := from.receive()
		switch {
		case err != nil:
			r.t.Fatal(err)
		case p[0] == 0xff, packets == 0 && p[0] == 0:
			return all.String()
		case p[0] == 0xfe && len(p) < 9:
			ends++
		}
	}
	return all.String()
}

type teeConn struct {
	net.Conn
	io.Reader
}

func (c teeConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func (r *raw) query(text string) string {
	r.t.Helper()
	r.command(3, text)
	return r.answer()
}

// execute prepares a statement of one parameter, or of none, and runs it.
func (r *raw) execute(text string, values ...string) string {
	r.t.Helper()
	r.command(22, text)
	p := r.expect(0)
	for _, described := range []uint16{binary.LittleEndian.Uint16(p[7:]), binary.LittleEndian.Uint16(p[5:])} {
		for range described {
			if _, err := r.receive(); err != nil {
				r.t.Fatal(err)
			}
		}
		if described > 0 {
			r.expect(0xfe)
		}
	}
	id := binary.LittleEndian.Uint32(p[1:])
	run := execution(id, 0xfd, 0, "")[:9]
	for _, value := range values {
		run = execution(id, 0xfd, 0, string(rune(len(value)))+value)
	}
	r.command(23, run)
	answer := r.answer()
	r.command(25, string(binary.LittleEndian.AppendUint32(nil, id)))
	return answer
}

// TestListings holds answers that are kept to those made anew, byte by byte, while
// the instance changes.
func TestListings(t *testing.T) {
	service := coretest.NewService(t, core.Options{})
	kept := start(t, withService(t, service, func(e session.Engine) session.Engine { return e }))
	anew := start(t, withService(t, service, unlisted))
	type client struct {
		name       string
		kept, anew *raw
	}
	var clients []client
	for _, name := range []string{"root", "reader", "other"} {
		for _, r := range []*running{kept, anew} {
			r.users.confine("reader", "shop")
			r.users.confine("other", "lab")
		}
		clients = append(clients, client{name, kept.loggedInAs(name), anew.loggedInAs(name)})
	}
	root := clients[0]
	both := func(text string) {
		t.Helper()
		for _, c := range clients {
			c.kept.query(text)
			c.anew.query(text)
		}
	}
	compare := func(after string) {
		t.Helper()
		for _, c := range clients {
			for range 2 { // made, and found
				for _, text := range []string{
					"SHOW CLUSTERS IN INSTANCE shop", "SHOW FULL CLUSTERS IN shop", "SHOW COMPUTE GROUPS IN shop", "SHOW CLUSTERS IN shop LIKE 'e%'",
					"SHOW CLUSTERS IN shop WHERE Type = 'SQL'", "SHOW CLUSTERS IN shop ORDER BY Cluster DESC LIMIT 1", "SHOW CLUSTERS IN shop LIMIT 1",
					"SHOW CLUSTERS IN UNIQUE ID '1:shop:n1'", "SHOW CLUSTERS IN lab", "SHOW CLUSTERS IN nowhere", listAll, "SHOW COMPUTE GROUPS IN ALL INSTANCES", "SHOW CLUSTERS IN ALL INSTANCES LIMIT 1", "SHOW CLUSTERS",
				} {
					if got, want := c.kept.query(text), c.anew.query(text); got != want {
						t.Errorf("after %s, %s as %s: got %q, want %q", after, text, c.name, got, want)
					}
				}
				if got, want := c.kept.execute(listAll), c.anew.execute(listAll); got != want {
					t.Errorf("after %s, %s executed as %s: got %q, want %q", after, listAll, c.name, got, want)
				}
				for _, text := range []string{"SHOW CLUSTERS IN ?", "SHOW COMPUTE GROUPS IN ?"} {
					for _, instance := range []string{"shop", "lab"} {
						if got, want := c.kept.execute(text, instance), c.anew.execute(text, instance); got != want {
							t.Errorf("after %s, %s with %s as %s: got %q, want %q", after, text, instance, c.name, got, want)
						}
					}
				}
			}
		}
	}
	compare("nothing")
	const store = `PROPERTIES("user_id"='u1', "obj.ak"='AK', "obj.sk"='SK', "obj.bucket"='b', "obj.endpoint"='e', "obj.region"='r', "obj.provider"='S3')`
	for _, change := range []string{
		"CREATE INSTANCE shop " + store, "CREATE INSTANCE lab " + store,
		"CREATE CLUSTER etl IN shop NODES('10.0.0.1:9050' AS BE UNIQUE ID '1:shop:n1')", "CREATE CLUSTER etl IN lab USERS ('ann', 'bob')",
		"ALTER CLUSTER etl IN shop SUSPEND", "CREATE CLUSTER fe IN shop TYPE SQL NODES('10.0.0.2:9010' AS FE_MASTER UNIQUE ID '1:shop:n2')",
		"ALTER CLUSTER etl IN shop RENAME TO elt", "DROP CLUSTER fe IN shop FORCE", "DROP CLUSTER ID 'etl' IN shop", "DROP INSTANCE shop",
	} {
		if answer := root.kept.query(change); answer[4] != 0 {
			t.Fatalf("%s: %q", change, answer)
		}
		compare(change)
	}
	for _, setting := range []string{"SET time_zone = '+05:00'", "USE lab", "START TRANSACTION READ ONLY"} {
		both(setting)
		compare(setting)
	}
}

// TestLongListing has more clusters than an answer that is kept may show.
func TestLongListing(t *testing.T) {
	service := coretest.NewService(t, core.Options{})
	var encoded atomic.Int64
	r := start(t, withService(t, service, func(e session.Engine) session.Engine { return counting(e, &encoded) }))
	c := r.loggedIn()
	c.query(`CREATE INSTANCE shop PROPERTIES("user_id"='u1', "obj.ak"='AK', "obj.sk"='SK', "obj.bucket"='b', "obj.endpoint"='e', "obj.region"='r', "obj.provider"='S3')`)
	const clusters, users = 30, 40
	for i := range clusters {
		var names []string
		for u := range users {
			names = append(names, fmt.Sprintf("'%0250d'", u))
		}
		if answer := c.query(fmt.Sprintf("CREATE CLUSTER c%02d IN shop USERS (%s)", i, strings.Join(names, ", "))); answer[4] != 0 {
			t.Fatalf("%.300q", answer)
		}
	}
	for range 2 {
		answer := c.query("SHOW CLUSTERS IN shop")
		if len(answer) <= maxListing {
			t.Fatalf("the answer has %d bytes, which are kept", len(answer))
		}
		if shown := strings.Count(answer, "COMPUTE"); shown != clusters {
			t.Errorf("%d clusters are shown, want %d", shown, clusters)
		}
	}
	if n := encoded.Load(); n != 1 {
		t.Errorf("the answer was made to be kept %d times, want once", n)
	}
	c.query("DROP CLUSTER ID 'c00' IN shop")
	if shown := strings.Count(c.query("SHOW CLUSTERS IN shop"), "COMPUTE"); shown != clusters-1 {
		t.Errorf("%d clusters are shown after one was dropped", shown)
	}
}

// counting is an engine that counts how often an answer is made to be kept.
func counting(e session.Engine, made *atomic.Int64) session.Engine {
	return altering{e, func(r *session.Result) {
		if r.Listing != nil {
			r.Listing = countingListing{r.Listing, made}
		}
	}}
}

type countingListing struct {
	session.Listing
	made *atomic.Int64
}

func (c countingListing) Rows(doc *pb.InstanceInfoPB) iter.Seq2[session.Row, error] {
	c.made.Add(1)
	return c.Listing.Rows(doc)
}

func BenchmarkStatements(b *testing.B) {
	service := coretest.NewService(b, core.Options{})
	r := start(b, withService(b, service, func(e session.Engine) session.Engine { return e }))
	c := r.loggedIn()
	if err := c.SetDeadline(time.Time{}); err != nil {
		b.Fatal(err)
	}
	c.query(`CREATE INSTANCE shop PROPERTIES("user_id"='u1', "obj.ak"='AK', "obj.sk"='SK', "obj.bucket"='b', "obj.endpoint"='e', "obj.region"='r', "obj.provider"='S3')`)
	for i := range 5 {
		c.query(fmt.Sprintf("CREATE CLUSTER c%d IN shop NODES('10.0.%[1]d.1:9050' UNIQUE ID '1:shop:n%[1]d1', '10.0.%[1]d.2:9050' UNIQUE ID '1:shop:n%[1]d2', '10.0.%[1]d.3:9050' UNIQUE ID '1:shop:n%[1]d3')", i))
	}
	for name, texts := range map[string][]string{
		"show":           {"SHOW CLUSTERS IN INSTANCE shop"},
		"filtered":       {"SHOW CLUSTERS IN INSTANCE shop LIKE 'c%'"},
		"status by id":   {"ALTER CLUSTER ID 'c0' IN INSTANCE shop SUSPEND", "ALTER CLUSTER ID 'c0' IN INSTANCE shop RESUME", "ALTER CLUSTER ID 'c0' IN INSTANCE shop SET STATUS NORMAL"},
		"status by name": {"ALTER CLUSTER c0 IN INSTANCE shop SUSPEND", "ALTER CLUSTER c0 IN INSTANCE shop RESUME", "ALTER CLUSTER c0 IN INSTANCE shop SET STATUS NORMAL"},
		"nodes": {"ALTER CLUSTER ID 'c0' IN INSTANCE shop ADD NODE '10.0.9.9:9050' AS BE UNIQUE ID '1:shop:n99'",
			"ALTER CLUSTER ID 'c0' IN INSTANCE shop DROP NODE '10.0.9.9:9050' AS BE UNIQUE ID '1:shop:n99'"},
		"select": {"SELECT 1"},
	} {
		b.Run(name, func(b *testing.B) {
			sizes := make([]int, len(texts))
			for i, text := range texts {
				answer := c.query(text)
				if answer[4] == 0xff {
					b.Fatalf("%s: %q", text, answer)
				}
				sizes[i] = len(answer)
			}
			var packets [][]byte
			for _, text := range texts {
				packets = append(packets, finish(append(make([]byte, headerBytes, 256), "\x03"+text...), 0))
			}
			room := make([]byte, 64<<10)
			b.ReportAllocs()
			next := 0
			ask := func() {
				if _, err := c.Write(packets[next]); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(c, room[:sizes[next]]); err != nil {
					b.Fatal(err)
				}
				next = (next + 1) % len(texts)
			}
			for b.Loop() {
				ask()
			}
			for next > 0 {
				ask()
			}
		})
	}
}
