//go:build linux

package main

import (
	"errors"
	"maps"
	"strings"
	"testing"
)

func TestMariaDBIsRefusedUnlessItWaitsForTheDisk(t *testing.T) {
	settings := func(changed, value string) func(string) (string, error) {
		all := maps.Clone(syncedSettings)
		all[changed] = value
		return func(name string) (string, error) { return all[name], nil }
	}
	if err := checkMariaDB(settings("innodb_doublewrite", "1")); err != nil {
		t.Errorf("synced settings: %v", err)
	}
	for name := range syncedSettings {
		err := checkMariaDB(settings(name, "0"))
		if !errors.Is(err, errUnsynced) || !strings.Contains(err.Error(), name+" is 0") {
			t.Errorf("%s = 0: %v", name, err)
		}
	}
	broken := errors.New("broken")
	if err := checkMariaDB(func(string) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestAMissingPeerIsNamedAndLeftOut(t *testing.T) {
	var s servers
	var said strings.Builder
	p, err := startEtcd(t.Context(), t.TempDir()+"/etcd", t.TempDir())
	if err := s.unlessMissing(&s.etcd, p, err, &said); err != nil || s.etcd != nil || len(s.running) != 0 {
		t.Fatalf("%v, with %d running", err, len(s.running))
	}
	if !strings.Contains(said.String(), "etcd is not installed; make bin/etcd builds it") || len(s.missing) != 1 {
		t.Errorf("said %q, missing %q", said.String(), s.missing)
	}
	broken := errors.New("broken")
	if err := s.unlessMissing(&s.etcd, nil, broken, &said); !errors.Is(err, broken) {
		t.Errorf("a peer that does not start: %v, want %v", err, broken)
	}
}
