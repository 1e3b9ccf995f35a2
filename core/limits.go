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
func checkLengths(m proto.Message) error { return checkMessage(m.ProtoReflect(), "") }

func checkMessage(m protoreflect.Message, path string) (err error) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		name := path + string(fd.Name())
		switch {
		case fd.IsMap():
			err = checkMap(v.Map(), name)
		case fd.IsList():
			err = checkList(fd, v.List(), name)
		default:
			err = checkValue(fd, v, name)
		}
		return err == nil
	})
	return err
}

func checkMap(m protoreflect.Map, name string) (err error) {
	if m.Len() > MaxListed {
		return tooMany(name, m.Len(), MaxListed)
	}
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if n := len(k.String()); n > MaxNameBytes {
			err = tooLong("a key of "+name, n, MaxNameBytes)
			return false
		}
		if n := len(v.String()); n > MaxTextBytes {
			err = tooLong(fmt.Sprintf("%s[%q]", name, k.String()), n, MaxTextBytes)
		}
		return err == nil
	})
	return err
}

func checkList(fd protoreflect.FieldDescriptor, list protoreflect.List, name string) error {
	limit := MaxListed
	if fd.Message() != nil && fd.Message().FullName() == (*pb.NodeInfoPB)(nil).ProtoReflect().Descriptor().FullName() {
		limit = MaxNodes
	}
	if list.Len() > limit {
		return tooMany(name, list.Len(), limit)
	}
	for i := range list.Len() {
		if err := checkValue(fd, list.Get(i), fmt.Sprintf("%s[%d]", name, i)); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(fd protoreflect.FieldDescriptor, v protoreflect.Value, name string) error {
	if fd.Message() != nil {
		return checkMessage(v.Message(), name+".")
	}
	if fd.Kind() != protoreflect.StringKind {
		return nil
	}
	limit := MaxNameBytes
	if texts[fd.Name()] {
		limit = MaxTextBytes
	} else if strings.ContainsFunc(v.String(), unicode.IsControl) {
		return Errorf(InvalidArgument, "%s holds a control character, which names may not", name)
	}
	if n := len(v.String()); n > limit {
		return tooLong(name, n, limit)
	}
	return nil
}

func tooLong(name string, n, limit int) *Error {
	return Errorf(InvalidArgument, "%s is %d bytes long, at most %d are allowed", name, n, limit)
}

func tooMany(name string, n, limit int) *Error {
	return Errorf(InvalidArgument, "%s has %d entries, at most %d are allowed in one call: split it", name, n, limit)
}
