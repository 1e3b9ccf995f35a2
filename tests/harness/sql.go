package harness

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"roster/core"
)

// SQL runs statements on a server's MySQL front. It is safe for concurrent use.
// Its methods of core.API are in sqlapi.go.
type SQL struct {
	// DB is its pool of connections.
	DB *sql.DB
}

// SQLOptions say how a SQL connects. The zero value is root without a password.
type SQLOptions struct {
	User, Password string
	// Prepared sends the values of ? in the binary protocol; without it they
	// become literals of the statement's text.
	Prepared bool
}

const (
	// sqlTimeout bounds a connect, a read and a write.
	sqlTimeout = 60 * time.Second
	// sqlConns bounds the connections of a pool.
	sqlConns = 32
)

// OpenSQL is a client of the MySQL front at an address. Whoever calls it closes
// its DB.
func OpenSQL(addr string, o SQLOptions) (*SQL, error) {
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd = "tcp", addr, o.User, o.Password
	if config.User == "" {
		config.User = "root"
	}
	config.InterpolateParams = !o.Prepared
	config.Timeout, config.ReadTimeout, config.WriteTimeout = sqlTimeout, sqlTimeout, sqlTimeout
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(sqlConns)
	db.SetMaxIdleConns(sqlConns)
	return &SQL{DB: db}, nil
}

// statement is the text of a statement under way, and the values of its ?.
type statement struct {
	text strings.Builder
	args []any
}

func say(text string, args ...any) *statement { return new(statement).add(text, args...) }

func (s *statement) add(text string, args ...any) *statement {
	s.text.WriteString(text)
	s.args = append(s.args, args...)
	return s
}

// list adds values in parentheses.
func (s *statement) list(values []string) *statement {
	s.add("(")
	for i, value := range values {
		if i > 0 {
			s.add(", ")
		}
		s.add("?", value)
	}
	return s.add(")")
}

// Row is one row of an answer, by column name; NULL is left out.
type Row map[string]string

// Query runs a statement under what the context knows of the caller, and returns
// its rows. Refusals are *core.Error.
func (c *SQL) Query(ctx context.Context, text string, args ...any) ([]Row, error) {
	rows, err := c.DB.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, SQLErrorOf(err)
	}
	all, err := readRows(rows)
	return all, SQLErrorOf(errors.Join(err, rows.Close()))
}

func readRows(rows *sql.Rows) ([]Row, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []Row
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := Row{}
		for i, v := range values {
			if v.Valid {
				row[columns[i]] = v.String
			}
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// sqlNumbers are the error numbers that belong to a code, with their SQLSTATE.
var sqlNumbers = map[core.Code]map[uint16]string{
	core.InvalidArgument:  {1062: "23000", 1210: "HY000", 1231: "42000", 1451: "23000"},
	core.NotFound:         {1049: "42000", 1146: "42S02", 1396: "HY000"},
	core.AlreadyExisted:   {1007: "HY000", 1050: "42S01", 1062: "23000", 1396: "HY000", 1451: "23000"},
	core.Internal:         {1815: "HY000"},
	core.Conflict:         {1213: "40001"},
	core.Undetermined:     {1180: "HY000"},
	core.PermissionDenied: {1044: "42000", 1045: "28000", 1227: "42000", 1290: "HY000"},
	core.TooLarge:         {1153: "08S01"},
	core.Unavailable:      {1205: "HY000"},
}

// ownNumbers are refusals of the SQL language itself, which no operation has seen:
// no instance selected, syntax, a value of no such kind, not supported.
var ownNumbers = []uint16{1046, 1064, 1231, 1235}

// endedNumbers are those of statements that were ended before they wrote anything:
// out of time, KILL or a client that left, a server that stops. Their text is
// MySQL's own. A write that may have happened is 1180 instead.
var endedNumbers = map[uint16]string{3024: "HY000", 1317: "70100", 1053: "08S01"}

// SQLErrorOf is the error a MySQL error stands for: a *core.Error whose cause it
// is, or another error when its text, number and SQLSTATE do not belong together.
func SQLErrorOf(err error) error {
	var refusal *mysql.MySQLError
	if !errors.As(err, &refusal) {
		return err
	}
	name, text, coded := strings.Cut(refusal.Message, ": ")
	for code := core.InvalidArgument; coded && code <= core.Unavailable; code++ {
		state, belongs := sqlNumbers[code][refusal.Number]
		if belongs && code.String() == name && state == string(refusal.SQLState[:]) {
			return core.Errorf(code, "%s", text).Because(refusal)
		}
	}
	if state, ended := endedNumbers[refusal.Number]; ended && state == string(refusal.SQLState[:]) {
		return core.Errorf(core.Unavailable, "%s", refusal.Message).Because(refusal)
	}
	if RefusedAsSQL(err) {
		return core.Errorf(core.InvalidArgument, "%s", refusal.Message).Because(refusal)
	}
	return fmt.Errorf("the text, number and SQLSTATE do not belong together: %w", err)
}

// RefusedAsSQL tells whether a statement was refused before any operation saw it.
func RefusedAsSQL(err error) bool {
	var refusal *mysql.MySQLError
	return errors.As(err, &refusal) && slices.Contains(ownNumbers, refusal.Number)
}
