package core

import (
	"context"
	"errors"

	pb "roster/core/metapb"
)

// errSameKeys refuses a rotation to the keys that are stored.
var errSameKeys = Errorf(InvalidArgument, "ak sk eq original, please check it")

// complete says whether an account has everything it needs.
func complete(u *pb.RamUserPB) bool {
	return u.GetUserId() != "" && u.GetAk() != "" && u.GetSk() != ""
}

// newKeys are the keys to rotate to.
type newKeys interface {
	GetAk() string
	GetSk() string
}

// rotate replaces a key pair, or returns errSameKeys.
func (e *Env) rotate(pair keyPair, to newKeys) error {
	// A secret that does not open differs from any: rotation is how to repair it.
	sk, err := e.vault.open(pair)
	if err == nil && *pair.ak != nil && **pair.ak == to.GetAk() && sk == to.GetSk() {
		return errSameKeys
	}
	*pair.ak = new(to.GetAk())
	return e.vault.seal(pair, to.GetSk())
}

// orUnchanged makes a rotation to the stored keys a success in compat doris
// (contract R10).
func (e *Env) orUnchanged(err error) error {
	if errors.Is(err, errSameKeys) && e.compat == CompatDoris {
		return errUnchanged
	}
	return err
}

// UpdateAkSk is API's.
func (s *Service) UpdateAkSk(ctx context.Context, req *pb.UpdateAkSkRequest) error {
	if req.GetInstanceId() == "" {
		return Errorf(InvalidArgument, "instance id not set")
	}
	if req.RamUser == nil && len(req.GetInternalBucketUser()) == 0 {
		return Errorf(InvalidArgument, "nothing to update")
	}
	return s.change(ctx, &change{
		trace: trace{operation: "update_ak_sk", instance: req.GetInstanceId(), request: req},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error { return updateAkSk(doc, req, env) },
	}, "", nil)
}

// updateAkSk rotates the keys of the accounts named (meta-service.md 6.4).
func updateAkSk(doc *pb.InstanceInfoPB, req *pb.UpdateAkSkRequest, env *Env) error {
	if !env.Exists {
		return noInstance(req.GetInstanceId())
	}
	if doc.GetStatus() == pb.InstanceInfoPB_DELETED {
		return deleted(NotFound)
	}
	if req.RamUser != nil {
		if err := updateRamUser(doc, req, env); err != nil {
			return err
		}
	}
	found := len(req.GetInternalBucketUser()) == 0
	for _, user := range req.GetInternalBucketUser() {
		if user.UserId == nil || user.GetAk() == "" || user.GetSk() == "" {
			return Errorf(InvalidArgument, "s3 bucket info err %s", shownRequest(req))
		}
		for _, obj := range doc.GetObjInfo() {
			switch obj.GetUserId() {
			case user.GetUserId():
			case "":
				if len(req.GetInternalBucketUser()) != 1 {
					return Errorf(InvalidArgument, "fail to update old instance's obj_info, s3 obj info err %s", shownRequest(req))
				}
			default:
				continue
			}
			found = true
			if err := env.rotate(storeKeys(storeField(obj.GetId()), obj), user); err != nil {
				return err
			}
			obj.UserId = user.UserId
			obj.Mtime = new(env.Now)
		}
	}
	if !found {
		return Errorf(InvalidArgument, "fail to find the alter obj info")
	}
	return nil
}

func updateRamUser(doc *pb.InstanceInfoPB, req *pb.UpdateAkSkRequest, env *Env) error {
	switch {
	case !complete(req.RamUser):
		return Errorf(InvalidArgument, "ram user info err %s", shownRequest(req))
	case doc.RamUser == nil:
		return Errorf(InvalidArgument, "instance doesn't have ram user info")
	case doc.RamUser.GetUserId() != req.RamUser.GetUserId():
		return Errorf(InvalidArgument, "ram user_id err")
	}
	return env.rotate(userKeys(ramUserField, doc.RamUser), req.RamUser)
}
