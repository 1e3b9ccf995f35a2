package admin

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// symbols are the tokens as grammar rules call them.
var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Ident": -2, "Quoted": -3, "String": -4, "Number": -5, "Param": -6, "Punct": -7,
}

var tokenTypes = [...]lexer.TokenType{
	end: lexer.EOF, word: -2, quotedName: -3, text: -4, number: -5, param: -6, punct: -7,
}

// grammarOptions are those of every rule.
var grammarOptions = []participle.Option{
	participle.Lexer(tokenSource{}),
	participle.CaseInsensitive("Ident"),
	participle.UseLookahead(participle.MaxLookahead),
}

// tokenSource tells participle which tokens there are; they come from scan.
type tokenSource struct{}

func (tokenSource) Symbols() map[string]lexer.TokenType { return symbols }

func (tokenSource) Lex(_ string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	tokens, f := scan(string(src))
	if f != nil {
		return nil, errors.New(f.why)
	}
	return &replay{tokens: tokens}, nil
}

// replay hands scanned tokens to participle. A parameter reads "?" and its number.
type replay struct {
	tokens []token
	next   int
	params int
}

func (r *replay) Next() (lexer.Token, error) {
	if r.next == len(r.tokens) {
		pos := lexer.Position{}
		if r.next > 0 {
			pos.Offset = r.tokens[r.next-1].stop
		}
		return lexer.EOFToken(pos), nil
	}
	t := r.tokens[r.next]
	r.next++
	value := t.raw
	if t.kind == param {
		value = "?" + strconv.Itoa(r.params)
		r.params++
	}
	return lexer.Token{Type: tokenTypes[t.kind], Value: value, Pos: lexer.Position{Offset: t.pos}}, nil
}

// paramNumber is the number of the parameter a captured token is.
func paramNumber(captured string) (int, bool) {
	digits, ok := strings.CutPrefix(captured, "?")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
