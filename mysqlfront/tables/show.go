package tables

import (
	"context"
	"fmt"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"roster/mysqlfront/session"
)

// shows are the SHOW statements that are a SELECT from information_schema. %s is
// the database, quoted; LIKE filters by the column named.
var shows = map[ast.ShowStmtType]struct{ query, like string }{
	ast.ShowEngines: {"SELECT ENGINE AS `Engine`, SUPPORT AS `Support`, COMMENT AS `Comment`, TRANSACTIONS AS `Transactions`, XA, SAVEPOINTS AS `Savepoints` FROM information_schema.ENGINES", "Engine"},
	ast.ShowCharset: {"SELECT CHARACTER_SET_NAME AS `Charset`, DESCRIPTION AS `Description`, DEFAULT_COLLATE_NAME AS `Default collation`, MAXLEN AS `Maxlen` FROM information_schema.CHARACTER_SETS", "Charset"},
	ast.ShowCollation: {"SELECT COLLATION_NAME AS `Collation`, CHARACTER_SET_NAME AS `Charset`, ID AS `Id`, IS_DEFAULT AS `Default`, IS_COMPILED AS `Compiled`, SORTLEN AS `Sortlen`, " +
		"PAD_ATTRIBUTE AS `Pad_attribute` FROM information_schema.COLLATIONS", "Collation"},
	ast.ShowPlugins:   {"SELECT PLUGIN_NAME AS `Name`, PLUGIN_STATUS AS `Status`, PLUGIN_TYPE AS `Type`, PLUGIN_LIBRARY AS `Library`, PLUGIN_LICENSE AS `License` FROM information_schema.PLUGINS", "Name"},
	ast.ShowDatabases: {"SELECT SCHEMA_NAME AS `Database` FROM information_schema.SCHEMATA ORDER BY 1", "Database"},
	ast.ShowTriggers: {"SELECT TRIGGER_NAME AS `Trigger`, EVENT_MANIPULATION AS `Event`, EVENT_OBJECT_TABLE AS `Table`, ACTION_STATEMENT AS `Statement`, ACTION_TIMING AS `Timing`, CREATED AS `Created`, " +
		"SQL_MODE AS `sql_mode`, DEFINER AS `Definer`, CHARACTER_SET_CLIENT AS `character_set_client`, COLLATION_CONNECTION AS `collation_connection`, DATABASE_COLLATION AS `Database Collation` FROM information_schema.TRIGGERS", "Table"},
	ast.ShowEvents: {"SELECT EVENT_SCHEMA AS `Db`, EVENT_NAME AS `Name`, DEFINER AS `Definer`, TIME_ZONE AS `Time zone`, EVENT_TYPE AS `Type`, EXECUTE_AT AS `Execute at`, INTERVAL_VALUE AS `Interval value`, " +
		"INTERVAL_FIELD AS `Interval field`, STARTS AS `Starts`, ENDS AS `Ends`, STATUS AS `Status`, ORIGINATOR AS `Originator`, CHARACTER_SET_CLIENT AS `character_set_client`, " +
		"COLLATION_CONNECTION AS `collation_connection`, DATABASE_COLLATION AS `Database Collation` FROM information_schema.EVENTS", "Name"},
	ast.ShowProcedureStatus: {routines, "Name"},
	ast.ShowFunctionStatus:  {routines, "Name"},
	ast.ShowOpenTables:      {"SELECT TABLE_SCHEMA AS `Database`, TABLE_NAME AS `Table`, 0 AS `In_use`, 0 AS `Name_locked` FROM information_schema.TABLES WHERE 1 = 0", "Table"},
	ast.ShowPrivileges:      {"SELECT PRIVILEGE_TYPE AS `Privilege`, 'Tables' AS `Context`, '' AS `Comment` FROM information_schema.USER_PRIVILEGES", "Privilege"},
	ast.ShowTableStatus: {"SELECT TABLE_NAME AS `Name`, ENGINE AS `Engine`, VERSION AS `Version`, ROW_FORMAT AS `Row_format`, TABLE_ROWS AS `Rows`, AVG_ROW_LENGTH AS `Avg_row_length`, DATA_LENGTH AS `Data_length`, " +
		"MAX_DATA_LENGTH AS `Max_data_length`, INDEX_LENGTH AS `Index_length`, DATA_FREE AS `Data_free`, AUTO_INCREMENT AS `Auto_increment`, CREATE_TIME AS `Create_time`, UPDATE_TIME AS `Update_time`, " +
		"CHECK_TIME AS `Check_time`, TABLE_COLLATION AS `Collation`, CHECKSUM AS `Checksum`, CREATE_OPTIONS AS `Create_options`, TABLE_COMMENT AS `Comment` FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s", "Name"},
	ast.ShowProcessList: {"SELECT ID AS `Id`, USER AS `User`, HOST AS `Host`, DB AS `db`, COMMAND AS `Command`, TIME AS `Time`, STATE AS `State`, INFO AS `Info` FROM information_schema.PROCESSLIST", "User"},
}

