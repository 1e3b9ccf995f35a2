package httpfront

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"roster/core"
	"roster/failpoints"
)

// injectionPoint is how the existing service has its failpoints switched.
var injectionPoint = &route{name: "injection_point", role: RoleAdmin, handle: switchInjectionPoint}

// suites are the existing service's, in terms of ours.
var suites = map[string]map[string]string{
	"test_txn_lazy_commit":              {"store/afterCommit": `return("sleep 1s")`},
	"Transaction::commit.enable_inject": {"store/beforeCommit": `50%return("error")`},
}

// names are the existing service's for failpoints of ours.
var names = map[string]string{"resource_manager::set_safe_drop_time": "rest/safeDropTime"}

// pointOf is the failpoint a request names.
func pointOf(q query) string {
	name := q.get("name")
	if ours, ok := names[name]; ok {
		return ours
	}
	return name
}

// switchInjectionPoint has the parameters and messages of the existing service.
func switchInjectionPoint(_ context.Context, _ *Server, r *request) (reply, error) {
	var err error
	q := r.query
	switch op := q.get("op"); op {
	case "set":
		err = setInjectionPoint(q)
	case "clear":
		if name := pointOf(q); name != "" {
			err = core.FailpointError(failpoints.Clear(name))
		} else {
			err = core.FailpointError(failpoints.ClearAll())
		}
	case "apply_suite":
		err = applySuite(q.get("name"))
	case "enable":
		err = core.FailpointError(failpoints.Resume())
	case "disable":
		err = core.FailpointError(failpoints.Pause())
	default:
		err = core.Errorf(core.InvalidArgument, "unknown op:%s", clip(op))
	}
	return reply{}, err
}

func applySuite(name string) error {
	if name == "" {
		return core.Errorf(core.InvalidArgument, "empty suite name")
	}
	points, ok := suites[name]
	if !ok {
		return core.Errorf(core.InvalidArgument, "unknown suite: %s\n", clip(name))
	}
	for point, term := range points {
		if err := failpoints.Set(point, term); err != nil {
			return core.FailpointError(err)
		}
	}
	return nil
}

func setInjectionPoint(q query) error {
	name, behavior := pointOf(q), q.get("behavior")
	term := `return("error")`
	switch {
	case name == "":
		return core.Errorf(core.InvalidArgument, "empty point name")
	case behavior == "":
		return core.Errorf(core.InvalidArgument, "empty behavior")
	case behavior == "sleep":
		given := q.get("duration")
		ms, err := strconv.ParseUint(given, 10, 31)
		if err != nil {
			return core.Errorf(core.InvalidArgument, "invalid duration:%s", clip(given))
		}
		term = fmt.Sprintf(`return("sleep %dms")`, ms)
	case behavior == "change_args":
		var err error
		if term, err = termOf(q.last("value").raw); err != nil {
			return err
		}
	case behavior != "return":
		return core.Errorf(core.InvalidArgument, "unknown behavior: %s", clip(behavior))
	}
	return core.FailpointError(failpoints.Set(name, term))
}

// termOf makes a term of a list of arguments: ours take one.
func termOf(raw string) (string, error) {
	text, err := url.PathUnescape(raw)
	if err != nil {
		return "", core.Errorf(core.InvalidArgument, "failed to decode value: %s", clip(raw))
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return "", core.Errorf(core.InvalidArgument, "invalid json value: %s", clip(text))
	}
	list, ok := parsed.([]any)
	if !ok {
		return "", core.Errorf(core.InvalidArgument, "value must be a json array")
	}
	term := "return"
	for i, v := range list {
		switch v := v.(type) {
		case bool:
			term = fmt.Sprintf("return(%t)", v)
		case float64:
			term = fmt.Sprintf("return(%d)", int64(v))
		case string:
			term = fmt.Sprintf("return(%q)", v)
		default:
			return "", core.Errorf(core.InvalidArgument, "value must be boolean, integer, double or string")
		}
		if i > 0 {
			return "", core.Errorf(core.InvalidArgument, "value has %d elements, a failpoint takes one", len(list))
		}
	}
	return term, nil
}

// clip bounds what an error repeats of a request.
func clip(s string) string { return printable(s[:min(len(s), maxPathShown)]) }
