package tables

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/mysqlfront/session"
)

// function says how a MySQL function is called in SQLite.
type function struct {
	// as is the name there.
	as string
	// min and max are how many arguments it takes; max -1 is any.
	min, max int
	typ      session.Type
	// same functions have the common type of their arguments.
	same bool
	// notNull functions are so if their arguments are.
	notNull bool
}

// functions is every scalar function a client may call, but for those that call
// treats one by one. Names with m_ are ours, the others SQLite's own.
var functions = map[string]function{
	"concat":           {as: "m_concat", min: 1, max: -1, notNull: true},
	"concat_ws":        {as: "m_concat_ws", min: 2, max: -1},
	"lower":            {as: "m_lower", min: 1, max: 1, notNull: true},
	"lcase":            {as: "m_lower", min: 1, max: 1, notNull: true},
	"upper":            {as: "m_upper", min: 1, max: 1, notNull: true},
	"ucase":            {as: "m_upper", min: 1, max: 1, notNull: true},
	"substring":        {as: "m_substring", min: 2, max: 3},
	"substr":           {as: "m_substring", min: 2, max: 3},
	"mid":              {as: "m_substring", min: 3, max: 3},
	"substring_index":  {as: "m_substring_index", min: 3, max: 3},
	"left":             {as: "m_left", min: 2, max: 2},
	"right":            {as: "m_right", min: 2, max: 2},
	"lpad":             {as: "m_lpad", min: 3, max: 3},
	"rpad":             {as: "m_rpad", min: 3, max: 3},
	"ltrim":            {as: "ltrim", min: 1, max: 1},
	"rtrim":            {as: "rtrim", min: 1, max: 1},
	"repeat":           {as: "m_repeat", min: 2, max: 2},
	"space":            {as: "m_space", min: 1, max: 1},
	"reverse":          {as: "m_reverse", min: 1, max: 1},
	"replace":          {as: "replace", min: 3, max: 3},
	"quote":            {as: "m_quote", min: 1, max: 1},
	"hex":              {as: "m_hex", min: 1, max: 1},
	"md5":              {as: "m_md5", min: 1, max: 1},
	"sha":              {as: "m_sha1", min: 1, max: 1},
	"sha1":             {as: "m_sha1", min: 1, max: 1},
	"elt":              {as: "m_elt", min: 2, max: -1},
	"format":           {as: "m_format", min: 2, max: 3},
	"uuid":             {as: "m_uuid", notNull: true},
	"length":           {as: "octet_length", min: 1, max: 1, typ: session.BigInt},
	"octet_length":     {as: "octet_length", min: 1, max: 1, typ: session.BigInt},
	"char_length":      {as: "m_char_length", min: 1, max: 1, typ: session.BigInt},
	"character_length": {as: "m_char_length", min: 1, max: 1, typ: session.BigInt},
	"ascii":            {as: "m_ascii", min: 1, max: 1, typ: session.BigInt},
	"field":            {as: "m_field", min: 2, max: -1, typ: session.BigInt, notNull: true},
	"find_in_set":      {as: "m_find_in_set", min: 2, max: 2, typ: session.BigInt},
	"instr":            {as: "m_instr", min: 2, max: 2, typ: session.BigInt},
	"locate":           {as: "m_locate", min: 2, max: 3, typ: session.BigInt},
	"position":         {as: "m_locate", min: 2, max: 2, typ: session.BigInt},
	"strcmp":           {as: "m_strcmp", min: 2, max: 2, typ: session.BigInt},
	"regexp_like":      {as: "m_regexp_like", min: 2, max: 2, typ: session.BigInt},
	"regexp_replace":   {as: "m_regexp_replace", min: 3, max: 3},
	"regexp_substr":    {as: "m_regexp_substr", min: 2, max: 2},
	"crc32":            {as: "m_crc32", min: 1, max: 1, typ: session.BigInt},

	"coalesce": {as: "coalesce", min: 1, max: -1, same: true},
	"ifnull":   {as: "ifnull", min: 2, max: 2, same: true},
	"greatest": {as: "max", min: 2, max: -1, same: true},
	"least":    {as: "min", min: 2, max: -1, same: true},
	"isnull":   {as: "m_isnull", min: 1, max: 1, typ: session.BigInt, notNull: true},
	"nullif":   {as: "nullif", min: 2, max: 2, same: true},

	"abs":      {as: "abs", min: 1, max: 1, same: true},
	"ceil":     {as: "m_ceil", min: 1, max: 1, typ: session.BigInt},
	"ceiling":  {as: "m_ceil", min: 1, max: 1, typ: session.BigInt},
	"floor":    {as: "m_floor", min: 1, max: 1, typ: session.BigInt},
	"round":    {as: "m_round", min: 1, max: 2, typ: session.Double},
	"truncate": {as: "m_truncate", min: 2, max: 2, typ: session.Double},
	"sign":     {as: "sign", min: 1, max: 1, typ: session.BigInt},
	"mod":      {as: "m_mod", min: 2, max: 2, same: true},
	"pow":      {as: "pow", min: 2, max: 2, typ: session.Double},
	"power":    {as: "pow", min: 2, max: 2, typ: session.Double},
	"sqrt":     {as: "sqrt", min: 1, max: 1, typ: session.Double},
	"exp":      {as: "exp", min: 1, max: 1, typ: session.Double},
	"ln":       {as: "ln", min: 1, max: 1, typ: session.Double},
	"log10":    {as: "log10", min: 1, max: 1, typ: session.Double},
	"log2":     {as: "log2", min: 1, max: 1, typ: session.Double},
	"pi":       {as: "pi", typ: session.Double, notNull: true},
	"rand":     {as: "m_rand", typ: session.Double, notNull: true},

	"now":               {as: "m_now", max: 1, typ: session.DateTime, notNull: true},
	"current_timestamp": {as: "m_now", max: 1, typ: session.DateTime, notNull: true},
	"localtime":         {as: "m_now", max: 1, typ: session.DateTime, notNull: true},
	"localtimestamp":    {as: "m_now", max: 1, typ: session.DateTime, notNull: true},
	"sysdate":           {as: "m_now", max: 1, typ: session.DateTime, notNull: true},
	"utc_timestamp":     {as: "m_utc_timestamp", max: 1, typ: session.DateTime, notNull: true},
	"curdate":           {as: "m_curdate", notNull: true},
	"current_date":      {as: "m_curdate", notNull: true},
	"curtime":           {as: "m_curtime", max: 1, notNull: true},
	"current_time":      {as: "m_curtime", max: 1, notNull: true},
	"unix_timestamp":    {as: "m_unix_timestamp", max: 1, typ: session.BigInt},
	"from_unixtime":     {as: "m_from_unixtime", min: 1, max: 1, typ: session.DateTime},
	"date_format":       {as: "m_date_format", min: 2, max: 2},
	"str_to_date":       {as: "m_str_to_date", min: 2, max: 2, typ: session.DateTime},
	"date":              {as: "m_date", min: 1, max: 1},
	"time":              {as: "m_time", min: 1, max: 1},
	"timestamp":         {as: "m_datetime", min: 1, max: 1, typ: session.DateTime},
	"year":              {as: "m_year", min: 1, max: 1, typ: session.BigInt},
	"quarter":           {as: "m_quarter", min: 1, max: 1, typ: session.BigInt},
	"month":             {as: "m_month", min: 1, max: 1, typ: session.BigInt},
	"day":               {as: "m_day", min: 1, max: 1, typ: session.BigInt},
	"dayofmonth":        {as: "m_day", min: 1, max: 1, typ: session.BigInt},
	"dayofweek":         {as: "m_dayofweek", min: 1, max: 1, typ: session.BigInt},
	"dayofyear":         {as: "m_dayofyear", min: 1, max: 1, typ: session.BigInt},
	"weekday":           {as: "m_weekday", min: 1, max: 1, typ: session.BigInt},
	"hour":              {as: "m_hour", min: 1, max: 1, typ: session.BigInt},
	"minute":            {as: "m_minute", min: 1, max: 1, typ: session.BigInt},
	"second":            {as: "m_second", min: 1, max: 1, typ: session.BigInt},
	"dayname":           {as: "m_dayname", min: 1, max: 1},
	"monthname":         {as: "m_monthname", min: 1, max: 1},
	"last_day":          {as: "m_last_day", min: 1, max: 1},
	"datediff":          {as: "m_datediff", min: 2, max: 2, typ: session.BigInt},
	"convert_tz":        {as: "m_convert_tz", min: 3, max: 3, typ: session.DateTime},

	"json_unquote":  {as: "m_json_unquote", min: 1, max: 1},
	"json_length":   {as: "m_json_length", min: 1, max: 2, typ: session.BigInt},
	"json_contains": {as: "m_json_contains", min: 2, max: 3, typ: session.BigInt},
	"json_keys":     {as: "m_json_keys", min: 1, max: 2, typ: session.JSON},
	"json_type":     {as: "m_json_type", min: 1, max: 1},
	"json_valid":    {as: "json_valid", min: 1, max: 1, typ: session.BigInt},
	"json_quote":    {as: "json_quote", min: 1, max: 1},

	"database":       {as: "m_database"},
	"schema":         {as: "m_database"},
	"user":           {as: "m_user", notNull: true},
	"current_user":   {as: "m_current_user", notNull: true},
	"session_user":   {as: "m_user", notNull: true},
	"system_user":    {as: "m_user", notNull: true},
	"current_role":   {as: "m_current_role", notNull: true},
	"version":        {as: "m_version_text", notNull: true},
	"connection_id":  {as: "m_connection_id", typ: session.Unsigned, notNull: true},
	"last_insert_id": {as: "m_zero", typ: session.BigInt, notNull: true},
	"row_count":      {as: "m_minus_one", typ: session.BigInt, notNull: true},
	"sleep":          {as: "m_sleep", min: 1, max: 1, typ: session.BigInt, notNull: true},
}

