// Command etcd is the store of the control plane that the cluster tests run against. It comes from go.etcd.io/etcd as a Go
// module, which "go install" cannot build by itself, for it replaces its own parts by relative paths.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
