package mysqlfront

import (
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-sql-driver/mysql"

	"roster/mysqlfront/session"
	"roster/tests/certs"
)

func TestLogin(t *testing.T) {
	r := start(t, withTLS(t))
	for _, options := range []string{"", "?tls=skip-verify"} {
		for _, user := range []string{"sha", "native", "root"} {
			password := map[string]string{"sha": "sha-pass", "native": "native-pass"}[user]
			t.Run(user+options+" gets in", func(t *testing.T) {
				for range 2 { // the second time from the library's cache
					var who string
					if err := r.db(user, password, options).QueryRowContext(t.Context(), "database").Scan(&who); err != nil {
						t.Fatal(err)
					}
					if want := "/" + user + "/"; who != want {
						t.Errorf("got %q, want %q", who, want)
					}
				}
			})
			t.Run(user+options+" is refused with another password", func(t *testing.T) {
				for _, wrong := range []string{"wrong", password + "x", ""} {
					if wrong == password {
						continue
					}
					if err := r.db(user, wrong, options).PingContext(t.Context()); errnoOf(err) != 1045 {
						t.Errorf("password %q got %v, want 1045", wrong, err)
					}
				}
			})
		}
	}
	t.Run("a user with a database starts in it", func(t *testing.T) {
		var where string
		db := r.db("sha", "sha-pass", "")
		db2, err := sql.Open("mysql", "sha:sha-pass@tcp("+r.addr+")/inst")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = errors.Join(db.Close(), db2.Close()) }()
		if err := db2.QueryRowContext(t.Context(), "database").Scan(&where); err != nil || where != "inst/sha/" {
			t.Errorf("got %q, %v", where, err)
		}
	})
	t.Run("the library's client gets in too", func(t *testing.T) {
		c, err := client.Connect(r.addr, "sha", "sha-pass", "inst")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Ping(); err != nil {
			t.Error(err)
		}
		_ = c.Close()
	})
}

// TestPasswordInClear is what a client does that cannot encrypt for an RSA key.
func TestPasswordInClear(t *testing.T) {
	r := start(t)
	for _, user := range []string{"sha", "nobody"} {
		for _, password := range []string{"sha-pass", "wrong"} {
			c := &raw{Conn: r.dial(), t: t}
			c.expect(10)
			c.send(response(plainCaps, user, strings.Repeat("x", 32), "", CachingSHA2))
			c.expect(1)
			c.send(append([]byte(password), 0))
			p := c.expect(0xff)
			if c.errno(p) != 1045 || !strings.Contains(string(p), "#28000Access denied for user '"+user+"'") || !strings.Contains(string(p), "TLS") {
				t.Errorf("%s with %s got %q", user, password, p)
			}
			c.closed()
		}
	}
}

// outcome is what one login gets, without what must differ.
func (r *running) outcome(user, password, database, options string) string {
	db, err := sql.Open("mysql", user+":"+password+"@tcp("+r.addr+")/"+database+options)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.PingContext(r.t.Context())
	return strings.ReplaceAll(fmt.Sprint(err), user, "USER")
}

