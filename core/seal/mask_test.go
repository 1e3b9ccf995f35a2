package seal

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"roster/core/metapb"
)

const plainText = "plain-text"

// unknown is a field 20000 that no message type has.
var unknown = protowire.AppendString(protowire.AppendTag(nil, 20000, protowire.BytesType), canary)

// fill sets every field of m, secrets to the canary, and adds an unknown field.
func fill(m protoreflect.Message, depth int) {
	m.SetUnknown(unknown)
	if depth == 0 {
		return
	}
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		value := func(f protoreflect.FieldDescriptor, fresh func() protoreflect.Value) protoreflect.Value {
			if f.Kind() == protoreflect.StringKind {
				return protoreflect.ValueOfString(plainText)
			}
			v := fresh()
			if f.Message() != nil {
				fill(v.Message(), depth-1)
			}
			return v
		}
		options := f.Options().(*descriptorpb.FieldOptions)
		switch {
		case f.IsMap():
			entries := m.Mutable(f).Map()
			entries.Set(protoreflect.ValueOfString("key").MapKey(), value(f.MapValue(), entries.NewValue))
		case f.IsList():
			list := m.Mutable(f).List()
			list.Append(value(f, list.NewElement))
			list.Append(value(f, list.NewElement))
		case options.GetDebugRedact():
			m.Set(f, protoreflect.ValueOfString(canary))
		default:
			m.Set(f, value(f, func() protoreflect.Value { return m.NewField(f) }))
		}
	}
}

// printed is every form a message may leave the process in.
func printed(t *testing.T, m proto.Message) string {
	t.Helper()
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	text := prototext.MarshalOptions{AllowPartial: true, EmitUnknown: true}.Format(m)
	json := protojson.MarshalOptions{AllowPartial: true}.Format(m)
	return strings.Join([]string{text, json, string(wire), fmt.Sprintf("%v %+v %q", m, m, m)}, "\n")
}

func TestRedactedHidesEverySecretOfTheSchema(t *testing.T) {
	count := 0
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		name := string(mt.Descriptor().FullName())
		if !strings.HasPrefix(name, "doris.cloud.") && !strings.HasPrefix(name, "roster.") || mt.Descriptor().IsMapEntry() {
			return true
		}
		count++
		t.Run(name, func(t *testing.T) {
			m := mt.New().Interface()
			fill(m.ProtoReflect(), 5)
			before := proto.Clone(m)
			if !shows(printed(t, m), canary) {
				t.Fatal("the canary is not in the message to begin with")
			}

			redacted := Redacted(m)
			if out := printed(t, redacted); shows(out, canary) {
				t.Errorf("the canary is in %s", out)
			}
			if got, want := strings.Count(fmt.Sprint(redacted), plainText), strings.Count(fmt.Sprint(m), plainText); got != want {
				t.Errorf("%d of %d texts that are no secrets are left", got, want)
			}
			if !proto.Equal(m, before) {
				t.Error("the original changed")
			}
			Mask(m)
			if !proto.Equal(m, redacted) {
				t.Error("Mask in place and Redacted differ")
			}
		})
		return true
	})
	if count < 50 {
		t.Errorf("only %d message types were tried", count)
	}
}

func TestMaskKeepsTheRest(t *testing.T) {
	req := func(ak, sk string) *metapb.CreateInstanceRequest {
		return &metapb.CreateInstanceRequest{
			InstanceId: new("instance-1"),
			ObjInfo:    &metapb.ObjectStoreInfoPB{Ak: new(ak), Sk: new(sk), Bucket: new("b"), Provider: new(metapb.ObjectStoreInfoPB_S3)},
		}
	}
	got := Redacted(req(canary, ""))
	if want := req(Masked, Masked); !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	unset := &metapb.CreateInstanceRequest{ObjInfo: &metapb.ObjectStoreInfoPB{Ak: new(canary)}}
	if Mask(unset); unset.ObjInfo.Sk != nil {
		t.Errorf("an unset field became %q", unset.ObjInfo.GetSk())
	}
}

