package tables

import (
	"fmt"
	"iter"
	"time"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// informationTables are those of information_schema, with MySQL's names and columns.
func informationTables() []*table {
	return []*table{
		info("CHARACTER_SETS", rowsOf(characterSets), id("CHARACTER_SET_NAME"), label("DEFAULT_COLLATE_NAME"), label("DESCRIPTION"), count("MAXLEN")),
		info("CHECK_CONSTRAINTS", rowsOf(empty), text("CONSTRAINT_CATALOG"), exact("CONSTRAINT_SCHEMA"), exact("CONSTRAINT_NAME"), text("CHECK_CLAUSE")),
		info("COLLATIONS", rowsOf(collations), id("COLLATION_NAME"), id("CHARACTER_SET_NAME"), count("ID"), label("IS_DEFAULT"), label("IS_COMPILED"), count("SORTLEN"), label("PAD_ATTRIBUTE")),
		info("COLLATION_CHARACTER_SET_APPLICABILITY", rowsOf(applicability), id("COLLATION_NAME"), id("CHARACTER_SET_NAME")),
		perSchema("COLUMNS", columnRows, id("TABLE_CATALOG"), id("TABLE_SCHEMA"), id("TABLE_NAME"), label("COLUMN_NAME"), count("ORDINAL_POSITION"), text("COLUMN_DEFAULT"),
			label("IS_NULLABLE"), label("DATA_TYPE"), number("CHARACTER_MAXIMUM_LENGTH"), number("CHARACTER_OCTET_LENGTH"), number("NUMERIC_PRECISION"), number("NUMERIC_SCALE"),
			number("DATETIME_PRECISION"), text("CHARACTER_SET_NAME"), text("COLLATION_NAME"), label("COLUMN_TYPE"), label("COLUMN_KEY"), label("EXTRA"), label("PRIVILEGES"),
			label("COLUMN_COMMENT"), label("GENERATION_EXPRESSION"), number("SRS_ID")),
		info("ENGINES", rowsOf(engines), label("ENGINE"), label("SUPPORT"), text("COMMENT"), text("TRANSACTIONS"), text("XA"), text("SAVEPOINTS")),
		info("EVENTS", rowsOf(empty), exact("EVENT_SCHEMA"), exact("EVENT_NAME"), text("DEFINER"), text("TIME_ZONE"), text("EVENT_TYPE"), moment("EXECUTE_AT"), text("INTERVAL_VALUE"),
			text("INTERVAL_FIELD"), moment("STARTS"), moment("ENDS"), text("STATUS"), number("ORIGINATOR"), text("CHARACTER_SET_CLIENT"), text("COLLATION_CONNECTION"), text("DATABASE_COLLATION")),
		info("GLOBAL_STATUS", rowsOf(globalStatus), label("VARIABLE_NAME"), text("VARIABLE_VALUE")),
		info("GLOBAL_VARIABLES", variableRows(true), label("VARIABLE_NAME"), text("VARIABLE_VALUE")),
		perSchema("KEY_COLUMN_USAGE", nothingIn, text("CONSTRAINT_CATALOG"), exact("CONSTRAINT_SCHEMA"), exact("CONSTRAINT_NAME"), text("TABLE_CATALOG"), id("TABLE_SCHEMA"), exact("TABLE_NAME"),
			text("COLUMN_NAME"), number("ORDINAL_POSITION"), number("POSITION_IN_UNIQUE_CONSTRAINT"), exact("REFERENCED_TABLE_SCHEMA"), exact("REFERENCED_TABLE_NAME"), text("REFERENCED_COLUMN_NAME")),
		info("KEYWORDS", rowsOf(keywords), label("WORD"), count("RESERVED")),
		info("PARTITIONS", rowsOf(empty), exact("TABLE_SCHEMA"), exact("TABLE_NAME"), text("PARTITION_NAME"), number("PARTITION_ORDINAL_POSITION"), text("PARTITION_METHOD"), text("PARTITION_EXPRESSION")),
		info("PLUGINS", rowsOf(plugins), label("PLUGIN_NAME"), label("PLUGIN_VERSION"), label("PLUGIN_STATUS"), label("PLUGIN_TYPE"), text("PLUGIN_LIBRARY"), text("PLUGIN_LICENSE"), text("PLUGIN_DESCRIPTION")),
		info("PROCESSLIST", rowsOf(processes), column{name: "ID", typ: session.Unsigned, notNull: true}, id("USER"), id("HOST"), exact("DB"), label("COMMAND"), count("TIME"), text("STATE"), text("INFO"),
			text("PROGRAM_NAME")),
		info("REFERENTIAL_CONSTRAINTS", rowsOf(empty), text("CONSTRAINT_CATALOG"), exact("CONSTRAINT_SCHEMA"), exact("CONSTRAINT_NAME"), exact("UNIQUE_CONSTRAINT_SCHEMA"), exact("UNIQUE_CONSTRAINT_NAME"),
			text("MATCH_OPTION"), text("UPDATE_RULE"), text("DELETE_RULE"), exact("TABLE_NAME"), exact("REFERENCED_TABLE_NAME")),
		info("ROUTINES", rowsOf(empty), exact("SPECIFIC_NAME"), exact("ROUTINE_SCHEMA"), exact("ROUTINE_NAME"), text("ROUTINE_TYPE"), text("DATA_TYPE"), text("DEFINER"), moment("LAST_ALTERED"), moment("CREATED"),
			text("SECURITY_TYPE"), text("ROUTINE_COMMENT"), text("CHARACTER_SET_CLIENT"), text("COLLATION_CONNECTION"), text("DATABASE_COLLATION"), text("ROUTINE_DEFINITION")),
		info("PARAMETERS", rowsOf(empty), exact("SPECIFIC_SCHEMA"), exact("SPECIFIC_NAME"), number("ORDINAL_POSITION"), text("PARAMETER_MODE"), text("PARAMETER_NAME"), text("DATA_TYPE"), text("DTD_IDENTIFIER"), text("ROUTINE_TYPE")),
		perSchema("SCHEMATA", schemaRow, id("CATALOG_NAME"), id("SCHEMA_NAME"), label("DEFAULT_CHARACTER_SET_NAME"), label("DEFAULT_COLLATION_NAME"), text("SQL_PATH"), label("DEFAULT_ENCRYPTION")),
		info("SCHEMA_PRIVILEGES", rowsOf(empty), label("GRANTEE"), label("TABLE_CATALOG"), id("TABLE_SCHEMA"), label("PRIVILEGE_TYPE"), label("IS_GRANTABLE")),
		info("SESSION_STATUS", rowsOf(sessionStatus), label("VARIABLE_NAME"), text("VARIABLE_VALUE")),
		info("SESSION_VARIABLES", variableRows(false), label("VARIABLE_NAME"), text("VARIABLE_VALUE")),
		perSchema("STATISTICS", nothingIn, text("TABLE_CATALOG"), id("TABLE_SCHEMA"), exact("TABLE_NAME"), number("NON_UNIQUE"), exact("INDEX_SCHEMA"), text("INDEX_NAME"), number("SEQ_IN_INDEX"), text("COLUMN_NAME"),
			text("COLLATION"), number("CARDINALITY"), number("SUB_PART"), text("PACKED"), text("NULLABLE"), text("INDEX_TYPE"), text("COMMENT"), text("INDEX_COMMENT"), text("IS_VISIBLE"), text("EXPRESSION")),
		perSchema("TABLES", tableRows, id("TABLE_CATALOG"), id("TABLE_SCHEMA"), id("TABLE_NAME"), label("TABLE_TYPE"), text("ENGINE"), number("VERSION"), text("ROW_FORMAT"), number("TABLE_ROWS"), number("AVG_ROW_LENGTH"),
			number("DATA_LENGTH"), number("MAX_DATA_LENGTH"), number("INDEX_LENGTH"), number("DATA_FREE"), number("AUTO_INCREMENT"), moment("CREATE_TIME"), moment("UPDATE_TIME"), moment("CHECK_TIME"),
			text("TABLE_COLLATION"), number("CHECKSUM"), text("CREATE_OPTIONS"), label("TABLE_COMMENT")),
		perSchema("TABLE_CONSTRAINTS", nothingIn, text("CONSTRAINT_CATALOG"), exact("CONSTRAINT_SCHEMA"), exact("CONSTRAINT_NAME"), id("TABLE_SCHEMA"), exact("TABLE_NAME"), text("CONSTRAINT_TYPE"), text("ENFORCED")),
		info("TABLE_PRIVILEGES", rowsOf(empty), label("GRANTEE"), label("TABLE_CATALOG"), id("TABLE_SCHEMA"), id("TABLE_NAME"), label("PRIVILEGE_TYPE"), label("IS_GRANTABLE")),
		info("TRIGGERS", rowsOf(empty), exact("TRIGGER_SCHEMA"), exact("TRIGGER_NAME"), text("EVENT_MANIPULATION"), exact("EVENT_OBJECT_SCHEMA"), exact("EVENT_OBJECT_TABLE"), text("ACTION_STATEMENT"), text("ACTION_TIMING"),
			moment("CREATED"), text("SQL_MODE"), text("DEFINER"), text("CHARACTER_SET_CLIENT"), text("COLLATION_CONNECTION"), text("DATABASE_COLLATION")),
		info("USER_PRIVILEGES", rowsOf(userPrivileges), label("GRANTEE"), label("TABLE_CATALOG"), label("PRIVILEGE_TYPE"), label("IS_GRANTABLE")),
		info("VIEWS", rowsOf(empty), text("TABLE_CATALOG"), exact("TABLE_SCHEMA"), exact("TABLE_NAME"), text("VIEW_DEFINITION"), text("CHECK_OPTION"), text("IS_UPDATABLE"), text("DEFINER"), text("SECURITY_TYPE"),
			text("CHARACTER_SET_CLIENT"), text("COLLATION_CONNECTION")),
	}
}

func info(name string, all func(*run, uint64) iter.Seq2[row, error], columns ...column) *table {
	return &table{schema: "information_schema", name: name, columns: columns, key: -1, all: all}
}

// schema is a database as information_schema lists it.
type schema struct {
	name string
	doc  *pb.InstanceInfoPB
}

// tables are those in the database.
func (s schema) tables() []*table {
	var out []*table
	for _, t := range tableList {
		if t.schema == s.name || s.doc != nil && t.perInstance {
			out = append(out, t)
		}
	}
	return out
}

// perSchema is a table about databases; equality on the schema's name is pushed down.
func perSchema(name string, rows func(*run, schema) []row, columns ...column) *table {
	t := info(name, nil, columns...)
	t.key = t.index("TABLE_SCHEMA")
	if t.key < 0 {
		t.key = t.index("SCHEMA_NAME")
	}
	emit := func(r *run, s schema, yield func(row, error) bool) bool {
		for _, v := range rows(r, s) {
			if !yield(v, nil) {
				return false
			}
		}
		return true
	}
	t.of = func(r *run, version uint64, key string) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			if system := systemSchema(key); system != "" {
				if system == key {
					emit(r, schema{name: key}, yield)
				}
				return
			}
			doc, err := r.instance(version, key)
			switch {
			case err != nil:
				yield(nil, err)
			case doc != nil && doc.GetStatus() != pb.InstanceInfoPB_DELETED:
				emit(r, schema{key, doc}, yield)
			}
		}
	}
	t.all = func(r *run, version uint64) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for _, name := range systemSchemas {
				if !emit(r, schema{name: name}, yield) {
					return
				}
			}
			for doc, err := range r.instances(version) {
				if err != nil {
					yield(nil, err)
					return
				}
				if doc.GetStatus() != pb.InstanceInfoPB_DELETED && !emit(r, schema{doc.GetInstanceId(), doc}, yield) {
					return
				}
			}
		}
	}
	return t
}

