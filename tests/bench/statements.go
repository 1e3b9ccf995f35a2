//go:build linux

package main

import "fmt"

// Statements of Roster, by the text protocol.

func alterStatuses(instance string, cluster int) (commands [][]byte) {
	for _, status := range statuses {
		commands = append(commands, sqlQuery(fmt.Sprintf("ALTER CLUSTER %s IN INSTANCE `%s` SET STATUS '%s'", clusterName(cluster), instance, status)))
	}
	return commands
}

func alterNode(instance string, cluster int, n node) [][]byte {
	alter := fmt.Sprintf("ALTER CLUSTER %s IN INSTANCE `%s` ", clusterName(cluster), instance)
	return [][]byte{
		sqlQuery(fmt.Sprintf("%sADD NODE '%s:%d' UNIQUE ID '%s'", alter, n.ip, n.port, n.id)),
		sqlQuery(fmt.Sprintf("%sDROP NODE '%s:%d'", alter, n.ip, n.port)),
	}
}
