package core

import (
	"iter"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// keyPair is where a record keeps an access key and a secret key. Its field binds
// the sealed text to its place, so that it opens nowhere else.
type keyPair struct {
	field  string
	ak, sk **string
	info   **pb.EncryptionInfoPB
}

const (
	ramUserField = "ram_user.sk"
	iamUserField = "iam_user.sk"
)

func storeField(id string) string { return "obj_info." + id + ".sk" }

func vaultField(id string) string { return "storage_vault." + id + ".sk" }

func storeKeys(field string, obj *pb.ObjectStoreInfoPB) keyPair {
	return keyPair{field, &obj.Ak, &obj.Sk, &obj.EncryptionInfo}
}

func userKeys(field string, user *pb.RamUserPB) keyPair {
	return keyPair{field, &user.Ak, &user.Sk, &user.EncryptionInfo}
}

// documentKeys are the key pairs of a document.
func documentKeys(doc *pb.InstanceInfoPB) iter.Seq[keyPair] {
	return func(yield func(keyPair) bool) {
		for _, obj := range doc.GetObjInfo() {
			if !yield(storeKeys(storeField(obj.GetId()), obj)) {
				return
			}
		}
		for _, stage := range doc.GetStages() {
			if stage.ObjInfo != nil && !yield(storeKeys("stages."+stage.GetStageId()+".sk", stage.ObjInfo)) {
				return
			}
		}
		if doc.GetRamUser() != nil && !yield(userKeys(ramUserField, doc.RamUser)) {
			return
		}
		if doc.GetIamUser() != nil {
			yield(userKeys(iamUserField, doc.IamUser))
		}
	}
}

// instanceKeys are the key pairs of an instance: of its document and its vaults.
func instanceKeys(doc *pb.InstanceInfoPB, vaults []*pb.StorageVaultPB) iter.Seq[keyPair] {
	return func(yield func(keyPair) bool) {
		for pair := range documentKeys(doc) {
			if !yield(pair) {
				return
			}
		}
		for _, v := range vaults {
			if v.ObjInfo != nil && !yield(storeKeys(vaultField(v.GetId()), v.ObjInfo)) {
				return
			}
		}
	}
}

// secrets seals and opens the secret keys of one instance.
type secrets struct {
	keys     *seal.Keyring
	reader   Reader
	instance string
	legacy   *seal.Legacy
}

// seal sets a pair's secret key to the sealed form of plain.
func (v *secrets) seal(pair keyPair, plain string) error {
	sealed, info, err := v.keys.Seal(v.instance, pair.field, plain)
	if err != nil {
		return Errorf(Internal, "failed to encrypt").Because(err)
	}
	*pair.sk, *pair.info = &sealed, info
	return nil
}

// open returns a pair's secret key in clear.
func (v *secrets) open(pair keyPair) (string, error) {
	if *pair.sk == nil {
		return "", nil
	}
	var legacy seal.Legacy
	if (*pair.info).GetEncryptionMethod() == seal.MethodECB {
		if err := v.readLegacy(); err != nil {
			return "", err
		}
		legacy = *v.legacy
	}
	plain, err := v.keys.Open(v.instance, pair.field, **pair.sk, *pair.info, legacy)
	if err != nil {
		return "", Errorf(Internal, "failed to decrypt a secret of instance %s: %v", v.instance, err).Because(err)
	}
	return plain, nil
}

// reveal puts a pair's secret key in clear.
func (v *secrets) reveal(pair keyPair) error {
	if *pair.sk == nil {
		return nil
	}
	plain, err := v.open(pair)
	*pair.sk = &plain
	return err
}

func (v *secrets) revealAll(pairs iter.Seq[keyPair]) error {
	for pair := range pairs {
		if err := v.reveal(pair); err != nil {
			return err
		}
	}
	return nil
}

// renew seals what an old key sealed, or nobody, anew and reports whether there
// was anything. A secret that does not open stays as it is.
func (v *secrets) renew(pairs iter.Seq[keyPair]) (renewed bool, err error) {
	for pair := range pairs {
		if *pair.sk == nil || !v.keys.Stale(*pair.info) {
			continue
		}
		plain, err := v.open(pair)
		if err != nil {
			continue
		}
		if err := v.seal(pair, plain); err != nil {
			return false, err
		}
		renewed = true
	}
	return renewed, nil
}

// readLegacy reads the keys of records that the C++ service wrote.
func (v *secrets) readLegacy() error {
	if v.legacy != nil {
		return nil
	}
	raw, err := v.reader.Get(metakey.MetaServiceEncryption())
	if err != nil {
		return err
	}
	var info *pb.EncryptionKeyInfoPB
	if raw != nil {
		info = new(pb.EncryptionKeyInfoPB)
		if err := proto.Unmarshal(raw, info); err != nil {
			return Errorf(Internal, "failed to parse EncryptionKeyInfoPB").Because(err)
		}
	}
	v.legacy = new(seal.NewLegacy(info))
	return nil
}
