package core

import (
	"context"
	"errors"

	pb "roster/core/metapb"
)

const ramUserField = "ram_user.sk"

// errSameKeys refuses a rotation to the keys that are stored.
var errSameKeys = Errorf(InvalidArgument, "ak sk eq original, please check it")

// complete says whether an account has everything it needs.
func complete(u *pb.RamUserPB) bool {
	return u.GetUserId() != "" && u.GetAk() != "" && u.GetSk() != ""
}

// sealRamUser seals the secret key of an account that a caller gave.
func sealRamUser(u *pb.RamUserPB, env *Env) (err error) {
	u.Sk, u.EncryptionInfo, err = env.vault.seal(ramUserField, u.GetSk())
	return err
}

// keyPair is where a record keeps its access key and secret key.
type keyPair struct {
	ak, sk **string
	info   **pb.EncryptionInfoPB
}

// newKeys are the keys to rotate to.
type newKeys interface {
	GetAk() string
	GetSk() string
}

// rotate replaces a key pair, or returns errSameKeys.
func rotate(field string, pair keyPair, to newKeys, env *Env) error {
	var ak, sk string
	if *pair.ak != nil {
		ak = **pair.ak
	}
	if *pair.sk != nil {
		var err error
		if sk, err = env.vault.open(field, **pair.sk, *pair.info); err != nil {
			return err
		}
	}
	if ak == to.GetAk() && sk == to.GetSk() {
		return errSameKeys
	}
	sealed, info, err := env.vault.seal(field, to.GetSk())
	if err != nil {
		return err
	}
	*pair.ak, *pair.sk, *pair.info = new(to.GetAk()), sealed, info
	return nil
}

// unchangedIn turns errSameKeys into success without a change at a compat level
// (contract R10).
func unchangedIn(level Compat, env *Env, err error) error {
	if errors.Is(err, errSameKeys) && env.compat == level {
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
		if user.UserId == nil || user.Ak == nil || user.Sk == nil {
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
			if err := rotate(storeField(obj.GetId()), keyPair{&obj.Ak, &obj.Sk, &obj.EncryptionInfo}, user, env); err != nil {
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
	return rotate(ramUserField, keyPair{&doc.RamUser.Ak, &doc.RamUser.Sk, &doc.RamUser.EncryptionInfo}, req.RamUser, env)
}
