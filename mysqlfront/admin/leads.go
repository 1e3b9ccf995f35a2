package admin

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2/ebnf"
)

// maxLead is how many words decide which rules a statement may follow.
const maxLead = 4

// lead is the keywords a rule begins with.
type lead struct {
	words []string
	rule  *rule
}

// leads are those of every rule in the table, by their first word.
var leads = sync.OnceValue(func() map[string][]lead {
	byWord := make(map[string][]lead)
	for _, r := range table {
		for _, words := range leadsOf(r.grammar().ebnf) {
			byWord[words[0]] = append(byWord[words[0]], lead{words, r})
		}
	}
	return byWord
})

// candidates are the rules whose keywords a statement begins with, in the order
// of the table.
func candidates(tokens []token) (found []*rule) {
	if len(tokens) == 0 || tokens[0].kind != word {
		return nil
	}
	for _, l := range leads()[strings.ToUpper(tokens[0].raw)] {
		if len(tokens) < len(l.words) || slices.Contains(found, l.rule) {
			continue
		}
		match := true
		for i, w := range l.words {
			match = match && tokens[i].is(w)
		}
		if match {
			found = append(found, l.rule)
		}
	}
	return found
}

// leadsOf reads off the printed grammar of a rule which keywords it begins with.
func leadsOf(printed string) [][]string {
	parsed, err := ebnf.ParseString(printed)
	if err != nil {
		panic("the grammar prints as what is no EBNF: " + err.Error())
	}
	productions := make(map[string]*ebnf.Expression)
	for _, p := range parsed.Productions {
		productions[p.Production] = p.Expression
	}
	var found [][]string
	for _, p := range prefixes(productions, parsed.Productions[0].Expression, maxLead) {
		found = append(found, p.words)
	}
	return found
}

// prefix is a way an expression may begin. It is closed when it has enough words
// or something follows that is no keyword.
type prefix struct {
	words  []string
	closed bool
}

// prefixes are the ways an expression may begin, as far as room words go. A rule
// that is part of itself has a keyword before, so the room runs out.
func prefixes(productions map[string]*ebnf.Expression, e *ebnf.Expression, room int) (all []prefix) {
	for _, sequence := range e.Alternatives {
		begun := []prefix{{}}
		for _, t := range sequence.Terms {
			shortest := maxLead
			for _, b := range begun {
				if !b.closed {
					shortest = min(shortest, len(b.words))
				}
			}
			if shortest >= room {
				break
			}
			begun = extend(begun, termPrefixes(productions, t, room-shortest))
		}
		all = append(all, begun...)
	}
	return all
}

func termPrefixes(productions map[string]*ebnf.Expression, t *ebnf.Term, room int) (all []prefix) {
	switch {
	case t.Literal != "":
		w := t.Literal
		if unquoted, err := strconv.Unquote(w); err == nil {
			w = unquoted
		}
		all = []prefix{{words: []string{strings.ToUpper(w)}}}
	case t.Group != nil:
		all = prefixes(productions, t.Group.Expr, room)
	case productions[t.Name] != nil:
		all = prefixes(productions, productions[t.Name], room)
	default:
		all = []prefix{{closed: true}}
	}
	if t.Repetition == "?" || t.Repetition == "*" {
		all = append(all, prefix{})
	}
	return all
}

// extend lets every open beginning go on in every way.
func extend(begun, ways []prefix) (all []prefix) {
	for _, b := range begun {
		if b.closed {
			all = append(all, b)
			continue
		}
		for _, w := range ways {
			words := slices.Concat(b.words, w.words)
			closed := w.closed || len(words) >= maxLead
			words = words[:min(len(words), maxLead)]
			known := func(p prefix) bool { return p.closed == closed && slices.Equal(p.words, words) }
			if !slices.ContainsFunc(all, known) {
				all = append(all, prefix{words, closed})
			}
		}
	}
	return all
}
