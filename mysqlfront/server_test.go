package mysqlfront

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

func TestConnections(t *testing.T) {
	t.Run("refuses one more than allowed with 1040", func(t *testing.T) {
		r := start(t, func(o *Options) { o.MaxConns = 2 })
		first := r.single()
		r.single()
		err := r.db("root", "", "").PingContext(t.Context())
		if errnoOf(err) != 1040 {
			t.Fatalf("the third got %v, want 1040", err)
		}
		if err := first.Raw(func(c any) error { return c.(io.Closer).Close() }); err != nil {
			t.Fatal(err)
		}
		r.waitFor("a free place", func() bool { return r.db("root", "", "").PingContext(t.Context()) == nil })
	})
	t.Run("closes an idle connection after the idle timeout", func(t *testing.T) {
		r := start(t, func(o *Options) { o.IdleTimeout = time.Millisecond })
		r.loggedIn().closed()
	})
	t.Run("closes a client that does not finish its command", func(t *testing.T) {
		r := start(t, func(o *Options) { o.ReadTimeout = time.Millisecond })
		c := r.loggedIn()
		if _, err := c.Write([]byte{10, 0, 0, 0, 3}); err != nil {
			t.Fatal(err)
		}
		c.closed()
	})
	t.Run("closes a client that does not read its answer", func(t *testing.T) {
		r := start(t, func(o *Options) { o.WriteTimeout = 10 * time.Millisecond; o.StatementTimeout = time.Hour })
		c := r.loggedIn()
		c.command(3, "count 0 forever")
		r.waitFor("the end of the connection", func() bool { return len(r.open()) == 0 })
	})
}

