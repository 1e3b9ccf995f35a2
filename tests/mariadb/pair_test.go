package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"roster/tests/harness"
)

// pair is one connection to each of two servers that hold the same rows.
type pair struct{ roster, mariadb *sql.Conn }

// sqlMode is that of both sessions: what MySQL 8 has by default.
const sqlMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// newPair starts both servers and copies the tables of Roster to MariaDB.
func newPair(t *testing.T) *pair {
	t.Helper()
	addr := startMariaDB(t)
	server := harness.Run(t, harness.Options{})
	fill(t, &harness.REST{URL: server.URL, Token: harness.DefaultToken})
	p := &pair{roster: connect(t, server.SQLAddr), mariadb: connect(t, addr)}
	p.copyTables(t)
	for _, conn := range []*sql.Conn{p.roster, p.mariadb} {
		run(t, conn, "USE roster")
		run(t, conn, "SET sql_mode = '"+sqlMode+"'")
	}
	return p
}

func connect(t *testing.T, addr string) *sql.Conn {
	t.Helper()
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User = "tcp", addr, "root"
	config.InterpolateParams = true // without a prepared statement, texts alone are sent
	config.Collation = "utf8mb4_general_ci"
	config.Timeout, config.ReadTimeout, config.WriteTimeout = limit, limit, limit
	connector, err := mysql.NewConnector(config)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { must(t, db.Close()) })
	conn, err := db.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	run(t, conn, "SET time_zone = '+00:00'")
	return conn
}

func run(t *testing.T, conn *sql.Conn, text string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// copied are the tables of roster but for roster.sessions, which the sessions of
// the test change.
var copied = []string{"cluster_users", "clusters", "history", "instances", "nodes", "object_stores", "settings", "stages"}

// copyTables makes the tables in MariaDB as Roster declares them.
func (p *pair) copyTables(t *testing.T) {
	t.Helper()
	run(t, p.mariadb, "CREATE DATABASE roster")
	for _, table := range copied {
		declared := ask(t.Context(), p.roster, false, "SELECT column_name, column_type, collation_name, is_nullable FROM information_schema.columns "+
			"WHERE table_schema = 'roster' AND table_name = ? ORDER BY ordinal_position", table)
		must(t, declared.err)
		var columns []string
		for _, c := range declared.rows {
			column := "`" + c[0] + "` " + c[1]
			if c[2] != null {
				column += " COLLATE " + c[2]
			}
			if c[3] == "NO" {
				column += " NOT NULL"
			}
			columns = append(columns, column)
		}
		run(t, p.mariadb, "CREATE TABLE roster."+table+" ("+strings.Join(columns, ", ")+")")

		rows, err := p.roster.QueryContext(t.Context(), "SELECT * FROM roster."+table)
		must(t, err)
		insert := "INSERT INTO roster." + table + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			must(t, rows.Scan(into...))
			for i, v := range values {
				if text, ok := v.([]byte); ok {
					values[i] = string(text)
				}
			}
			run(t, p.mariadb, insert, values...)
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
	}
}

// null is how NULL reads in an answer.
const null = "NULL"

// answer is what a server says to a statement.
type answer struct {
	columns []string
	rows    [][]string
	err     error
}

// ask runs a statement, prepared or as a text alone.
func ask(ctx context.Context, conn *sql.Conn, prepared bool, text string, args ...any) (a answer) {
	var rows *sql.Rows
	if prepared {
		stmt, err := conn.PrepareContext(ctx, text)
		if err != nil {
			return answer{err: err}
		}
		defer func() { a.err = errors.Join(a.err, stmt.Close()) }()
		rows, a.err = stmt.QueryContext(ctx, args...)
	} else {
		rows, a.err = conn.QueryContext(ctx, text, args...)
	}
	if a.err != nil {
		return a
	}
	defer func() { a.err = errors.Join(a.err, rows.Err(), rows.Close()) }()
	if a.columns, a.err = rows.Columns(); a.err != nil {
		return a
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(a.columns)), make([]any, len(a.columns))
		for i := range values {
			into[i] = &values[i]
		}
		if a.err = rows.Scan(into...); a.err != nil {
			return a
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = null
			if v.Valid {
				row[i] = v.String
			}
		}
		a.rows = append(a.rows, row)
	}
	return a
}

// fault is the error of an answer as clients tell errors apart, "" for none.
func (a answer) fault() string {
	if a.err == nil {
		return ""
	}
	var e *mysql.MySQLError
	if !errors.As(a.err, &e) {
		return a.err.Error()
	}
	return fmt.Sprintf("%d %s", e.Number, e.SQLState)
}

// text is the answer in lines, its rows sorted unless they came in an order.
func (a answer) text(ordered bool) string {
	if a.err != nil {
		return a.fault()
	}
	lines := make([]string, len(a.rows))
	for i, row := range a.rows {
		lines[i] = strings.Join(row, "|")
	}
	if !ordered {
		slices.Sort(lines)
	}
	return strings.Join(append([]string{strings.Join(a.columns, "|")}, lines...), "\n")
}
