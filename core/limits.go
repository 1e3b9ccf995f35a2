package core

import (
	"fmt"
	"strings"
	"unicode"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "roster/core/metapb"
)

// Limits on what one request may hold; InvalidArgument beyond them.
const (
	// MaxNameBytes bounds names, ids, addresses and user names.
	MaxNameBytes = 256
	// MaxTextBytes bounds descriptions, reasons and the parts of object stores.
	MaxTextBytes = 1024
	// MaxNodes bounds the nodes of one call.
	MaxNodes = 10_000
	// MaxInstanceNodes bounds the nodes of an instance.
	MaxInstanceNodes = 25_000
	// MaxInstances bounds the instances one get_cluster_status asks about.
	MaxInstances = 1_000
	// MaxStatuses bounds the clusters in the answer to one get_cluster_status.
	MaxStatuses = 100_000
	// MaxListed bounds every other list of one call.
	MaxListed = 10_000
)

// texts are the fields bounded by MaxTextBytes.
var texts = map[protoreflect.Name]bool{
	"desc": true, "comment": true, "reason": true, "properties": true,
	"ak": true, "sk": true, "role_arn": true, "bucket": true, "prefix": true, "endpoint": true, "external_endpoint": true,
	"public_endpoint": true, "private_endpoint": true,
	"hdfs_kerberos_keytab": true, "key": true, "value": true, "fs_name": true,
}

// checkLengths holds every string and list of a request to its limit, and keeps
// control characters out of names: they would break the lines of whoever lists them.
func checkLengths(m proto.Message) error { return checkMessage(m.ProtoReflect(), nil) }

// spot is where in a request a message is. Its name is made only for an error.
type spot struct {
	in    *spot
	field protoreflect.Name
	// index is that in a list, -1 outside of one.
	index int
}

func (p *spot) String() string {
	if p == nil {
		return ""
	}
	name := string(p.field)
	if p.in != nil {
		name = p.in.String() + "." + name
	}
	if p.index >= 0 {
		name = fmt.Sprintf("%s[%d]", name, p.index)
	}
	return name
}

func checkMessage(m protoreflect.Message, in *spot) (err error) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsMap():
			err = checkMap(fd, v.Map(), in)
		case fd.IsList():
			err = checkList(fd, v.List(), in)
		default:
			err = checkValue(fd, v, in, -1)
		}
		return err == nil
	})
	return err
}

func checkMap(fd protoreflect.FieldDescriptor, m protoreflect.Map, in *spot) (err error) {
	name := &spot{in, fd.Name(), -1}
	if m.Len() > MaxListed {
		return tooMany(name.String(), m.Len(), MaxListed)
	}
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if n := len(k.String()); n > MaxNameBytes {
			err = tooLong("a key of "+name.String(), n, MaxNameBytes)
			return false
		}
		if n := len(v.String()); n > MaxTextBytes {
			err = tooLong(fmt.Sprintf("%s[%q]", name, k.String()), n, MaxTextBytes)
		}
		return err == nil
	})
	return err
}

var nodeMessage = (*pb.NodeInfoPB)(nil).ProtoReflect().Descriptor()

func checkList(fd protoreflect.FieldDescriptor, list protoreflect.List, in *spot) error {
	limit := MaxListed
	if fd.Message() == nodeMessage {
		limit = MaxNodes
	}
	if list.Len() > limit {
		return tooMany((&spot{in, fd.Name(), -1}).String(), list.Len(), limit)
	}
	for i := range list.Len() {
		if err := checkValue(fd, list.Get(i), in, i); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(fd protoreflect.FieldDescriptor, v protoreflect.Value, in *spot, index int) error {
	if fd.Message() != nil {
		return checkMessage(v.Message(), &spot{in, fd.Name(), index})
	}
	if fd.Kind() != protoreflect.StringKind {
		return nil
	}
	limit := MaxNameBytes
	if texts[fd.Name()] {
		limit = MaxTextBytes
	} else if strings.ContainsFunc(v.String(), unicode.IsControl) {
		return Errorf(InvalidArgument, "%s holds a control character, which names may not", &spot{in, fd.Name(), index})
	}
	if n := len(v.String()); n > limit {
		return tooLong((&spot{in, fd.Name(), index}).String(), n, limit)
	}
	return nil
}

func tooLong(name string, n, limit int) *Error {
	return Errorf(InvalidArgument, "%s is %d bytes long, at most %d are allowed", name, n, limit)
}

func tooMany(name string, n, limit int) *Error {
	return Errorf(InvalidArgument, "%s has %d entries, at most %d are allowed in one call: split it", name, n, limit)
}
