package tables

import (
	"iter"

	"github.com/pingcap/tidb/pkg/parser"

	"roster/core"
	"roster/mysqlfront/session"
)

// mysqlTables are as much of the database mysql as keeps clients quiet.
func mysqlTables() []*table {
	return []*table{
		{schema: "mysql", name: "db", key: -1, all: rowsOf(empty), columns: []column{id("Host"), id("Db"), id("User"), label("Select_priv")}},
		{schema: "mysql", name: "help_topic", key: -1, all: rowsOf(empty), columns: []column{
			count("help_topic_id"), label("name"), count("help_category_id"), text("description"), text("example"), text("url"),
		}},
		{schema: "mysql", name: "user", key: -1, all: users, columns: []column{
			id("Host"), id("User"), label("Select_priv"), label("Super_priv"), label("plugin"), label("account_locked"), label("Role"), exact("Instance"),
		}},
	}
}

// users lists all users to an administrator of all instances, else the user alone.
func users(r *run, version uint64) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		self := core.User{Name: r.session.User, Role: r.session.Role.String(), Instance: r.session.Instance}
		all := []core.User{self}
		if r.session.Role == session.Admin && r.session.Instance == "" {
			ctx, err := r.at(version)
			if err == nil {
				all, err = r.engine.source.ListUsers(ctx)
			}
			if err != nil {
				yield(nil, r.note(err))
				return
			}
			known := false
			for _, u := range all {
				known = known || u.Name == self.Name
			}
			if !known {
				all = append(all, self)
			}
		}
		plugin := r.engine.variableValue(r.session, "default_authentication_plugin", true)
		for _, u := range all {
			super := "N"
			if u.Role == session.Admin.String() {
				super = "Y"
			}
			if !yield(row{"%", u.Name, "Y", super, plugin, "N", u.Role, u.Instance}, nil) {
				return
			}
		}
	}
}

// keywords are the words of the grammar, so that clients know what to quote.
func keywords(*run) []row {
	out := make([]row, 0, len(parser.Keywords))
	for _, k := range parser.Keywords {
		out = append(out, row{k.Word, flag(k.Reserved)})
	}
	return out
}
