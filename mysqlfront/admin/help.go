package admin

import (
	"context"
	"strings"

	"roster/mysqlfront/session"
)

// help answers with one topic, or with those that a word is in. Clients tell the
// two by the columns.
type help struct {
	Words []helpWord `parser:"'HELP' @@*"`
}

type helpWord struct {
	Token string `parser:"@(Ident | Quoted | String | Param)"`
}

var (
	topicColumns  = []session.Column{{Name: "name", NotNull: true}, {Name: "description", NotNull: true}, {Name: "example", NotNull: true}}
	topicsColumns = []session.Column{{Name: "name", NotNull: true}, {Name: "is_it_category", NotNull: true}}
)

// columns of a topic that is a parameter are those of one topic.
func (h *help) columns() []session.Column {
	if h.wanted() == "" && !h.hasParam() || len(topics(h.wanted())) != 1 && !h.hasParam() {
		return topicsColumns
	}
	return topicColumns
}

func (h *help) hasParam() bool {
	for _, w := range h.Words {
		if _, ok := paramNumber(w.Token); ok {
			return true
		}
	}
	return false
}

func (h *help) wanted() string {
	words := make([]string, len(h.Words))
	for i, w := range h.Words {
		words[i] = unquote(w.Token)
	}
	return strings.Join(words, " ")
}

func (h *help) run(_ context.Context, x *execution) (*session.Result, error) {
	words := make([]string, len(h.Words))
	for i, w := range h.Words {
		l, err := x.resolve(w.Token)
		if err != nil {
			return nil, err
		}
		words[i] = l.text
	}
	found := topics(strings.Join(words, " "))
	one := h.hasParam() || len(found) == 1
	var rows []session.Row
	for _, r := range found {
		if one {
			rows = append(rows, session.Row{r.topic, r.summary, strings.Join(r.examples, ";\n") + ";\n"})
		} else {
			rows = append(rows, session.Row{r.topic, "N"})
		}
	}
	return &session.Result{Columns: h.columns(), Rows: session.Rows(rows...)}, nil
}

// topics are the rule of that name, else those whose name holds the words.
func topics(wanted string) (found []*rule) {
	wanted = strings.Trim(strings.ToUpper(strings.TrimSpace(wanted)), "%")
	for _, r := range table {
		if strings.EqualFold(r.topic, wanted) {
			return []*rule{r}
		}
		if strings.Contains(r.topic, wanted) {
			found = append(found, r)
		}
	}
	return found
}
