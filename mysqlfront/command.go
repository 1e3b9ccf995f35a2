package mysqlfront

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// unknownCommand is what metrics call all the others.
const unknownCommand = "unknown"

// commands is what a client may ask for.
var commands = map[byte]struct {
	name string
	run  func(*conn, []byte)
}{
	mysql.COM_QUIT:                {"quit", (*conn).quit},
	mysql.COM_INIT_DB:             {"init_db", (*conn).initDB},
	mysql.COM_QUERY:               {"query", (*conn).query},
	mysql.COM_FIELD_LIST:          {"field_list", (*conn).fieldList},
	mysql.COM_STATISTICS:          {"statistics", (*conn).statistics},
	mysql.COM_PROCESS_KILL:        {"process_kill", (*conn).processKill},
	mysql.COM_PING:                {"ping", (*conn).ping},
	mysql.COM_CHANGE_USER:         {"change_user", (*conn).changeUser},
	mysql.COM_STMT_PREPARE:        {"stmt_prepare", (*conn).stmtPrepare},
	mysql.COM_STMT_EXECUTE:        {"stmt_execute", (*conn).stmtExecute},
	mysql.COM_STMT_SEND_LONG_DATA: {"stmt_send_long_data", (*conn).stmtSendLongData},
	mysql.COM_STMT_CLOSE:          {"stmt_close", (*conn).stmtClose},
	mysql.COM_STMT_RESET:          {"stmt_reset", (*conn).stmtReset},
	mysql.COM_SET_OPTION:          {"set_option", (*conn).setOption},
	mysql.COM_RESET_CONNECTION:    {"reset_connection", (*conn).resetConnection},
}

// command answers one command, whatever comes; false if it was the last.
func (c *conn) command(data []byte) (more bool) {
	start := time.Now()
	c.errno, c.changing = 0, false
	c.srv.count(data[0])
	cmd, known := commands[data[0]]
	if !known {
		cmd.name, cmd.run = unknownCommand, (*conn).unknown
	}
	defer func() {
		if r := recover(); r != nil {
			c.srv.panicked("statement", r)
			if c.changing {
				c.fail(errUnsettled)
			} else {
				c.fail(errPanicked)
			}
		}
		c.session.SetActivity(session.Activity{Command: "Sleep", Since: time.Now(), Database: c.session.Database})
		c.srv.metrics.observe(cmd.name, c.errno, time.Since(start))
		more = !c.broken
	}()
	cmd.run(c, data[1:])
	return true
}

func (c *conn) quit([]byte) { c.broken = true }

func (c *conn) ping([]byte) { c.ok(nil) }

func (c *conn) unknown([]byte) { c.fail(errUnknown) }

// query runs a statement with the text protocol.
func (c *conn) query(text []byte) {
	st, err := c.prepare(string(text))
	if err == nil && st.Params() > 0 {
		err = failure(1064, "42000", "You have an error in your SQL syntax: a ? stands for a value in prepared statements only")
	}
	if err != nil {
		c.fail(err)
		return
	}
	c.run(st, nil, false)
}

// initDB changes the current database as the statement does.
func (c *conn) initDB(name []byte) { c.query([]byte("USE " + quoted(string(name)))) }

func (c *conn) processKill(payload []byte) {
	r := reader{b: payload}
	id := r.u32()
	if r.bad {
		c.fail(errMalformed)
		return
	}
	c.query(fmt.Appendf(nil, "KILL %d", id))
}

// fieldList answers the columns of a table, which the mariadb client asks for to
// complete names.
func (c *conn) fieldList(payload []byte) {
	table, _, _ := bytes.Cut(payload, []byte{0})
	st, err := c.prepare("SELECT * FROM " + quoted(string(table)) + " LIMIT 0")
	if err != nil {
		c.fail(err)
		return
	}
	for _, col := range st.Columns() {
		p := appendColumn(c.packet(), col)
		_ = c.write(append(p, 0xfb)) // no default value
	}
	c.eof()
}

// statistics is the one answer that is a bare string.
func (c *conn) statistics([]byte) {
	up := int(time.Since(c.srv.started).Seconds())
	asked, slow := c.srv.questions.Load(), c.srv.slow.Load()
	_ = c.write(fmt.Appendf(c.packet(), "Uptime: %d  Threads: %d  Questions: %d  Slow queries: %d  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second avg: %.3f",
		up, len(c.srv.Sessions()), asked, slow, float64(asked)/float64(max(up, 1))))
}

// setOption takes back what was never offered: several statements in one text.
func (c *conn) setOption(payload []byte) {
	const off = 1
	r := reader{b: payload}
	switch option := r.u16(); {
	case r.bad:
		c.fail(errMalformed)
	case option == off:
		c.eof()
	default:
		c.fail(failure(1235, "42000", "Several statements in one text are not supported: send them one by one"))
	}
}

// resetConnection makes the session as new, but for the current database.
func (c *conn) resetConnection([]byte) {
	c.stmts.clear()
	s := c.session
	s.Vars, s.Location, s.Snapshot, s.Warnings = make(map[string]string), s.Home, 0, nil
	c.ok(nil)
}

// showsWarnings are the statements that leave the warnings of the one before.
var showsWarnings = regexp.MustCompile(`(?is)^(?:\s+|/\*.*?\*/|--\s[^\n]*\n|#[^\n]*\n)*` +
	`(?:show\s+(?:count\s*\(\s*\*\s*\)\s*)?(?:warnings|errors)|select\s+@@(?:session\.|local\.)?(?:warning|error)_count)\b`)

// outdate drops the warnings of the last statement, unless this one shows them.
func (c *conn) outdate(text string) {
	if c.session.Warnings != nil && !showsWarnings.MatchString(text) {
		c.session.Warnings = nil
	}
}

// prepare has the engines parse a statement.
func (c *conn) prepare(text string) (session.Statement, error) {
	c.outdate(text)
	switch {
	case !utf8.ValidString(text):
		return nil, errEncoding
	case strings.TrimSpace(text) == "":
		return nil, errEmpty
	}
	for _, engine := range c.srv.opts.Engines {
		if st, ok, err := engine.Prepare(c.session, text); ok {
			return st, err
		}
	}
	return nil, failure(1064, "42000", "You have an error in your SQL syntax: no statement begins like this")
}

func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
