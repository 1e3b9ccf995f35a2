package core

import (
	"context"

	pb "roster/core/metapb"
)

// API is every operation a front offers. Service implements it over a store;
// clients of the fronts implement it over the wire, so that one suite tests all.
//
// Errors are *Error. Besides what each method lists, every one returns NotFound
// for an instance that does not exist, InvalidArgument for a name or id over
// MaxNameBytes, Unavailable when the store cannot be reached, and, where it
// changes something, Conflict, Undetermined, and AlreadyExisted for a
// Call.RequestID that another request has used.
//
// Who is called by cloud_unique_id: "1:<instance_id>:<any>" names its instance;
// any other form names the instance whose node holds it.
type API interface {
	Instances
	Clusters
	ObjectStores
	Records
}

// Instances are the operations on an instance as a whole (meta-service.md 5).
type Instances interface {
	// CreateInstance needs an instance_id never used before, else AlreadyExisted.
	// Compat reference asks for user_id and one of obj_info and vault (R8).
	// InvalidArgument: incomplete obj_info, vault or ram_user.
	CreateInstance(ctx context.Context, req *pb.CreateInstanceRequest) error
	// DropInstance marks the instance DELETED; again is fine. InvalidArgument
	// while it has clusters.
	DropInstance(ctx context.Context, req *pb.AlterInstanceRequest) error
	// SetInstanceStatus takes op SET_NORMAL or SET_OVERDUE. InvalidArgument for
	// any other op, the status it has, and a deleted instance.
	SetInstanceStatus(ctx context.Context, req *pb.AlterInstanceRequest) error
	// EnableInstanceSSE is InvalidArgument when server-side encryption is on.
	EnableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error
	// DisableInstanceSSE is InvalidArgument when server-side encryption is off.
	DisableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error
	// GetInstance returns the instance, deleted ones too. Secret keys are in
	// clear only under Call.Reveal.
	GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error)
}

// Clusters are the operations on clusters and their nodes (meta-service.md 8).
type Clusters interface {
	// AddCluster is AlreadyExisted for a cluster id, cluster name or endpoint of
	// the instance, or a cloud_unique_id of another one. InvalidArgument: no
	// type, no name or one against the rule, incomplete nodes, a SQL cluster
	// without exactly one master or with a master beside followers.
	AddCluster(ctx context.Context, req *pb.AlterClusterRequest) error
	// DropCluster finds the cluster by id; NotFound without it. A SQL cluster
	// with a young node is NotFound in compat doris, unless forced (R20).
	DropCluster(ctx context.Context, req *pb.AlterClusterRequest) error
	// RenameCluster finds the cluster by id. InvalidArgument: no such cluster, a
	// name another cluster has, its own name.
	RenameCluster(ctx context.Context, req *pb.AlterClusterRequest) error
	// UpdateClusterMysqlUserName replaces the users of the cluster with the id
	// given. InvalidArgument: no such cluster, no list, the list it has (R16).
	UpdateClusterMysqlUserName(ctx context.Context, req *pb.AlterClusterRequest) error
	// SetClusterStatus finds the cluster by id. InvalidArgument: no such
	// cluster, a type other than COMPUTE, a transition not allowed (R11).
	SetClusterStatus(ctx context.Context, req *pb.AlterClusterRequest) error
	// AddNode is NotFound without the cluster (R17), InvalidArgument for
	// incomplete nodes, a registered endpoint, a second master. AlreadyExisted
	// for a cloud_unique_id another instance holds.
	AddNode(ctx context.Context, req *pb.AlterClusterRequest) error
	// DropNode drops all nodes named or none. NotFound: cluster or node.
	// InvalidArgument: the last master or follower, a young frontend (R20).
	DropNode(ctx context.Context, req *pb.AlterClusterRequest) error
	// GetCluster returns the first cluster with the cluster_id, else the
	// cluster_name, else the mysql_user_name asked for, or all clusters when none
	// is. NotFound when there is none.
	GetCluster(ctx context.Context, req *pb.GetClusterRequest) (*pb.GetClusterResponse, error)
	// GetClusterStatus lists the compute clusters of many instances; instances
	// that do not exist are left out.
	GetClusterStatus(ctx context.Context, req *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error)
}

// ObjectStores are the operations on where an instance keeps its data
// (meta-service.md 6).
type ObjectStores interface {
	// GetObjStoreInfo returns the object stores. Secret keys are in clear only
	// under Call.Reveal.
	GetObjStoreInfo(ctx context.Context, req *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error)
	// AddObjInfo is InvalidArgument for an incomplete or repeated one, one over
	// 1,024 bytes, and an instance with storage vaults; Internal for the
	// eleventh of an instance.
	AddObjInfo(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error
	// UpdateAkSk rotates keys by user id, all or none. InvalidArgument: nothing
	// given, nothing found, keys equal to the stored ones.
	UpdateAkSk(ctx context.Context, req *pb.UpdateAkSkRequest) error
	// LegacyUpdateAkSk rotates the keys of one object store by its id, 1 to 10.
	// Unchanged keys are InvalidArgument in compat reference, fine in doris (R10).
	LegacyUpdateAkSk(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error
}

// Records are the tools on tablets, transactions and raw records
// (meta-service.md 9).
type Records interface {
	// GetTabletStats returns the statistics of tablets; NotFound for a tablet
	// without any.
	GetTabletStats(ctx context.Context, req *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error)
	// AbortTxn aborts a load transaction by id, or the running one of a label.
	// Internal, as the existing service has it: not found, aborted, visible.
	AbortTxn(ctx context.Context, req *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error)
	// AbortTabletJob takes the first compaction named off its tablet's job.
	// NotFound: the tablet. InvalidArgument: no such job. Internal: expired.
	AbortTabletJob(ctx context.Context, req *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error)
	// GetValue renders the record under a key as JSON. InvalidArgument: the key
	// query, a value that does not decode. Internal, as the existing service has
	// it: no such key.
	GetValue(ctx context.Context, query KeyQuery) (string, error)
	// SetValue writes a record from strict JSON and renders what changed.
	SetValue(ctx context.Context, query KeyQuery, json []byte) (string, error)
}

// KeyQuery names a key for GetValue and SetValue: by its bytes in hex, or by the
// parameters of its type in the key catalogue (metakey.Types).
type KeyQuery struct {
	Type   string
	Key    string
	Params map[string]string
}
