package core

import (
	"context"
	"regexp"
	"slices"

	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
	"roster/core/metapb/pbtext"
)

// clusterName is the rule for the name of a new cluster (contract R14).
var clusterName = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z_]+$`)

// safeDropSeconds is the age below which a frontend is young (contract R20).
const safeDropSeconds = 300

// clusterOperation is a function on the clusters of an instance.
type clusterOperation func(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error

// alterCluster runs an operation on the clusters of an instance, after check has
// passed the request's cluster (meta-service.md 8.0).
func (s *Service) alterCluster(ctx context.Context, operation string, req *pb.AlterClusterRequest, check func(*pb.ClusterPB) error, apply clusterOperation) error {
	if req.GetInstanceId() == "" && req.GetCloudUniqueId() == "" || req.Cluster == nil {
		return Errorf(InvalidArgument, "invalid request instance_id or cluster not given")
	}
	c := &change{
		trace: trace{operation: operation, instance: req.GetInstanceId(), target: clusterTarget(req.Cluster), request: req},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error { return apply(doc, req, env) },
	}
	if check != nil {
		c.check = func() error { return check(req.Cluster) }
	}
	switch operation {
	case "add_cluster", "add_node":
		for _, node := range req.Cluster.Nodes {
			c.nodes = append(c.nodes, node.GetCloudUniqueId())
		}
	}
	return s.change(ctx, c, req.GetCloudUniqueId(), Errorf(InvalidArgument, "empty instance_id"))
}

// live wraps an operation that a deleted instance refuses as a wrong argument.
func live(apply clusterOperation) clusterOperation {
	return func(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
		if !env.Exists {
			return noInstance(doc.GetInstanceId())
		}
		if doc.GetStatus() == pb.InstanceInfoPB_DELETED {
			return deleted(InvalidArgument)
		}
		return apply(doc, req, env)
	}
}

func clusterTarget(c *pb.ClusterPB) string {
	if c.GetClusterId() != "" {
		return c.GetClusterId()
	}
	return c.GetClusterName()
}

func deleted(code Code) *Error {
	return Errorf(code, "instance status has been set delete, plz check it")
}

// AddCluster is API's.
func (s *Service) AddCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "add_cluster", req, s.policy.checkNewCluster, addCluster)
}

func (p policy) checkNewCluster(c *pb.ClusterPB) error {
	if err := checkType(c); err != nil {
		return err
	}
	if c.GetClusterName() == "" {
		return Errorf(InvalidArgument, "not have cluster name")
	}
	if !p.freeClusterNames && !clusterName.MatchString(c.GetClusterName()) {
		return Errorf(InvalidArgument, "cluster name not regex with %s, please check it, cluster_name=%.256s", clusterName, c.GetClusterName())
	}
	if c.GetClusterId() == "" {
		return missingClusterID()
	}
	if err := p.checkNodes(c, true); err != nil {
		return err
	}
	if c.GetType() == pb.ClusterPB_SQL {
		return checkMasters(c.Nodes)
	}
	return nil
}

func checkType(c *pb.ClusterPB) error {
	if c.Type == nil {
		return Errorf(InvalidArgument, "cluster must have type arg")
	}
	if c.GetType() == pb.ClusterPB_VIRTUAL {
		return Errorf(InvalidArgument, "cluster type VIRTUAL is not supported, use SQL or COMPUTE")
	}
	return nil
}

func missingClusterID() *Error { return Errorf(InvalidArgument, "missing cluster_id=") }

// addCluster appends a cluster (meta-service.md 8.1).
func addCluster(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster := req.GetCluster()
	if err := env.checkFree(doc.GetInstanceId(), cluster.GetNodes()); err != nil {
		return err
	}
	if !env.Exists {
		return Errorf(NotFound, "failed to get instance, info failed to get instance, instance_id=%s err=KeyNotFound", doc.GetInstanceId()).About(TheInstance)
	}
	if doc.GetStatus() == pb.InstanceInfoPB_DELETED {
		return deleted(NotFound)
	}
	for _, c := range doc.GetClusters() {
		if c.GetClusterId() == cluster.GetClusterId() {
			return Errorf(AlreadyExisted, "try to add a existing cluster id, existing_cluster_id=%s", c.GetClusterId()).About(TheCluster)
		}
		if c.GetClusterName() == cluster.GetClusterName() {
			return Errorf(AlreadyExisted, "try to add a existing cluster name, existing_cluster_name=%s", c.GetClusterName()).About(TheCluster)
		}
	}
	if err := checkEndpoints(doc, cluster.GetType(), cluster.GetNodes(), AlreadyExisted); err != nil {
		return err
	}
	if err := checkNodeCount(doc, len(cluster.GetNodes())); err != nil {
		return err
	}
	added := proto.CloneOf(cluster)
	for _, node := range added.GetNodes() {
		node.Ctime, node.Mtime = new(env.Now), new(env.Now)
	}
	if added.GetType() == pb.ClusterPB_COMPUTE {
		added.ClusterStatus = pb.ClusterStatus_NORMAL.Enum()
	}
	added.Ctime, added.Mtime = new(env.Now), new(env.Now)
	doc.Clusters = append(doc.Clusters, added)
	env.move(added.GetNodes())
	return nil
}

// DropCluster is API's.
func (s *Service) DropCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "drop_cluster", req, nil, dropCluster)
}

// dropCluster finds the cluster by its id alone (meta-service.md 8.3).
func dropCluster(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	id := req.GetCluster().GetClusterId()
	switch {
	case id == "":
		return missingClusterID()
	case !env.Exists:
		return noInstance(doc.GetInstanceId())
	case doc.GetStatus() == pb.InstanceInfoPB_DELETED:
		return deleted(NotFound)
	}
	i := slices.IndexFunc(doc.Clusters, func(c *pb.ClusterPB) bool { return c.GetClusterId() == id })
	if i < 0 {
		return Errorf(NotFound, "failed to find cluster to drop, instance_id=%s cluster_id=%s cluster_name=%s",
			doc.GetInstanceId(), id, req.GetCluster().GetClusterName())
	}
	cluster := doc.Clusters[i]
	if cluster.GetType() == pb.ClusterPB_SQL && slices.ContainsFunc(cluster.Nodes, env.young) {
		return Errorf(NotFound, "drop fe cluster not in safe time, try later, cluster=%s", shorten(pbtext.Line(cluster), maxShown))
	}
	for _, c := range doc.Clusters {
		if c.GetType() == pb.ClusterPB_VIRTUAL && slices.Contains(c.GetClusterNames(), cluster.GetClusterName()) {
			return Errorf(AlreadyExisted, "failed to drop cluster, this cluster owned by virtual cluster=%s if you want drop this cluster, please drop virtual cluster=%[1]s firstly",
				c.GetClusterName()).About(Dependents)
		}
	}
	env.move(cluster.GetNodes())
	doc.Clusters = slices.Delete(doc.Clusters, i, i+1)
	return nil
}

// clusterToUpdate finds the cluster with the id given (meta-service.md 8.4).
func clusterToUpdate(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest) (*pb.ClusterPB, error) {
	id := req.GetCluster().GetClusterId()
	if id == "" {
		return nil, missingClusterID()
	}
	for _, c := range doc.GetClusters() {
		if c.GetClusterId() == id {
			return c, nil
		}
	}
	return nil, Errorf(InvalidArgument, "failed to find cluster to update, instance_id=%s cluster_id=%s cluster_name=%s",
		doc.GetInstanceId(), id, req.GetCluster().GetClusterName())
}

// RenameCluster is API's.
func (s *Service) RenameCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "rename_cluster", req, nil, live(renameCluster))
}

func renameCluster(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster, err := clusterToUpdate(doc, req)
	if err != nil {
		return err
	}
	name := req.GetCluster().GetClusterName()
	if name == "" {
		return Errorf(InvalidArgument, "not have cluster name")
	}
	if name == cluster.GetClusterName() {
		return Errorf(InvalidArgument, "failed to rename cluster, name eq original name, original cluster is %s", shownRequest(cluster))
	}
	for _, c := range doc.GetClusters() {
		if c.GetClusterName() == name {
			return Errorf(InvalidArgument, "failed to rename cluster, a cluster with the same name already exists in this instance %s", shownRequest(cluster)).About(ADuplicate)
		}
	}
	cluster.ClusterName = &name
	cluster.Mtime = new(env.Now)
	return nil
}

// UpdateClusterMysqlUserName is API's. A nil list is an absent one; an empty list
// that is not nil clears the users (contract R16).
func (s *Service) UpdateClusterMysqlUserName(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "update_cluster_mysql_user_name", req, nil, live(updateClusterUsers))
}

func updateClusterUsers(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster, err := clusterToUpdate(doc, req)
	if err != nil {
		return err
	}
	users := req.GetCluster().MysqlUserName
	if users == nil || slices.Equal(users, cluster.MysqlUserName) {
		return Errorf(InvalidArgument, "no mysql user name to change")
	}
	cluster.MysqlUserName = slices.Clone(users)
	cluster.Mtime = new(env.Now)
	return nil
}

// GetCluster is API's.
func (s *Service) GetCluster(ctx context.Context, req *pb.GetClusterRequest) (*pb.GetClusterResponse, error) {
	if req.GetCloudUniqueId() == "" {
		return nil, Errorf(InvalidArgument, "cloud_unique_id must be given")
	}
	if err := checkLengths(req); err != nil {
		return nil, err
	}
	resp := &pb.GetClusterResponse{Status: statusOK()}
	err := s.view(ctx, func(r Reader) error {
		id, err := resolve(r, req.GetCloudUniqueId())
		if err != nil {
			return err
		}
		if id == "" {
			id = req.GetInstanceId()
		}
		if id == "" {
			return Errorf(InvalidArgument, "empty instance_id")
		}
		doc, err := mustReadInstance(r, id)
		if err != nil {
			return err
		}
		resp.Cluster = selectClusters(doc, req)
		resp.EnableStorageVault = new(doc.GetEnableStorageVault())
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(resp.Cluster) == 0 {
		return nil, Errorf(NotFound, "fail to get cluster with %s ", pbtext.Line(req))
	}
	return resp, nil
}

// selectClusters applies the one selector that counts (meta-service.md 8.2).
func selectClusters(doc *pb.InstanceInfoPB, req *pb.GetClusterRequest) []*pb.ClusterPB {
	var match func(*pb.ClusterPB) bool
	switch {
	case req.GetClusterId() != "":
		match = func(c *pb.ClusterPB) bool { return c.GetClusterId() == req.GetClusterId() }
	case req.GetClusterName() != "":
		match = func(c *pb.ClusterPB) bool { return c.GetClusterName() == req.GetClusterName() }
	case req.GetMysqlUserName() != "":
		match = func(c *pb.ClusterPB) bool { return slices.Contains(c.GetMysqlUserName(), req.GetMysqlUserName()) }
	default:
		return doc.GetClusters()
	}
	if i := slices.IndexFunc(doc.GetClusters(), match); i >= 0 {
		return doc.Clusters[i : i+1]
	}
	return nil
}

func statusOK() *pb.MetaServiceResponseStatus {
	return &pb.MetaServiceResponseStatus{Code: pb.MetaServiceCode_OK.Enum(), Msg: new("")}
}
