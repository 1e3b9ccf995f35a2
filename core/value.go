package core

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// values says what the records of each key type hold (meta-service.md 11.2).
// Types that are absent hold no message this schema declares.
var values = map[string]proto.Message{
	"InstanceKey":              (*pb.InstanceInfoPB)(nil),
	"TxnLabelKey":              (*pb.TxnLabelPB)(nil),
	"TxnInfoKey":               (*pb.TxnInfoPB)(nil),
	"TxnIndexKey":              (*pb.TxnIndexPB)(nil),
	"TxnRunningKey":            (*pb.TxnRunningPB)(nil),
	"PartitionVersionKey":      (*pb.VersionPB)(nil),
	"TableVersionKey":          (*pb.VersionPB)(nil),
	"MetaRowsetKey":            (*pb.RowsetMetaCloudPB)(nil),
	"MetaRowsetTmpKey":         (*pb.RowsetMetaCloudPB)(nil),
	"MetaTabletKey":            (*pb.TabletMetaCloudPB)(nil),
	"MetaTabletIdxKey":         (*pb.TabletIndexPB)(nil),
	"MetaSchemaKey":            (*pb.TabletSchemaCloudPB)(nil),
	"RecycleIndexKey":          (*pb.RecycleIndexPB)(nil),
	"RecyclePartKey":           (*pb.RecyclePartitionPB)(nil),
	"RecycleRowsetKey":         (*pb.RecycleRowsetPB)(nil),
	"RecycleTxnKey":            (*pb.RecycleTxnPB)(nil),
	"RecycleStageKey":          (*pb.RecycleStagePB)(nil),
	"StatsTabletKey":           (*pb.TabletStatsPB)(nil),
	"JobTabletKey":             (*pb.TabletJobInfoPB)(nil),
	"JobRecycleKey":            (*pb.JobRecyclePB)(nil),
	"StorageVaultKey":          (*pb.StorageVaultPB)(nil),
	"MetaServiceRegistryKey":   (*pb.ServiceRegistryPB)(nil),
	"MetaServiceArnInfoKey":    (*pb.RamUserPB)(nil),
	"MetaServiceEncryptionKey": (*pb.EncryptionKeyInfoPB)(nil),
	"RosterHistoryKey":         (*pb.HistoryPB)(nil),
	"RosterRequestKey":         (*pb.RequestPB)(nil),
	"RosterNodeKey":            (*pb.NodeIndexPB)(nil),
	"RosterInstanceKey":        (*pb.InstanceSeenPB)(nil),
	"RosterUserKey":            (*pb.UserPB)(nil),
	"RosterLeaseKey":           (*pb.LeasePB)(nil),
	"RosterServerKey":          (*pb.ServerPB)(nil),
}

// splitTypes are those whose records may be cut into chunks under longer keys.
var splitTypes = map[string]bool{"MetaSchemaKey": true, "MetaDeleteBitmap": true}

// key finds the key that a query names.
func (q KeyQuery) key() ([]byte, error) {
	if q.Key == "" {
		key, err := metakey.EncodeType(q.Type, func(name string) string { return q.Params[name] })
		if err != nil {
			return nil, Errorf(InvalidArgument, "%s", err)
		}
		return key, nil
	}
	if !knownType(q.Type) {
		return nil, Errorf(InvalidArgument, "key_type not supported: %s", orEmpty(shorten(q.Type, MaxNameBytes)))
	}
	if len(q.Key) > 2*MaxKeyBytes {
		return nil, tooLong("key", len(q.Key), 2*MaxKeyBytes)
	}
	return metakey.Unhex(q.Key), nil
}

func knownType(name string) bool {
	for _, t := range metakey.Types() {
		if t.Name == name {
			return true
		}
	}
	return false
}

// message is an empty message of the kind the query's type holds.
func (q KeyQuery) message() (proto.Message, error) {
	m, ok := values[q.Type]
	if !ok {
		return nil, Errorf(InvalidArgument, "values of key_type %s have no JSON form here", q.Type)
	}
	return m.ProtoReflect().New().Interface(), nil
}

