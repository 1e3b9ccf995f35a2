package cluster

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tikv/client-go/v2/oracle"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/txnkv"
)

// maxStride is the most keys that Next leaves in one region.
const maxStride = 100

// Splitter splits regions of a cluster, ours or a real one.
type Splitter struct {
	client *txnkv.Client
	prefix []byte
	next   []byte
	made   int
}

// NewSplitter connects to the cluster of the PD servers. Next stays among the
// keys with the prefix.
func NewSplitter(pds []string, prefix []byte) (*Splitter, error) {
	client, err := txnkv.NewClient(pds)
	if err != nil {
		return nil, fmt.Errorf("connect to PD at %v: %w", pds, err)
	}
	return &Splitter{client: client, prefix: prefix, next: prefix}, nil
}

// Made counts the regions that were made.
func (s *Splitter) Made() int { return s.made }

// Close ends the connections.
func (s *Splitter) Close() error { return s.client.Close() }

// At makes a region begin at each of the keys.
func (s *Splitter) At(ctx context.Context, keys ...[]byte) error {
	made, err := s.client.SplitRegions(ctx, keys, false, nil)
	s.made += len(made)
	if err != nil {
		return fmt.Errorf("split at %q: %w", keys, err)
	}
	return nil
}

// Next splits at a key that is stored, up to 100 keys after the last, so that
// calls in a row go through all of them again and again.
func (s *Splitter) Next(ctx context.Context) error {
	version, err := s.client.GetTimestampWithRetry(tikv.NewBackoffer(ctx, int(10*time.Second/time.Millisecond)), oracle.GlobalTxnScope)
	if err != nil {
		return err
	}
	snapshot := s.client.GetSnapshot(version)
	snapshot.SetKeyOnly(true)
	snapshot.SetScanBatchSize(maxStride)
	keys, err := snapshot.Iter(s.next, after(s.prefix))
	if err != nil {
		return err
	}
	defer keys.Close()
	var ahead [][]byte
	for len(ahead) < maxStride && keys.Valid() {
		ahead = append(ahead, bytes.Clone(keys.Key()))
		if err := keys.Next(); err != nil {
			return err
		}
	}
	if len(ahead) == 0 {
		s.next = s.prefix
		return nil
	}
	at := ahead[rand.IntN(len(ahead))]
	// Beyond it, so that the walk comes to the end of the keys.
	s.next = append(bytes.Clone(at), 0)
	return s.At(ctx, at)
}

// after is the first key beyond those with the prefix, nil if there is none.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return append(bytes.Clone(prefix[:i]), prefix[i]+1)
		}
	}
	return nil
}