// Literals of dates and times come as functions with these names.
const (
	dateLiteral = "'tidb`.(dateliteral"
	timeLiteral = "'tidb`.(timeliteral"
	tsLiteral   = "'tidb`.(timestampliteral"
)

// call rebuilds a function call.
func (t *translator) call(n *ast.FuncCallExpr, sc *scope) (expr, error) {
	name := n.FnName.L
	if n.Schema.O != "" {
		return expr{}, unsupported("functions of a schema")
	}
	if f, ok := t.special(name); ok {
		return f(n.Args, sc)
	}
	f, ok := functions[name]
	if !ok {
		return expr{}, fail(1305, "42000", "FUNCTION %s does not exist here", n.FnName.O)
	}
	if len(n.Args) < f.min || (f.max >= 0 && len(n.Args) > max(f.max, f.min)) {
		return expr{}, wrongArguments(n.FnName.O)
	}
	args, err := t.exprs(n.Args, sc)
	if err != nil {
		return expr{}, err
	}
	e := expr{sql: f.as + "(" + list(args) + ")", typ: f.typ, notNull: f.notNull}
	if f.same || f.notNull && len(args) > 0 && f.typ != session.DateTime {
		typ, notNull := commonType(args...)
		e.notNull = e.notNull && notNull
		if f.same {
			e.typ = typ
		}
	}
	switch name {
	case "coalesce", "ifnull", "greatest", "least":
		if len(args) == 1 {
			return args[0], nil
		}
	case "round":
		if args[0].typ == session.BigInt {
			e.typ = session.BigInt
		}
	case "abs", "mod":
		if e.typ != session.BigInt {
			e.typ = session.Double
		}
	}
	return e, nil
}

