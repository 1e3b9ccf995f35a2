package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Ready waits until the processes that were started serve, PD has a leader and
// knows every store. It fails at once when a process has exited.
func (c *Cluster) Ready(ctx context.Context) error {
	gone, lacking := await(ctx, c.lacking)
	if gone == nil && lacking == nil {
		return nil
	}
	err := errors.Join(gone, lacking)
	for _, p := range c.processes() {
		// The dead tell why; if there are none, any of the others may know.
		if text := p.lastWords(gone != nil); text != "" {
			err = fmt.Errorf("%w\n%s ends with:\n%s", err, p.Log, text)
		}
	}
	return fmt.Errorf("the cluster does not get ready: %w", err)
}

// await asks until nothing is lacking, something is gone or the context ends.
func await(ctx context.Context, ask func(context.Context) (gone, lacking error)) (gone, lacking error) {
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		if gone, lacking = ask(ctx); gone != nil || lacking == nil {
			return gone, lacking
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, errors.Join(lacking, ctx.Err())
		}
	}
}

// lacking is what the cluster still lacks; gone is what it will not get.
func (c *Cluster) lacking(ctx context.Context) (gone, lacking error) {
	for _, p := range c.processes() {
		switch p.state() {
		case dead:
			gone = errors.Join(gone, fmt.Errorf("%s has exited", p.Name))
		case reviving:
			lacking = errors.Join(lacking, fmt.Errorf("%s has exited and is started again", p.Name))
		case alive:
			if !answers(ctx, p.listens) {
				lacking = errors.Join(lacking, fmt.Errorf("%s does not listen on %s yet", p.Name, p.listens))
			}
		}
	}
	if gone != nil || lacking != nil {
		return gone, lacking
	}
	for _, pd := range c.pds {
		if pd.state() == away {
			continue
		}
		switch known, err := storesOf(ctx, pd.listens); {
		case err != nil:
			lacking = errors.Join(lacking, fmt.Errorf("%s: %w", pd.Name, err))
		case known < len(c.stores):
			lacking = errors.Join(lacking, fmt.Errorf("%s knows %d stores of %d", pd.Name, known, len(c.stores)))
		}
	}
	return nil, lacking
}

func answers(ctx context.Context, addr string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	return err == nil && conn.Close() == nil
}

// pdClient keeps no connection, which would outlive the cluster.
var pdClient = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// storesOf asks a PD server, which needs a leader for an answer, how many stores
// there are. How it calls their state is no help: a new store is down to it
// until its second heartbeat, after 10 s, though it serves.
func storesOf(ctx context.Context, pd string) (int, error) {
	var stores struct {
		Count int `json:"count"`
	}
	err := askPD(ctx, pd, "stores", &stores)
	return stores.Count, err
}

// askPD reads an answer of PD's own API.
func askPD(ctx context.Context, pd, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+pd+"/pd/api/v1/"+path, nil)
	if err != nil {
		return err
	}
	resp, err := pdClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answers %s", strings.ToLower(resp.Status))
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
