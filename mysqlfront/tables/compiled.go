package tables

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
)

const (
	// maxCompiled is how many statements a slot keeps compiled, maxCompiledText the
	// longest of them.
	maxCompiled     = 32
	maxCompiledText = 8 << 10
)

// compiled are the statements a slot ran lately, the last one first. Compiling
// would cost as much as a short statement. Nothing of a session is in them but
// constants of their text: the rest is read when they run.
type compiled []compiledStatement

type compiledStatement struct {
	text string
	stmt driver.Stmt
}

// take is a compiled statement, which keep or its Close must end.
func (c *compiled) take(ctx context.Context, conn driver.ConnPrepareContext, text string) (driver.Stmt, error) {
	i := slices.IndexFunc(*c, func(s compiledStatement) bool { return s.text == text })
	if i < 0 {
		return conn.PrepareContext(ctx, text)
	}
	stmt := (*c)[i].stmt
	*c = slices.Delete(*c, i, i+1)
	return stmt, nil
}

// keep takes a statement back once it has run.
func (c *compiled) keep(text string, stmt driver.Stmt) error {
	if len(text) > maxCompiledText {
		return stmt.Close()
	}
	*c = slices.Insert(*c, 0, compiledStatement{text, stmt})
	if len(*c) <= maxCompiled {
		return nil
	}
	last := (*c)[maxCompiled]
	*c = slices.Delete(*c, maxCompiled, maxCompiled+1)
	return last.stmt.Close()
}

func (c *compiled) close() (err error) {
	for _, s := range *c {
		err = errors.Join(err, s.stmt.Close())
	}
	*c = nil
	return err
}
