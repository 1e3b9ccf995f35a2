package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pdConfig lets PD put a replica on every store, up to three, and elect a new
// leader within seconds. It moves no leaders, replicas or bounds for balance: a
// write that unistore has begun when its leader moves may never be answered.
const pdConfig = `lease = 2
[replication]
max-replicas = %d
[schedule]
patrol-region-interval = "10ms"
leader-schedule-limit = 0
region-schedule-limit = 0
hot-region-schedule-limit = 0
merge-schedule-limit = 0
`

// planPDs takes two ports for each server: for clients and for its peers.
func planPDs(bin string, o Options, ports []string) ([]*Process, error) {
	config := filepath.Join(o.Dir, "pd.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, pdConfig, replicasOf(o.Stores)), 0o600); err != nil {
		return nil, err
	}
	var members []string
	for i := range o.PDs {
		members = append(members, fmt.Sprintf("pd%d=http://%s", i+1, ports[2*i+1]))
	}
	var pds []*Process
	for i := range o.PDs {
		p, err := newProcess(o, fmt.Sprintf("pd%d", i+1), ports[2*i])
		if err != nil {
			return nil, err
		}
		peers := "http://" + ports[2*i+1]
		p.args = []string{
			bin, "--name=" + p.Name, "--config=" + config, "--data-dir=" + filepath.Join(o.Dir, p.Name),
			"--client-urls=http://" + p.listens, "--advertise-client-urls=http://" + p.Address,
			"--peer-urls=" + peers, "--advertise-peer-urls=" + peers,
			"--initial-cluster=" + strings.Join(members, ","),
		}
		pds = append(pds, p)
	}
	return pds, nil
}
