package mysqlfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"roster/core/seal"
	"roster/mysqlfront/session"
)

// The authentication plugins a user may have.
const (
	CachingSHA2 = mysql.AUTH_CACHING_SHA2_PASSWORD
	Native      = mysql.AUTH_NATIVE_PASSWORD
)

// Options are a Server's settings. A zero limit takes its default.
type Options struct {
	// Engines are asked in this order for each statement.
	Engines []session.Engine
	Users   Users
	// Log gets failed logins, slow statements and what went wrong inside; every
	// statement, redacted, at level debug. None when nil.
	Log *logrus.Logger
	// Registry gets the server's metrics.
	Registry *prometheus.Registry
	// Version is what the greeting says: "8.0.36-roster".
	Version string
	// Location is the time_zone that sessions begin with: the local one.
	Location *time.Location

	// CertFile and KeyFile are PEM files. With them clients may encrypt; they are
	// read again when they change. Without them nobody can.
	CertFile, KeyFile string
	// RequireSecure refuses logins that are neither encrypted nor over a Unix
	// socket, with error 3159.
	RequireSecure bool
	// AuthPlugin is that of users who have none of their own: CachingSHA2. A name
	// that does not exist is answered as a user with this plugin would be.
	AuthPlugin string
	// AllowEmptyPassword lets users in whose password is empty.
	AllowEmptyPassword bool

	// MaxConns bounds the open connections: 1,000. The next gets error 1040.
	MaxConns int
	// LoginTimeout bounds the time from connecting to being logged in: 10 s.
	LoginTimeout time.Duration
	// MaxLoginBytes bounds what is read of a client until then: 1 MiB.
	MaxLoginBytes int
	// LoginFailures is how many logins may fail in a row from one address (IPv6:
	// one /64): 20. Beyond it and until time gives one back each second, the
	// address gets error 1045 whatever the password.
	LoginFailures int
	// IdleTimeout bounds the wait for the next command: 8 h.
	IdleTimeout time.Duration
	// ReadTimeout bounds the arrival of a command that has begun: 30 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds each write to a client that does not read: 30 s.
	WriteTimeout time.Duration
	// StatementTimeout bounds a statement with its rows: 10 s, then error 3024.
	StatementTimeout time.Duration
	// SlowStatement is the duration from which on a statement is logged as a
	// warning: 1 s.
	SlowStatement time.Duration
	// MaxPacketBytes bounds a command, and what long parameters a connection
	// keeps: 1 MiB. A longer command gets error 1153 and ends the connection.
	MaxPacketBytes int
	// MaxPrepared bounds the prepared statements of a connection: 256. The next
	// gets error 1461.
	MaxPrepared int
}

// Users knows who may log in. Lookup returns nil for a name that does not exist.
// It is asked at each login, so a change counts at once.
type Users interface {
	Lookup(ctx context.Context, name string) (*User, error)
}

// User is who may log in.
type User struct {
	Name     string
	Password seal.Secret
	// Plugin is CachingSHA2, Native, or "" for Options.AuthPlugin.
	Plugin string
	Role   session.Role
	// Instance is the one instance the user may see, or "" for all.
	Instance string
}

// maxPacketBytes is the most that fits one packet of the protocol.
const maxPacketBytes = mysql.MaxPayloadLen - 1

// Validate reports every fault of the options at once.
func (o Options) Validate() error {
	var faults []error
	if o.Users == nil {
		faults = append(faults, errors.New("there is nobody who may log in: Users is nil"))
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		faults = append(faults, errors.New("TLS takes both a certificate file and a key file"))
	} else if o.CertFile != "" {
		if _, err := loadCertificate(o.CertFile, o.KeyFile); err != nil {
			faults = append(faults, err)
		}
	} else if o.RequireSecure {
		faults = append(faults, errors.New("secure transport is required, but there is no certificate: name a certificate file and a key file"))
	}
	switch o.AuthPlugin {
	case "", CachingSHA2, Native:
	default:
		faults = append(faults, fmt.Errorf("the authentication plugin %q is neither %s nor %s", o.AuthPlugin, CachingSHA2, Native))
	}
	if o.MaxPacketBytes > maxPacketBytes {
		faults = append(faults, fmt.Errorf("commands of %d bytes are to be allowed, the protocol allows %d", o.MaxPacketBytes, maxPacketBytes))
	}
	return errors.Join(faults...)
}

func (o Options) withDefaults() Options {
	setDefault(&o.Version, "8.0.36-roster")
	setDefault(&o.Location, time.Local)
	setDefault(&o.AuthPlugin, CachingSHA2)
	setLimit(&o.MaxConns, 1000)
	setLimit(&o.LoginTimeout, 10*time.Second)
	setLimit(&o.MaxLoginBytes, 1<<20)
	setLimit(&o.LoginFailures, 20)
	setLimit(&o.IdleTimeout, 8*time.Hour)
	setLimit(&o.ReadTimeout, 30*time.Second)
	setLimit(&o.WriteTimeout, 30*time.Second)
	setLimit(&o.StatementTimeout, 10*time.Second)
	setLimit(&o.SlowStatement, time.Second)
	setLimit(&o.MaxPacketBytes, 1<<20)
	o.MaxPacketBytes = min(o.MaxPacketBytes, maxPacketBytes)
	setLimit(&o.MaxPrepared, 256)
	if o.Log == nil {
		o.Log = logrus.New()
		o.Log.SetOutput(io.Discard)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	return o
}

func setDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

func setLimit[T int | time.Duration](value *T, fallback T) {
	if *value <= 0 {
		*value = fallback
	}
}
