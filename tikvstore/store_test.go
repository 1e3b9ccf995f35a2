package tikvstore

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/pingcap/log"
	"github.com/tikv/client-go/v2/testutils"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/util"
	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"

	"roster/core"
	"roster/core/storetest"
)

func TestMain(m *testing.M) {
	util.EnableFailpoints()
	setUpDriver()
	log.SetLevel(zapcore.FatalLevel) // the mock's reverse scan logs an error for an open start
	// The mock's LevelDB returns its buffers for a second after it has closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/pingcap/goleveldb/leveldb.(*DB).mpoolDrain"))
}

// mockCluster starts client-go's in-memory TiKV with one store and one region.
// hijack may wrap its client.
func mockCluster(t *testing.T, hijack func(tikv.Client) tikv.Client) (*Store, *testutils.MockCluster) {
	t.Helper()
	client, cluster, pd, err := testutils.NewMockTiKV("", nil)
	if err != nil {
		t.Fatalf("start the mock: %v", err)
	}
	testutils.BootstrapWithSingleStore(cluster)
	driver, err := tikv.NewTestTiKVStore(client, pd, hijack, nil, 0)
	if err != nil {
		t.Fatalf("connect to the mock: %v", err)
	}
	return New(driver), cluster
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) core.Store {
		store, _ := mockCluster(t, nil)
		return store
	})
}

// TestConformanceOnCluster is TestConformance on the cluster whose PD servers
// ROSTER_PD names, each case under a prefix of its own. Without one, make
// test-cluster runs it.
func TestConformanceOnCluster(t *testing.T) {
	pds := os.Getenv("ROSTER_PD")
	if pds == "" {
		return
	}
	storetest.Run(t, func(t *testing.T) core.Store {
		store, err := Open(t.Context(), Options{
			PDAddrs: strings.Split(pds, ","),
			Prefix:  "roster-test-" + strings.ToLower(rand.Text()) + "/",
		})
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}