// special is the translation of a function that is more than a change of name.
func (t *translator) special(name string) (func([]ast.ExprNode, *scope) (expr, error), bool) {
	switch name {
	case "if":
		return t.ifCall, true
	case "trim":
		return t.trim, true
	case "date_add", "adddate":
		return t.shift("1"), true
	case "date_sub", "subdate":
		return t.shift("-1"), true
	case "timestampdiff", "timestampadd", "extract":
		return t.unitFirst(name), true
	case "json_extract":
		return t.jsonExtract, true
	case "json_object":
		return t.jsonBuild("json_object"), true
	case "json_array":
		return t.jsonBuild("json_array"), true
	case "convert":
		return t.convert, true
	case dateLiteral, timeLiteral, tsLiteral:
		return t.timeLiteral(name), true
	case "from_unixtime":
		return t.fromUnixtime, true
	}
	return nil, false
}

func (t *translator) ifCall(nodes []ast.ExprNode, sc *scope) (expr, error) {
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	if len(args) != 3 {
		return expr{}, wrongArguments("IF")
	}
	typ, notNull := commonType(args[1:]...)
	return expr{sql: "iif(" + list(args) + ")", typ: typ, notNull: notNull}, nil
}

func (t *translator) trim(nodes []ast.ExprNode, sc *scope) (expr, error) {
	word := "both"
	if n := len(nodes); n > 0 {
		if d, ok := nodes[n-1].(*ast.TrimDirectionExpr); ok {
			nodes = nodes[:n-1]
			switch d.Direction {
			case ast.TrimLeading:
				word = "leading"
			case ast.TrimTrailing:
				word = "trailing"
			}
		}
	}
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	what := "' '"
	if len(args) == 2 && !args[1].null {
		what = args[1].sql
	}
	return expr{sql: "m_trim('" + word + "', " + args[0].sql + ", " + what + ")", typ: session.Varchar}, nil
}

