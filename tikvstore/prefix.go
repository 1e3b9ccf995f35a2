package tikvstore

import (
	"bytes"

	"roster/core"
	"roster/core/metakey"
)

// prefix begins every key of a Store in the cluster, and no key outside of it.
type prefix string

func (p prefix) add(key []byte) []byte {
	return append(append(make([]byte, 0, len(p)+len(key)), p...), key...)
}

func (p prefix) addAll(keys [][]byte) [][]byte {
	all := make([][]byte, len(keys))
	for i, key := range keys {
		all[i] = p.add(key)
	}
	return all
}

// strip copies a key without the prefix.
func (p prefix) strip(key []byte) []byte { return bytes.Clone(key[len(p):]) }

// bounds are those of a range in the cluster, which holds keys of others too.
func (p prefix) bounds(rng core.Range) (start, end []byte) {
	if rng.End == nil {
		return p.add(rng.Start), metakey.PrefixEnd([]byte(p))
	}
	return p.add(rng.Start), p.add(rng.End)
}
