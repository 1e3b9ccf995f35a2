//go:build cluster

package replicas

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tikverr "github.com/tikv/client-go/v2/error"
	"github.com/tikv/client-go/v2/txnkv"

	"roster/core"
	"roster/core/metakey"
	"roster/tikvstore"
)

// bareClient does the transaction of a status change on copies of the records
// that a server has.
type bareClient struct {
	*txnkv.Client
	prefix string
	// record is what history has of one change.
	record []byte
}

// newBareClient copies the instances from the cluster that ROSTER_PD names, where
// the server with the data directory keeps them.
func newBareClient(b *testing.B, dataDir string, instances ...string) *bareClient {
	b.Helper()
	prefix, err := os.ReadFile(filepath.Join(dataDir, "tikv-prefix"))
	if err != nil {
		b.Fatal(err)
	}
	pds := strings.Split(os.Getenv("ROSTER_PD"), ",")
	client, err := txnkv.NewClient(pds)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := client.Close(); err != nil {
			b.Error(err)
		}
	})
	store, err := tikvstore.Open(b.Context(), tikvstore.Options{PDAddrs: pds, Prefix: string(prefix)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	}()
	bare := &bareClient{Client: client, prefix: "bare-" + string(prefix)}
	err = store.View(b.Context(), core.ViewOptions{}, func(r core.Reader) error {
		for _, id := range instances {
			if err := bare.copy(b.Context(), r, id); err != nil {
				return err
			}
		}
		last, err := r.Scan(core.Range{
			Start: metakey.History(instances[0], 0, 0), End: metakey.History(instances[0], math.MaxInt64, 0), Limit: 1, Reverse: true,
		})
		if err == nil && len(last.Items) == 1 {
			bare.record = last.Items[0].Value
		}
		return err
	})
	if err != nil || bare.record == nil {
		b.Fatalf("copy the records: %v; the last of history has %d bytes", err, len(bare.record))
	}
	return bare
}

// copy takes over the two records that a change reads.
func (c *bareClient) copy(ctx context.Context, r core.Reader, instance string) error {
	tx, err := c.Begin()
	if err != nil {
		return err
	}
	for _, key := range [][]byte{metakey.Instance(instance), metakey.InstanceSeen(instance)} {
		value, err := r.Get(key)
		if err != nil {
			return err
		}
		if len(value) == 0 {
			return fmt.Errorf("the server has no record at %x", key)
		}
		if err := tx.Set(c.key(key), value); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

func (c *bareClient) key(key []byte) []byte { return append([]byte(c.prefix), key...) }

// change reads the two records of an instance, and writes one of them and a new
// one of history. It tries again at once after a conflict.
func (c *bareClient) change(ctx context.Context, instance string) error {
	doc, seen := c.key(metakey.Instance(instance)), c.key(metakey.InstanceSeen(instance))
	for {
		tx, err := c.Begin()
		if err != nil {
			return err
		}
		found, err := tx.BatchGet(ctx, [][]byte{doc, seen})
		if err != nil {
			return err
		}
		if err := tx.Set(doc, found[string(doc)].Value); err != nil {
			return err
		}
		if err := tx.Set(c.key(metakey.History(instance, tx.StartTS(), 0)), c.record); err != nil {
			return err
		}
		if err = tx.Commit(ctx); !tikverr.IsErrWriteConflict(err) || ctx.Err() != nil {
			return err
		}
	}
}
