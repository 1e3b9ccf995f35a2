package admin

import (
	"context"
	"strings"

	"roster/core"
	"roster/core/seal"
	"roster/mysqlfront/session"
)

// createUser creates a user: a reader of all instances if not told otherwise.
type createUser struct {
	NotExists bool     `parser:"'CREATE' 'USER' @( 'IF' 'NOT' 'EXISTS' )?"`
	User      account  `parser:"@@"`
	Password  value    `parser:"'IDENTIFIED' 'BY' @@"`
	Role      *value   `parser:"( 'ROLE' @@ )?"`
	On        *granted `parser:"@@?"`
	modes
}

// granted says which instances a user may see.
type granted struct {
	All      bool  `parser:"'ON' ( @( 'ALL' 'INSTANCES' | '*' '.' '*' )"`
	Instance *name `parser:"| ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	Bare     *name `parser:"| @@ ( '.' '*' )? )"`
}

func (x *execution) granted(g *granted) (string, error) {
	if g.All {
		return "", nil
	}
	named := g.Instance
	if named == nil {
		named = g.Bare
	}
	id, err := x.name(named)
	if err == nil && id == "" {
		err = invalid("the instance after ON is empty, name one or say ON ALL INSTANCES")
	}
	return id, err
}

func (c *createUser) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	called, err := x.account(&c.User)
	if err != nil {
		return nil, err
	}
	change, err := x.userChange(&c.Password, c.Role, c.On)
	if err != nil {
		return nil, err
	}
	user := core.User{Name: called, Role: session.Reader.String(), Password: change.Password}
	if change.Role != nil {
		user.Role = *change.Role
	}
	if change.Instance != nil {
		user.Instance = *change.Instance
	}
	err = x.CreateUser(ctx, user)
	if c.NotExists && core.CodeOf(err) == core.AlreadyExisted {
		// A request id that was used for something else is the same code.
		if had, getErr := x.GetUser(ctx, user.Name); getErr == nil && had != nil {
			return x.unchanged(3163, "Authorization ID '"+user.Name+"' already exists."), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// userChange is what a statement says of a user.
func (x *execution) userChange(password, role *value, on *granted) (core.UserChange, error) {
	var change core.UserChange
	if password != nil {
		secret, err := x.secret(password)
		if err != nil {
			return change, err
		}
		if secret == "" {
			return change, fail(1819, "HY000", "The password of a user must not be empty")
		}
		change.Password = seal.NewSecret(secret)
	}
	if role != nil {
		given, err := x.text(role)
		if err != nil {
			return change, err
		}
		r, err := roleOf(given)
		if err != nil {
			return change, err
		}
		change.Role = new(r.String())
	}
	if on != nil {
		instance, err := x.granted(on)
		if err != nil {
			return change, err
		}
		change.Instance = &instance
	}
	return change, nil
}

// alterUser changes what it names. Every user may change their own password.
type alterUser struct {
	Exists   bool     `parser:"'ALTER' 'USER' @( 'IF' 'EXISTS' )?"`
	User     account  `parser:"@@"`
	Password *value   `parser:"( 'IDENTIFIED' 'BY' @@ )?"`
	Role     *value   `parser:"( 'ROLE' @@ )?"`
	On       *granted `parser:"@@?"`
	modes
}

func (c *alterUser) run(ctx context.Context, x *execution) (*session.Result, error) {
	called, err := x.account(&c.User)
	if err != nil {
		return nil, err
	}
	own := called == x.session.User && c.Role == nil && c.On == nil
	if !own {
		if err := x.managesUsers(); err != nil {
			return nil, err
		}
	}
	return x.alterUser(ctx, called, c.Exists, c.Password, c.Role, c.On)
}

func (x *execution) managesUsers() error {
	if x.session.Role < session.Admin {
		return fail(1227, "42000", "Access denied; you need the role %s to change other users", session.Admin)
	}
	return x.unscoped()
}

func (x *execution) alterUser(ctx context.Context, called string, ifExists bool, password, role *value, on *granted) (*session.Result, error) {
	change, err := x.userChange(password, role, on)
	if err != nil {
		return nil, err
	}
	err = x.AlterUser(ctx, called, change)
	if ifExists && isNotFound(err) {
		return x.unchanged(3162, "Authorization ID '"+called+"' does not exist."), nil
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// dropUser removes a user.
type dropUser struct {
	Exists bool    `parser:"'DROP' 'USER' @( 'IF' 'EXISTS' )?"`
	User   account `parser:"@@"`
	modes
}

func (c *dropUser) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	called, err := x.account(&c.User)
	if err != nil {
		return nil, err
	}
	err = x.DropUser(ctx, called)
	if c.Exists && isNotFound(err) {
		return x.unchanged(3162, "Authorization ID '"+called+"' does not exist."), nil
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// grant gives a user a role, on one instance or on all.
type grant struct {
	Role value    `parser:"'GRANT' @@"`
	On   *granted `parser:"@@?"`
	User account  `parser:"'TO' @@"`
	modes
}

func (c *grant) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.managesUsers(); err != nil {
		return nil, err
	}
	called, err := x.account(&c.User)
	if err != nil {
		return nil, err
	}
	on := c.On
	if on == nil {
		on = &granted{All: true}
	}
	return x.alterUser(ctx, called, false, nil, &c.Role, on)
}

// showUsers lists the users made in SQL.
type showUsers struct {
	Show bool `parser:"@( 'SHOW' 'USERS' )"`
	filter
}

var userFields = []field[core.User]{
	{"User", session.Varchar, false, func(u core.User) any { return u.Name }},
	{"Role", session.Varchar, false, func(u core.User) any { return u.Role }},
	{"Instance", session.Varchar, false, func(u core.User) any { return orNull(orNil(u.Instance)) }},
}

func (s *showUsers) columns() []session.Column { return columnsOf("users", userFields) }

func (s *showUsers) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	users, err := x.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	return x.filtered(list{s.columns(), "User", rowsOf(userFields, each(users))}, &s.filter)
}

// showGrants shows one's own role, or that of another user to an administrator.
type showGrants struct {
	Show bool     `parser:"@( 'SHOW' 'GRANTS' )"`
	Self bool     `parser:"( 'FOR' ( @'CURRENT_USER' ( '(' ')' )?"`
	User *account `parser:"| @@ ) )?"`
}

func (s *showGrants) columns() []session.Column {
	return []session.Column{{Table: "grants", Name: "Grants", NotNull: true}}
}

func (s *showGrants) run(ctx context.Context, x *execution) (*session.Result, error) {
	user := &core.User{Name: x.session.User, Role: x.session.Role.String(), Instance: x.session.Instance}
	if s.User != nil {
		called, err := x.account(s.User)
		if err != nil {
			return nil, err
		}
		if called != user.Name {
			if err := x.managesUsers(); err != nil {
				return nil, err
			}
			if user, err = x.GetUser(ctx, called); err != nil {
				return nil, err
			}
			if user == nil {
				return nil, fail(1141, "42000", "There is no such grant defined for user '%s'", clip(called))
			}
		}
	}
	on := "ALL INSTANCES"
	if user.Instance != "" {
		on = "INSTANCE " + quoteName(user.Instance)
	}
	text := strings.Join([]string{"GRANT", user.Role, "ON", on, "TO", quoteName(user.Name)}, " ")
	return &session.Result{Columns: s.columns(), Rows: session.Rows(session.Row{text})}, nil
}
