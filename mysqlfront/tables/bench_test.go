package tables_test

import (
	"testing"

	"roster/mysqlfront/tables"
)

func BenchmarkSelect(b *testing.B) {
	for name, query := range map[string]string{
		"constant": "SELECT 1",
		"point":    "SELECT cluster_id, cluster_name, status FROM roster.clusters WHERE instance_id = 'gamma'",
		"group":    "SELECT instance_id, COUNT(*) AS n FROM roster.nodes GROUP BY instance_id ORDER BY n DESC",
		"columns":  "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'alpha'",
	} {
		b.Run(name, func(b *testing.B) {
			e, s := newEngine(b, newSource(), tables.Options{}), newSession()
			for b.Loop() {
				stmt, _, err := e.Prepare(s, query)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := stmt.Run(b.Context(), s, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
