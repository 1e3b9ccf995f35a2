package httpfront

import (
	"encoding/json"
	"strings"

	"github.com/valyala/fasthttp"

	"roster/core"
	"roster/failpoints"
)

// failpointsPath is where failpoints are listed and, below it, switched.
const failpointsPath = "/failpoints"

func init() {
	if failpoints.Built {
		routes[injectionPoint.name] = injectionPoint
		specials[failpointsPath] = &special{route{name: "failpoints", role: RoleAdmin}, (*Server).serveFailpoints}
	}
}

// serveFailpoints lists failpoints, shows one, or switches one.
func (s *Server) serveFailpoints(r *request) {
	if !s.authenticate(r) {
		return
	}
	err := permit(r.token, r.route)
	var text []byte
	if err == nil {
		name := strings.TrimPrefix(strings.TrimPrefix(cleanPath(r.path), failpointsPath), "/")
		text, err = failpointReply(string(r.http.Method()), name, strings.TrimSpace(string(r.http.PostBody())))
	}
	if err != nil {
		s.fail(r, err)
		return
	}
	reply{result: text}.write(r.http)
}

// state is a failpoint as clients see it.
type state struct {
	Name   string `json:"name"`
	Term   string `json:"term"`
	Path   string `json:"path"`
	Place  string `json:"place"`
	Effect string `json:"effect"`
}

// failpointReply is the result of a request about one failpoint, or about all of
// them if name is "".
func failpointReply(method, name, term string) ([]byte, error) {
	switch {
	case method == fasthttp.MethodGet && name == "":
		all := make([]state, len(failpoints.Catalogue))
		for i, p := range failpoints.Catalogue {
			all[i] = stateOf(p)
		}
		return json.MarshalIndent(all, indent, indent)
	case method == fasthttp.MethodGet:
		p, err := failpoints.Find(name)
		if err != nil {
			return nil, core.FailpointError(err)
		}
		return json.MarshalIndent(stateOf(p), indent, indent)
	case method == fasthttp.MethodPut && name != "":
		return nil, core.FailpointError(failpoints.Set(name, term))
	case method == fasthttp.MethodDelete && name == "":
		return nil, core.FailpointError(failpoints.ClearAll())
	case method == fasthttp.MethodDelete:
		return nil, core.FailpointError(failpoints.Clear(name))
	}
	return nil, core.Errorf(core.InvalidArgument, "the method is none of GET and DELETE, or below %s/NAME of GET, PUT with the term as its body, and DELETE", failpointsPath)
}

func stateOf(p failpoints.Point) state {
	term, _ := failpoints.Term(p.Name) // fails for a name that is unknown only
	return state{Name: p.Name, Term: term, Path: p.Path(), Place: p.Place, Effect: p.Effect}
}
