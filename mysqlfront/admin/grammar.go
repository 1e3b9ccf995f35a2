package admin

// name is a name in any of its spellings. Every keyword may be one; where a
// keyword could stand as well it has to be quoted.
type name struct {
	Token string `parser:"@(Ident | Quoted | String | Param)"`
}

// value is a literal, a bare word or a parameter, or names a secret that the
// server has.
type value struct {
	Store  string `parser:"( 'SECRET' 'FROM' @('FILE' | 'ENV')"`
	Secret string `parser:"@(String | Param)"`
	Token  string `parser:"| @(String | Number | Param | Ident | Quoted) )"`
}

// property sets a field by its path.
type property struct {
	Path  name  `parser:"@@ '='"`
	Value value `parser:"@@"`
}

type properties struct {
	List []property `parser:"'PROPERTIES' '(' ( @@ ( ',' @@ )* )? ')'"`
}

// scope says which instances a statement is about.
type scope struct {
	All      bool  `parser:"( 'IN' | 'FROM' ) ( @( 'ALL' 'INSTANCES' )"`
	UniqueID *name `parser:"| 'UNIQUE' 'ID' @@"`
	Instance *name `parser:"| ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	// Holder is the cloud_unique_id of a caller that gives both.
	Holder *name `parser:"  ( 'UNIQUE' 'ID' @@ )?"`
	Bare   *name `parser:"| @@ )"`
}

// clusterRef names a cluster by its id, its name, or both.
type clusterRef struct {
	ID   *name `parser:"( 'ID' @@"`
	Name *name `parser:"| @@"`
	And  *name `parser:"  ( 'ID' @@ )? )"`
}

// node is 'address:port' with what else is known of it.
type node struct {
	Endpoint   value       `parser:"@@"`
	Kind       string      `parser:"( 'AS' @( 'FE_MASTER' | 'FE_FOLLOWER' | 'FE_OBSERVER' | 'BE' ) )?"`
	UniqueID   *value      `parser:"( 'UNIQUE' 'ID' @@ )?"`
	Properties *properties `parser:"@@?"`
}

// values is a list in parentheses.
type values struct {
	List []value `parser:"'(' ( @@ ( ',' @@ )* )? ')'"`
}

// options may end every statement that changes an instance.
type options struct {
	Options []option `parser:"@@*"`
}

type option struct {
	Version *value `parser:"( 'IF' 'VERSION' @@"`
	Mode    *mode  `parser:"| @@ )"`
}

// modes may end a statement that changes something else, which has no version to
// compare.
type modes struct {
	Modes []mode `parser:"@@*"`
}

type mode struct {
	DryRun    bool   `parser:"( @( 'DRY' 'RUN' )"`
	RequestID *value `parser:"| 'REQUEST' 'ID' @@ )"`
}

// filter narrows, orders and cuts what a SHOW lists.
type filter struct {
	Like  *value  `parser:"( 'LIKE' @@ )?"`
	Where *expr   `parser:"( 'WHERE' @@ )?"`
	Order []order `parser:"( 'ORDER' 'BY' @@ ( ',' @@ )* )?"`
	Limit *limit  `parser:"@@?"`
}

// empty says that all rows pass as they come.
func (f *filter) empty() bool {
	return f.Like == nil && f.Where == nil && f.Order == nil && f.Limit == nil
}

type order struct {
	Column column `parser:"@@"`
	Desc   bool   `parser:"( @'DESC' | 'ASC' )?"`
}

type limit struct {
	First  value  `parser:"'LIMIT' @@"`
	Second *value `parser:"( ',' @@"`
	Offset *value `parser:"| 'OFFSET' @@ )?"`
}

type column struct {
	Token string `parser:"@(Ident | Quoted)"`
}

type expr struct {
	Any []conjunction `parser:"@@ ( 'OR' @@ )*"`
}

type conjunction struct {
	All []term `parser:"@@ ( 'AND' @@ )*"`
}

type term struct {
	Not   bool        `parser:"@'NOT'?"`
	Group *expr       `parser:"( '(' @@ ')'"`
	Test  *comparison `parser:"| @@ )"`
}

type comparison struct {
	Column column  `parser:"@@"`
	Op     string  `parser:"( @( '=' | '<=>' | '!=' | '<>' | '<=' | '>=' | '<' | '>' )"`
	Value  *value  `parser:"  @@"`
	Null   *isNull `parser:"| 'IS' @@"`
	Not    bool    `parser:"| @'NOT'?"`
	Like   *value  `parser:"  ( 'LIKE' @@"`
	In     *values `parser:"  | 'IN' @@ ) )"`
}

type isNull struct {
	Not  bool `parser:"@'NOT'?"`
	Null bool `parser:"@'NULL'"`
}