// GetValue is API's.
func (s *Service) GetValue(ctx context.Context, query KeyQuery) (text string, err error) {
	key, err := query.key()
	if err != nil {
		return "", err
	}
	err = s.view(ctx, func(r Reader) error {
		raw, err := readValue(r, query.Type, key)
		if err != nil {
			return err
		}
		if raw == nil {
			return Errorf(Internal, "kv not found, key=%x", key)
		}
		text, err = query.render(r, key, raw)
		return err
	})
	return text, err
}

// readValue reads a record, and puts one that is split together.
func readValue(r Reader, keyType string, key []byte) ([]byte, error) {
	raw, err := r.Get(key)
	if raw != nil || err != nil || !splitTypes[keyType] {
		return raw, err
	}
	page, err := r.Scan(Range{Start: key, End: metakey.PrefixEnd(key)})
	for _, chunk := range page.Items {
		raw = append(raw, chunk.Value...)
	}
	return raw, err
}

// render shows a record as the existing service does (meta-service.md 9.3).
func (q KeyQuery) render(r Reader, key, raw []byte) (string, error) {
	switch q.Type {
	case "MetaDeleteBitmap":
		return hex.EncodeToString(raw), nil
	case "StatsTabletKey":
		return renderStats(r, key)
	}
	m, err := q.parse(key, raw)
	if err != nil {
		return "", err
	}
	switch q.Type {
	case "MetaServiceEncryptionKey", "MetaServiceArnInfoKey":
		// Whoever may read records need not know the keys of the whole service.
		seal.Mask(m)
	}
	text := compactJSON(m)
	if q.Type == "TxnLabelKey" {
		text += fmt.Sprintf("\ntxn_id=%d", stampedTxnID(raw[len(raw)-stampBytes:]))
	}
	return text, nil
}

// parse reads a record into the message of its type.
func (q KeyQuery) parse(key, raw []byte) (proto.Message, error) {
	m, err := q.message()
	if err != nil {
		return nil, err
	}
	if q.Type == "TxnLabelKey" {
		if len(raw) < stampBytes {
			return nil, Errorf(InvalidArgument, "failed to parse value, key=%x", key)
		}
		raw = raw[:len(raw)-stampBytes]
	}
	if err := proto.Unmarshal(raw, m); err != nil {
		return nil, Errorf(InvalidArgument, "failed to parse value, key=%x", key).Because(err)
	}
	return m, nil
}

func renderStats(r Reader, key []byte) (string, error) {
	if metakey.TypeOf(key) != "StatsTabletKey" {
		return "", Errorf(InvalidArgument, "key=%x is not of key_type StatsTabletKey", key)
	}
	decoded, err := metakey.Decode(key)
	if err != nil {
		return "", Errorf(InvalidArgument, "failed to decode key, key=%x", key).Because(err)
	}
	f := decoded.Fields
	idx := &pb.TabletIndexPB{TableId: &f[3].Int, IndexId: &f[4].Int, PartitionId: &f[5].Int, TabletId: &f[6].Int}
	stats, detached, err := readTabletStats(r, f[1].Str, idx)
	if err != nil {
		return "", err
	}
	merged := proto.CloneOf(stats)
	mergeStats(merged, detached)
	if detached == nil {
		detached = new(pb.TabletStatsPB)
	}
	return fmt.Sprintf("aggregated_stats: %s\ndetached_stats: %s\nmerged_stats: %s\n",
		compactJSON(stats), compactJSON(detached), compactJSON(merged)), nil
}

// SetValue is API's. An instance's record must carry the id its key names, and
// takes its nodes' index entries with it.
func (s *Service) SetValue(ctx context.Context, query KeyQuery, json []byte) (string, error) {
	key, err := query.key()
	if err != nil {
		return "", err
	}
	decoded, err := metakey.Decode(key)
	if err != nil {
		return "", Errorf(InvalidArgument, "failed to decode key, key=%x", key)
	}
	if have := metakey.TypeOf(key); have != query.Type && have != "" {
		return "", Errorf(InvalidArgument, "key is of key_type %s, given key_type is %s, key=%x", have, query.Type, key)
	}
	if len(decoded.Fields) < 2 || decoded.Fields[0].Str == "roster" {
		return "", Errorf(InvalidArgument, "key=%x is kept by the server itself and cannot be set", key)
	}
	value, err := query.message()
	if err != nil {
		return "", err
	}
	if err := (protojson.UnmarshalOptions{}).Unmarshal(json, value); err != nil {
		return "", Errorf(InvalidArgument, "invalid input json value, cannot parse json to pb, key_type=%s%s", query.Type, jsonFault.FindString(err.Error()))
	}
	var text string
	t := &trace{operation: "set_value", target: shorten(hex.EncodeToString(key), MaxNameBytes), request: value}
	if decoded.Space == 1 {
		t.instance = decoded.Fields[1].Str
	}
	err = s.amend(ctx, t, string(key), func(tx Txn, _ time.Time) (err error) {
		text, err = s.setValue(tx, query, key, value)
		return err
	})
	if err == nil && text == "" { // a repeat of a request that was applied
		text = "key_hex=" + hex.EncodeToString(key)
	}
	return text, err
}

