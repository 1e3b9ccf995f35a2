package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// token is the one a server on loopback without a token file takes.
const token = "greedisgood9999"

// refusal is an answer other than success. A client without any answer gets
// another error.
type refusal struct {
	status    int
	code, msg string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.msg) }

// post sends a request under a request id, "" for none.
func (s *server) post(ctx context.Context, route, id, body string) error {
	return s.send(ctx, http.MethodPost, "/MetaService/http/v1/"+route, id, body)
}

// failpoint switches one: PUT with its term, or DELETE.
func (s *server) failpoint(ctx context.Context, method, name, term string) error {
	if err := s.send(ctx, method, "/failpoints/"+name, "", term); err != nil {
		return fmt.Errorf("%s %s: %w; is this the binary of make build-failpoint?", method, name, err)
	}
	return nil
}

func (s *server) send(ctx context.Context, method, path, id, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if id != "" {
		req.Header.Set("X-Request-Id", id)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct{ Code, Msg string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("status %d without the JSON envelope: %w", resp.StatusCode, err)
	}
	if resp.StatusCode != http.StatusOK || answer.Code != "OK" {
		return &refusal{resp.StatusCode, answer.Code, answer.Msg}
	}
	return nil
}

// wantOnce checks that a cluster is there once with a status, and that history
// has the operation on it once.
func (s *server) wantOnce(ctx context.Context, operation, name, status string) error {
	var there, records int
	err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM roster.clusters WHERE instance_id = 'demo' AND cluster_name = ? AND status = ?`, name, status).Scan(&there)
	if err == nil {
		err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM roster.history WHERE instance_id = 'demo' AND operation = ? AND object = ?`,
			operation, name).Scan(&records)
	}
	if err == nil && (there != 1 || records != 1) {
		err = fmt.Errorf("cluster %s with status %s is there %d times, its history has %s %d times; want once", name, status, there, operation, records)
	}
	return err
}
