package cluster

import (
	"fmt"
	"path/filepath"
	"strings"
)

func planStores(bin string, o Options, pds, ports []string) ([]*Process, error) {
	var stores []*Process
	for i := range o.Stores {
		p, err := newProcess(o, fmt.Sprintf("store%d", i+1), ports[i])
		if err != nil {
			return nil, err
		}
		p.args = []string{
			bin, "-pd=" + strings.Join(pds, ","), "-addr=" + p.listens, "-advertise=" + p.Address,
			"-dir=" + filepath.Join(o.Dir, p.Name),
		}
		stores = append(stores, p)
	}
	return stores, nil
}
