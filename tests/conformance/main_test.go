// Package conformance tests the shipped server as a black box against the
// published API: its operations through core.API, so that every client of the
// service can be held to the same cases, and its REST wire as bytes.
package conformance

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

const (
	reference = "reference"
	doris     = "doris"
)

var levels = []string{reference, doris}

// checks counts the subtests that ran to their end without a failure or with one.
var checks atomic.Int64

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m, End: end}) }

func end() (err error) {
	fmt.Printf("conformance: %d checks\n", checks.Load())
	for _, s := range shared {
		err = errors.Join(err, s.stop())
	}
	return err
}

// check runs a subtest beside the others and counts it.
func check(t *testing.T, name string, run func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		checks.Add(1)
		run(t)
	})
}

// checkInTurn runs a subtest that builds on the one before it, and counts it.
func checkInTurn(t *testing.T, name string, run func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		checks.Add(1)
		run(t)
	})
}

// tokens of the shared servers, one for each role.
const (
	adminToken    = "conformance-admin-token"
	operatorToken = "conformance-operator-token"
	readerToken   = "conformance-reader-token"
	tokenFile     = "ada admin " + adminToken + "\nolga operator " + operatorToken + "\nrita reader " + readerToken + "\n"
)

// sharedServer is one server that many tests use, each with instances of its own.
type sharedServer struct {
	once   sync.Once
	server *harness.Server
	sql    *harness.SQL
	err    error
}

var shared = map[string]*sharedServer{reference: {}, doris: {}}

func (s *sharedServer) stop() error {
	if s.server == nil {
		return nil
	}
	return errors.Join(s.sql.DB.Close(), s.server.Stop())
}

// start also connects to the MySQL front. Of the two levels one has its values
// sent in the binary protocol, the other in the text.
func (s *sharedServer) start(level string) {
	if s.server, s.err = harness.Start(harness.Options{Compat: level, Tokens: tokenFile}); s.err != nil {
		return
	}
	if s.sql, s.err = harness.OpenSQL(s.server.SQLAddr, harness.SQLOptions{Prepared: level == reference}); s.err != nil {
		s.err = errors.Join(s.err, s.server.Stop())
		s.server = nil
	}
}

// serverAt is the shared server of a compat level.
func serverAt(t *testing.T, level string) *harness.Server {
	t.Helper()
	s := shared[level]
	s.once.Do(func() { s.start(level) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// restAt is an admin's client of the shared server of a compat level.
func restAt(t *testing.T, level string) *harness.REST {
	t.Helper()
	return &harness.REST{URL: serverAt(t, level).URL, Token: adminToken}
}

// sqlAt is a client of the MySQL front of the shared server of a compat level.
func sqlAt(t *testing.T, level string) *harness.SQL {
	t.Helper()
	serverAt(t, level)
	return shared[level].sql
}

var (
	runID   = fmt.Sprintf("%d", os.Getpid())
	counter atomic.Int64
)

// newID is an id no other test uses.
func newID(what string) string {
	return fmt.Sprintf("%s-%s-%d", what, runID, counter.Add(1))
}
