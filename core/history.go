package core

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// maxHistoryRequest bounds the request kept in a history record, in bytes.
const maxHistoryRequest = 16 << 10

// trace is what history keeps of one mutation.
type trace struct {
	call      Call
	operation string
	instance  string
	// target is the cluster, object store or record within the instance.
	target  string
	request proto.Message
	// digest tells requests apart without keeping what they hold.
	digest []byte
}

// begin notes who calls, and what tells the request apart from others. What else the request is about, besides its message, is in about.
func (t *trace) begin(ctx context.Context, about string) error {
	t.call = CallOf(ctx)
	if n := len(t.call.RequestID); n > MaxNameBytes {
		return tooLong("request_id", n, MaxNameBytes)
	}
	if t.call.RequestID == "" {
		return nil
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(t.request)
	if err != nil {
		return Errorf(InvalidArgument, "the request cannot be serialized").Because(err)
	}
	h := sha256.New()
	for _, part := range []string{t.operation, about} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(raw)
	t.digest = h.Sum(nil)
	return nil
}

// requestKey is where the caller's request id is remembered. Callers do not share
// ids: two that count from 1 must not refuse each other.
func (t *trace) requestKey() []byte {
	return metakey.Request(t.call.Caller + "/" + t.call.RequestID)
}

// repeated reports whether the caller's request id was used for this very
// request before. The same id with another request is AlreadyExisted.
func (t *trace) repeated(r Reader) (bool, error) {
	if t.call.RequestID == "" {
		return false, nil
	}
	var first pb.RequestPB
	found, err := readRecord(r, t.requestKey(), &first)
	if !found || err != nil {
		return false, err
	}
	if !bytes.Equal(first.GetDigest(), t.digest) {
		return false, Errorf(AlreadyExisted, "request_id %s was used for another request (%s), choose a new one", t.call.RequestID, first.GetOperation())
	}
	return true, nil
}

// write adds the history record, and the caller's request id, to the
// transaction. The key it returns is there exactly if the transaction committed.
func (t *trace) write(tx Txn, now time.Time, seq int64) ([]byte, error) {
	id := t.call.RequestID
	if id == "" {
		id = rand.Text()
	}
	if err := t.remember(tx, now); err != nil {
		return nil, err
	}
	key := metakey.History(t.instance, tx.Version(), seq)
	return key, writeRecord(tx, key, &pb.HistoryPB{
		OperationId: &id,
		TimeMs:      new(now.UnixMilli()),
		Front:       &t.call.Front,
		Caller:      &t.call.Caller,
		Operation:   &t.operation,
		InstanceId:  &t.instance,
		Target:      &t.target,
		Request:     new(shorten(redactedJSON(t.request), maxHistoryRequest)),
		Outcome:     new(OK.String()),
		Revision:    new(tx.Version()),
		Forced:      &t.call.Force,
	})
}

// remember keeps the caller's request id, if there is one.
func (t *trace) remember(tx Txn, now time.Time) error {
	if t.call.RequestID == "" {
		return nil
	}
	return writeRecord(tx, t.requestKey(), &pb.RequestPB{
		Operation: &t.operation,
		Digest:    t.digest,
		TimeMs:    new(now.UnixMilli()),
	})
}

// settle learns what became of a commit whose answer was lost: its history
// record is there or it is not. Guarding the absent record makes the answer
// final, because the lost commit then conflicts should it still arrive.
func (s *Service) settle(ctx context.Context, err error, mark []byte) error {
	if CodeOf(err) != Undetermined || mark == nil {
		return err
	}
	landed := false
	if check := s.store.Update(ctx, func(tx Txn) error {
		record, err := tx.Get(mark)
		if landed = record != nil; landed || err != nil {
			return err
		}
		return tx.Guard(mark)
	}); check != nil {
		return err
	}
	if landed {
		return nil
	}
	return Errorf(Conflict, "the commit was lost and nothing was written, retry").Because(err)
}
