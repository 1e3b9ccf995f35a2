package core

import (
	"google.golang.org/protobuf/proto"
)

// readRecord reads the message under a key into m and reports whether it is there.
func readRecord(r Reader, key []byte, m proto.Message) (bool, error) {
	raw, err := r.Get(key)
	if raw == nil || err != nil {
		return false, err
	}
	return true, parseRecord(key, raw, m)
}

func parseRecord(key, raw []byte, m proto.Message) error {
	if err := proto.Unmarshal(raw, m); err != nil {
		return Errorf(InvalidArgument, "failed to parse %s, key=%x: its record is damaged, restore it from a backup",
			m.ProtoReflect().Descriptor().Name(), key).Because(err)
	}
	return nil
}

func writeRecord(tx Txn, key []byte, m proto.Message) error {
	raw, err := encodeRecord(m)
	if err != nil {
		return err
	}
	return tx.Put(key, raw)
}

// encodeRecord uses the generated method of messages that have one; see
// core/metapb/gen.
func encodeRecord(m proto.Message) (raw []byte, err error) {
	if fast, ok := m.(interface{ MarshalVT() ([]byte, error) }); ok {
		raw, err = fast.MarshalVT()
	} else {
		raw, err = proto.Marshal(m)
	}
	if err != nil {
		return nil, Errorf(Internal, "failed to serialize").Because(err)
	}
	return raw, nil
}
