package tables_test

import (
	"fmt"
	"testing"
	"time"

	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

func TestCompiledStatements(t *testing.T) {
	src := newSource()
	e := newEngine(t, src, tables.Options{Slots: 1, MaxRows: 3})
	berlin := time.FixedZone("", 3600)
	here, there := newSession(), newSession()
	here.Database = "alpha"
	there.Location, there.User, there.Instance, there.Role = berlin, "bob", "beta", session.Reader
	t.Run("nothing of a session stays", func(t *testing.T) {
		for range 3 {
			for s, want := range map[*session.Session]string{here: "alpha|root@%|2026-01-01 00:00:00|3", there: "NULL|bob@%|2026-01-01 01:00:00|1"} {
				got, err := ask(t, e, s, "SELECT DATABASE() a, CURRENT_USER() b, FROM_UNIXTIME(1767225600) c, COUNT(*) d FROM roster.instances")
				if err != nil || got != "a|b|c|d\n"+want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		}
	})
	t.Run("nor of its parameters", func(t *testing.T) {
		for _, c := range []struct {
			arg  any
			want string
		}{{"x", "x|1|0"}, {nil, "NULL|NULL|1"}, {int64(7), "7|1|0"}, {"", "|0|0"}} {
			got, err := ask(t, e, here, "SELECT ? a, CHAR_LENGTH(?) b, ? IS NULL c", c.arg, c.arg, c.arg)
			if err != nil || got != "a|b|c\n"+c.want {
				t.Errorf("%v: got %q, %v", c.arg, got, err)
			}
		}
	})
	t.Run("nor what it read", func(t *testing.T) {
		for range 2 {
			src.took()
			got, err := ask(t, e, here, "SELECT COUNT(*) FROM roster.clusters WHERE instance_id = ?", "beta")
			if reads := src.took(); err != nil || got != "COUNT(*)\n2" || reads != "version get:beta" {
				t.Errorf("got %q, %v after %q", got, err, reads)
			}
		}
	})
	t.Run("one that failed runs again", func(t *testing.T) {
		for arg, want := range map[string]uint16{"(": 1139, "a": 0} {
			if _, err := ask(t, e, here, "SELECT 'a' REGEXP ?", arg); number(err) != want {
				t.Error(arg, err)
			}
		}
	})
	t.Run("one that was cut off runs again", func(t *testing.T) {
		for range 2 {
			here.Warnings = nil
			got, err := ask(t, e, here, "SELECT cluster_id FROM roster.clusters")
			if err != nil || got != "cluster_id\nc0\nc0\nc1" || len(here.Warnings) != 1 {
				t.Errorf("got %q, %v, %v", got, err, here.Warnings)
			}
		}
	})
	t.Run("there may be many", func(t *testing.T) {
		for range 2 {
			for i := range 100 {
				if got, err := ask(t, e, here, fmt.Sprintf("SELECT %d AS a", i)); err != nil || got != fmt.Sprintf("a\n%d", i) {
					t.Fatalf("got %q, %v", got, err)
				}
			}
		}
	})
}
