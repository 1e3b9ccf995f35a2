// Package core is the domain: every operation of the resource manager as a
// function on an instance's document, and Service, which runs them as optimistic
// transactions on a Store. It knows no transport and no driver.
package core

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// Compat chooses between the published reference and the existing C++ service
// where the two disagree (contract R8, R10, R11, R12, R20, R26).
type Compat string

const (
	// CompatReference follows the published reference.
	CompatReference Compat = "reference"
	// CompatDoris follows the C++ service.
	CompatDoris Compat = "doris"
)

// MaxWait bounds every operation, its retries included.
const MaxWait = 10 * time.Second

// Options configure a Service.
type Options struct {
	Store Store
	// Local says that the Store is on this machine and gives up a commit, with
	// Undetermined, when its context ends.
	Local bool
	Keys  *seal.Keyring
	// Compat is CompatReference when empty.
	Compat Compat
	// FreeClusterNames turns the rule on cluster names off (contract R14).
	FreeClusterNames bool
	// Now is time.Now when nil.
	Now func() time.Time
}

// Service implements API over a Store. It is safe for concurrent use.
type Service struct {
	store  Store
	keys   *seal.Keyring
	now    func() time.Time
	policy policy
	lanes  *lanes
	// decoded are the documents that changes left behind.
	decoded *decoded
}

var _ API = (*Service)(nil)

// New returns a Service; the Store stays the caller's to close.
func New(opts Options) (*Service, error) {
	s := &Service{store: opts.Store, keys: opts.Keys, now: opts.Now}
	s.policy = policy{compat: opts.Compat, freeClusterNames: opts.FreeClusterNames}
	switch s.policy.compat {
	case "":
		s.policy.compat = CompatReference
	case CompatReference, CompatDoris:
	default:
		return nil, fmt.Errorf("compat is %q, want %q or %q", opts.Compat, CompatReference, CompatDoris)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.decoded = newDecoded(maxDecodedBytes)
	s.lanes = newLanes(s.commit, opts.Local)
	return s, nil
}

// Ping reads from the store, as every operation must.
func (s *Service) Ping(ctx context.Context) error { return Ping(ctx, s.store) }

// Ping fails when a store cannot be read.
func Ping(ctx context.Context, store Store) error {
	return store.View(ctx, ViewOptions{}, func(r Reader) error {
		_, err := r.Get(metakey.MetaServiceEncryption())
		return err
	})
}

// policy is how the server was told to rule where texts disagree.
type policy struct {
	compat           Compat
	freeClusterNames bool
}

// view runs fn on the snapshot ctx asks for within the time an operation may take.
func (s *Service) view(ctx context.Context, fn func(Reader) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return s.store.View(ctx, ViewOptions{Version: versionOf(ctx)}, fn)
}

// Version is that of the latest snapshot: reads at it see every change
// acknowledged before the call.
func (s *Service) Version(ctx context.Context) (version uint64, err error) {
	err = s.view(WithVersion(ctx, 0), func(r Reader) error {
		version = r.Version()
		return nil
	})
	return version, err
}

// readInstance returns nil when the instance does not exist.
func readInstance(r Reader, instanceID string) (*pb.InstanceInfoPB, error) {
	raw, err := r.Get(metakey.Instance(instanceID))
	if raw == nil || err != nil {
		return nil, err
	}
	return parseInstance(instanceID, raw)
}

// mustReadInstance is readInstance for a caller whom a missing one fails.
func mustReadInstance(r Reader, instanceID string) (*pb.InstanceInfoPB, error) {
	doc, err := readInstance(r, instanceID)
	if doc == nil && err == nil {
		err = noInstance(instanceID)
	}
	return doc, err
}

func parseInstance(instanceID string, raw []byte) (*pb.InstanceInfoPB, error) {
	doc := new(pb.InstanceInfoPB)
	if err := parseRecord(metakey.Instance(instanceID), raw, doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// instancePage bounds the documents that are in memory at once.
const instancePage = 16

// eachInstance reads many instances in the order of their ids, each once, and
// passes over those that are not there or cannot be read.
func eachInstance(ctx context.Context, r Reader, ids []string, use func(*pb.InstanceInfoPB) error) error {
	for page := range slices.Chunk(unique(ids), instancePage) {
		if ctx.Err() != nil {
			return Errorf(Unavailable, "the request's time ended while its instances were read").Because(context.Cause(ctx))
		}
		keys := make([][]byte, len(page))
		for i, id := range page {
			keys[i] = metakey.Instance(id)
		}
		got, err := r.BatchGet(keys)
		if err != nil {
			return err
		}
		for i, id := range page {
			raw := got[string(keys[i])]
			if raw == nil {
				continue
			}
			doc, err := parseInstance(id, raw)
			if err != nil {
				continue
			}
			if err := use(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// orNoInstance is noInstance if that explains why a record was not found, else err.
func orNoInstance(r Reader, instanceID string, err error) error {
	if raw, readErr := r.Get(metakey.Instance(instanceID)); raw == nil && readErr == nil {
		return noInstance(instanceID)
	}
	return err
}

// noInstance is the failure of most operations on an instance that is not there.
func noInstance(instanceID string) *Error {
	return Errorf(NotFound, "failed to get instance, instance_id=%s err=KeyNotFound", instanceID).About(TheInstance)
}
