// Command store keeps keys and values on disk and replicates them by Raft, and
// speaks TiKV's protocol: unistore, as a process for tests on loopback.
//
// It has its own main because unistore's listens on every interface and answers no
// health checks.
package main

import (
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ngaut/unistore/config"
	"github.com/ngaut/unistore/server"
	"github.com/pingcap/kvproto/pkg/deadlock"
	"github.com/pingcap/kvproto/pkg/tikvpb"
	"github.com/pingcap/log"
	"github.com/pingcap/tidb/store/mockstore/unistore/pd"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

func main() {
	var o options
	flag.StringVar(&o.pds, "pd", "127.0.0.1:2379", "addresses of the PD servers, HOST:PORT,...")
	flag.StringVar(&o.listen, "addr", "127.0.0.1:20160", "address to listen on")
	flag.StringVar(&o.advertise, "advertise", "", "address that others are told to use; empty is addr")
	flag.StringVar(&o.dir, "dir", "store-data", "directory of the data")
	flag.StringVar(&o.level, "log", "warn", "level of the log: error, warn, info or debug")
	flag.Parse()
	if o.advertise == "" {
		o.advertise = o.listen
	}
	if err := serve(o); err != nil {
		fmt.Fprintln(os.Stderr, "store:", err)
		os.Exit(1)
	}
}

type options struct {
	pds, listen, advertise, dir, level string
}

func serve(o options) error {
	logger, properties, err := log.InitLogger(&log.Config{Level: o.level})
	if err != nil {
		return err
	}
	log.ReplaceGlobals(logger, properties)
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		return err
	}
	client, err := pd.NewClient(strings.Split(o.pds, ","), "")
	if err != nil {
		return err
	}
	store, err := server.New(o.config(), client)
	if err != nil {
		return err
	}
	// Only now: who connects before the store has its data would be refused.
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	// TiKV lets its clients ping this often, and send as much as they like.
	front := grpc.NewServer(
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 2 * time.Second, PermitWithoutStream: true}),
		grpc.MaxRecvMsgSize(math.MaxInt32),
	)
	tikvpb.RegisterTikvServer(front, service{TikvServer: store, large: &sync.Map{}, gate: newGate()})
	deadlock.RegisterDeadlockServer(front, store)
	// Clients ask for its health before they use a store again that was away.
	grpc_health_v1.RegisterHealthServer(front, health.NewServer())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-stop
		front.Stop()
	}()
	fmt.Println("listening on", listener.Addr())
	if err := front.Serve(listener); err != nil {
		return err
	}
	store.Stop()
	return nil
}

func (o options) config() *config.Config {
	conf := config.DefaultConf
	conf.Server.PDAddr, conf.Server.StoreAddr, conf.Server.LogLevel = o.pds, o.advertise, o.level
	conf.Server.Raft = true
	conf.Engine.DBPath, conf.Engine.SyncWrite = o.dir, true
	// Ten ticks to an election: a leader that dies is replaced within seconds.
	conf.RaftStore.RaftBaseTickInterval, conf.RaftStore.RaftStoreMaxLeaderLease = "200ms", "1800ms"
	conf.RaftStore.PdHeartbeatTickInterval = "2s"
	return &conf
}
