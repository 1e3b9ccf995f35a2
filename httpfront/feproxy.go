package httpfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pingcap/failpoint"
	"github.com/valyala/fasthttp"

	pb "roster/core/metapb"
	"roster/failpoints"
)

// maxUpstreamBytes bounds a frontend's reply.
const maxUpstreamBytes = 8 << 20

// frontend is the client to the warehouse's frontends.
type frontend struct{ client http.Client }

func newFrontend(opts Options) *frontend {
	return &frontend{http.Client{
		Timeout: opts.RequestTimeout,
		// The caller's password goes to the upstream configured and nowhere else:
		// not through a proxy of the environment, not to where a reply points.
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: opts.IdleTimeout},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (f *frontend) close() { f.client.CloseIdleConnections() }

// get asks upstream in the caller's name.
func (f *frontend) get(ctx context.Context, upstream, authorization string) (status int, contentType string, body []byte, err error) {
	failpoint.Inject("upstreamDown", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(0, "", nil, errors.New("a failpoint was hit"))
		}
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, upstream, http.NoBody)
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set(fasthttp.HeaderAuthorization, authorization)
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxUpstreamBytes+1))
	switch {
	case err != nil:
		return 0, "", nil, err
	case len(body) > maxUpstreamBytes:
		return 0, "", nil, fmt.Errorf("the reply has more than %d bytes", maxUpstreamBytes)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return 0, "", nil, fmt.Errorf("the reply is a redirect, status %d", resp.StatusCode)
	}
	return resp.StatusCode, resp.Header.Get(fasthttp.HeaderContentType), body, nil
}

// proxyClusterStatus answers with what a frontend answers. A caller who has not
// shown a password the frontend takes learns nothing of the records: every
// failure on the way reads the same.
func (s *Server) proxyClusterStatus(ctx context.Context, r *request, authorization string) {
	upstream, err := s.upstream(ctx, r)
	if err == nil {
		var status int
		var contentType string
		var body []byte
		if status, contentType, body, err = s.frontend.get(ctx, upstream, authorization); err == nil {
			write(r.http, status, contentType, body)
			return
		}
	}
	s.log.WithError(err).WithField("request_id", r.id).Warn("no reply from the frontend")
	writeFE(r.http, fasthttp.StatusBadGateway, feReply{
		Msg: "the frontend cannot be reached: check the upstream configured and the instance_id", Code: 1,
	})
}

// upstream is the URL to ask.
func (s *Server) upstream(ctx context.Context, r *request) (string, error) {
	if s.opts.FEUpstream != UpstreamAuto {
		return url.JoinPath(s.opts.FEUpstream, clusterStatusPath)
	}
	instance, err := s.feInstance(ctx, r)
	if err != nil {
		return "", err
	}
	for _, cluster := range instance.GetClusters() {
		if cluster.GetType() != pb.ClusterPB_SQL {
			continue
		}
		for _, node := range cluster.GetNodes() {
			if node.GetNodeType() == pb.NodeInfoPB_FE_MASTER {
				u := url.URL{
					Scheme: "http", Host: net.JoinHostPort(hostOf(node), strconv.Itoa(s.opts.FEHTTPPort)), Path: clusterStatusPath,
				}
				return u.String(), nil
			}
		}
	}
	return "", errors.New("the instance has no SQL cluster with an FE_MASTER")
}