func TestMaskAcceptsNothing(t *testing.T) {
	Mask(nil)
	Mask((*metapb.InstanceInfoPB)(nil))
	if got := Redacted((*metapb.InstanceInfoPB)(nil)); got != nil {
		t.Errorf("a nil message became %v", got)
	}
	if got := Redacted[proto.Message](nil); got != nil {
		t.Errorf("a nil interface became %v", got)
	}
	Mask(&metapb.InstanceInfoPB{ObjInfo: []*metapb.ObjectStoreInfoPB{nil}})
}

// TestMaskHandlesEveryShapeOfField uses a schema of its own: the real one marks
// only single strings so far.
func TestMaskHandlesEveryShapeOfField(t *testing.T) {
	file, err := parseFile(`
		name: "shapes.proto" package: "seal.test" syntax: "proto2"
		message_type { name: "Shapes"
			field { name: "list" number: 1 label: LABEL_REPEATED type: TYPE_STRING options { debug_redact: true } }
			field { name: "map" number: 2 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".seal.test.Shapes.MapEntry" options { debug_redact: true } }
			field { name: "raw" number: 3 label: LABEL_OPTIONAL type: TYPE_BYTES options { debug_redact: true } }
			field { name: "whole" number: 4 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".seal.test.Shapes" options { debug_redact: true } }
			field { name: "below" number: 5 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".seal.test.Shapes.BelowEntry" }
			field { name: "pin" number: 6 label: LABEL_OPTIONAL type: TYPE_INT64 oneof_index: 0 options { debug_redact: true } }
			field { name: "one" number: 7 label: LABEL_OPTIONAL type: TYPE_STRING oneof_index: 0 options { debug_redact: true } }
			field { name: "open" number: 8 label: LABEL_REPEATED type: TYPE_STRING }
			oneof_decl { name: "choice" }
			nested_type { name: "MapEntry" options { map_entry: true }
				field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
				field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING } }
			nested_type { name: "BelowEntry" options { map_entry: true }
				field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
				field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".seal.test.Shapes" } }
		}`)
	if err != nil {
		t.Fatal(err)
	}
	shapes := file.Messages().ByName("Shapes")
	parse := func(text string) proto.Message {
		m := dynamicpb.NewMessage(shapes)
		if err := prototext.Unmarshal([]byte(text), m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	tests := []struct{ name, in, want string }{
		{"a list", `list: "a" list: ""`, `list: "******" list: "******"`},
		{"a map, but not its keys", `map { key: "k" value: "a" } map { key: "l" value: "b" }`,
			`map { key: "k" value: "******" } map { key: "l" value: "******" }`},
		{"bytes", `raw: "a"`, ``},
		{"a message", `whole { open: "a" }`, ``},
		{"a number", `pin: 1234`, ``},
		{"a string of a oneof", `one: "a"`, `one: "******"`},
		{"what lies below a map", `below { key: "k" value { one: "a" open: "b" } }`, `below { key: "k" value { one: "******" open: "b" } }`},
		{"nothing else", `open: "a" open: "b"`, `open: "a" open: "b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parse(tt.in)
			Mask(got)
			if want := parse(tt.want); !proto.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func parseFile(text string) (protoreflect.FileDescriptor, error) {
	file := new(descriptorpb.FileDescriptorProto)
	if err := prototext.Unmarshal([]byte(text), file); err != nil {
		return nil, err
	}
	return protodesc.NewFile(file, nil)
}

func BenchmarkMask(b *testing.B) {
	doc := &metapb.InstanceInfoPB{}
	for range 10 {
		cluster := &metapb.ClusterPB{}
		for i := range 100 {
			cluster.Nodes = append(cluster.Nodes, &metapb.NodeInfoPB{Ip: new(fmt.Sprint("10.0.0.", i)), Ctime: new(int64(1))})
		}
		doc.Clusters = append(doc.Clusters, cluster)
		doc.ObjInfo = append(doc.ObjInfo, &metapb.ObjectStoreInfoPB{Sk: new(canary)})
	}
	for b.Loop() {
		Mask(doc)
	}
}