func TestUnknownUserLooksLikeWrongPassword(t *testing.T) {
	r := start(t, withTLS(t))
	for _, options := range []string{"", "?tls=skip-verify"} {
		for _, password := range []string{"", "wrong"} {
			for _, database := range []string{"", "inst", "missing"} {
				t.Run(fmt.Sprintf("%q %q %q", options, password, database), func(t *testing.T) {
					known, unknown := r.outcome("sha", password, database, options), r.outcome("nobody", password, database, options)
					if known != unknown || !strings.Contains(known, "1045") {
						t.Errorf("known: %s\nunknown: %s", known, unknown)
					}
				})
			}
		}
	}
	if n := r.engine.used.Load(); n != 0 {
		t.Errorf("%d databases were looked up before login", n)
	}
	t.Run("packet by packet", func(t *testing.T) {
		exchange := func(user string) (seen []string) {
			c := &raw{Conn: r.dial(), t: t}
			c.expect(10)
			c.send(response(plainCaps, user, strings.Repeat("x", 32), "inst", CachingSHA2))
			for range 8 {
				p, err := c.receive()
				if err != nil {
					break
				}
				seen = append(seen, strings.ReplaceAll(string(p), user, "USER"))
				c.send([]byte("no password"))
			}
			return seen
		}
		if known, unknown := fmt.Sprint(exchange("sha")), fmt.Sprint(exchange("nobody")); known != unknown {
			t.Errorf("known: %q\nunknown: %q", known, unknown)
		}
	})
	t.Run("the cost is that of a hash for each", func(t *testing.T) {
		for _, name := range []string{"sha", "root", "nobody"} {
			cred, err := r.authority.lookup(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			hashed := 0
			for _, password := range cred.passwords {
				if password != "" {
					hashed++
				}
			}
			if hashed != 1 {
				t.Errorf("%s: %d passwords are hashed, want 1", name, hashed)
			}
		}
	})
}

func TestPasswordChange(t *testing.T) {
	r := start(t, withTLS(t))
	for _, plugin := range []string{CachingSHA2, Native} {
		for _, options := range []string{"", "?tls=skip-verify"} {
			t.Run(plugin+options+" refuses the old password at once", func(t *testing.T) {
				r.users.put("u", "old", plugin)
				for range 2 {
					if err := r.db("u", "old", options).PingContext(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				r.users.put("u", "new", plugin)
				if err := r.db("u", "old", options).PingContext(t.Context()); errnoOf(err) != 1045 {
					t.Errorf("the old password got %v, want 1045", err)
				}
				if err := r.db("u", "new", options).PingContext(t.Context()); err != nil {
					t.Errorf("the new password got %v", err)
				}
				if err := r.db("u", "old", options).PingContext(t.Context()); errnoOf(err) != 1045 {
					t.Errorf("the old password then got %v, want 1045", err)
				}
			})
		}
	}
}

func TestLoginRules(t *testing.T) {
	t.Run("an empty password is refused where it is not allowed", func(t *testing.T) {
		r := start(t, func(o *Options) { o.AllowEmptyPassword = false })
		if err := r.db("root", "", "").PingContext(t.Context()); errnoOf(err) != 1045 {
			t.Errorf("got %v, want 1045", err)
		}
	})
	t.Run("a plain connection is refused with 3159 where TLS is required", func(t *testing.T) {
		r := start(t, withTLS(t), func(o *Options) { o.RequireSecure = true })
		for _, user := range []string{"root", "nobody"} {
			if err := r.db(user, "", "").PingContext(t.Context()); errnoOf(err) != 3159 {
				t.Errorf("%s got %v, want 3159", user, err)
			}
		}
		if err := r.db("root", "", "?tls=skip-verify").PingContext(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a missing database refuses the login, after it", func(t *testing.T) {
		r := start(t)
		if got := r.outcome("sha", "sha-pass", "missing", ""); !strings.Contains(got, "1049") {
			t.Errorf("got %s, want 1049", got)
		}
	})
	t.Run("too many failures refuse an address as a wrong password does", func(t *testing.T) {
		r := start(t, func(o *Options) { o.LoginFailures = 2 })
		r.authority.failures.every = time.Hour
		wrong := r.outcome("sha", "wrong", "", "")
		if again := r.outcome("nobody", "wrong", "", ""); again != wrong {
			t.Errorf("got %s and %s", wrong, again)
		}
		if limited := r.outcome("sha", "sha-pass", "", ""); limited != wrong {
			t.Errorf("the right password got %s", limited)
		}
		if counted(t, r.metrics.logins.WithLabelValues("limited")) != 1 {
			t.Error("it is not counted")
		}
	})
	t.Run("users that cannot be looked up are not told why", func(t *testing.T) {
		r := start(t)
		r.users.err = errors.New("driver words")
		err := r.db("sha", "sha-pass", "").PingContext(t.Context())
		if errnoOf(err) != 1205 || strings.Contains(err.Error(), "driver") {
			t.Errorf("got %v, want 1205", err)
		}
	})
	t.Run("a password of endless length is not hashed", func(t *testing.T) {
		r := start(t, withTLS(t))
		err := r.db("sha", strings.Repeat("x", 100_000), "?tls=skip-verify").PingContext(t.Context())
		if errnoOf(err) != 1045 {
			t.Errorf("got %v, want 1045", err)
		}
	})
	t.Run("a session knows its user and whether it is safe for secrets", func(t *testing.T) {
		r := start(t)
		r.single()
		got := r.Sessions()[0]
		if got.User != "root" || got.Role != session.Admin || !got.Secure || !got.From.Addr().IsLoopback() || got.ID == 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestChangeUser(t *testing.T) {
	r := start(t)
	change := func(t *testing.T, user, password, database string) (*raw, []byte) {
		c := r.loggedIn()
		c.command(3, "set changed")
		c.expect(0)
		c.command(17, user+"\x00\x14"+strings.Repeat("s", 20)+database+"\x00\x2d\x00"+Native+"\x00")
		p, err := c.receive()
		if err != nil || p[0] != 0xfe {
			t.Fatalf("got %q, %v, want a question for the password", p, err)
		}
		plugin, salt, _ := strings.Cut(string(p[1:]), "\x00")
		cred := &credential{plugin: plugin, passwords: []string{password}}
		c.send(cred.scrambled([]byte(strings.TrimSuffix(salt, "\x00"))))
		p, err = c.receive()
		if err != nil {
			t.Fatal(err)
		}
		return c, p
	}
	for user, password := range map[string]string{"sha": "sha-pass", "native": "native-pass", "root": ""} {
		t.Run(user+" takes over a new session", func(t *testing.T) {
			c, p := change(t, user, password, "inst")
			if string(p) == "\x01\x03" {
				p = c.expect(0)
			}
			if p[0] != 0 {
				t.Fatalf("got %q", p)
			}
			c.command(3, "database")
			c.expect(1)
			c.expect(3)
			c.expect(0xfe)
			if got, err := c.receive(); err != nil || string(got[1:]) != "inst/"+user+"/" {
				t.Errorf("got %q, %v", got, err)
			}
		})
		t.Run(user+" is refused with a wrong password, and the connection ends", func(t *testing.T) {
			c, p := change(t, user, "wrong", "")
			_, unknown := change(t, "nobody", "wrong", "")
			if c.errno(p) != 1045 || strings.ReplaceAll(string(p), user, "nobody") != string(unknown) {
				t.Errorf("got %q and for an unknown user %q", p, unknown)
			}
			c.closed()
		})
	}
	t.Run("a missing database ends the connection", func(t *testing.T) {
		c, p := change(t, "root", "", "missing")
		if c.errno(p) != 1049 {
			t.Errorf("got %q, want 1049", p)
		}
		c.closed()
	})
	t.Run("a cut command ends the connection", func(t *testing.T) {
		c := r.loggedIn()
		c.command(17, "root\x00\x14short")
		if p := c.expect(0xff); c.errno(p) != 1835 {
			t.Errorf("got %q, want 1835", p)
		}
		c.closed()
	})
}

// scrambled is what a client answers to a salt.
func (c *credential) scrambled(salt []byte) []byte { return c.scramble()(salt, []byte(c.passwords[0])) }

func TestCertificate(t *testing.T) {
	var cert, key string
	r := start(t, withTLS(t), func(o *Options) { cert, key = o.CertFile, o.KeyFile })
	presented := func() string {
		var name string
		config := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
			name = s.PeerCertificates[0].Subject.CommonName
			return nil
		}}
		if err := mysql.RegisterTLSConfig("look", config); err != nil {
			t.Fatal(err)
		}
		if err := r.db("root", "", "?tls=look").PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if got := presented(); got != "first" {
		t.Fatalf("got %s", got)
	}
	t.Run("files that have changed are read again", func(t *testing.T) {
		certs.Write(t, cert, key, "second")
		r.waitFor("the new certificate", func() bool { return presented() == "second" })
	})
	t.Run("a broken file leaves the old one", func(t *testing.T) {
		c, err := newCertificate(cert, key, r.log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(key, []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := c.loaded
		if after, err := c.current(nil); err != nil || after != before {
			t.Errorf("got %p, %v, want %p", after, err, before)
		}
		if err := r.SetTLS(cert, key); err == nil {
			t.Error("SetTLS takes it")
		}
	})
	t.Run("SetTLS ends the offer", func(t *testing.T) {
		if err := r.SetTLS("", ""); err != nil {
			t.Fatal(err)
		}
		if err := r.db("root", "", "?tls=skip-verify").PingContext(t.Context()); !errors.Is(err, mysql.ErrNoTLS) {
			t.Errorf("got %v, want %v", err, mysql.ErrNoTLS)
		}
	})
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no users":               {},
		"half a pair of files":   {Users: testUsers(), CertFile: "x"},
		"files that are missing": {Users: testUsers(), CertFile: "x", KeyFile: "y"},
		"TLS required without":   {Users: testUsers(), RequireSecure: true},
		"an unknown plugin":      {Users: testUsers(), AuthPlugin: "x"},
		"endless packets":        {Users: testUsers(), MaxPacketBytes: 1 << 24},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			if o.Validate() == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestFailures(t *testing.T) {
	f := newFailures(1)
	at := netip.MustParseAddr
	t.Run("counts one IPv6 network as one", func(t *testing.T) {
		f.add(at("2001:db8::1"))
		if f.allowed(at("2001:db8::2")) || !f.allowed(at("2001:db8:0:1::1")) {
			t.Error("the /64 is not what counts")
		}
	})
	t.Run("remembers a bounded number of addresses", func(t *testing.T) {
		a := at("10.0.0.0")
		for range maxAddresses + 10 {
			f.add(a)
			a = a.Next()
		}
		if len(f.seen) > maxAddresses {
			t.Errorf("%d are remembered", len(f.seen))
		}
	})
	t.Run("gives tries back with time", func(t *testing.T) {
		l := newFailures(1)
		l.add(at("10.0.0.1"))
		if l.seen[at("10.0.0.1")].TokensAt(time.Now().Add(time.Minute)) < 1 {
			t.Error("they do not come back")
		}
	})
	t.Run("makes tries at once wait for each other", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newFailures(20)
			for range 120 {
				l.add(at("10.0.0.1"))
			}
			time.Sleep(100 * time.Second)
			if l.allowed(at("10.0.0.1")) {
				t.Error("100 tries more than allowed are forgiven early")
			}
			time.Sleep(time.Second)
			if !l.allowed(at("10.0.0.1")) {
				t.Error("the next try does not come")
			}
		})
	})
}
