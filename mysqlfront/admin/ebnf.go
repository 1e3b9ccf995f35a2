package admin

import "strings"

// tokenRules say what the tokens are that the grammar rules are made of.
const tokenRules = `(* <ident> is a bare word, <quoted> one in backquotes, <string> a text in ' or ", *)
(* <number> a number, <param> a question mark. Keywords may be in any case, and    *)
(* every keyword may be a name; where a keyword could stand as well, quote it.      *)
`

// Reference is what HELP knows of all statements, in Markdown.
func Reference() string {
	var b strings.Builder
	for _, r := range table {
		b.WriteString("\n### " + r.topic + "\n\n" + r.summary + " Role: " + r.role.String() + ".\n\n```sql\n" + strings.Join(r.examples, ";\n") + ";\n```\n")
	}
	return b.String()
}

// Grammar is the grammar of all statements in EBNF: each rule begins with the
// statement it is, the productions they share follow once.
func Grammar() string {
	var b strings.Builder
	b.WriteString(tokenRules)
	var shared []string
	seen := make(map[string]bool)
	for _, r := range table {
		productions := strings.Split(r.grammar().ebnf, "\n")
		b.WriteString("\n(* " + r.topic + " *)\n" + productions[0] + "\n")
		for _, p := range productions[1:] {
			if !seen[p] {
				seen[p] = true
				shared = append(shared, p)
			}
		}
	}
	b.WriteString("\n(* shared *)\n" + strings.Join(shared, "\n") + "\n")
	return b.String()
}
