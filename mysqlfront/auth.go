package mysqlfront

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"

	"roster/core"
)

// credential is what a client must prove to know.
type credential struct {
	// user is nil when nobody can log in with it.
	user   *User
	plugin string
	// passwords holds the user's own, or one that nobody knows, so that a name that
	// does not exist costs what a wrong password costs.
	passwords []string
}

// authority decides who may log in.
type authority struct {
	opts     Options
	failures *failures
	// secret is new in each process. No password is decoy.
	secret [32]byte
	decoy  string
}

func newAuthority(opts Options) *authority {
	a := &authority{opts: opts, failures: newFailures(opts.LoginFailures), decoy: rand.Text()}
	_, _ = rand.Read(a.secret[:]) // cannot fail
	return a
}

// lookup is the credential for a name, whether it exists or not.
func (a *authority) lookup(ctx context.Context, name string) (*credential, error) {
	user, err := a.opts.Users.Lookup(ctx, name)
	if err != nil {
		a.opts.Log.WithError(err).WithField("cause", errors.Unwrap(err)).Error("the user of a login cannot be looked up")
		return nil, core.Errorf(core.Unavailable, "users cannot be looked up now: try again")
	}
	c := &credential{plugin: a.opts.AuthPlugin, passwords: []string{a.decoy}}
	if user == nil {
		return c, nil
	}
	if user.Plugin != "" {
		c.plugin = user.Plugin
	}
	switch {
	case !user.Password.IsZero():
		c.user, c.passwords = user, []string{user.Password.Reveal()}
	case a.opts.AllowEmptyPassword:
		// The decoy stays: a password given in vain shall take its time here too.
		c.user, c.passwords = user, []string{"", a.decoy}
	}
	return c, nil
}

// cacheKey names the credential without telling it. The library remembers
// successful logins under the user and the local address; with this key as the
// address a changed password never meets what its forerunner left behind.
func (a *authority) cacheKey(c *credential) hostAddr {
	mac := hmac.New(sha256.New, a.secret[:])
	_, _ = mac.Write([]byte(strings.Join(c.passwords, "\x00")))
	return hostAddr(hex.EncodeToString(mac.Sum(nil)))
}

// login is what the library's handshake asks us about one connection.
type login struct {
	server.EmptyHandler
	ctx  context.Context
	conn *conn
	wire *loginConn
	name string
	// database waits until the password has been checked.
	database string
	cred     *credential
	limited  bool
}

// UseDB is called before authentication.
func (l *login) UseDB(name string) error {
	l.database = name
	return nil
}

// GetCredential finds one for every name.
func (l *login) GetCredential(name string) (server.Credential, bool, error) {
	l.name = name
	srv := l.conn.srv
	if srv.opts.RequireSecure && !l.wire.encrypted && l.wire.Conn.RemoteAddr().Network() != "unix" {
		srv.metrics.logins.WithLabelValues("insecure").Inc()
		return server.Credential{}, false, forLibrary(errInsecure)
	}
	if !srv.authority.failures.allowed(l.conn.from.Addr()) {
		l.limited = true
		srv.metrics.logins.WithLabelValues("limited").Inc()
		return server.Credential{}, false, forLibrary(denied(name, l.wire.host.String(), true))
	}
	cred, err := srv.authority.lookup(l.ctx, name)
	if err != nil {
		return server.Credential{}, false, forLibrary(err)
	}
	l.cred, l.wire.cacheKey = cred, srv.authority.cacheKey(cred)
	return server.Credential{Passwords: cred.passwords, AuthPluginName: cred.plugin}, true, nil
}

// OnAuthSuccess opens the session. Its error is sent instead of OK.
func (l *login) OnAuthSuccess(sc *server.Conn) error {
	c := l.conn
	if l.cred == nil || l.cred.user == nil {
		return forLibrary(denied(l.name, l.wire.host.String(), true))
	}
	c.srv.metrics.logins.WithLabelValues("ok").Inc()
	c.open(uint64(sc.ConnectionID()), l.cred.user, l.wire.encrypted || local(c.raw), clientOf(sc))
	if l.database == "" {
		return nil
	}
	if err := c.use(l.ctx, l.database); err != nil {
		return forLibrary(err)
	}
	return nil
}

// OnAuthFailure counts what may have been a guess.
func (l *login) OnAuthFailure(_ *server.Conn, err error) {
	if errors.Is(err, rsa.ErrDecryption) {
		l.wire.refusal = denied(l.name, l.wire.host.String(), true)
		l.wire.refusal.Msg += ": this client cannot encrypt the password for the server's RSA key; connect with TLS, or have the server started with --mysql-auth-plugin mysql_native_password"
	}
	if l.cred != nil && !l.limited {
		l.conn.srv.loginFailed(l.conn, l.name)
	}
}

func (s *Server) loginFailed(c *conn, name string) {
	s.metrics.logins.WithLabelValues("failed").Inc()
	s.authority.failures.add(c.from.Addr())
	s.log.WithField("user", clip(name)).WithField("remote", c.from.String()).Warn("MySQL login failed")
}

// clip bounds what a log repeats of a client.
func clip(s string) string { return s[:min(len(s), 64)] }

// maxAuthData bounds a password as it arrives: hashing takes as long as it is.
const maxAuthData = 512

// provider checks passwords as the library does, but no endless ones.
type provider struct {
	server.DefaultAuthenticationProvider
}

func (p *provider) Authenticate(c *server.Conn, plugin string, data []byte) error {
	if len(data) > maxAuthData {
		return server.ErrAccessDenied
	}
	return p.DefaultAuthenticationProvider.Authenticate(c, plugin, data)
}

// scramble is what the plugin makes of a salt and a password.
func (c *credential) scramble() func(salt, password []byte) []byte {
	if c.plugin == Native {
		return mysql.CalcNativePassword
	}
	return mysql.CalcCachingSha2Password
}

// proves says that answer, made with salt, shows knowledge of the password.
func (c *credential) proves(answer, salt []byte) bool {
	known := false
	for _, password := range c.passwords {
		if hmac.Equal(c.scramble()(salt, []byte(password)), answer) {
			known = true
		}
	}
	return known && c.user != nil
}