// shift rebuilds DATE_ADD and DATE_SUB, the form with INTERVAL.
func (t *translator) shift(sign string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		if len(nodes) != 3 {
			return expr{}, wrongArguments("DATE_ADD")
		}
		unit, ok := nodes[2].(*ast.TimeUnitExpr)
		if !ok {
			return expr{}, wrongArguments("DATE_ADD")
		}
		if !units[unit.Unit.String()] {
			return expr{}, unsupported("INTERVAL in %s", unit.Unit)
		}
		args, err := t.exprs(nodes[:2], sc)
		if err != nil {
			return expr{}, err
		}
		return expr{sql: "m_date_add(" + list(args) + ", '" + unit.Unit.String() + "', " + sign + ")", typ: session.DateTime}, nil
	}
}

// unitFirst rebuilds functions whose first argument is a unit.
func (t *translator) unitFirst(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		unit, ok := nodes[0].(*ast.TimeUnitExpr)
		if !ok || !units[unit.Unit.String()] {
			return expr{}, unsupported("this unit in %s", strings.ToUpper(name))
		}
		args, err := t.exprs(nodes[1:], sc)
		if err != nil {
			return expr{}, err
		}
		quoted := "'" + unit.Unit.String() + "'"
		switch {
		case name == "extract" && len(args) == 1:
			return integer("m_extract(" + quoted + ", " + args[0].sql + ")"), nil
		case name == "timestampdiff" && len(args) == 2:
			return integer("m_timestampdiff(" + quoted + ", " + list(args) + ")"), nil
		case name == "timestampadd" && len(args) == 2:
			return expr{sql: "m_date_add(" + args[1].sql + ", " + args[0].sql + ", " + quoted + ", 1)", typ: session.DateTime}, nil
		}
		return expr{}, wrongArguments(name)
	}
}

func (t *translator) timeLiteral(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		args, err := t.exprs(nodes, sc)
		if err != nil || len(args) != 1 {
			return expr{}, err
		}
		if name == tsLiteral {
			return expr{sql: "m_datetime(" + args[0].sql + ")", typ: session.DateTime}, nil
		}
		return args[0], nil
	}
}

func (t *translator) fromUnixtime(nodes []ast.ExprNode, sc *scope) (expr, error) {
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	e := expr{sql: "m_from_unixtime(" + args[0].sql + ")", typ: session.DateTime}
	if len(args) == 2 {
		e = expr{sql: "m_date_format(" + e.sql + ", " + args[1].sql + ")", typ: session.Varchar}
	}
	return e, nil
}

// convert is CONVERT(x USING charset): all texts are utf8mb4.
func (t *translator) convert(nodes []ast.ExprNode, sc *scope) (expr, error) {
	e, err := t.expr(nodes[0], sc)
	return expr{sql: "CAST(" + e.sql + " AS TEXT)", typ: session.Varchar, notNull: e.notNull}, err
}

// jsonExtract is SQLite's -> , which like MySQL keeps texts quoted.
func (t *translator) jsonExtract(nodes []ast.ExprNode, sc *scope) (expr, error) {
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	switch len(args) {
	case 0, 1:
		return expr{}, wrongArguments("JSON_EXTRACT")
	case 2:
		return expr{sql: "(" + args[0].sql + " -> " + args[1].sql + ")", typ: session.JSON}, nil
	}
	return expr{sql: "json_extract(" + list(args) + ")", typ: session.JSON}, nil
}

func (t *translator) jsonBuild(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		args, err := t.exprs(nodes, sc)
		if err != nil {
			return expr{}, err
		}
		if name == "json_object" && len(args)%2 != 0 {
			return expr{}, wrongArguments("JSON_OBJECT")
		}
		for i := range args {
			if name == "json_array" || i%2 == 1 {
				args[i].sql = jsonValue(args[i])
			}
		}
		return expr{sql: name + "(" + list(args) + ")", typ: session.JSON, notNull: true}, nil
	}
}

// jsonValue keeps JSON from being taken for text.
func jsonValue(e expr) string {
	if e.typ == session.JSON {
		return "json(" + e.sql + ")"
	}
	return e.sql
}
