//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// errNoMetric says that a server does not count what was asked for.
var errNoMetric = errors.New("the server has no such metric")

// counter is the sum of the named metrics, over all their labels, of the server
// whose metrics are at addr.
func counter(ctx context.Context, addr string, names ...string) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/metrics", http.NoBody)
	if err != nil {
		return 0, err
	}
	request.Close = true
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	sum, err := sumMetrics(reply.Body, names...)
	return sum, errors.Join(err, reply.Body.Close())
}

// sumMetrics reads Prometheus's text format.
func sumMetrics(text io.Reader, names ...string) (int64, error) {
	sum := 0.0
	found := map[string]bool{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		for _, name := range names {
			rest, ok := strings.CutPrefix(lines.Text(), name)
			if !ok || rest == "" || rest[0] != ' ' && rest[0] != '{' {
				continue
			}
			value, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
			if err != nil {
				return 0, fmt.Errorf("metric %s: %w", name, err)
			}
			sum += value
			found[name] = true
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	for _, name := range names {
		if !found[name] {
			return 0, fmt.Errorf("%w: %s", errNoMetric, name)
		}
	}
	return int64(sum), nil
}