func TestStatementEnds(t *testing.T) {
	t.Run("KILL QUERY interrupts the statement and keeps the connection", func(t *testing.T) {
		r := start(t)
		victim, killer := r.single(), r.single()
		done := make(chan error, 1)
		go func() {
			_, err := victim.ExecContext(context.Background(), "slow")
			done <- err
		}()
		<-r.engine.started
		if _, err := killer.ExecContext(t.Context(), fmt.Sprint("KILL QUERY ", r.Sessions()[0].ID)); err != nil {
			t.Fatal(err)
		}
		if err := <-done; errnoOf(err) != 1317 {
			t.Errorf("the statement got %v, want 1317", err)
		}
		if _, err := victim.ExecContext(t.Context(), "note"); err != nil {
			t.Errorf("after KILL QUERY: %v", err)
		}
	})
	t.Run("KILL QUERY does nothing to an idle connection", func(t *testing.T) {
		r := start(t)
		victim, killer := r.single(), r.single()
		if _, err := killer.ExecContext(t.Context(), fmt.Sprint("KILL QUERY ", r.Sessions()[0].ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := victim.ExecContext(t.Context(), "note"); err != nil {
			t.Error(err)
		}
	})
	t.Run("KILL ends an idle and a running connection", func(t *testing.T) {
		r := start(t)
		idle, busy := r.loggedIn(), r.loggedIn()
		busy.command(3, "slow")
		<-r.engine.started
		for _, s := range r.Sessions() {
			if !r.Kill(s.ID, false) {
				t.Errorf("session %d is not known", s.ID)
			}
		}
		idle.closed()
		if p := busy.expect(0xff); busy.errno(p) != 1317 {
			t.Errorf("the running statement got %q, want 1317", p)
		}
		busy.closed()
	})
	t.Run("KILL of nobody is told", func(t *testing.T) {
		r := start(t)
		if _, err := r.single().ExecContext(t.Context(), "KILL 1"); errnoOf(err) != 1094 {
			t.Errorf("got %v, want 1094", err)
		}
	})
	t.Run("the command for KILL runs the statement", func(t *testing.T) {
		r := start(t)
		c, victim := r.loggedIn(), r.loggedIn()
		id := r.Sessions()[1].ID
		c.command(12, string([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)}))
		c.expect(0)
		victim.closed()
	})
	t.Run("its time is bounded with 3024", func(t *testing.T) {
		r := start(t, func(o *Options) { o.StatementTimeout = time.Millisecond })
		if _, err := r.single().ExecContext(t.Context(), "slow"); errnoOf(err) != 3024 {
			t.Errorf("got %v, want 3024", err)
		}
	})
	t.Run("the time of its rows is bounded too", func(t *testing.T) {
		r := start(t, func(o *Options) { o.StatementTimeout = 20 * time.Millisecond })
		rows, err := r.single().QueryContext(t.Context(), "count 0 forever")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
		}
		if errnoOf(rows.Err()) != 3024 {
			t.Errorf("got %v, want 3024", rows.Err())
		}
	})
	for _, encrypted := range []bool{false, true} {
		t.Run(fmt.Sprintf("the client's leaving ends it, encrypted %v", encrypted), func(t *testing.T) {
			r := start(t, withTLS(t))
			options := ""
			if encrypted {
				options = "?tls=skip-verify"
			}
			ctx, leave := context.WithCancel(t.Context())
			db := r.db("root", "", options)
			done := make(chan error, 1)
			go func() {
				_, err := db.ExecContext(ctx, "slow")
				done <- err
			}()
			<-r.engine.started
			leave() // the driver closes the connection
			if err := <-r.engine.ended; !errors.Is(err, errGone) {
				t.Errorf("the statement ended with %v, want %v", err, errGone)
			}
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the client got %v", err)
			}
		})
		t.Run(fmt.Sprintf("a watched statement leaves the connection usable, encrypted %v", encrypted), func(t *testing.T) {
			r := start(t, withTLS(t))
			options := ""
			if encrypted {
				options = "?tls=skip-verify"
			}
			db := r.db("root", "", options)
			db.SetMaxOpenConns(1)
			go func() {
				<-r.engine.started
				timer := time.NewTimer(3 * watchAfter) // until the watch is on
				defer timer.Stop()
				<-timer.C
				close(r.engine.finish)
			}()
			if _, err := db.ExecContext(t.Context(), "slow"); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRowContext(t.Context(), "count 1").Scan(&n); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("bytes sent meanwhile are the next command", func(t *testing.T) {
		r := start(t)
		c := r.loggedIn()
		c.command(3, "slow")
		<-r.engine.started
		c.command(14, "")
		close(r.engine.finish)
		c.expect(0)
		c.expect(0)
	})
}

func TestShutdown(t *testing.T) {
	t.Run("running statements finish and idle connections get 1053", func(t *testing.T) {
		r := start(t)
		idle, busy, silent := r.loggedIn(), r.loggedIn(), r.dial()
		busy.command(3, "slow")
		<-r.engine.started
		down := make(chan error, 1)
		go func() { down <- r.Shutdown(t.Context()) }()
		if p := idle.expect(0xff); idle.errno(p) != 1053 {
			t.Errorf("idle got %q, want 1053", p)
		}
		idle.closed()
		(&raw{Conn: silent, t: t}).closed()
		close(r.engine.finish)
		if p := busy.expect(0); len(p) < 7 {
			t.Errorf("the running statement got %q", p)
		}
		if p := busy.expect(0xff); busy.errno(p) != 1053 {
			t.Errorf("after its statement the client got %q, want 1053", p)
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
	t.Run("cuts off what is left at the end of the context", func(t *testing.T) {
		r := start(t)
		c := r.loggedIn()
		c.command(3, "slow")
		<-r.engine.started
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if err := <-r.engine.ended; !errors.Is(err, errDraining) && !errors.Is(err, errGone) {
			t.Errorf("the statement ended with %v", err)
		}
		c.closed()
	})
	t.Run("Serve returns at once after it", func(t *testing.T) {
		s := New(Options{Users: testUsers()})
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		ln := listen(t)
		if err := s.Serve(ln); err != nil {
			t.Error(err)
		}
		if _, err := ln.Accept(); err == nil {
			t.Error("the listener is still open")
		}
	})
}

func TestPanics(t *testing.T) {
	t.Run("in a change is answered with 1180 and the connection ends", func(t *testing.T) {
		r := start(t)
		c := r.single()
		if _, err := c.ExecContext(t.Context(), "panic"); errnoOf(err) != 1180 {
			t.Errorf("got %v, want 1180", err)
		}
		if _, err := c.ExecContext(t.Context(), "note"); err == nil {
			t.Error("the connection lives on")
		}
	})
	for _, text := range []string{"PANIC", "count 3 panic"} {
		t.Run(text+" is answered with 1815 and the connection lives on", func(t *testing.T) {
			r := start(t)
			c := r.single()
			if err := drain(c.QueryContext(t.Context(), text)); errnoOf(err) != 1815 {
				t.Errorf("got %v, want 1815", err)
			}
			if _, err := c.ExecContext(t.Context(), "note"); err != nil {
				t.Error(err)
			}
			if r.panics("statement") != 1 {
				t.Error("the panic is not counted")
			}
		})
	}
}

// drain reads all rows.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}

func TestErrors(t *testing.T) {
	r := start(t)
	for text, want := range map[string]struct {
		number  uint16
		state   string
		message string
	}{
		"fail 1":       {1210, "HY000", "INVALID_ARGUMENT: the reason"},
		"fail 2":       {1146, "42S02", "NOT_FOUND: the reason"},
		"fail 3":       {1062, "23000", "ALREADY_EXISTED: the reason"},
		"fail 4":       {1815, "HY000", "INTERNAL_ERROR: the reason"},
		"fail 5":       {1213, "40001", "CONFLICT: the reason"},
		"fail 6":       {1180, "HY000", "UNDETERMINED: the reason"},
		"fail 7":       {1227, "42000", "PERMISSION_DENIED: the reason"},
		"fail 8":       {1153, "08S01", "INVALID_ARGUMENT: the reason"},
		"fail 9":       {1213, "40001", "CONFLICT: the reason"},
		"fail 10":      {1205, "HY000", "INTERNAL_ERROR: the reason"},
		"fail number":  {1396, "HY000", "Operation CREATE USER failed"},
		"fail unknown": {1815, "HY000", "INTERNAL_ERROR: the server failed"},
		"NONSENSE":     {1064, "42000", "You have an error in your SQL syntax"},
		"OTHER":        {1064, "42000", "You have an error in your SQL syntax: no statement begins like this"},
		"  ":           {1065, "42000", "Query was empty"},
		"echo \xff":    {1300, "HY000", "Invalid utf8mb4 character string"},
		"echo ?":       {1064, "42000", "You have an error in your SQL syntax: a ? stands for a value in prepared statements only"},
	} {
		t.Run(text, func(t *testing.T) {
			_, err := r.single().ExecContext(t.Context(), text)
			var got *mysql.MySQLError
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			if got.Number != want.number || string(got.SQLState[:]) != want.state || got.Message != want.message {
				t.Errorf("got %d %s %q, want %+v", got.Number, got.SQLState, got.Message, want)
			}
		})
	}
	t.Run("an unknown outcome ends the connection", func(t *testing.T) {
		c := r.loggedIn()
		c.command(3, "fail 6")
		c.expect(0xff)
		c.closed()
	})
	t.Run("an error is a warning that SHOW WARNINGS shows", func(t *testing.T) {
		c := r.single()
		_, _ = c.ExecContext(t.Context(), "fail 2")
		for range 2 {
			var level, message string
			var code int
			if err := c.QueryRowContext(t.Context(), "SHOW WARNINGS").Scan(&level, &code, &message); err != nil {
				t.Fatal(err)
			}
			if level != "Error" || code != 1146 || message != "NOT_FOUND: the reason" {
				t.Errorf("got %s %d %s", level, code, message)
			}
		}
		if _, err := c.ExecContext(t.Context(), "set y"); err != nil {
			t.Fatal(err)
		}
		if err := c.QueryRowContext(t.Context(), "SHOW WARNINGS").Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("the next statement keeps the warnings: %v", err)
		}
	})
}