func nothingIn(*run, schema) []row { return nil }

func schemaRow(_ *run, s schema) []row {
	return []row{{"def", s.name, "utf8mb4", "utf8mb4_general_ci", nil, "NO"}}
}

func tableRows(_ *run, s schema) []row {
	kind := "BASE TABLE"
	if s.name == "information_schema" {
		kind = "SYSTEM VIEW"
	}
	var out []row
	for _, t := range s.tables() {
		out = append(out, row{
			"def", s.name, t.name, kind, "ROSTER", int64(10), "Dynamic", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil,
			"utf8mb4_general_ci", nil, "", "",
		})
	}
	return out
}

func columnRows(_ *run, s schema) []row {
	var out []row
	for _, t := range s.tables() {
		for i, c := range t.columns {
			dataType, columnType := c.mysqlType()
			nullable := "YES"
			if c.notNull {
				nullable = "NO"
			}
			var length, octets, precision, scale, fraction, charset, collation any
			switch c.typ {
			case session.BigInt, session.Unsigned:
				precision, scale = int64(19), int64(0)
			case session.DateTime:
				fraction = int64(0)
			case session.Varchar:
				length = int64(1024)
				if columnType == "varchar(256)" {
					length = int64(256)
				}
				octets, charset, collation = 4*length.(int64), "utf8mb4", c.collation()
			}
			out = append(out, row{
				"def", s.name, t.name, c.name, int64(i + 1), nil, nullable, dataType, length, octets, precision, scale, fraction,
				charset, collation, columnType, "", "", "select", "", "", nil,
			})
		}
	}
	return out
}

