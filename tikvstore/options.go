package tikvstore

import (
	"crypto/tls"
	"slices"
	"time"

	"github.com/tikv/client-go/v2/config"

	"roster/core"
)

// Options say how to reach a cluster.
type Options struct {
	// PDAddrs are the addresses of PD members, HOST:PORT or a URL; at least one.
	PDAddrs []string
	// CA, Cert and Key are paths of PEM files. CA turns TLS on; Cert and Key, if
	// given, prove who we are.
	CA, Cert, Key string
	// RequestTimeout bounds a call whose context has no deadline. It is at most
	// 10 s, which 0 stands for.
	RequestTimeout time.Duration
}

func (o *Options) validate() error {
	switch {
	case len(o.PDAddrs) == 0 || slices.Contains(o.PDAddrs, ""):
		return core.Errorf(core.InvalidArgument, "the addresses of PD are %q; name at least one, each as HOST:PORT", o.PDAddrs)
	case o.RequestTimeout < 0 || o.RequestTimeout > maxRequestTimeout:
		return core.Errorf(core.InvalidArgument, "the request timeout is %v; it is up to %v", o.RequestTimeout, maxRequestTimeout)
	case (o.Cert == "") != (o.Key == ""):
		return core.Errorf(core.InvalidArgument, "of certificate %q and key %q one is missing; give both or none", o.Cert, o.Key)
	case o.Cert != "" && o.CA == "":
		// client-go would go on without TLS.
		return core.Errorf(core.InvalidArgument, "certificate %q is given without a CA; give the CA's path too", o.Cert)
	}
	return nil
}

func (o *Options) security() config.Security {
	return config.NewSecurity(o.CA, o.Cert, o.Key, nil)
}

// tls is the TLS configuration, nil without a CA.
func (o *Options) tls() (*tls.Config, error) {
	security := o.security()
	config, err := security.ToTLSConfig()
	if err != nil {
		return nil, core.Errorf(core.InvalidArgument,
			"CA %q, certificate %q and key %q do not load; give the paths of PEM files that belong together", o.CA, o.Cert, o.Key).Because(err)
	}
	return config, nil
}
