package admin

import (
	"context"
	"errors"
	"strconv"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// createObjectStore is add_obj_info.
type createObjectStore struct {
	NotExists  bool       `parser:"'CREATE' ( 'OBJECT' 'STORE' | 'STORAGE' 'VAULT' ) @( 'IF' 'NOT' 'EXISTS' )?"`
	Scope      *scope     `parser:"@@?"`
	Properties properties `parser:"@@"`
	options
}

func (c *createObjectStore) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	req, err := x.storeRequest(p, pb.AlterObjStoreInfoRequest_ADD_OBJ_INFO)
	if err != nil {
		return nil, err
	}
	if err := x.assign(req.Obj, &c.Properties); err != nil {
		return nil, err
	}
	err = x.AddObjInfo(ctx, req)
	var refused *core.Error
	if c.NotExists && errors.As(err, &refused) && refused.Code == core.InvalidArgument && refused.Subject() == core.ADuplicate {
		return x.unchanged(1062, "The instance has an object store of this configuration"), nil
	}
	if err != nil {
		return nil, err
	}
	result := x.done()
	if !x.dryRun {
		result.InsertID = x.addedStore(ctx, req)
	}
	return result, nil
}

// storeRequest is a change of one object store.
func (x *execution) storeRequest(p place, op pb.AlterObjStoreInfoRequest_Operation) (*pb.AlterObjStoreInfoRequest, error) {
	holder, err := p.holder()
	return &pb.AlterObjStoreInfoRequest{CloudUniqueId: orNil(holder), Op: &op, Obj: new(pb.ObjectStoreInfoPB)}, err
}

// addedStore is the id the new object store got, 0 if that can not be told. The
// store is added whatever comes of the question.
func (x *execution) addedStore(ctx context.Context, req *pb.AlterObjStoreInfoRequest) uint64 {
	resp, err := x.GetObjStoreInfo(ctx, &pb.GetObjStoreInfoRequest{CloudUniqueId: req.CloudUniqueId})
	if err != nil {
		return 0
	}
	var id uint64
	for _, obj := range resp.GetObjInfo() {
		if n, err := strconv.ParseUint(obj.GetId(), 10, 64); err == nil && sameBucket(obj, req.Obj) {
			id = max(id, n)
		}
	}
	if id > 0 {
		x.session.Note(1105, "The object store has the id "+strconv.FormatUint(id, 10))
	}
	return id
}

func sameBucket(a, b *pb.ObjectStoreInfoPB) bool {
	return a.GetBucket() == b.GetBucket() && a.GetEndpoint() == b.GetEndpoint() && a.GetRegion() == b.GetRegion()
}

// alterObjectStore is legacy_update_ak_sk.
type alterObjectStore struct {
	ID         value       `parser:"'ALTER' ( 'OBJECT' 'STORE' | 'STORAGE' 'VAULT' ) @@"`
	Scope      *scope      `parser:"@@?"`
	Keys       *keys       `parser:"'SET'? ( @@"`
	Properties *properties `parser:"| @@ )"`
	options
}

func (c *alterObjectStore) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	req, err := x.storeRequest(p, pb.AlterObjStoreInfoRequest_LEGACY_UPDATE_AK_SK)
	if err != nil {
		return nil, err
	}
	id, err := x.text(&c.ID)
	if err != nil {
		return nil, err
	}
	req.Obj.Id = &id
	if c.Keys != nil {
		ak, sk, err := c.Keys.resolve(x)
		if err != nil {
			return nil, err
		}
		req.Obj.Ak, req.Obj.Sk = &ak, &sk
	}
	if err := x.assign(req.Obj, c.Properties); err != nil {
		return nil, err
	}
	if err := x.LegacyUpdateAkSk(ctx, req); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// stores reads the object stores and vaults of an instance.
func (x *execution) stores(ctx context.Context, s *scope) (*pb.GetObjStoreInfoResponse, error) {
	p, err := x.place(ctx, s)
	if err != nil {
		return nil, err
	}
	holder, err := p.holder()
	if err != nil {
		return nil, err
	}
	return x.GetObjStoreInfo(ctx, &pb.GetObjStoreInfoRequest{CloudUniqueId: &holder})
}
