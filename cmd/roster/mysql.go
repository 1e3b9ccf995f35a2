package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"roster/core"
	"roster/core/seal"
	"roster/mysqlfront"
	"roster/mysqlfront/admin"
	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

// sqlUsers are the users of the MySQL front: those made in SQL, and for names
// that are not among them those of the user file.
type sqlUsers struct {
	service *core.Service
	file    atomic.Pointer[map[string]mysqlfront.User]
}

// Lookup is mysqlfront.Users's.
func (u *sqlUsers) Lookup(ctx context.Context, name string) (*mysqlfront.User, error) {
	stored, err := u.service.GetUser(ctx, name)
	if err != nil {
		return nil, err
	}
	if stored == nil {
		if user, ok := (*u.file.Load())[name]; ok {
			return &user, nil
		}
		return nil, nil
	}
	role, err := sqlRole(stored.Role)
	if err != nil {
		return nil, err
	}
	return &mysqlfront.User{Name: name, Password: stored.Password, Role: role, Instance: stored.Instance}, nil
}

func sqlRole(name string) (session.Role, error) {
	for _, r := range []session.Role{session.Reader, session.Operator, session.Admin} {
		if r.String() == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("role %q is none of reader, operator, admin", name)
}

// loadSQLUsers reads the user file. Without one, a loopback address has root with
// an empty password.
func (c config) loadSQLUsers() (map[string]mysqlfront.User, error) {
	if c.MySQLUserFile == "" {
		if !loopback(c.MySQLAddr) {
			return nil, fmt.Errorf("mysql-addr %s is reached from other machines: set mysql-user-file, root without a password is for loopback only", c.MySQLAddr)
		}
		return map[string]mysqlfront.User{"root": {Name: "root", Role: session.Admin, Password: seal.NewSecret("")}}, nil
	}
	users := map[string]mysqlfront.User{}
	err := readLines(c.MySQLUserFile, 3, "NAME ROLE PASSWORD", func(fields []string) error {
		// No fault repeats a field: its fields may be in another order.
		name, instance, scoped := strings.Cut(fields[1], "@")
		role, err := sqlRole(name)
		if err != nil || scoped && instance == "" {
			return errors.New("the second field must be a role: admin, operator or reader, or one of them with @INSTANCE")
		}
		if _, twice := users[fields[0]]; twice {
			return errors.New("the user of this line is given before")
		}
		users[fields[0]] = mysqlfront.User{Name: fields[0], Role: role, Instance: instance, Password: seal.NewSecret(fields[2])}
		return nil
	})
	if err == nil && len(users) == 0 {
		err = fmt.Errorf("%s has no user", c.MySQLUserFile)
	}
	return users, err
}

// sqlFront is the MySQL endpoint and what its statements run on.
type sqlFront struct {
	server *mysqlfront.Server
	tables *tables.Engine
	users  *sqlUsers
	ln     net.Listener
}

// openSQL makes the endpoint on a listener, which accepts nobody yet.
func openSQL(c config, ln net.Listener, service *core.Service, users map[string]mysqlfront.User, log *logrus.Logger, registry *prometheus.Registry) (*sqlFront, error) {
	lookup := &sqlUsers{service: service}
	lookup.file.Store(&users)
	engine := tables.New(service, tables.Options{Settings: c.shown()})
	options := mysqlfront.Options{
		Engines:            []session.Engine{admin.New(admin.Options{Backend: service, SecretDir: c.SecretDir}), engine},
		Users:              lookup,
		Log:                log,
		Registry:           registry,
		CertFile:           c.MySQLTLSCert,
		KeyFile:            c.MySQLTLSKey,
		RequireSecure:      c.MySQLRequireTLS,
		AuthPlugin:         c.MySQLAuthPlugin,
		AllowEmptyPassword: loopback(c.MySQLAddr),
		MaxConns:           c.MySQLMaxConns,
		StatementTimeout:   c.RequestTimeout,
		SlowStatement:      c.SlowRequest,
	}
	if err := options.Validate(); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return &sqlFront{server: mysqlfront.New(options), tables: engine, users: lookup, ln: ln}, nil
}

// close ends the sessions and then what their statements ran on.
func (f *sqlFront) close(ctx context.Context) error {
	return errors.Join(f.server.Shutdown(ctx), f.tables.Close())
}

// greet tells how to connect.
func (f *sqlFront) greet(w io.Writer) error {
	host, port, err := net.SplitHostPort(reachable(f.ln.Addr()))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "listening for MySQL on %s\ntry: mysql -h %s -P %s -u root -e 'SHOW INSTANCES'\n", f.ln.Addr(), host, port)
	return err
}

// shown are the settings as roster.settings has them; none is a secret.
func (c config) shown() []tables.Setting {
	values := c.values()
	rows := make([]tables.Setting, len(settings))
	for i, s := range settings {
		rows[i] = tables.Setting{Name: s.key, Value: fmt.Sprint(values[s.key])}
	}
	return rows
}
