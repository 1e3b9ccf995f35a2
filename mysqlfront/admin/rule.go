package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"roster/mysqlfront/session"
)

// command is a parsed statement, which may run many times, and at once.
type command interface {
	run(ctx context.Context, x *execution) (*session.Result, error)
}

// rule is a line in the table of statements.
type rule struct {
	role session.Role
	// topic is what HELP and the documentation call it.
	topic, summary string
	examples       []string

	grammar func() grammar
}

// grammar is a rule's parser, and how it reads in EBNF.
type grammar struct {
	parse func(*lexer.PeekingLexer) (command, error)
	ebnf  string
}

// on makes a rule of the grammar in the tags of T. Parsers are built when the
// first statement needs them.
func on[T any, P interface {
	*T
	command
}](role session.Role, topic, summary string, examples ...string) *rule {
	return &rule{role, topic, summary, examples, sync.OnceValue(func() grammar {
		p := participle.MustBuild[T](grammarOptions...)
		return grammar{
			ebnf: p.String(),
			parse: func(l *lexer.PeekingLexer) (command, error) {
				c, err := p.ParseFromLexer(l)
				return P(c), err
			},
		}
	})}
}

// maxNesting bounds the parentheses within each other: a rule may recurse for each.
const maxNesting = 32

// parse reads tokens by the first rule that takes all of them. The error is that
// of the rule that got furthest.
func parse(rules []*rule, src string, tokens []token) (*rule, command, error) {
	if err := checkShape(src, tokens); err != nil {
		return nil, nil, err
	}
	if n := len(tokens); n > 0 && tokens[n-1].is(";") {
		tokens = tokens[:n-1]
	}
	best, wanted := -1, []string(nil)
	for _, r := range rules {
		l, err := lexer.Upgrade(&replay{tokens: tokens})
		if err != nil {
			return nil, nil, syntaxError(src, 0, err.Error())
		}
		c, err := r.grammar().parse(l)
		if err == nil {
			return r, c, nil
		}
		var fault participle.Error
		if !errors.As(err, &fault) {
			return nil, nil, syntaxError(src, 0, "it cannot be read")
		}
		at := fault.Position().Offset
		if at > best {
			best, wanted = at, nil
		}
		if at == best {
			wanted = append(wanted, expected(fault)...)
		}
	}
	return nil, nil, syntaxError(src, max(best, 0), wish(wanted))
}

// expected is what a rule wanted where it failed, without what it found.
func expected(fault participle.Error) []string {
	_, want, ok := strings.Cut(fault.Message(), `" (expected `)
	if !ok {
		return nil
	}
	want = strings.TrimSuffix(want, ")")
	return []string{strings.TrimSuffix(strings.TrimSuffix(want, " Option*"), " Mode*")}
}

// maxWish bounds how much of the grammar a syntax error prints, in bytes.
const maxWish = 300

// wish is what the rules that got furthest wanted.
func wish(wanted []string) string {
	slices.Sort(wanted)
	all := strings.Join(slices.Compact(wanted), " or ")
	switch {
	case all == "":
		return "nothing more is expected"
	case len(all) > maxWish:
		return "something else is expected"
	}
	return "expected " + all
}

func checkShape(src string, tokens []token) error {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(";") && i < len(tokens)-1:
			return syntaxError(src, tokens[i+1].pos, "send one statement at a time")
		}
		if depth > maxNesting {
			return syntaxError(src, t.pos, "parentheses are nested too deep")
		}
	}
	return nil
}
