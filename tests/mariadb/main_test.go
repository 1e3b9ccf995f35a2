// Package mariadb compares what Roster's MySQL front answers with what MariaDB
// does, loaded with the same rows.
package mariadb

import (
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m}) }
