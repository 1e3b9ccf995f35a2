package tikvstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pingcap/kvproto/pkg/pdpb"
	"github.com/tikv/client-go/v2/config"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/util"
	pd "github.com/tikv/pd/client"
	"github.com/tikv/pd/client/opt"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"roster/core"
)

const (
	// pdTimeout bounds one request to PD, which client-go then repeats.
	pdTimeout = 3 * time.Second
	// An unanswered ping of an idle connection tells that a peer is gone.
	pingInterval = 10 * time.Second
	pingTimeout  = 3 * time.Second
)

// Open connects to a cluster within ctx and the request timeout.
// InvalidArgument: the options. Unavailable: no PD member answers.
func Open(ctx context.Context, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	tlsConfig, err := opts.tls()
	if err != nil {
		return nil, err
	}
	if opts.RequestTimeout == 0 {
		opts.RequestTimeout = maxRequestTimeout
	}
	if opts.Prefix == "" {
		opts.Prefix = DefaultPrefix
	}
	ctx, cancel := context.WithTimeout(ctx, opts.RequestTimeout)
	defer cancel()
	setUpDriver()
	// The checks whether a store is alive know no other configuration.
	config.UpdateGlobal(func(global *config.Config) { global.Security = opts.security() })

	// The client of PD lives as long as the context it is made with; ctx only
	// aborts the making, which else waits for minutes.
	life, abort := context.WithCancel(context.Background())
	unlink := context.AfterFunc(ctx, abort)
	client, err := connect(life, opts, tlsConfig)
	if err == nil && !unlink() {
		err = errors.Join(ctx.Err(), client.Close())
	}
	if err != nil {
		abort()
		if known, ok := errors.AsType[*core.Error](err); ok {
			return nil, known
		}
		if why := refusal(ctx, opts.PDAddrs, tlsConfig); why != nil {
			return nil, core.Errorf(core.Unavailable, "PD at %s and this server do not agree on TLS: %v; check tikv-ca, tikv-cert and tikv-key",
				strings.Join(opts.PDAddrs, ", "), why).Because(err)
		}
		return nil, core.Errorf(core.Unavailable, "PD at %s cannot be reached; check the addresses and that PD runs",
			strings.Join(opts.PDAddrs, ", ")).Because(err)
	}
	store := New(client)
	store.timeout, store.prefix = opts.RequestTimeout, prefix(opts.Prefix)
	return store, nil
}

// connect does what txnkv.NewClient does, but ends with life.
func connect(life context.Context, opts Options, tlsConfig *tls.Config) (*tikv.KVStore, error) {
	members, err := pd.NewClientWithContext(life, opts.PDAddrs,
		pd.SecurityOption{CAPath: opts.CA, CertPath: opts.Cert, KeyPath: opts.Key},
		opt.WithCustomTimeoutOption(pdTimeout),
		opt.WithGRPCDialOptions(overTLS(opts, tlsConfig)...),
		opt.WithGRPCDialOptions(grpc.WithKeepaliveParams(
			keepalive.ClientParameters{Time: pingInterval, Timeout: pingTimeout})))
	if err != nil {
		return nil, err
	}
	coded, err := encode(util.InterceptedPDClient{Client: members}, opts.Keyspace)
	if err != nil {
		members.Close()
		return nil, err
	}
	safePoint, err := tikv.NewEtcdSafePointKV(opts.PDAddrs, tlsConfig)
	if err != nil {
		coded.Close()
		return nil, err
	}
	rpc := tikv.NewRPCClient(tikv.WithSecurity(opts.security()), tikv.WithCodec(coded.GetCodec()))
	client, err := tikv.NewKVStore(fmt.Sprintf("tikv-%d", coded.GetClusterID(life)), coded, safePoint, rpc)
	if err != nil {
		coded.Close()
		return nil, errors.Join(err, safePoint.Close(), rpc.Close())
	}
	return client, nil
}

// encode gives PD's client the key encoding of the keyspace, or of API V1.
func encode(members pd.Client, keyspace string) (*tikv.CodecPDClient, error) {
	if keyspace == "" {
		return tikv.NewCodecPDClient(tikv.ModeTxn, members), nil
	}
	coded, err := tikv.NewCodecPDClientWithKeyspace(tikv.ModeTxn, members, keyspace)
	if err != nil && strings.Contains(err.Error(), pdpb.ErrorType_ENTRY_NOT_FOUND.String()) {
		return nil, core.Errorf(core.InvalidArgument,
			"PD knows no keyspace %q; create it with pd-ctl, or check the name", keyspace).Because(err)
	}
	return coded, err
}
