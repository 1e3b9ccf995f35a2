// Package mariadb compares what Roster's MySQL front answers with what MariaDB
// does, loaded with the same rows.
package mariadb

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}
