package mysqlfront

import (
	"bytes"
	"context"
	"crypto/rand"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// changeUser is COM_CHANGE_USER: a login on the open connection. The answer that
// the command brings was made with the salt of the first login, which the library
// keeps to itself; so the client is always asked for another.
func (c *conn) changeUser(payload []byte) {
	r := reader{b: payload}
	name := string(r.until0())
	r.take(int(r.u8())) // the answer to the old salt
	database := string(r.until0())
	if r.bad {
		c.fail(errMalformed)
		c.broken = true
		return
	}
	ctx, cancel := context.WithTimeout(c.srv.work, c.srv.opts.LoginTimeout)
	defer cancel()
	cred, err := c.reauthenticate(ctx, name)
	if err != nil {
		c.fail(err)
		c.broken = true
		return
	}
	c.open(c.session.ID, cred.user, c.session.Secure, c.session.Client)
	if database != "" {
		if err := c.use(ctx, database); err != nil {
			c.fail(err)
			c.broken = true
			return
		}
	}
	c.ok(nil)
}

func (c *conn) reauthenticate(ctx context.Context, name string) (*credential, error) {
	host := hostOf(c.raw).String()
	if !c.srv.authority.failures.allowed(c.from.Addr()) {
		c.srv.metrics.logins.WithLabelValues("limited").Inc()
		return nil, denied(name, host, true)
	}
	cred, err := c.srv.authority.lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	answer, salt, err := c.askPassword(cred.plugin)
	if err != nil {
		return nil, errMalformed
	}
	if !cred.proves(answer, salt) {
		c.srv.loginFailed(c, name)
		return nil, denied(name, host, len(answer) > 0)
	}
	if cred.plugin == CachingSHA2 && len(answer) > 0 {
		_ = c.write(append(c.packet(), mysql.MORE_DATE_HEADER, mysql.CACHE_SHA2_FAST_AUTH))
	}
	c.srv.metrics.logins.WithLabelValues("ok").Inc()
	return cred, nil
}

// askPassword sends a salt and reads what the client makes of it and its password.
func (c *conn) askPassword(plugin string) (answer, salt []byte, err error) {
	salt = []byte(rand.Text())[:20] // no byte of it may be 0
	p := append(c.packet(), mysql.EOF_HEADER)
	p = append(append(p, plugin...), 0)
	_ = c.write(append(append(p, salt...), 0))
	if err := c.out.flush(); err != nil {
		return nil, nil, err
	}
	if err := c.net.SetReadDeadline(time.Now().Add(c.srv.opts.LoginTimeout)); err != nil {
		return nil, nil, err
	}
	answer, err = c.receive(0)
	if bytes.Equal(answer, []byte{0}) {
		answer = nil // how some clients send an empty password
	}
	return answer, salt, err
}
