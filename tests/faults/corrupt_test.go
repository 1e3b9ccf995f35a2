package faults

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/tests/harness"
	"roster/tikvstore/embedded"
)

// TestDamagedInstance damages the record of one of two instances: the server
// says so of that one, and serves the other as before.
func TestDamagedInstance(t *testing.T) {
	rng := rand.New(rand.NewPCG(harness.Seed(t, *seed), 0))
	for _, c := range []struct {
		name   string
		damage func(record []byte) []byte
	}{
		{"random bytes", func(record []byte) []byte {
			for i := range record {
				record[i] = byte(rng.Uint32())
			}
			return record
		}},
		{"cut short", func(record []byte) []byte { return record[:len(record)-1] }},
		{"one byte", func([]byte) []byte { return []byte{0xff} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &damaged{dir: t.TempDir(), key: metakey.Instance("broken")}
			d.prepare(t, c.damage)
			s, api := start(t, d.dir)
			d.checkBroken(t, api)
			d.checkWhole(t, api)
			stop(t, s)
			d.checkUntouched(t)
			s, api = start(t, d.dir)
			d.checkRepair(t, api)
			stop(t, s)
		})
	}
}

// damaged is a data directory with the instances broken and whole, whose nodes
// are broken_node and whole_node.
type damaged struct {
	dir string
	key []byte
	// original and record are what broken held, and holds.
	original, record []byte
	whole            *pb.InstanceInfoPB
	// advised says that an error told to repair the record with set_value.
	advised bool
}

func (d *damaged) prepare(t *testing.T, damage func([]byte) []byte) {
	t.Helper()
	s, api := start(t, d.dir)
	for _, id := range []string{"broken", "whole"} {
		node := newClient(0, 0).node()
		node.CloudUniqueId = new(id + "_node")
		for _, op := range []operation{createInstance(id), addCluster(id, base, base, node)} {
			if err := op.send(t.Context(), api); err != nil {
				t.Fatal(err)
			}
		}
	}
	var err error
	if d.whole, err = read(t.Context(), api, "whole"); err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	inStore(t, d.dir, func(store *embedded.Store) error {
		return store.Update(t.Context(), func(tx core.Txn) (err error) {
			if d.original, err = tx.Get(d.key); err != nil {
				return err
			}
			d.record = damage(bytes.Clone(d.original))
			for proto.Unmarshal(d.record, new(pb.InstanceInfoPB)) == nil {
				d.record = damage(bytes.Clone(d.original))
			}
			return tx.Put(d.key, d.record)
		})
	})
}

// checkBroken checks that whatever touches the instance fails and names the key.
func (d *damaged) checkBroken(t *testing.T, api core.API) {
	t.Helper()
	id := "broken"
	for name, call := range map[string]func(context.Context) error{
		"get_instance": func(ctx context.Context) error {
			_, err := api.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &id})
			return err
		},
		"get_instance by node": func(ctx context.Context) error {
			_, err := api.GetInstance(ctx, &pb.GetInstanceRequest{CloudUniqueId: new("broken_node")})
			return err
		},
		"get_cluster": func(ctx context.Context) error {
			_, err := api.GetCluster(ctx, &pb.GetClusterRequest{CloudUniqueId: new("broken_node"), ClusterName: new(base)})
			return err
		},
		"get_obj_store_info": func(ctx context.Context) error {
			_, err := api.GetObjStoreInfo(ctx, &pb.GetObjStoreInfoRequest{CloudUniqueId: new("1:broken:any")})
			return err
		},
		"get_value": func(ctx context.Context) error {
			_, err := api.GetValue(ctx, core.KeyQuery{Type: "InstanceKey", Key: hex.EncodeToString(d.key)})
			return err
		},
		"create_instance": func(ctx context.Context) error { return createInstance(id).send(ctx, api) },
		"add_obj_info":    func(ctx context.Context) error { return addObjInfo(id, "p").send(ctx, api) },
		"add_cluster":     func(ctx context.Context) error { return addCluster(id, "c2", "c2").send(ctx, api) },
		"drop_cluster":    func(ctx context.Context) error { return dropCluster(id, base).send(ctx, api) },
		"add_node":        func(ctx context.Context) error { return addNodes(id, base, newClient(1, 0).node()).send(ctx, api) },
	} {
		err := call(t.Context())
		if !d.names(err) {
			t.Errorf("%s answers %v, want an error that names the key %x", name, err, d.key)
			continue
		}
		d.advised = d.advised || strings.Contains(err.Error(), "set_value")
	}
}

// checkWhole checks that the other instance can be read and written.
func (d *damaged) checkWhole(t *testing.T, api core.API) {
	t.Helper()
	doc, err := read(t.Context(), api, "whole")
	if err != nil || !proto.Equal(doc, d.whole) {
		t.Errorf("the other instance has changed: %v\n%s", err, difference(doc, d.whole))
	}
	if err := resolves(t.Context(), api, "whole_node", base); err != nil {
		t.Error(err)
	}
	statuses, err := api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: []string{"broken", "whole"}})
	if err != nil || len(statuses.GetDetails()) != 1 || statuses.Details[0].GetInstanceId() != "whole" {
		t.Errorf("get_cluster_status of both answers %v, %v, want the other one's clusters", statuses, err)
	}
	if err := addNodes("whole", base, newClient(1, 0).node()).send(t.Context(), api); err != nil {
		t.Error(err)
	}
}

// checkUntouched checks that the damaged record was left for inspection.
func (d *damaged) checkUntouched(t *testing.T) {
	t.Helper()
	inStore(t, d.dir, func(store *embedded.Store) error {
		return store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			now, err := r.Get(d.key)
			if !bytes.Equal(now, d.record) {
				t.Errorf("the damaged record became %x, was %x", now, d.record)
			}
			return err
		})
	})
}

// names reports whether err is a refusal that names the damaged key.
func (d *damaged) names(err error) bool {
	refusal, ok := errors.AsType[*core.Error](err)
	return ok && strings.Contains(refusal.Msg, hex.EncodeToString(d.key))
}

// checkRepair writes the record anew over REST. That may be refused, unless the
// server itself has advised it.
func (d *damaged) checkRepair(t *testing.T, api *harness.REST) {
	t.Helper()
	doc := new(pb.InstanceInfoPB)
	if err := proto.Unmarshal(d.original, doc); err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.SetValue(t.Context(), core.KeyQuery{Type: "InstanceKey", Key: hex.EncodeToString(d.key)}, text)
	switch {
	case err == nil:
		if _, err := read(t.Context(), api, "broken"); err != nil {
			t.Errorf("after the repair: %v", err)
		}
		if err := resolves(t.Context(), api, "broken_node", base); err != nil {
			t.Errorf("after the repair: %v", err)
		}
	case d.advised:
		t.Errorf("errors advise to repair the record with set_value, which answers: %v", err)
	case !d.names(err):
		t.Errorf("set_value answers %v, want an error that names the key %x", err, d.key)
	}
}
