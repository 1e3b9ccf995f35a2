package harness

import (
	"context"

	pb "roster/core/metapb"
)

// GetObjStoreInfo implements core.ObjectStores.
func (c *SQL) GetObjStoreInfo(ctx context.Context, req *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error) {
	resp := new(pb.GetObjStoreInfoResponse)
	return resp, c.read(ctx, say("SHOW STORAGE").of(req), resp)
}

// AddObjInfo implements core.ObjectStores.
func (c *SQL) AddObjInfo(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	s := say("CREATE OBJECT STORE").of(req)
	if req.Obj != nil {
		s.properties(req.GetObj())
	}
	return c.change(ctx, s)
}

// UpdateAkSk implements core.ObjectStores.
func (c *SQL) UpdateAkSk(ctx context.Context, req *pb.UpdateAkSkRequest) error {
	s := say("ALTER INSTANCE ? ROTATE CREDENTIALS", req.GetInstanceId())
	comma := ""
	for _, user := range req.GetInternalBucketUser() {
		s.add(comma+" BUCKET USER ? ACCESS KEY ? IDENTIFIED BY ?", user.GetUserId(), user.GetAk(), user.GetSk())
		comma = ","
	}
	if user := req.RamUser; user != nil {
		s.add(comma+" RAM USER ? ACCESS KEY ? IDENTIFIED BY ?", user.GetUserId(), user.GetAk(), user.GetSk())
	}
	return c.change(ctx, s)
}

// LegacyUpdateAkSk implements core.ObjectStores.
func (c *SQL) LegacyUpdateAkSk(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	obj := req.GetObj()
	s := say("ALTER OBJECT STORE ?", obj.GetId()).of(req).add(" SET")
	if obj.GetAk() != "" && obj.GetSk() != "" {
		s.add(" ACCESS KEY ? IDENTIFIED BY ?", obj.GetAk(), obj.GetSk())
	} else if obj != nil {
		s.properties(obj, "id")
	}
	return c.change(ctx, s)
}
