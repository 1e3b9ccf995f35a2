package httpfront

import (
	"context"
	"encoding/json"

	"roster/core"
)

// serversPath is no route of the meta-service, but takes the same tokens.
const serversPath = "/v1/servers"

// server is a running server as clients are shown it.
type server struct {
	ID           string `json:"id"`
	HTTPAddress  string `json:"http_address"`
	MySQLAddress string `json:"mysql_address,omitempty"`
	Version      string `json:"version"`
	Role         string `json:"role"`
	StartedMs    int64  `json:"started_ms"`
	LastSeenMs   int64  `json:"last_seen_ms"`
}

// serveKnown serves a request whose route is found already.
func (s *Server) serveKnown(r *request) {
	if s.authenticate(r) {
		s.run(r)
	}
}

// listServers says which servers run on the same store.
func listServers(ctx context.Context, s *Server, _ *request) (reply, error) {
	var servers []core.Server
	if s.opts.Servers != nil {
		var err error
		if servers, err = s.opts.Servers.ListServers(ctx); err != nil {
			return reply{}, err
		}
	}
	shown := make([]server, len(servers))
	for i, known := range servers {
		shown[i] = server{
			ID: known.ID, HTTPAddress: known.HTTPAddr, MySQLAddress: known.MySQLAddr, Version: known.Version, Role: known.Role,
			StartedMs: known.Started.UnixMilli(), LastSeenMs: known.LastSeen.UnixMilli(),
		}
	}
	body, err := json.MarshalIndent(map[string][]server{"servers": shown}, indent, indent)
	return reply{result: body}, err
}