func characterSets(*run) []row {
	return []row{
		{"ascii", "ascii_general_ci", "US ASCII", int64(1)},
		{"binary", "binary", "Binary pseudo charset", int64(1)},
		{"utf8mb3", "utf8mb3_general_ci", "UTF-8 Unicode", int64(3)},
		{"utf8mb4", "utf8mb4_general_ci", "UTF-8 Unicode", int64(4)},
	}
}

func collations(*run) []row {
	return []row{
		{"ascii_general_ci", "ascii", int64(11), "Yes", "Yes", int64(1), "PAD SPACE"},
		{"binary", "binary", int64(63), "Yes", "Yes", int64(1), "NO PAD"},
		{"utf8mb3_general_ci", "utf8mb3", int64(33), "Yes", "Yes", int64(1), "PAD SPACE"},
		{"utf8mb4_bin", "utf8mb4", int64(46), "", "Yes", int64(1), "PAD SPACE"},
		{"utf8mb4_general_ci", "utf8mb4", int64(45), "Yes", "Yes", int64(1), "PAD SPACE"},
	}
}

func applicability(r *run) []row {
	var out []row
	for _, c := range collations(r) {
		out = append(out, row{c[0], c[1]})
	}
	return out
}

func engines(*run) []row {
	return []row{{"ROSTER", "DEFAULT", "Read-only views of what Roster manages", "NO", "NO", "NO"}}
}

