package httpfront

import (
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"

	"roster/core"
	"roster/core/seal"
)

// Role is what a token may do; each role may do all that those before it may.
type Role int

const (
	_ Role = iota
	// RoleReader may read, with secret keys masked.
	RoleReader
	// RoleOperator may also change clusters, nodes and statuses, abort loads and
	// jobs, read raw records, and sees secret keys.
	RoleOperator
	// RoleAdmin may also create and drop instances, change credentials and write
	// raw records.
	RoleAdmin
)

// String is the role's name, "" for no role.
func (r Role) String() string {
	switch r {
	case RoleReader:
		return "reader"
	case RoleOperator:
		return "operator"
	case RoleAdmin:
		return "admin"
	default:
		return ""
	}
}

// ParseRole reads a role by name.
func ParseRole(name string) (Role, error) {
	for _, r := range []Role{RoleReader, RoleOperator, RoleAdmin} {
		if name == r.String() {
			return r, nil
		}
	}
	return 0, fmt.Errorf("role %q is none of reader, operator, admin", name)
}

// Token lets its bearer in. Several are valid at once, so that one can be
// replaced while clients still send the other.
type Token struct {
	// Name is what logs and history call the bearer.
	Name   string
	Secret seal.Secret
	Role   Role
}

// errAmbiguous refuses what two servers might read differently.
var errAmbiguous = errors.New("given more than once")

// givenToken is the text a request offers as its token, as it was sent, and how
// it reads decoded.
func givenToken(h *fasthttp.RequestHeader, q query) (raw, decoded string, err error) {
	if q.count("token") > 1 {
		return "", "", fmt.Errorf("the token argument is %w", errAmbiguous)
	}
	if given := q.last("token"); given.raw != "" {
		return given.raw, given.value, nil
	}
	values := h.PeekAll(fasthttp.HeaderAuthorization)
	if len(values) > 1 {
		return "", "", fmt.Errorf("the Authorization header is %w", errAmbiguous)
	}
	if len(values) == 0 {
		return "", "", nil
	}
	scheme, bearer, _ := strings.Cut(string(values[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", "", nil
	}
	bearer = strings.TrimSpace(bearer)
	return bearer, bearer, nil
}

// bearer is the token with the text given, or nil. It looks at every token in
// full, so that its time says nothing about any.
func (s *Server) bearer(raw, decoded string) *Token {
	var found *Token
	tokens := *s.tokens.Load()
	for i := range tokens {
		t := &tokens[i]
		same := t.Secret.Equal(raw)
		if raw != decoded {
			unescaped := t.Secret.Equal(decoded)
			same = same || unescaped
		}
		if same && !t.Secret.IsZero() {
			found = t
		}
	}
	return found
}

// permit refuses a route that needs a higher role than the token's.
func permit(t *Token, r *route) error {
	if t.Role >= r.role {
		return nil
	}
	return core.Errorf(core.PermissionDenied, "role %s may not call %s, which needs role %s: use a token of that role",
		t.Role, r.name, r.role)
}

// maxTokenEcho bounds how much of a wrong token its sender is shown.
const maxTokenEcho = 64

// wrongToken answers as the existing service does: in plain text.
func wrongToken(given string) string {
	if given == "" {
		given = "(not given)"
	}
	return "incorrect token, token=" + printable(given[:min(len(given), maxTokenEcho)]) + "\n"
}

// printable replaces what is no printable ASCII by question marks.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
