package core

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "roster/core/metapb"
	"roster/core/seal"
)

// The fields by which a cluster is found.
var (
	clustersField    = fieldNumber(new(pb.InstanceInfoPB), "clusters")
	clusterIDField   = fieldNumber(new(pb.ClusterPB), "cluster_id")
	clusterNameField = fieldNumber(new(pb.ClusterPB), "cluster_name")
)

func fieldNumber(of proto.Message, name protoreflect.Name) protowire.Number {
	return of.ProtoReflect().Descriptor().Fields().ByName(name).Number()
}

// Cluster is the first cluster with an id and a name, "" for any, as Instance
// shows it; nil if there is none. It decodes that one only, however many there are.
func (r Reading) Cluster(id, name string) (*pb.ClusterPB, error) {
	var found []byte
	damaged := false
	intact := walk(r.raw[0], func(field protowire.Number, value []byte) bool {
		if field == clustersField {
			is, intact := identified(value, id, name)
			damaged = damaged || !intact
			if is {
				found = value
			}
		}
		return found == nil
	})
	if found == nil && intact && !damaged {
		return nil, nil
	}
	cluster := new(pb.ClusterPB)
	if found == nil || proto.Unmarshal(found, cluster) != nil {
		_, err := r.Instance() // names the damage, which may have hidden it
		return nil, err
	}
	seal.Mask(cluster)
	return cluster, nil
}

// identified reports whether an encoded cluster has an id and a name, and whether
// it is free of damage as far as one has to look.
func identified(cluster []byte, id, name string) (is, intact bool) {
	hasID, hasName := id == "", name == ""
	intact = walk(cluster, func(field protowire.Number, value []byte) bool {
		switch {
		case field == clusterIDField && id != "":
			hasID = string(value) == id
			return hasID && !hasName
		case field == clusterNameField && name != "":
			hasName = string(value) == name
			return hasName && !hasID
		}
		return true
	})
	return hasID && hasName, intact
}

// walk calls use for the fields of an encoded message that hold bytes, until it
// returns false or damage ends the message. It reports whether it met no damage.
func walk(message []byte, use func(field protowire.Number, value []byte) bool) (intact bool) {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(field, kind, message); n < 0 {
			return false
		}
		if kind == protowire.BytesType {
			if value, _ := protowire.ConsumeBytes(message); !use(field, value) {
				return true
			}
		}
		message = message[n:]
	}
	return true
}
