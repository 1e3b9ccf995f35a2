package admin

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"roster/mysqlfront/session"
)

// literal is what a value says: a text, or NULL.
type literal struct {
	text string
	null bool
}

// text is a value that must not be NULL.
func (x *execution) text(v *value) (string, error) {
	l, err := x.literal(v)
	if err == nil && l.null {
		err = invalid("NULL is given where a value must be")
	}
	return l.text, err
}

// literal is a value that is no secret.
func (x *execution) literal(v *value) (literal, error) {
	if v.Store != "" {
		return literal{}, invalid("SECRET FROM %s may only stand for a secret", v.Store)
	}
	return x.resolve(v.Token)
}

// name is what a name says.
func (x *execution) name(n *name) (string, error) {
	if n == nil {
		return "", nil
	}
	if _, isParam := paramNumber(n.Token); !isParam {
		return unquote(n.Token), nil
	}
	l, err := x.resolve(n.Token)
	if err == nil && l.null {
		err = invalid("NULL is given where a name must be")
	}
	return l.text, err
}

// resolve is what a captured token says, with parameters filled in.
func (x *execution) resolve(token string) (literal, error) {
	if n, ok := paramNumber(token); ok {
		if n >= len(x.args) {
			return literal{}, invalid("parameter %d has no value", n+1)
		}
		return argument(x.args[n])
	}
	if strings.EqualFold(token, "NULL") {
		return literal{null: true}, nil
	}
	return literal{text: unquote(token)}, nil
}

// argument is the value of a parameter. Clients send whole numbers as floats too.
func argument(arg any) (literal, error) {
	switch v := arg.(type) {
	case nil:
		return literal{null: true}, nil
	case string:
		return literal{text: v}, nil
	case []byte:
		return literal{text: string(v)}, nil
	case float64:
		return literal{text: strconv.FormatFloat(v, 'f', -1, 64)}, nil
	case float32:
		return literal{text: strconv.FormatFloat(float64(v), 'f', -1, 32)}, nil
	case time.Time:
		return literal{text: v.Format(time.DateTime)}, nil
	case bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return literal{text: fmt.Sprint(v)}, nil
	}
	return literal{}, invalid("a parameter of type %T is not supported, send text or a number", arg)
}

// unsigned is a value that is a whole number from 0.
func (x *execution) unsigned(field string, v *value) (uint64, error) {
	s, err := x.text(v)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, invalid("%s is %q, want a whole number from 0", field, clip(s))
	}
	return n, nil
}

// count is unsigned for LIMIT and OFFSET.
func (x *execution) count(field string, v *value) (int, error) {
	if v == nil {
		return 0, nil
	}
	n, err := x.unsigned(field, v)
	return int(min(n, math.MaxInt32)), err
}

// account is 'user', or 'user'@'%' as other servers have it.
type account struct {
	Name name  `parser:"@@"`
	Host *name `parser:"( '@' @@ )?"`
}

func (x *execution) account(a *account) (string, error) {
	host, err := x.name(a.Host)
	if err != nil {
		return "", err
	}
	if a.Host != nil && host != "%" {
		return "", fail(1235, "42000", "Users of one host are not supported: write the user without @'%s', or with @'%%'", clip(host))
	}
	return x.name(&a.Name)
}

// oneOf matches a word against those allowed, whatever its case.
func oneOf(field, given string, allowed ...string) (string, error) {
	for _, a := range allowed {
		if strings.EqualFold(given, a) {
			return a, nil
		}
	}
	return "", wrongValue(field, given, strings.Join(allowed, ", "))
}

// roleOf is the role of a name.
func roleOf(given string) (session.Role, error) {
	for r := session.Reader; r <= session.Admin; r++ {
		if strings.EqualFold(given, r.String()) {
			return r, nil
		}
	}
	return 0, wrongValue("role", given, "reader, operator, admin")
}
