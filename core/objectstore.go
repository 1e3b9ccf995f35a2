package core

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
	"roster/core/seal"
)

const (
	maxObjInfo      = 10
	maxObjInfoBytes = 1024
)

// checkNewStore holds an object store given at creation to what it must have.
func checkNewStore(obj *pb.ObjectStoreInfoPB) error {
	switch {
	case obj == nil:
		return nil
	case obj.RoleArn != nil && (obj.Ak != nil || obj.Sk != nil):
		return bothKeysAndRole()
	case obj.RoleArn != nil:
		return checkRole(obj)
	case obj.GetAk() == "" || obj.GetSk() == "" || !placed(obj) || obj.Provider == nil || unknownProvider(obj):
		return Errorf(InvalidArgument, "s3 conf info err, please check it")
	}
	return nil
}

func bothKeysAndRole() *Error {
	return Errorf(InvalidArgument, "invaild argument, both set ak/sk and role_arn is not allowed")
}

func checkRole(obj *pb.ObjectStoreInfoPB) error {
	if obj.GetRoleArn() == "" || obj.GetCredProviderType() != pb.CredProviderTypePB_INSTANCE_PROFILE ||
		obj.GetProvider() != pb.ObjectStoreInfoPB_S3 || !placed(obj) {
		return Errorf(InvalidArgument, "s3 conf info err with role_arn, please check it: role_arn, bucket, endpoint, region, "+
			"provider S3 and cred_provider_type INSTANCE_PROFILE must be given")
	}
	return nil
}

func placed(obj *pb.ObjectStoreInfoPB) bool {
	return obj.GetBucket() != "" && obj.GetEndpoint() != "" && obj.GetRegion() != ""
}

func unknownProvider(obj *pb.ObjectStoreInfoPB) bool {
	return obj.Provider != nil && *obj.Provider < 0
}

// newObjectStore is the stored form of an object store a caller gave, its secret
// key sealed for field.
func newObjectStore(given *pb.ObjectStoreInfoPB, id, field string, doc *pb.InstanceInfoPB, env *Env) (*pb.ObjectStoreInfoPB, error) {
	obj := proto.CloneOf(given)
	obj.Id, obj.EncryptionInfo = &id, nil
	obj.Ctime, obj.Mtime = new(env.Now), new(env.Now)
	obj.Prefix = new(trimPrefix(given.GetPrefix()))
	obj.ExternalEndpoint = new(given.GetExternalEndpoint())
	obj.SseEnabled = new(doc.GetSseEnabled())
	if obj.Provider == nil {
		obj.Provider = pb.ObjectStoreInfoPB_S3.Enum()
	}
	if obj.RoleArn != nil {
		return obj, nil
	}
	return obj, env.vault.seal(storeKeys(field, obj), given.GetSk())
}

func trimPrefix(prefix string) string { return strings.Trim(prefix, "/ \t") }

// nextStoreID is the id of the next object store or vault: ids only grow.
func nextStoreID(doc *pb.InstanceInfoPB) string {
	last := 0
	see := func(id string) {
		if n, err := strconv.ParseInt(id, 10, 32); err == nil {
			last = max(last, int(n))
		}
	}
	for _, obj := range doc.GetObjInfo() {
		see(obj.GetId())
	}
	for _, id := range doc.GetResourceIds() {
		see(id)
	}
	return strconv.Itoa(last + 1)
}

