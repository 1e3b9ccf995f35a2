package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxReply bounds what is read of a reply.
const maxReply = 64 << 20

// REST sends requests to a server's REST front. It is safe for concurrent use.
// Its methods of core.API are in restapi.go.
type REST struct {
	// URL is the server's, as Server.URL.
	URL string
	// Token is sent with every request; "" sends none.
	Token string
}

// Request is one HTTP request. Only Path is required.
type Request struct {
	// Method is POST when it is not given.
	Method string
	// Path is below the server's URL.
	Path string
	// Query is added to the token.
	Query  url.Values
	Header http.Header
	Body   string
}

// Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Envelope is the JSON object most replies are.
type Envelope struct {
	Code   string          `json:"code"`
	Msg    string          `json:"msg"`
	Result json.RawMessage `json:"result"`
}

// Envelope reads the reply as the JSON envelope. A body that is none, or whose
// code or msg is missing, is an error.
func (r Reply) Envelope() (Envelope, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Body), &parts); err != nil {
		return Envelope{}, fmt.Errorf("status %d, not the JSON envelope: %w: %.200q", r.Status, err, r.Body)
	}
	var e Envelope
	for _, name := range []string{"code", "msg"} {
		if _, ok := parts[name]; !ok {
			return e, fmt.Errorf("status %d, envelope without %s: %.200q", r.Status, name, r.Body)
		}
	}
	if err := json.Unmarshal([]byte(r.Body), &e); err != nil {
		return e, fmt.Errorf("status %d, not the JSON envelope: %w: %.200q", r.Status, err, r.Body)
	}
	return e, nil
}

// Send sends one request and reads its reply, whatever its status.
func (c *REST) Send(ctx context.Context, r Request) (Reply, error) {
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	query := url.Values{}
	for name, values := range r.Query {
		query[name] = values
	}
	if c.Token != "" {
		query.Set("token", c.Token)
	}
	target := c.URL + r.Path
	if len(query) > 0 {
		// Clients write the colons of a cloud_unique_id as they are.
		target += "?" + strings.ReplaceAll(query.Encode(), "%3A", ":")
	}
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(r.Body))
	if err != nil {
		return Reply{}, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Reply{}, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
}
