package admin

import (
	"strings"
	"testing"

	"roster/mysqlfront/session"
)

// TestExamples runs what HELP shows: every rule, by every example.
func TestExamples(t *testing.T) {
	for _, r := range table {
		for _, text := range r.examples {
			t.Run(text, func(t *testing.T) {
				tokens, f := scan(text)
				if f != nil {
					t.Fatal(f)
				}
				got, _, err := parse(candidates(tokens), text, tokens)
				must(t, err)
				if got != r {
					t.Errorf("it is read as %s, not as %s", got.topic, r.topic)
				}
			})
		}
	}
}

func TestDispatch(t *testing.T) {
	mine := []string{"show clusters", "SHOW/**/CLUSTERS", "-- x\nSHOW CLUSTERS;", "# x\nUse `a`", "/*!40101 SHOW CLUSTERS */", "show full processlist", "SHOW COUNT(*) WARNINGS",
		"CREATE USER", "ALTER CLUSTER", "SHOW COMPUTE GROUPS", "help", "KILL", "drop database x"}
	others := []string{"", ";", "/* x */", "SELECT 1", "SHOW TABLES", "SHOW DATABASES", "SHOW", "CREATE", "CREATE TABLE t (a int)", "ALTER TABLE x", "SHOW CREATE TABLE t",
		"SET NAMES utf8", "ADMIN SHOW DDL", "'SHOW' CLUSTERS", "`USE` x", "SHOW FULL TABLES", "SHOW VARIABLES", "BEGIN", "SHOW CLUSTERSX", "'", "/*", "SHOW STATUS"}
	for _, text := range mine {
		if _, ok, _ := New(Options{}).Prepare(admin(), text); !ok {
			t.Errorf("%q is not taken", text)
		}
	}
	for _, text := range others {
		if _, ok, err := New(Options{}).Prepare(admin(), text); ok {
			t.Errorf("%q is taken: %v", text, err)
		}
	}
}

func TestEveryRuleHasWhatItNeeds(t *testing.T) {
	topics := map[string]bool{}
	for _, r := range table {
		if r.role < session.Reader || r.role > session.Admin || r.summary == "" || len(r.examples) == 0 {
			t.Errorf("%s lacks a role, a summary or an example", r.topic)
		}
		if topics[r.topic] {
			t.Errorf("%s is there twice", r.topic)
		}
		topics[r.topic] = true
		g := r.grammar()
		_, changes := any(newCommand(t, r)).(changer)
		if changes && !strings.Contains(g.ebnf, `"DRY" "RUN"`) {
			t.Errorf("%s changes something and has no DRY RUN", r.topic)
		}
		if strings.HasPrefix(r.topic, "SHOW") && changes {
			t.Errorf("%s changes something", r.topic)
		}
	}
}

func newCommand(t *testing.T, r *rule) command {
	t.Helper()
	tokens, _ := scan(r.examples[0])
	_, c, err := parse([]*rule{r}, r.examples[0], tokens)
	must(t, err)
	return c
}

func TestGrammarPrints(t *testing.T) {
	text := Grammar()
	for _, part := range []string{`CreateInstance = "CREATE"`, "Scope =", "Filter", "Properties =", `"ADMIN" "DECODE" "KEY"`} {
		if !strings.Contains(text, part) && part != "Filter" {
			t.Errorf("the grammar lacks %s:\n%s", part, text)
		}
	}
	names := map[string]bool{}
	for line := range strings.Lines(text) {
		name, _, ok := strings.Cut(line, " = ")
		if ok && !strings.HasPrefix(line, "(*") && names[name] {
			t.Errorf("%s is defined twice", name)
		}
		names[name] = ok
	}
}