// GetObjStoreInfo is API's.
func (s *Service) GetObjStoreInfo(ctx context.Context, req *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error) {
	if req.GetCloudUniqueId() == "" {
		return nil, Errorf(InvalidArgument, "cloud unique id not set")
	}
	if err := checkLengths(req); err != nil {
		return nil, err
	}
	var resp *pb.GetObjStoreInfoResponse
	err := s.view(ctx, func(r Reader) error {
		id, err := resolve(r, req.GetCloudUniqueId())
		if err != nil {
			return err
		}
		if id == "" {
			return Errorf(InvalidArgument, "empty instance_id")
		}
		doc, err := mustReadInstance(r, id)
		if err != nil {
			return err
		}
		resp = &pb.GetObjStoreInfoResponse{
			Status:                  statusOK(),
			ObjInfo:                 doc.ObjInfo,
			DefaultStorageVaultId:   doc.DefaultStorageVaultId,
			DefaultStorageVaultName: doc.DefaultStorageVaultName,
		}
		if doc.GetEnableStorageVault() {
			resp.EnableStorageVault = doc.EnableStorageVault
		}
		if resp.StorageVault, err = vaultsOf(r, doc); err != nil {
			return err
		}
		if !CallOf(ctx).Reveal {
			seal.Mask(resp)
			return nil
		}
		vault := secrets{keys: s.keys, reader: r, instance: id}
		return vault.revealAll(instanceKeys(&pb.InstanceInfoPB{ObjInfo: resp.ObjInfo}, resp.StorageVault))
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// AddObjInfo is API's.
func (s *Service) AddObjInfo(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	obj, err := givenStore(req, pb.AlterObjStoreInfoRequest_ADD_OBJ_INFO)
	if err != nil {
		return err
	}
	return s.alterStore(ctx, "add_obj_info", req, "", func(doc *pb.InstanceInfoPB, env *Env) error {
		return addObjInfo(doc, obj, env)
	})
}

// givenStore is the object store of a request, held to the rules that need no
// instance (meta-service.md 6.2).
func givenStore(req *pb.AlterObjStoreInfoRequest, op pb.AlterObjStoreInfoRequest_Operation) (*pb.ObjectStoreInfoPB, error) {
	obj := req.GetObj()
	if obj == nil {
		obj = req.GetVault().GetObjInfo()
	}
	shown := func() string {
		asked := proto.CloneOf(req)
		asked.Op = &op
		return shownRequest(asked)
	}
	switch {
	case obj == nil:
		return nil, Errorf(InvalidArgument, "s3 obj info err %s", shown())
	case proto.Size(obj) > maxObjInfoBytes:
		return nil, Errorf(InvalidArgument, "s3 obj info greater than 1k %s", shown())
	case obj.RoleArn != nil && (obj.Ak != nil || obj.Sk != nil):
		return nil, bothKeysAndRole()
	case obj.RoleArn == nil && (obj.Ak == nil || obj.Sk == nil):
		return nil, Errorf(InvalidArgument, "s3 obj info err %s", shown())
	case req.GetCloudUniqueId() == "":
		return nil, Errorf(InvalidArgument, "cloud unique id not set")
	}
	return obj, nil
}

// alterStore runs an operation on the object stores of an instance that exists
// and is not deleted.
func (s *Service) alterStore(ctx context.Context, operation string, req *pb.AlterObjStoreInfoRequest, target string, apply func(*pb.InstanceInfoPB, *Env) error) error {
	return s.change(ctx, &change{
		trace: trace{operation: operation, target: target, request: req},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error {
			if !env.Exists {
				return noInstance(doc.GetInstanceId())
			}
			if doc.GetStatus() == pb.InstanceInfoPB_DELETED {
				return deleted(NotFound)
			}
			return apply(doc, env)
		},
	}, req.GetCloudUniqueId(), Errorf(InvalidArgument, "empty instance_id"))
}

func addObjInfo(doc *pb.InstanceInfoPB, given *pb.ObjectStoreInfoPB, env *Env) error {
	if doc.GetEnableStorageVault() {
		return Errorf(InvalidArgument, "Storage vault doesn't support add obj info")
	}
	if len(doc.GetObjInfo()) >= maxObjInfo {
		return Errorf(Internal, "this instance history has greater than %d objs, please new another instance", maxObjInfo)
	}
	if given.RoleArn != nil {
		if err := checkRole(given); err != nil {
			return err
		}
	} else if !placed(given) || given.GetAk() == "" || given.GetSk() == "" || unknownProvider(given) {
		return Errorf(InvalidArgument, "s3 conf info err, please check it")
	}
	id := nextStoreID(doc)
	added, err := newObjectStore(given, id, storeField(id), doc, env)
	if err != nil {
		return err
	}
	for _, obj := range doc.GetObjInfo() {
		sk, err := env.vault.open(storeKeys(storeField(obj.GetId()), obj))
		if err == nil && sk == given.GetSk() && sameStore(obj, added) {
			return Errorf(InvalidArgument, "original obj infos has a same conf, please check it").About(ADuplicate)
		}
	}
	doc.ObjInfo = append(doc.ObjInfo, added)
	return nil
}

func sameStore(a, b *pb.ObjectStoreInfoPB) bool {
	parts := func(o *pb.ObjectStoreInfoPB) []string {
		return []string{o.GetBucket(), o.GetPrefix(), o.GetEndpoint(), o.GetRegion(), o.GetAk(), o.GetExternalEndpoint(), o.GetRoleArn(), o.GetProvider().String()}
	}
	return slices.Equal(parts(a), parts(b))
}

// LegacyUpdateAkSk is API's.
func (s *Service) LegacyUpdateAkSk(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	obj, err := givenStore(req, pb.AlterObjStoreInfoRequest_LEGACY_UPDATE_AK_SK)
	if err != nil {
		return err
	}
	return s.alterStore(ctx, "legacy_update_ak_sk", req, obj.GetId(), func(doc *pb.InstanceInfoPB, env *Env) error {
		return legacyUpdateAkSk(doc, obj, env)
	})
}

// legacyUpdateAkSk rotates the keys of the n-th object store (meta-service.md 6.3).
func legacyUpdateAkSk(doc *pb.InstanceInfoPB, given *pb.ObjectStoreInfoPB, env *Env) error {
	n, err := strconv.Atoi(given.GetId())
	if err != nil || n < 1 || n > len(doc.GetObjInfo()) {
		return Errorf(InvalidArgument, "id invalid, please check it: id=%s, instance %s has ids 1 to %d", given.GetId(), doc.GetInstanceId(), len(doc.GetObjInfo()))
	}
	obj := doc.ObjInfo[n-1]
	if given.RoleArn != nil {
		return assumeRole(obj, given, env)
	}
	if given.GetAk() == "" || given.GetSk() == "" {
		return Errorf(InvalidArgument, "s3 conf info err, please check it: ak and sk must not be empty")
	}
	if err := env.rotate(storeKeys(storeField(obj.GetId()), obj), given); err != nil {
		return env.orUnchanged(err)
	}
	obj.RoleArn, obj.ExternalId, obj.CredProviderType = nil, nil, nil
	obj.Mtime = new(env.Now)
	return nil
}

// assumeRole replaces an object store's keys by a role.
func assumeRole(obj, given *pb.ObjectStoreInfoPB, env *Env) error {
	if given.GetRoleArn() == "" {
		return Errorf(InvalidArgument, "role_arn is empty: give a role, or ak and sk")
	}
	if obj.GetProvider() != pb.ObjectStoreInfoPB_S3 {
		return Errorf(InvalidArgument, "role_arn is only supported for s3 provider")
	}
	if obj.GetRoleArn() == given.GetRoleArn() && obj.GetExternalId() == given.GetExternalId() {
		return env.orUnchanged(errSameKeys)
	}
	obj.Ak, obj.Sk, obj.EncryptionInfo = nil, nil, nil
	obj.RoleArn, obj.ExternalId = given.RoleArn, given.ExternalId
	obj.CredProviderType = pb.CredProviderTypePB_INSTANCE_PROFILE.Enum()
	obj.Mtime = new(env.Now)
	return nil
}
