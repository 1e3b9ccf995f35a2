package core

import (
	"context"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// CreateInstance is API's.
func (s *Service) CreateInstance(ctx context.Context, req *pb.CreateInstanceRequest) error {
	if err := s.policy.checkCreate(req); err != nil {
		return err
	}
	return s.change(ctx, &change{
		trace: trace{operation: "create_instance", instance: req.GetInstanceId(), request: req},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error { return createInstance(doc, req, env) },
	}, "", nil)
}

func (p policy) checkCreate(req *pb.CreateInstanceRequest) error {
	if u := req.GetRamUser(); u != nil && !complete(u) {
		return Errorf(InvalidArgument, "ram user info err, please check it: user_id, ak and sk must be given")
	}
	if err := checkNewStore(req.GetObjInfo()); err != nil {
		return err
	}
	if err := checkNewStore(req.GetVault().GetObjInfo()); err != nil {
		return err
	}
	if req.GetInstanceId() == "" {
		return Errorf(InvalidArgument, "instance id not set")
	}
	if p.compat == CompatReference {
		if req.GetUserId() == "" {
			return Errorf(InvalidArgument, "user id not set")
		}
		if req.ObjInfo == nil && req.Vault == nil {
			return Errorf(InvalidArgument, "s3 conf info err, please check it")
		}
	}
	return nil
}

// createInstance fills the document of a new instance (meta-service.md 5.1).
func createInstance(doc *pb.InstanceInfoPB, req *pb.CreateInstanceRequest, env *Env) error {
	if env.Exists || env.Seen {
		return Errorf(AlreadyExisted, "instance already existed, instance_id=%s", req.GetInstanceId()).About(TheInstance)
	}
	doc.InstanceId = req.InstanceId
	doc.UserId = new(req.GetUserId())
	doc.Name = new(req.GetName())
	doc.Ctime = new(env.Now)
	doc.Status = pb.InstanceInfoPB_NORMAL.Enum()
	doc.SseEnabled = new(req.GetSseEnabled())
	doc.EnableStorageVault = new(req.ObjInfo == nil)
	if req.ObjInfo != nil {
		obj, err := newObjectStore(req.ObjInfo, "1", storeField("1"), doc, env)
		if err != nil {
			return err
		}
		doc.ObjInfo = append(doc.ObjInfo, obj)
	}
	if req.RamUser != nil {
		doc.RamUser = proto.CloneOf(req.RamUser)
		if err := env.vault.seal(userKeys(ramUserField, doc.RamUser), req.RamUser.GetSk()); err != nil {
			return err
		}
	}
	if req.Vault != nil {
		if err := addBuiltInVault(doc, req.Vault, env); err != nil {
			return err
		}
	}
	env.put(metakey.InstanceSeen(req.GetInstanceId()), &pb.InstanceSeenPB{Ctime: doc.Ctime})
	return nil
}

// ListInstances returns up to limit instances in the order of their ids, from the
// first after the id given, deleted ones too; more says whether others follow.
// Secret keys are masked. The limit is 1 to MaxScan.
func (s *Service) ListInstances(ctx context.Context, after string, limit int) (docs []*pb.InstanceInfoPB, more bool, err error) {
	start, end := metakey.InstanceRange()
	if after != "" {
		start = append(metakey.Instance(after), 0)
	}
	err = s.view(ctx, func(r Reader) error {
		page, err := r.Scan(Range{Start: start, End: end, Limit: limit})
		if err != nil {
			return err
		}
		docs, more = nil, page.Rest != nil
		for _, item := range page.Items {
			doc := new(pb.InstanceInfoPB)
			if err := parseRecord(item.Key, item.Value, doc); err != nil {
				return err
			}
			seal.Mask(doc)
			docs = append(docs, doc)
		}
		return nil
	})
	return docs, more, err
}

// alterInstance wraps an operation on an instance that must exist.
func (s *Service) alterInstance(ctx context.Context, operation string, req *pb.AlterInstanceRequest, apply func(*pb.InstanceInfoPB, *Env) error) error {
	id := req.GetInstanceId()
	if id == "" {
		return Errorf(InvalidArgument, "instance id not set")
	}
	return s.change(ctx, &change{
		trace: trace{operation: operation, instance: id, request: req},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error {
			if !env.Exists {
				return Errorf(NotFound, "instance not existed, instance_id=%s, err=KeyNotFound", id).About(TheInstance)
			}
			return apply(doc, env)
		},
	}, "", nil)
}

// DropInstance is API's.
func (s *Service) DropInstance(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return s.alterInstance(ctx, "drop_instance", req, dropInstance)
}

func dropInstance(doc *pb.InstanceInfoPB, _ *Env) error {
	if len(doc.GetClusters()) > 0 {
		return Errorf(InvalidArgument, "failed to drop instance, instance has clusters").About(Dependents)
	}
	doc.Status = pb.InstanceInfoPB_DELETED.Enum()
	return nil
}

// EnableInstanceSSE is API's.
func (s *Service) EnableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return s.alterInstance(ctx, "enable_instance_sse", req, func(doc *pb.InstanceInfoPB, _ *Env) error {
		if doc.GetSseEnabled() {
			return Errorf(InvalidArgument, "failed to enable sse, instance has enabled sse")
		}
		setSSE(doc, true)
		return nil
	})
}

// DisableInstanceSSE is API's.
func (s *Service) DisableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return s.alterInstance(ctx, "disable_instance_sse", req, func(doc *pb.InstanceInfoPB, _ *Env) error {
		if !doc.GetSseEnabled() {
			return Errorf(InvalidArgument, "failed to disable sse, instance has disabled sse")
		}
		setSSE(doc, false)
		return nil
	})
}

func setSSE(doc *pb.InstanceInfoPB, on bool) {
	doc.SseEnabled = &on
	for _, obj := range doc.GetObjInfo() {
		obj.SseEnabled = &on
	}
}

// GetInstance is API's.
func (s *Service) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	reading, err := s.ReadInstance(ctx, req)
	if err != nil {
		return nil, err
	}
	return reading.Instance()
}
