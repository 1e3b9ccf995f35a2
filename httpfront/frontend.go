package httpfront

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/valyala/fasthttp"

	"roster/core"
	pb "roster/core/metapb"
)

// clusterStatusPath is an endpoint of the warehouse's frontends, with
// authentication and replies of their kind (contract R25).
const clusterStatusPath = "/rest/v2/manager/cluster/cluster_info/cloud_cluster_status"

// feReply is the envelope of the frontends.
type feReply struct {
	Msg   string                 `json:"msg"`
	Code  int                    `json:"code"`
	Data  map[string][]feBackend `json:"data"`
	Count int                    `json:"count"`
}

// feBackend is a compute node as frontends report it: what the records do not
// know is -1 or 0.
type feBackend struct {
	Host                   string `json:"host"`
	HeartbeatPort          int32  `json:"heartbeatPort"`
	BePort                 int32  `json:"bePort"`
	HTTPPort               int32  `json:"httpPort"`
	BrpcPort               int32  `json:"brpcPort"`
	CurrentFragmentNum     int64  `json:"currentFragmentNum"`
	LastFragmentUpdateTime int64  `json:"lastFragmentUpdateTime"`
}

// cloudClusterStatus passes the request on to a frontend, or answers it from the
// records.
func (s *Server) cloudClusterStatus(r *request) {
	authorization := string(r.http.Request.Header.Peek(fasthttp.HeaderAuthorization))
	user, password, ok := basicAuth(authorization)
	if !ok || s.opts.FEUpstream == "" && !s.opts.knows(user, password) {
		r.http.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, `Basic realm="roster"`)
		writeFE(r.http, fasthttp.StatusUnauthorized, feReply{Msg: "user and password are missing or wrong", Code: 1})
		return
	}
	ctx, cancel := s.context()
	defer cancel()
	if s.opts.FEUpstream != "" {
		s.proxyClusterStatus(ctx, r, authorization)
		return
	}
	backends, err := s.backends(ctx, r)
	if err != nil {
		s.logCause(r, err)
		writeFE(r.http, core.CodeOf(err).HTTPStatus(), feReply{Msg: clientText(r, err), Code: 1})
		return
	}
	writeFE(r.http, fasthttp.StatusOK, feReply{Msg: "success", Data: backends})
}

// Bounds of an answer about all instances.
const (
	feListPage    = 16
	feListMax     = 10_000
	feBackendsMax = 100_000
)

// backends are those of the instance the request is about, or of all instances.
func (s *Server) backends(ctx context.Context, r *request) (map[string][]feBackend, error) {
	byCluster := make(map[string][]feBackend)
	q := instanceQuery(r.query)
	if q.InstanceId != nil || q.CloudUniqueId != nil || s.opts.FEInstance != "" || s.opts.Instances == nil {
		instance, err := s.feInstance(ctx, r)
		addBackends(byCluster, instance)
		return byCluster, err
	}
	after, more, listed := "", true, 0
	for n := 0; more && n < feListMax; {
		page, rest, err := s.opts.Instances.ListInstances(ctx, after, feListPage)
		if err != nil {
			return nil, err
		}
		for _, instance := range page {
			if listed += addBackends(byCluster, instance); listed > feBackendsMax {
				return nil, core.Errorf(core.InvalidArgument, "there are over %d compute nodes: name an instance by instance_id or cloud_unique_id", feBackendsMax)
			}
			after = instance.GetInstanceId()
		}
		n, more = n+len(page), rest && len(page) > 0
	}
	if more {
		return nil, core.Errorf(core.InvalidArgument, "there are over %d instances: name one by instance_id or cloud_unique_id", feListMax)
	}
	return byCluster, nil
}

// feInstance is the instance the request names, or else the one configured.
func (s *Server) feInstance(ctx context.Context, r *request) (*pb.InstanceInfoPB, error) {
	req := instanceQuery(r.query)
	if req.InstanceId == nil && req.CloudUniqueId == nil {
		if s.opts.FEInstance == "" {
			return nil, core.Errorf(core.InvalidArgument, "empty instance_id and cloud_unique_id: name the instance by one of these parameters")
		}
		req.InstanceId = &s.opts.FEInstance
	}
	return s.opts.API.GetInstance(core.WithCall(ctx, core.Call{Front: "rest", Caller: "frontend"}), req)
}

// addBackends returns how many there were to add.
func addBackends(byCluster map[string][]feBackend, instance *pb.InstanceInfoPB) (added int) {
	for _, cluster := range instance.GetClusters() {
		if cluster.GetType() != pb.ClusterPB_COMPUTE {
			continue
		}
		backends := byCluster[cluster.GetClusterId()]
		if backends == nil {
			backends = []feBackend{}
		}
		for _, node := range cluster.GetNodes() {
			backends = append(backends, feBackend{
				Host: hostOf(node), HeartbeatPort: node.GetHeartbeatPort(), BePort: -1, HTTPPort: -1, BrpcPort: -1,
			})
		}
		byCluster[cluster.GetClusterId()] = backends
		added += len(cluster.GetNodes())
	}
	return added
}

func hostOf(node *pb.NodeInfoPB) string {
	if node.GetHost() != "" {
		return node.GetHost()
	}
	return node.GetIp()
}

func writeFE(ctx *fasthttp.RequestCtx, status int, r feReply) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	// A struct of strings, numbers and maps of them always encodes.
	_ = e.Encode(r)
	writeJSON(ctx, status, b.Bytes())
}

// basicAuth reads an Authorization header.
func basicAuth(header string) (user, password string, ok bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), ":")
}

// knows looks at every account in full, so that its time tells nothing of which
// users there are.
func (o Options) knows(user, password string) bool {
	known := false
	for _, a := range o.Accounts {
		if right := a.Password.Equal(password); right && a.User == user {
			known = true
		}
	}
	return known
}