const routines = "SELECT ROUTINE_SCHEMA AS `Db`, ROUTINE_NAME AS `Name`, ROUTINE_TYPE AS `Type`, DEFINER AS `Definer`, LAST_ALTERED AS `Modified`, CREATED AS `Created`, SECURITY_TYPE AS `Security_type`, " +
	"ROUTINE_COMMENT AS `Comment`, CHARACTER_SET_CLIENT AS `character_set_client`, COLLATION_CONNECTION AS `collation_connection`, DATABASE_COLLATION AS `Database Collation` FROM information_schema.ROUTINES"

// show prepares a SHOW as a SELECT, so that there is one executor and one filter.
func (e *Engine) show(s *session.Session, c common, n *ast.ShowStmt) (session.Statement, error) {
	template, like, err := showTemplate(s, n)
	if err != nil {
		return nil, err
	}
	node, err := parse("SELECT * FROM ("+template+") AS shown", "")
	if err != nil {
		return nil, err
	}
	outer := node.(*ast.SelectStmt)
	outer.Where = n.Where
	if n.Pattern != nil {
		outer.Where = &ast.PatternLikeOrIlikeExpr{Expr: columnNode(like), Pattern: n.Pattern.Pattern, IsLike: true, Escape: '\\'}
	}
	if n.Column != nil {
		outer.Where = &ast.BinaryOperationExpr{Op: opcode.EQ, L: columnNode("Field"), R: ast.NewValueExpr(n.Column.Name.O, "", "")}
	}
	outer.Limit = n.Limit
	q, err := e.translate(s, outer)
	if err != nil {
		return nil, err
	}
	for i := range q.columns {
		q.columns[i].Database, q.columns[i].Table = "", ""
	}
	return &shown{selection{common: c, query: q}, n.DBName}, nil
}

// shown is a SHOW, of a database that has to be there if it is named.
type shown struct {
	selection
	database string
}

func (st *shown) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	if st.database != "" {
		if _, err := st.engine.CheckDatabase(ctx, s, st.database); err != nil {
			return nil, err
		}
	}
	return st.selection.Run(ctx, s, args)
}

func columnNode(name string) ast.ExprNode {
	return &ast.ColumnNameExpr{Name: &ast.ColumnName{Name: ast.NewCIStr(name)}}
}

// showTemplate is the SELECT that a SHOW stands for, and the column LIKE means.
func showTemplate(s *session.Session, n *ast.ShowStmt) (query, like string, err error) {
	switch n.Tp {
	case ast.ShowTables:
		return showTables(s, n)
	case ast.ShowColumns:
		return showColumns(s, n)
	case ast.ShowIndex:
		if _, _, err := findTable(s, n.Table); err != nil {
			return "", "", err
		}
		return "SELECT TABLE_NAME AS `Table`, NON_UNIQUE AS `Non_unique`, INDEX_NAME AS `Key_name`, SEQ_IN_INDEX AS `Seq_in_index`, COLUMN_NAME AS `Column_name`, COLLATION AS `Collation`, " +
			"CARDINALITY AS `Cardinality`, SUB_PART AS `Sub_part`, PACKED AS `Packed`, NULLABLE AS `Null`, INDEX_TYPE AS `Index_type`, COMMENT AS `Comment`, INDEX_COMMENT AS `Index_comment` " +
			"FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ''", "Key_name", nil
	case ast.ShowVariables, ast.ShowStatus:
		kind, scope := "VARIABLES", "SESSION"
		if n.Tp == ast.ShowStatus {
			kind = "STATUS"
		}
		if n.GlobalScope {
			scope = "GLOBAL"
		}
		return "SELECT VARIABLE_NAME AS `Variable_name`, VARIABLE_VALUE AS `Value` FROM information_schema." + scope + "_" + kind, "Variable_name", nil
	case ast.ShowCreateDatabase:
		if err := mayUse(s, n.DBName); err != nil {
			return "", "", err
		}
		return fmt.Sprintf("SELECT SCHEMA_NAME AS `Database`, CONCAT('CREATE DATABASE `', SCHEMA_NAME, '` /*!40100 DEFAULT CHARACTER SET utf8mb4 */') AS `Create Database` "+
			"FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", literalText(schemaName(n.DBName))), "Database", nil
	case ast.ShowCreateTable:
		return showCreateTable(s, n)
	}
	show, ok := shows[n.Tp]
	if !ok {
		return "", "", unsupported("this SHOW; HELP lists Roster's statements")
	}
	if !strings.Contains(show.query, "%s") {
		return show.query, show.like, nil
	}
	database, err := showDatabase(s, n.DBName)
	return fmt.Sprintf(show.query, literalText(database)), show.like, err
}

