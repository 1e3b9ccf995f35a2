// Command etcd is etcd as it is shipped, built from the module proxy so that a
// bench can start one.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