func plugins(*run) []row {
	return []row{
		{"caching_sha2_password", "1.0", "ACTIVE", "AUTHENTICATION", nil, "PROPRIETARY", "Caching SHA-2 authentication"},
		{"mysql_native_password", "1.1", "ACTIVE", "AUTHENTICATION", nil, "PROPRIETARY", "Native MySQL authentication"},
		{"ROSTER", "1.0", "ACTIVE", "STORAGE ENGINE", nil, "PROPRIETARY", "Read-only views of what Roster manages"},
	}
}

func processes(r *run) []row {
	var out []row
	for _, s := range r.visibleSessions() {
		a := s.Activity()
		seconds := int64(0)
		if !a.Since.IsZero() {
			seconds = max(int64(r.started.Sub(a.Since)/time.Second), 0)
		}
		out = append(out, row{int64(s.ID), s.User, s.From.String(), textOrNull(a.Database), a.Command, seconds, "", textOrNull(a.Statement), textOrNull(s.Client.Program)})
	}
	return out
}

// textOrNull is NULL for "".
func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func variableRows(global bool) func(*run, uint64) iter.Seq2[row, error] {
	return rowsOf(func(r *run) []row {
		var out []row
		for _, name := range variableNames {
			value := r.engine.variableValue(r.session, name, global)
			if n, ok := value.(int64); ok {
				value = fmt.Sprint(n)
				if on, isSwitch := switches[name]; isSwitch {
					value = on[n&1]
				}
			}
			out = append(out, row{name, value})
		}
		return out
	})
}

// switches are the variables that SHOW VARIABLES lists as OFF and ON.
var switches = func() map[string][2]string {
	out := map[string][2]string{}
	for _, name := range []string{
		"autocommit", "big_tables", "explicit_defaults_for_timestamp", "foreign_key_checks", "local_infile", "performance_schema",
		"read_only", "require_secure_transport", "sql_auto_is_null", "sql_big_selects", "sql_log_bin", "sql_notes", "sql_safe_updates",
		"sql_warnings", "super_read_only", "transaction_read_only", "tx_read_only", "unique_checks",
	} {
		out[name] = [2]string{"OFF", "ON"}
	}
	return out
}()

func userPrivileges(r *run) []row {
	return []row{{"'" + r.session.User + "'@'%'", "def", "SELECT", "NO"}}
}
