package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

const (
	mixedClients = 64
	mixedRounds  = 6
	// mixedPerInstance clients share an instance, so that their changes meet in
	// one document.
	mixedPerInstance = 16
)

// TestMixedFronts: what one front has changed the other reads at once, while many
// clients of both work on the same instances.
func TestMixedFronts(t *testing.T) {
	rest, sql := restAt(t, reference), sqlAt(t, reference)
	s := &suite{api: rest, level: reference}
	var instances []string
	for range mixedClients / mixedPerInstance {
		instances = append(instances, s.instance(t))
	}
	var all sync.WaitGroup
	for i := range mixedClients {
		w := &mixedClient{rest: rest, sql: sql, instance: instances[i/mixedPerInstance], cluster: fmt.Sprintf("mixed_%d", i), number: i}
		all.Go(func() {
			checks.Add(1)
			if err := w.run(t.Context()); err != nil {
				t.Errorf("client %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for _, id := range instances {
		if got := len(s.read(t, id).GetClusters()); got != mixedPerInstance {
			t.Errorf("instance %s has %d clusters, want %d", id, got, mixedPerInstance)
		}
	}
}

// mixedClient changes a cluster of its own by one front and reads it by the other.
type mixedClient struct {
	rest              *harness.REST
	sql               *harness.SQL
	instance, cluster string
	number            int
}

// fronts are who writes and who reads in a round.
func (c *mixedClient) fronts(round int) (writer, reader core.API) {
	if (c.number+round)%2 == 0 {
		return c.rest, c.sql
	}
	return c.sql, c.rest
}

func (c *mixedClient) run(ctx context.Context) error {
	kind := pb.ClusterPB_COMPUTE
	writer, _ := c.fronts(0)
	if err := writer.AddCluster(ctx, c.request(&pb.ClusterPB{ClusterName: &c.cluster, Type: &kind})); err != nil {
		return fmt.Errorf("add_cluster: %w", err)
	}
	turn := []pb.ClusterStatus{pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_TO_RESUME, pb.ClusterStatus_NORMAL}
	for round := range mixedRounds {
		writer, reader := c.fronts(round)
		status := turn[round%len(turn)]
		if err := writer.SetClusterStatus(ctx, c.request(&pb.ClusterPB{ClusterStatus: &status})); err != nil {
			return fmt.Errorf("round %d by %T, set_cluster_status: %w", round, writer, err)
		}
		node := &pb.NodeInfoPB{
			CloudUniqueId: new(fmt.Sprintf("1:%s:%s_%d", c.instance, c.cluster, round)),
			Ip:            new(fmt.Sprintf("10.9.%d.%d", c.number, round)), HeartbeatPort: new(int32(9050)),
		}
		if err := writer.AddNode(ctx, c.request(&pb.ClusterPB{Type: &kind, Nodes: []*pb.NodeInfoPB{node}})); err != nil {
			return fmt.Errorf("round %d by %T, add_node: %w", round, writer, err)
		}
		if err := c.verify(ctx, reader, status, round+1); err != nil {
			return fmt.Errorf("round %d by %T, read by %T: %w", round, writer, reader, err)
		}
	}
	return nil
}

// verify reads the cluster by an operation and from the tables of SQL.
func (c *mixedClient) verify(ctx context.Context, reader core.API, status pb.ClusterStatus, nodes int) error {
	unique := "1:" + c.instance + ":any"
	resp, err := reader.GetCluster(ctx, &pb.GetClusterRequest{CloudUniqueId: &unique, ClusterId: &c.cluster})
	if err != nil {
		return err
	}
	if len(resp.GetCluster()) != 1 {
		return fmt.Errorf("%d clusters have the id %s", len(resp.GetCluster()), c.cluster)
	}
	if k := resp.GetCluster()[0]; k.GetClusterStatus() != status || len(k.GetNodes()) != nodes {
		return fmt.Errorf("get_cluster has %v and %d nodes, want %v and %d", k.GetClusterStatus(), len(k.GetNodes()), status, nodes)
	}
	const query = `SELECT c.status, COUNT(n.ip) FROM roster.clusters c LEFT JOIN roster.nodes n ON n.instance_id = c.instance_id AND n.cluster_id = c.cluster_id
		WHERE c.instance_id = ? AND c.cluster_id = ? GROUP BY c.status`
	var selected string
	var count int
	if err := c.sql.DB.QueryRowContext(ctx, query, c.instance, c.cluster).Scan(&selected, &count); err != nil {
		return fmt.Errorf("SELECT: %w", err)
	}
	if selected != status.String() || count != nodes {
		return fmt.Errorf("SELECT has %s and %d nodes, want %v and %d", selected, count, status, nodes)
	}
	return nil
}

func (c *mixedClient) request(k *pb.ClusterPB) *pb.AlterClusterRequest {
	k.ClusterId = &c.cluster
	return &pb.AlterClusterRequest{InstanceId: &c.instance, Cluster: k}
}

// TestMixedKeys: keys that SQL has set are read in clear over REST by an admin,
// and nowhere in SQL.
func TestMixedKeys(t *testing.T) {
	for _, level := range levels {
		check(t, level, func(t *testing.T) {
			sql := sqlAt(t, level)
			s := &suite{api: sql, level: level}
			id := newID("keys")
			s.must(t, "create_instance", fill(id, `{"instance_id":"$I","user_id":"u",`+objInfo+`,"ram_user":{"user_id":"ru","ak":"ra","sk":"rs"}}`))
			s.must(t, "update_ak_sk", fill(id, `{"instance_id":"$I","internal_bucket_user":[{"user_id":"b","ak":"new-access","sk":"it's \"a\" \\ secret"}],
				"ram_user":{"user_id":"ru","ak":"ram-access","sk":"ram-secret"}}`))
			doc := (&suite{api: restAt(t, level)}).read(t, id)
			if o := doc.GetObjInfo()[0]; o.GetAk() != "new-access" || o.GetSk() != `it's "a" \ secret` {
				t.Errorf("over REST the object store has ak %q, sk %q", o.GetAk(), o.GetSk())
			}
			if u := doc.GetRamUser(); u.GetAk() != "ram-access" || u.GetSk() != "ram-secret" {
				t.Errorf("over REST the ram_user has ak %q, sk %q", u.GetAk(), u.GetSk())
			}
			for _, text := range []string{"SHOW INSTANCE `$I`", "SHOW CREATE INSTANCE `$I`", "SHOW FULL OBJECT STORES IN `$I`", "SHOW STORAGE IN `$I`",
				"SHOW HISTORY OF INSTANCE `$I`", "SELECT * FROM `$I`.object_stores", "SELECT * FROM `$I`.history", "SELECT * FROM roster.sessions"} {
				rows, err := sql.Query(t.Context(), fill(id, text))
				if err != nil {
					t.Errorf("%s: %v", text, err)
				}
				if len(rows) == 0 {
					t.Errorf("%s answers nothing", text)
				}
				for _, row := range rows {
					for column, value := range row {
						if strings.Contains(value, "secret") || strings.Contains(value, "new-access") || strings.Contains(value, "ram-access") {
							t.Errorf("%s shows a key in %s: %s", text, column, value)
						}
					}
				}
			}
			if strings.Contains(serverAt(t, level).Output(), "ram-secret") {
				t.Error("the server's output holds a secret key")
			}
		})
	}
}
