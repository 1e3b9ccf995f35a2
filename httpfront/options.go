package httpfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"roster/core"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// UpstreamAuto as Options.FEUpstream is the frontend that an instance's SQL
// cluster names as its master.
const UpstreamAuto = "auto"

// maxRequestTimeout bounds how long one request may work.
const maxRequestTimeout = 10 * time.Second

// Options are a Server's settings. A zero limit takes its default.
type Options struct {
	API    core.API
	Tokens []Token
	// Log gets one line a request, and what went wrong inside. None when nil.
	Log *logrus.Logger
	// Registry gets the server's metrics and is what /metrics shows.
	Registry *prometheus.Registry
	// Ready says whether requests can be served now; nil is always. It is asked
	// by /readyz, which shows no text of the error.
	Ready func(context.Context) error

	// RequestTimeout bounds the work on one request: 10 s, which is also the most.
	RequestTimeout time.Duration
	// SlowRequest is the duration from which on a request is logged as a warning:
	// 1 s.
	SlowRequest time.Duration
	// ReadTimeout bounds the arrival of one request: 10 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds the departure of one reply: 30 s.
	WriteTimeout time.Duration
	// IdleTimeout bounds the wait for the next request of a connection: 60 s.
	IdleTimeout time.Duration
	// DrainDelay is how long Shutdown answers on, unready, before it stops
	// accepting, so that load balancers see it: none.
	DrainDelay time.Duration
	// MaxBodyBytes bounds a request's body: 1 MiB.
	MaxBodyBytes int
	// MaxConns bounds the open connections: 16,384.
	MaxConns int
	// MaxConnsPerIP bounds those of one address: 8,192.
	MaxConnsPerIP int

	// AbortJSON answers abort_txn and abort_tablet_job with the JSON envelope
	// instead of protobuf text (contract R12, compat doris).
	AbortJSON bool

	// FEUpstream is where cloud_cluster_status is passed on to: the URL of a
	// frontend, UpstreamAuto, or "" to answer from the records.
	FEUpstream string
	// FEHTTPPort is the HTTP port of frontends found by UpstreamAuto: 8030.
	FEHTTPPort int
	// FEInstance is the instance cloud_cluster_status is about when the request
	// names none; without it that is all of them.
	FEInstance string
	// Instances lists all instances for cloud_cluster_status; nil lists none.
	Instances Lister
	// Readings reads instances for get_instance and get_cluster_status, which are then
	// answered by what was made of the same records before, if there is something; nil
	// asks API each time.
	Readings InstanceReader
	// Servers lists those that run for /v1/servers; nil lists none.
	Servers ServerLister
	// Accounts may ask for cloud_cluster_status when it is answered from the
	// records.
	Accounts []Account
}

// InstanceReader reads instances, as core.Service does.
type InstanceReader interface {
	ReadInstance(ctx context.Context, req *pb.GetInstanceRequest) (core.Reading, error)
	ClusterStatusReply(ctx context.Context, asked string, decode func() (*pb.GetClusterStatusRequest, error), replies *core.StatusReplies) ([]byte, error)
}

// ServerLister lists the servers that run, as core.Service does.
type ServerLister interface {
	ListServers(ctx context.Context) ([]core.Server, error)
}

// Lister pages through the instances there are, as core.Service does.
type Lister interface {
	ListInstances(ctx context.Context, after string, limit int) (docs []*pb.InstanceInfoPB, more bool, err error)
}

// Account is a user of cloud_cluster_status.
type Account struct {
	User     string
	Password seal.Secret
}

// Validate reports every fault of the options at once.
func (o Options) Validate() error {
	var faults []error
	for i, t := range o.Tokens {
		switch {
		case t.Name == "":
			faults = append(faults, fmt.Errorf("token %d has no name", i+1))
		case t.Secret.IsZero():
			faults = append(faults, fmt.Errorf("token %s is empty", t.Name))
		case t.Role.String() == "":
			faults = append(faults, fmt.Errorf("token %s has no role", t.Name))
		}
	}
	if o.FEUpstream != "" && o.FEUpstream != UpstreamAuto {
		u, err := url.Parse(o.FEUpstream)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			faults = append(faults, errors.New("the frontend upstream is neither auto nor a URL such as http://host:8030"))
		}
	}
	if o.RequestTimeout > maxRequestTimeout {
		faults = append(faults, fmt.Errorf("the request timeout is %v, at most %v are allowed", o.RequestTimeout, maxRequestTimeout))
	}
	return errors.Join(faults...)
}

func (o Options) withDefaults() Options {
	setDefault(&o.RequestTimeout, maxRequestTimeout)
	o.RequestTimeout = min(o.RequestTimeout, maxRequestTimeout)
	setDefault(&o.SlowRequest, time.Second)
	setDefault(&o.ReadTimeout, 10*time.Second)
	setDefault(&o.WriteTimeout, 30*time.Second)
	setDefault(&o.IdleTimeout, 60*time.Second)
	setDefault(&o.MaxBodyBytes, 1<<20)
	setDefault(&o.MaxConns, 16_384)
	setDefault(&o.MaxConnsPerIP, 8_192)
	setDefault(&o.FEHTTPPort, 8030)
	if o.Log == nil {
		o.Log = logrus.New()
		o.Log.SetOutput(io.Discard)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}
	return o
}

func setDefault[T int | time.Duration](value *T, fallback T) {
	if *value <= 0 {
		*value = fallback
	}
}
