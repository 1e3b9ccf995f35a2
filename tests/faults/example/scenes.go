package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-sql-driver/mysql"
)

// lost is the failpoint of these scenes: what it hits is behind the commit.
const lost = "store/afterCommit"

// errNone stands for success where an error has to be.
var errNone = errors.New("success")

func cluster(name string) string {
	return fmt.Sprintf(`{"instance_id": "demo", "cluster": {"type": "COMPUTE", "cluster_name": %[1]q, "cluster_id": %[1]q}}`, name)
}

// lostAnswer: a change is made, its client is told that nobody knows, and the
// repeat under the same request id changes nothing more.
func lostAnswer(ctx context.Context, s *server) error {
	if err := s.failpoint(ctx, http.MethodPut, lost, `return("error")`); err != nil {
		return err
	}
	var refused *refusal
	err := s.post(ctx, "add_cluster", "job-1", cluster("reports"))
	if !errors.As(err, &refused) || refused.status != http.StatusInternalServerError || refused.code != "UNDETERMINED" {
		return fmt.Errorf("add_cluster got %w, want 500 UNDETERMINED", cmp.Or(err, errNone))
	}
	fmt.Println("REST:", err)
	if err := s.failpoint(ctx, http.MethodDelete, lost, ""); err != nil {
		return err
	}
	if err := s.post(ctx, "add_cluster", "job-1", cluster("reports")); err != nil {
		return fmt.Errorf("the repeat: %w", err)
	}
	return s.wantOnce(ctx, "add_cluster", "reports", "NORMAL")
}

// lostAnswerInSQL is lostAnswer for a statement: the connection closes as well.
func lostAnswerInSQL(ctx context.Context, s *server) error {
	const change = `ALTER CLUSTER reports IN demo SET STATUS 'SUSPENDED' REQUEST ID 'job-2'`
	if _, err := s.db.ExecContext(ctx, `SET FAILPOINT '`+lost+`' = 'return("error")'`); err != nil {
		return err
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	var refused *mysql.MySQLError
	if _, err = conn.ExecContext(ctx, change); !errors.As(err, &refused) || refused.Number != 1180 {
		return errors.Join(fmt.Errorf("the statement got %w, want error 1180", cmp.Or(err, errNone)), conn.Close())
	}
	fmt.Println("SQL:", err)
	if conn.PingContext(ctx) == nil {
		return errors.Join(errors.New("the connection is still open after error 1180"), conn.Close())
	}
	_ = conn.Close() // it has ended by itself
	if _, err := s.db.ExecContext(ctx, `CLEAR FAILPOINT '`+lost+`'`); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, change); err != nil {
		return fmt.Errorf("the repeat: %w", err)
	}
	return s.wantOnce(ctx, "set_cluster_status", "reports", "SUSPENDED")
}

// crash: the process ends by SIGKILL behind a commit, and another on the same
// directory has the change.
func crash(ctx context.Context, s *server, binary, dir string) error {
	err := s.failpoint(ctx, http.MethodPut, lost, `return("crash")`)
	if err != nil {
		return errors.Join(err, s.kill())
	}
	var refused *refusal
	err = s.post(ctx, "add_cluster", "job-3", cluster("nightly"))
	if err == nil || errors.As(err, &refused) {
		return errors.Join(fmt.Errorf("add_cluster got %w, want the connection to end", cmp.Or(err, errNone)), s.kill())
	}
	fmt.Println("crash:", err)
	if err := s.crashed(ctx); err != nil {
		return err
	}
	if s, err = start(ctx, binary, dir); err != nil {
		return err
	}
	err = s.wantOnce(ctx, "add_cluster", "nightly", "NORMAL")
	if err == nil {
		err = s.post(ctx, "add_cluster", "job-3", cluster("nightly"))
	}
	if err == nil {
		err = s.wantOnce(ctx, "add_cluster", "nightly", "NORMAL")
	}
	return errors.Join(err, s.kill())
}
