//go:build linux

package main

import "fmt"

// What MariaDB is asked: the same as Roster, one statement and one transaction each,
// by the text protocol.
var (
	joinedRows = &question{
		rows: clustersPerInstance * nodesPerCluster,
		text: "SELECT i.name, i.status, c.cluster_id, c.cluster_name, c.type, c.status, n.node_id, n.ip, n.port, n.ctime, n.mtime" +
			" FROM bench.instances i JOIN bench.clusters c USING (instance_id) JOIN bench.nodes n USING (instance_id, cluster_id)" +
			" WHERE i.instance_id = '" + readInstance + "'",
	}
	jsonColumn = &question{
		rows: 1,
		text: "SELECT document FROM bench.documents WHERE instance_id = '" + readInstance + "'",
	}
	listedRows = &question{
		rows: listedInstances,
		text: "SELECT instance_id, cluster_name, cluster_id, type, status, nodes, users, mtime FROM bench.listed",
	}
)

// updateStatuses changes the row of a cluster.
func updateStatuses(instance string, cluster int) (commands [][]byte) {
	for _, status := range statuses {
		commands = append(commands, sqlQuery(fmt.Sprintf(
			"UPDATE bench.clusters SET status = '%s', mtime = UNIX_TIMESTAMP() WHERE instance_id = '%s' AND cluster_id = '%s'",
			status, instance, clusterID(cluster))))
	}
	return commands
}

// updateHotStatuses changes the row of a cluster and counts the change in the row of
// its instance, which all who write to the instance share.
func updateHotStatuses(instance string, cluster int) (commands [][]byte) {
	for _, status := range statuses {
		commands = append(commands, sqlQuery(fmt.Sprintf(
			"UPDATE bench.instances i JOIN bench.clusters c USING (instance_id) SET i.version = i.version + 1, c.status = '%s', c.mtime = UNIX_TIMESTAMP()"+
				" WHERE i.instance_id = '%s' AND c.cluster_id = '%s'",
			status, instance, clusterID(cluster))))
	}
	return commands
}

// insertNode inserts the row of a node and deletes it.
func insertNode(instance string, cluster int, n node) [][]byte {
	return [][]byte{
		sqlQuery(fmt.Sprintf("INSERT INTO bench.nodes VALUES ('%s','%s','%s','%s',%d,UNIX_TIMESTAMP(),UNIX_TIMESTAMP())",
			instance, clusterID(cluster), n.id, n.ip, n.port)),
		sqlQuery(fmt.Sprintf("DELETE FROM bench.nodes WHERE instance_id = '%s' AND cluster_id = '%s' AND node_id = '%s'",
			instance, clusterID(cluster), n.id)),
	}
}

// changing has each worker play a script of statements, each of which has to change
// rows.
func changing(server *process, scripts []*script) opener {
	return connected(server.dialSQL, func(worker int, c *sqlClient) (operation, error) {
		return func() error { return c.change(scripts[worker].next()) }, nil
	})
}