// schemaName is a database's name as information_schema has it.
func schemaName(name string) string {
	if system := systemSchema(name); system != "" {
		return system
	}
	return name
}

// showDatabase is the database a SHOW is about.
func showDatabase(s *session.Session, name string) (string, error) {
	if name == "" {
		name = s.Database
	}
	if name == "" {
		return "", fail(1046, "3D000", "No database selected; add FROM and a database, SHOW DATABASES lists them")
	}
	return schemaName(name), mayUse(s, name)
}

func showTables(s *session.Session, n *ast.ShowStmt) (query, like string, err error) {
	database, err := showDatabase(s, n.DBName)
	if err != nil {
		return "", "", err
	}
	like = "Tables_in_" + database
	kind := ""
	if n.Full {
		kind = ", TABLE_TYPE AS `Table_type`"
	}
	return fmt.Sprintf("SELECT TABLE_NAME AS %s%s FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s ORDER BY 1",
		backquoted(like), kind, literalText(database)), like, nil
}

func showColumns(s *session.Session, n *ast.ShowStmt) (query, like string, err error) {
	name := *n.Table
	if name.Schema.O == "" && n.DBName != "" {
		name.Schema = ast.NewCIStr(n.DBName)
	}
	def, instance, err := findTable(s, &name)
	if err != nil {
		return "", "", err
	}
	database := def.schema
	if instance != "" {
		database = instance
	}
	collation, rest := "", ""
	if n.Full {
		collation, rest = "COLLATION_NAME AS `Collation`, ", ", PRIVILEGES AS `Privileges`, COLUMN_COMMENT AS `Comment`"
	}
	return fmt.Sprintf("SELECT COLUMN_NAME AS `Field`, COLUMN_TYPE AS `Type`, %sIS_NULLABLE AS `Null`, COLUMN_KEY AS `Key`, COLUMN_DEFAULT AS `Default`, EXTRA AS `Extra`%s "+
		"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
		collation, rest, literalText(database), literalText(def.name)), "Field", nil
}

func showCreateTable(s *session.Session, n *ast.ShowStmt) (query, like string, err error) {
	def, _, err := findTable(s, n.Table)
	if err != nil {
		return "", "", err
	}
	return fmt.Sprintf("SELECT %s AS `Table`, %s AS `Create Table`", literalText(def.name), literalText(def.create())), "Table", nil
}

// create is the table as CREATE TABLE, which MySQL understands.
func (t *table) create() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", backquoted(t.name))
	for i, c := range t.columns {
		if i > 0 {
			b.WriteByte(',')
		}
		_, columnType := c.mysqlType()
		fmt.Fprintf(&b, "\n  %s %s", backquoted(c.name), columnType)
		if collation := c.collation(); collation != "" {
			b.WriteString(" COLLATE " + collation)
		}
		if c.notNull {
			b.WriteString(" NOT NULL")
		}
	}
	b.WriteString("\n) DEFAULT CHARSET=utf8mb4")
	return b.String()
}

func backquoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// literalText is a text as the parser reads it under the default sql_mode.
func literalText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(s) + "'"
}
