package harness

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Metrics are the numbers in /metrics, by their names with labels.
func (c *REST) Metrics(ctx context.Context) (map[string]float64, error) {
	reply, err := c.Send(ctx, Request{Method: http.MethodGet, Path: "/metrics"})
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for line := range strings.Lines(reply.Body) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		if all[line[:max(0, space)]], err = strconv.ParseFloat(line[space+1:], 64); err != nil {
			return nil, fmt.Errorf("%q in /metrics: %w", line, err)
		}
	}
	return all, nil
}
