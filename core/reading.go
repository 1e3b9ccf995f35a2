package core

import (
	"bytes"
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// extent is how much of an instance a read is about.
type extent int

const (
	// documentOnly is the instance's own record, masked.
	documentOnly extent = iota
	// wholeMasked is what GetInstance returns without Call.Reveal.
	wholeMasked
	// wholeRevealed is what GetInstance returns under Call.Reveal.
	wholeRevealed
)

// systemKeys are those of the records besides its own that an instance is made of.
var systemKeys = [][]byte{documentOnly: nil, wholeMasked: metakey.MetaServiceArnInfo(), wholeRevealed: metakey.MetaServiceEncryption()}

// keys are those of the records that show this much of an instance.
func (e extent) keys(instanceID string) [][]byte {
	keys := slices.Clone(systemKeys[:e+1])
	keys[0] = metakey.Instance(instanceID)
	return keys
}

// Reading is an instance as one read found it: the records as they are stored, of
// which the document is made on demand. Two readings with equal records are the
// same document; see Rendered. It may be kept, and used by many at once.
type Reading struct {
	keyring  *seal.Keyring
	instance string
	extent   extent
	// raw are the values of extent.keys.
	raw [][]byte
}

// ReadInstance reads what GetInstance returns, with the same errors except for
// those of records that cannot be decoded: they are Reading.Instance's.
func (s *Service) ReadInstance(ctx context.Context, req *pb.GetInstanceRequest) (Reading, error) {
	if CallOf(ctx).Reveal {
		return s.read(ctx, req, wholeRevealed)
	}
	return s.read(ctx, req, wholeMasked)
}

// ReadDocument is ReadInstance for less: of one record, without the account the
// service itself acts as, and with secret keys masked whoever asks.
func (s *Service) ReadDocument(ctx context.Context, req *pb.GetInstanceRequest) (Reading, error) {
	return s.read(ctx, req, documentOnly)
}

func (s *Service) read(ctx context.Context, req *pb.GetInstanceRequest, e extent) (Reading, error) {
	if req.GetInstanceId() == "" && req.GetCloudUniqueId() == "" {
		return Reading{}, Errorf(InvalidArgument, "empty instance_id and cloud_unique_id")
	}
	if !plainName(req.GetInstanceId()) || !plainName(req.GetCloudUniqueId()) {
		if err := checkLengths(req); err != nil {
			return Reading{}, err
		}
	}
	found := Reading{keyring: s.keys, instance: req.GetInstanceId(), extent: e}
	if found.instance == "" {
		found.instance = embeddedInstance(req.GetCloudUniqueId())
	}
	var err error
	if found.instance == "" || versionOf(ctx) != 0 {
		err = s.view(ctx, func(r Reader) error { return found.from(r, req) })
	} else {
		ctx, cancel := bounded(ctx)
		defer cancel()
		found.raw, err = s.store.Read(ctx, e.keys(found.instance)...)
	}
	if err != nil {
		return Reading{}, err
	}
	if found.raw[0] == nil {
		return Reading{}, Errorf(NotFound, "failed to get instance, info=failed to get instance, instance_id=%s err=KeyNotFound", found.instance).About(TheInstance)
	}
	return found, nil
}

// plainName reports whether a name is clearly one that checkLengths lets pass, which
// takes longer to find out.
func plainName(name string) bool {
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' {
			return false
		}
	}
	return len(name) <= MaxNameBytes
}

// from reads what the request asks for of one snapshot.
func (r *Reading) from(snapshot Reader, req *pb.GetInstanceRequest) error {
	if r.instance == "" {
		id, err := resolve(snapshot, req.GetCloudUniqueId())
		if err != nil {
			return err
		}
		if id == "" {
			return Errorf(InvalidArgument, "cannot find instance_id with cloud_unique_id=%s", req.GetCloudUniqueId())
		}
		r.instance = id
	}
	keys := r.extent.keys(r.instance)
	found, err := snapshot.BatchGet(keys)
	if err != nil {
		return err
	}
	r.raw = make([][]byte, len(keys))
	for i, key := range keys {
		r.raw[i] = found[string(key)]
	}
	return nil
}

// InstanceID is the id of the instance read.
func (r Reading) InstanceID() string { return r.instance }

// Instance decodes what was read, anew on each call.
func (r Reading) Instance() (*pb.InstanceInfoPB, error) {
	doc, err := parseInstance(r.instance, r.raw[0])
	if err != nil {
		return nil, err
	}
	if r.extent >= wholeMasked {
		if doc.IamUser, err = iamUser(r.raw[wholeMasked], r.instance); err != nil {
			return nil, err
		}
	}
	if r.extent < wholeRevealed {
		seal.Mask(doc)
		return doc, nil
	}
	vault := secrets{keys: r.keyring, reader: readAlready{value: r.raw[wholeRevealed]}, instance: r.instance}
	if err := vault.revealAll(documentKeys(doc)); err != nil {
		return nil, err
	}
	return doc, nil
}

// same reports whether two readings with one extent are of equal records.
func (r Reading) same(raw [][]byte) bool { return slices.EqualFunc(r.raw, raw, bytes.Equal) }

// readAlready is a Reader for who wants one more record, when that has been read.
type readAlready struct {
	Reader
	value []byte
}

func (r readAlready) Get([]byte) ([]byte, error) { return r.value, nil }

// iamUser is the account the service itself acts as in object stores, the same
// for all instances but for its external id (meta-service.md 5.3).
func iamUser(raw []byte, instanceID string) (*pb.RamUserPB, error) {
	if raw == nil {
		return &pb.RamUserPB{UserId: new(""), Ak: new(""), Sk: new(""), ExternalId: &instanceID}, nil
	}
	user := new(pb.RamUserPB)
	if err := proto.Unmarshal(raw, user); err != nil {
		return nil, Errorf(Internal, "failed to parse RamUserPB").Because(err)
	}
	return user, nil
}
