package admin

import (
	"context"
	"encoding/hex"
	"strings"

	"roster/core"
	"roster/core/metakey"
	"roster/mysqlfront/session"
)

// decodeKey is decode_key.
type decodeKey struct {
	Key   value `parser:"'ADMIN' 'DECODE' 'KEY' @@"`
	ASCII bool  `parser:"( @'ASCII' | 'UNICODE' )?"`
}

func (c *decodeKey) columns() []session.Column {
	return []session.Column{{Name: "Decoded", NotNull: true}}
}

func (c *decodeKey) run(_ context.Context, x *execution) (*session.Result, error) {
	key, err := x.text(&c.Key)
	if err != nil {
		return nil, err
	}
	drawing, err := metakey.Draw(key, !c.ASCII)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return &session.Result{Columns: c.columns(), Rows: session.Rows(session.Row{drawing})}, nil
}

// encodeKey is encode_key.
type encodeKey struct {
	Type       value       `parser:"'ADMIN' 'ENCODE' 'KEY' @@"`
	Properties *properties `parser:"@@?"`
}

func (c *encodeKey) columns() []session.Column {
	return []session.Column{{Name: "Key", NotNull: true}, {Name: "Escaped", NotNull: true}, {Name: "Decoded", NotNull: true}}
}

func (c *encodeKey) run(_ context.Context, x *execution) (*session.Result, error) {
	keyType, err := x.text(&c.Type)
	if err != nil {
		return nil, err
	}
	params, err := x.params(c.Properties)
	if err != nil {
		return nil, err
	}
	key, err := metakey.EncodeType(keyType, func(name string) string { return params[name] })
	if err != nil {
		return nil, invalid("%v", err)
	}
	drawing, err := metakey.Draw(hex.EncodeToString(key), true)
	if err != nil {
		return nil, invalid("%v", err)
	}
	row := session.Row{hex.EncodeToString(key), metakey.Escaped(key), drawing}
	return &session.Result{Columns: c.columns(), Rows: session.Rows(row)}, nil
}

// params are properties that are no fields of a message.
func (x *execution) params(given *properties) (map[string]string, error) {
	params := make(map[string]string)
	if given == nil {
		return params, nil
	}
	for i := range given.List {
		p := &given.List[i]
		key, err := x.name(&p.Path)
		if err != nil {
			return nil, err
		}
		if params[strings.ToLower(key)], err = x.text(&p.Value); err != nil {
			return nil, err
		}
	}
	return params, nil
}

// keyQuery names a record: by the bytes of its key in hex, or by what its type
// makes the key of.
type keyQuery struct {
	Type       value       `parser:"@@"`
	Key        *value      `parser:"( 'KEY' @@ )?"`
	Properties *properties `parser:"@@?"`
}

func (x *execution) keyQuery(k *keyQuery) (q core.KeyQuery, err error) {
	if q.Type, err = x.text(&k.Type); err != nil {
		return q, err
	}
	if k.Key != nil {
		if q.Key, err = x.text(k.Key); err != nil {
			return q, err
		}
	}
	q.Params, err = x.params(k.Properties)
	return q, err
}

var valueColumns = []session.Column{{Name: "Value", NotNull: true}}

// getValue is get_value.
type getValue struct {
	Query keyQuery `parser:"'ADMIN' 'GET' 'VALUE' @@"`
}

func (c *getValue) columns() []session.Column { return valueColumns }

func (c *getValue) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	q, err := x.keyQuery(&c.Query)
	if err != nil {
		return nil, err
	}
	text, err := x.GetValue(ctx, q)
	if err != nil {
		return nil, err
	}
	return &session.Result{Columns: valueColumns, Rows: session.Rows(session.Row{text})}, nil
}

// setValue is set_value.
type setValue struct {
	Query keyQuery `parser:"'ADMIN' 'SET' 'VALUE' @@"`
	To    value    `parser:"'TO' @@"`
	modes
}

func (c *setValue) columns() []session.Column { return valueColumns }

func (c *setValue) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	q, err := x.keyQuery(&c.Query)
	if err != nil {
		return nil, err
	}
	to, err := x.secret(&c.To)
	if err != nil {
		return nil, err
	}
	text, err := x.SetValue(ctx, q, []byte(to))
	if err != nil {
		return nil, err
	}
	return &session.Result{Columns: valueColumns, Rows: session.Rows(session.Row{text})}, nil
}