// jsonFault is where the parser found a fault; what it found may be a secret.
var jsonFault = regexp.MustCompile(` \(line \d+:\d+\)`)

func (s *Service) setValue(tx Txn, query KeyQuery, key []byte, value proto.Message) (string, error) {
	if err := s.sealValue(tx, key, value); err != nil {
		return "", err
	}
	raw, err := proto.Marshal(value)
	if err != nil || len(raw) == 0 {
		return "", Errorf(InvalidArgument, "failed to serialize, key=%x: the value is empty", key).Because(err)
	}
	original, err := tx.Get(key)
	if err != nil {
		return "", err
	}
	was := ""
	if original != nil {
		m, err := query.parse(key, original)
		if err != nil {
			return "", Errorf(Internal, "failed to parse value, key=%x", key).Because(err)
		}
		was = compactJSON(m)
	}
	if query.Type == "TxnLabelKey" {
		stamp := make([]byte, stampBytes)
		if original != nil {
			stamp = original[len(original)-stampBytes:]
		}
		raw = append(raw, stamp...)
	}
	if doc, ok := value.(*pb.InstanceInfoPB); ok {
		if err := indexDocument(tx, key, original, doc); err != nil {
			return "", err
		}
	}
	if err := tx.Put(key, raw); err != nil {
		return "", err
	}
	return strings.Join([]string{
		"key_hex=" + hex.EncodeToString(key),
		"original_value_json=" + was,
		"new_value_json=" + compactJSON(value),
		"original_value_hex=" + hex.EncodeToString(original),
		"new_value_hex=" + hex.EncodeToString(raw),
	}, "\n"), nil
}

// sealValue seals the secret keys that a value brings in clear.
func (s *Service) sealValue(r Reader, key []byte, value proto.Message) error {
	decoded, err := metakey.Decode(key)
	if err != nil {
		return Errorf(Internal, "failed to decode key, key=%x", key).Because(err)
	}
	vault := secrets{keys: s.keys, reader: r, instance: decoded.Fields[1].Str}
	switch v := value.(type) {
	case *pb.InstanceInfoPB:
		_, err = vault.renew(instanceKeys(v, nil))
	case *pb.StorageVaultPB:
		_, err = vault.renew(instanceKeys(nil, []*pb.StorageVaultPB{v}))
	}
	return err
}

// indexDocument keeps the node index true to a document written by hand.
func indexDocument(tx Txn, key, original []byte, doc *pb.InstanceInfoPB) error {
	id := doc.GetInstanceId()
	if string(metakey.Instance(id)) != string(key) {
		return Errorf(InvalidArgument, "instance_id is %q in the value, not the one in the key, key=%x", id, key)
	}
	was, err := parseInstance(id, original)
	if err != nil {
		return err
	}
	uniques := slices.Sorted(maps.Keys(nodeIDs(doc)))
	keys := make([][]byte, len(uniques))
	for i, unique := range uniques {
		keys[i] = metakey.NodeIndex(unique)
	}
	got, err := tx.BatchGet(keys)
	if err != nil {
		return err
	}
	holders, err := readHolders(got, []*change{{nodes: uniques}})
	if err != nil {
		return err
	}
	for _, unique := range uniques {
		if holder, ok := holders[unique]; ok && holder != id {
			return occupied(tx, holder, unique)
		}
	}
	if err := writeNodeIndex(tx, was, doc); err != nil {
		return err
	}
	return writeRecord(tx, metakey.InstanceSeen(id), &pb.InstanceSeenPB{Ctime: new(doc.GetCtime())})
}
