package tables

import (
	"runtime"
	"sort"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/mysqlfront/session"
)

// sysvar is a system variable.
type sysvar struct {
	value string
	typ   session.Type
	// fixed variables cannot be set in a session.
	fixed bool
	// toggle variables are on or off.
	toggle bool
}

// What the server's settings decide has no value here: see session.Server. limit
// is such a variable that a session may set all the same.
func served() sysvar    { return sysvar{fixed: true} }
func servedInt() sysvar { return sysvar{typ: session.BigInt, fixed: true} }
func limit() sysvar     { return sysvar{typ: session.BigInt} }

func word(value string) sysvar     { return sysvar{value: value} }
func whole(value string) sysvar    { return sysvar{value: value, typ: session.BigInt} }
func toggle(value string) sysvar   { return sysvar{value: value, typ: session.BigInt, toggle: true} }
func constant(value string) sysvar { return sysvar{value: value, fixed: true} }
func constantInt(value string) sysvar {
	return sysvar{value: value, typ: session.BigInt, fixed: true}
}

// sysvars are the variables there are. Those that clients merely like to set are
// kept as they say; time_zone, sql_mode, character sets and ownLimits mean
// something.
var sysvars = map[string]sysvar{
	"auto_increment_increment": whole("1"), "auto_increment_offset": whole("1"), "autocommit": toggle("1"),
	"big_tables": toggle("0"), "block_encryption_mode": word("aes-128-ecb"), "bulk_insert_buffer_size": whole("8388608"),
	"character_set_client": word("utf8mb4"), "character_set_connection": word("utf8mb4"),
	"character_set_database": word("utf8mb4"), "character_set_filesystem": word("binary"),
	"character_set_results": word("utf8mb4"), "character_set_server": word("utf8mb4"), "character_set_system": constant("utf8mb3"),
	"collation_connection": word("utf8mb4_general_ci"), "collation_database": word("utf8mb4_general_ci"), "collation_server": word("utf8mb4_general_ci"),
	"completion_type": word("NO_CHAIN"), "connect_timeout": servedInt(),
	"default_authentication_plugin": served(), "default_storage_engine": word("ROSTER"), "default_week_format": whole("0"), "div_precision_increment": whole("4"), "event_scheduler": constant("OFF"),
	"explicit_defaults_for_timestamp": toggle("1"), "foreign_key_checks": toggle("1"), "group_concat_max_len": whole("1048576"),
	"have_ssl": served(), "hostname": served(), "init_connect": constant(""), "innodb_lock_wait_timeout": whole("50"),
	"innodb_version": constant(""), "interactive_timeout": limit(), "last_insert_id": constantInt("0"), "lc_messages": word("en_US"), "lc_time_names": word("en_US"),
	"license": constant("GPL"), "local_infile": constantInt("0"), "lock_wait_timeout": whole("31536000"), "long_query_time": served(),
	"lower_case_file_system": constant("OFF"), "lower_case_table_names": constantInt("0"), "max_allowed_packet": servedInt(),
	"max_connections": servedInt(), "max_execution_time": limit(), "max_join_size": whole("20000000"), "max_prepared_stmt_count": servedInt(),
	"max_user_connections": constantInt("0"), "net_buffer_length": whole("16384"), "net_read_timeout": limit(), "net_write_timeout": limit(),
	"ndbinfo_version": constant(""), "optimizer_switch": word(""), "performance_schema": constantInt("0"), "port": servedInt(), "profiling": toggle("0"), "protocol_version": constantInt("10"),
	"query_cache_size": constantInt("0"), "query_cache_type": word("OFF"), "read_only": constantInt("0"), "require_secure_transport": servedInt(),
	"roster_snapshot": constantInt("0"), "secure_file_priv": constant(""), "server_id": constantInt("0"), "session_track_schema": word("ON"), "skip_show_database": constant("OFF"),
	"sql_auto_is_null": toggle("0"), "sql_big_selects": toggle("1"), "sql_log_bin": toggle("0"), "sql_mode": word("STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"),
	"sql_notes": toggle("1"), "sql_quote_show_create": toggle("1"), "sql_safe_updates": toggle("0"), "sql_select_limit": word("18446744073709551615"), "sql_warnings": toggle("0"),
	"ssl_ca": constant(""), "storage_engine": word("ROSTER"), "super_read_only": constantInt("0"), "system_time_zone": served(), "table_open_cache": constantInt("4000"),
	"time_zone": word("SYSTEM"), "transaction_isolation": word("REPEATABLE-READ"), "transaction_read_only": toggle("0"), "tx_isolation": word("REPEATABLE-READ"),
	"tx_read_only": toggle("0"), "unique_checks": toggle("1"), "version": served(), "version_comment": constant("Roster"), "version_compile_machine": constant(runtime.GOARCH),
	"version_compile_os": constant(runtime.GOOS), "wait_timeout": limit(), "warning_count": constantInt("0"), "error_count": constantInt("0"), "windowing_use_high_precision": toggle("1"),
}

// variableNames are sorted, as SHOW VARIABLES lists them.
var variableNames = func() []string {
	names := make([]string, 0, len(sysvars))
	for name := range sysvars {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}()

// variable is the session's value of a system variable.
func variable(s *session.Session, name string) string {
	if v, ok := s.Vars[name]; ok {
		return v
	}
	return sysvars[name].value
}

// variableValue is what @@name is; global values are those a session begins with.
func (e *Engine) variableValue(s *session.Session, name string, global bool) any {
	value := sysvars[name].value
	switch name {
	case "max_join_size":
		value = asText(int64(e.options.MaxSteps))
	case "roster_snapshot":
		value = asText(int64(s.Snapshot))
	case "warning_count":
		value = asText(int64(len(s.Warnings)))
	case "error_count":
		value = asText(int64(errorsOf(s)))
	default:
		if s.Server != nil {
			if decided, ok := s.Server.Variable(name); ok {
				value = decided
			}
		}
	}
	if set, ok := s.Vars[name]; ok && !global {
		value = set
	}
	if value == nullCharset {
		return nil
	}
	if sysvars[name].typ == session.BigInt {
		return asInt(value)
	}
	return value
}

func errorsOf(s *session.Session) (n int) {
	for _, w := range s.Warnings {
		if w.Level == "Error" {
			n++
		}
	}
	return n
}

// nullCharset is SET character_set_results = NULL: no conversion.
const nullCharset = "\x00"

// variable rebuilds @@name and @name.
func (t *translator) variable(n *ast.VariableExpr) (expr, error) {
	name := lower(n.Name)
	if n.Value != nil {
		return expr{}, unsupported("assigning @%s in an expression, use SET", n.Name)
	}
	if !n.IsSystem {
		return expr{sql: "m_user_variable(" + quoteText(name) + ")", typ: session.Varchar}, nil
	}
	name = strings.TrimPrefix(name, "session.")
	v, ok := sysvars[name]
	if !ok {
		return expr{}, unknownVariable(n.Name)
	}
	global := "0"
	if n.IsGlobal {
		global = "1"
	}
	return expr{sql: "m_variable(" + quoteText(name) + ", " + global + ")", typ: v.typ}, nil
}

func unknownVariable(name string) *session.Error {
	return fail(1193, "HY000", "Unknown system variable '%s'", name)
}
