package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"roster/core"
	"roster/tests/harness"
)

// times are what differs between one run and the next.
var times = regexp.MustCompile(`"(mtime|ctime|finish_time|creation_time)": ?"[0-9]+",?`)

// state is all there is of an instance, with $I for its id and without times: its
// document, the records given, and the operations in its history.
func (s *server) state(ctx context.Context, instance string, records []core.KeyQuery) (string, error) {
	var text strings.Builder
	reply, err := s.rest.Send(ctx, harness.Request{
		Method: http.MethodGet, Path: harness.Path("get_instance"), Query: url.Values{"instance_id": {instance}},
	})
	if err != nil {
		return "", err
	}
	if reply.Status != http.StatusOK && reply.Status != http.StatusNotFound {
		return "", fmt.Errorf("get_instance answered %d %s", reply.Status, reply.Body)
	}
	text.WriteString(reply.Body)
	for _, q := range records {
		value, err := s.rest.GetValue(ctx, of(q, instance))
		var refusal *core.Error
		if err != nil && (!errors.As(err, &refusal) || !strings.HasPrefix(refusal.Msg, "kv not found")) {
			return "", err
		}
		if err != nil {
			value = "is not there"
		}
		fmt.Fprintf(&text, "%s %s\n", q.Type, value)
	}
	if reply.Status == http.StatusOK {
		history, err := s.sql.Query(ctx, "SHOW HISTORY OF INSTANCE ?", instance)
		if err != nil {
			return "", err
		}
		for _, row := range history {
			fmt.Fprintf(&text, "history %s\n", row["Operation"])
		}
	}
	return strings.ReplaceAll(times.ReplaceAllString(text.String(), ""), instance, "$I"), nil
}
