package tables

import (
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
}

func word(value string) sysvar     { return sysvar{value: value} }
func whole(value string) sysvar    { return sysvar{value: value, typ: session.BigInt} }
func constant(value string) sysvar { return sysvar{value: value, fixed: true} }
func constantInt(value string) sysvar {
	return sysvar{value: value, typ: session.BigInt, fixed: true}
}

// sysvars are the variables there are. Those that clients merely like to set are
// kept as they say; time_zone, sql_mode and character sets mean something.
var sysvars = map[string]sysvar{
	"auto_increment_increment": whole("1"), "auto_increment_offset": whole("1"), "autocommit": whole("1"),
	"big_tables": whole("0"), "block_encryption_mode": word("aes-128-ecb"), "bulk_insert_buffer_size": whole("8388608"),
	"character_set_client": word("utf8mb4"), "character_set_connection": word("utf8mb4"),
	"character_set_database": word("utf8mb4"), "character_set_filesystem": word("binary"),
	"character_set_results": word("utf8mb4"), "character_set_server": word("utf8mb4"), "character_set_system": constant("utf8mb3"),
	"collation_connection": word("utf8mb4_general_ci"), "collation_database": word("utf8mb4_general_ci"), "collation_server": word("utf8mb4_general_ci"),
	"completion_type": word("NO_CHAIN"), "connect_timeout": constantInt("10"), "cte_max_recursion_depth": whole("1000"),
	"default_storage_engine": word("ROSTER"), "default_week_format": whole("0"), "div_precision_increment": whole("4"), "event_scheduler": constant("OFF"),
	"explicit_defaults_for_timestamp": whole("1"), "foreign_key_checks": whole("1"), "group_concat_max_len": whole("1048576"),
	"have_ssl": constant("YES"), "hostname": constant("roster"), "init_connect": constant(""), "innodb_lock_wait_timeout": whole("50"),
	"innodb_version": constant(""), "interactive_timeout": whole("28800"), "last_insert_id": constantInt("0"), "lc_messages": word("en_US"), "lc_time_names": word("en_US"),
	"license": constant("GPL"), "local_infile": constantInt("0"), "lock_wait_timeout": whole("31536000"), "long_query_time": whole("10"),
	"lower_case_file_system": constant("OFF"), "lower_case_table_names": constantInt("0"), "max_allowed_packet": constantInt("1048576"),
	"max_connections": constantInt("1000"), "max_execution_time": whole("0"), "max_join_size": whole("20000000"), "max_prepared_stmt_count": constantInt("256"),
	"max_user_connections": constantInt("0"), "net_buffer_length": whole("16384"), "net_read_timeout": whole("30"), "net_write_timeout": whole("60"),
	"ndbinfo_version": constant(""), "optimizer_switch": word(""), "performance_schema": constantInt("0"), "port": constantInt("9030"), "profiling": whole("0"), "protocol_version": constantInt("10"),
	"query_cache_size": constantInt("0"), "query_cache_type": word("OFF"), "read_only": constantInt("0"), "require_secure_transport": constantInt("0"),
	"roster_snapshot": constantInt("0"), "secure_file_priv": constant(""), "server_id": constantInt("0"), "session_track_schema": word("ON"), "skip_show_database": constant("OFF"),
	"sql_auto_is_null": whole("0"), "sql_big_selects": whole("1"), "sql_log_bin": whole("0"), "sql_mode": word("STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"),
	"sql_notes": whole("1"), "sql_quote_show_create": whole("1"), "sql_safe_updates": whole("0"), "sql_select_limit": word("18446744073709551615"), "sql_warnings": whole("0"),
	"ssl_ca": constant(""), "storage_engine": word("ROSTER"), "super_read_only": constantInt("0"), "system_time_zone": constant("UTC"), "table_open_cache": constantInt("4000"),
	"time_zone": word("UTC"), "transaction_isolation": word("REPEATABLE-READ"), "transaction_read_only": whole("0"), "tx_isolation": word("REPEATABLE-READ"),
	"tx_read_only": whole("0"), "unique_checks": whole("1"), "version": constant(""), "version_comment": constant("Roster"), "version_compile_machine": constant(""),
	"version_compile_os": constant("Linux"), "wait_timeout": whole("28800"), "warning_count": constantInt("0"), "error_count": constantInt("0"), "windowing_use_high_precision": whole("1"),
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
	case "version":
		value = e.options.Version
	case "max_join_size":
		value = asText(int64(e.options.MaxSteps))
	case "roster_snapshot":
		value = asText(int64(s.Snapshot))
	case "warning_count":
		value = asText(int64(len(s.Warnings)))
	case "time_zone":
		if !global && s.Location != nil && s.Vars[name] == "" {
			value = s.Location.String()
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
