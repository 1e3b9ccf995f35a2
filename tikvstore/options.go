package tikvstore

import (
	"crypto/tls"
	"regexp"
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
	// Prefix is what every key begins with in the cluster, DefaultPrefix when
	// empty. Stores with different prefixes never meet.
	Prefix string
	// Keyspace is the API V2 keyspace to be in; "" is a cluster without them.
	Keyspace string
	// RequestTimeout bounds every call, with the deadline of its context if that is
	// earlier. It is at most 10 s, which 0 stands for.
	RequestTimeout time.Duration
}

// DefaultPrefix is the prefix of a Roster that was given none.
const DefaultPrefix = "roster/"

// prefixes end where they first have a slash, so that none begins with another.
var prefixes = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,62}/$`)

// Validate says what is wrong with the options, the files they name included:
// InvalidArgument.
func (o Options) Validate() error {
	switch {
	case o.Prefix != "" && !prefixes.MatchString(o.Prefix):
		return core.Errorf(core.InvalidArgument,
			"the key prefix is %q; it has 1 to 63 lower-case letters, digits, dots, dashes and underscores, and then a slash, such as %q", o.Prefix, DefaultPrefix)
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
	_, err := o.tls()
	return err
}

func (o Options) security() config.Security {
	return config.NewSecurity(o.CA, o.Cert, o.Key, nil)
}

// tls is the TLS configuration, nil without a CA.
func (o Options) tls() (*tls.Config, error) {
	security := o.security()
	config, err := security.ToTLSConfig()
	if err != nil {
		return nil, core.Errorf(core.InvalidArgument,
			"CA %q, certificate %q and key %q do not load; give the paths of PEM files that belong together", o.CA, o.Cert, o.Key).Because(err)
	}
	return config, nil
}
