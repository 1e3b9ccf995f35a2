package pbjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"

	pb "roster/core/metapb"
	"roster/core/metapb/random"
	"roster/core/seal"
)

// schema are all message types of ours.
var schema = func() (all []protoreflect.MessageType) {
	for _, file := range []protoreflect.FileDescriptor{pb.File_core_metapb_meta_proto, pb.File_core_metapb_tablet_proto, pb.File_core_metapb_roster_proto} {
		all = append(all, messagesOf(file.Messages())...)
	}
	return all
}()

func messagesOf(messages protoreflect.MessageDescriptors) (all []protoreflect.MessageType) {
	for i := range messages.Len() {
		d := messages.Get(i)
		if d.IsMapEntry() {
			continue
		}
		found, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
		if err != nil {
			panic(err)
		}
		all = append(append(all, found), messagesOf(d.Messages())...)
	}
	return all
}

// asProtobufs fails unless all forms of a message are those that protobuf's own writer
// gives it.
func asProtobufs(t rapid.TB, m proto.Message) {
	t.Helper()
	level := 2
	for name, form := range map[string]struct {
		write  func() (string, error)
		of     func() proto.Message
		blanks func(*bytes.Buffer, []byte) error
	}{
		"Line": {
			func() (string, error) { return Line(m) },
			func() proto.Message { return m },
			json.Compact,
		},
		"Redacted": {
			func() (string, error) { return Redacted(m) },
			func() proto.Message { return seal.Redacted(m) },
			json.Compact,
		},
		"AppendIndented": {
			func() (string, error) {
				text, err := AppendIndented([]byte("before"), m, level)
				return strings.TrimPrefix(string(text), "before"), err
			},
			func() proto.Message { return m },
			func(to *bytes.Buffer, from []byte) error {
				return json.Indent(to, from, strings.Repeat("    ", level), "    ")
			},
		},
	} {
		got, gotErr := form.write()
		own, wantErr := protojson.MarshalOptions{UseProtoNames: true, AllowPartial: true}.Marshal(form.of())
		if gotErr != nil || wantErr != nil {
			if (gotErr != nil) != (wantErr != nil) {
				t.Errorf("%s fails with %v, protobuf's writer with %v", name, gotErr, wantErr)
			}
			continue
		}
		var want bytes.Buffer
		if err := form.blanks(&want, own); err != nil {
			t.Fatal(err)
		}
		if got != want.String() {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want.String())
		}
	}
}

// fill sets every field, lists and maps to two elements, texts to text.
func fill(m protoreflect.Message, text string) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		value := func(fresh func() protoreflect.Value) protoreflect.Value {
			switch f.Kind() {
			case protoreflect.StringKind:
				return protoreflect.ValueOfString(text)
			case protoreflect.MessageKind:
				v := fresh()
				fill(v.Message(), text)
				return v
			}
			return fresh()
		}
		switch {
		case f.IsMap():
			for _, key := range []string{"b", "a"} {
				m.Mutable(f).Map().Set(protoreflect.ValueOfString(key).MapKey(), protoreflect.ValueOfString(text))
			}
		case f.IsList():
			for list := m.Mutable(f).List(); list.Len() < 2; {
				list.Append(value(list.NewElement))
			}
		default:
			m.Set(f, value(func() protoreflect.Value { return m.NewField(f) }))
		}
	}
}

func TestEveryMessageOfTheSchemaReadsAsProtobufWritesIt(t *testing.T) {
	for _, kind := range schema {
		t.Run(string(kind.Descriptor().FullName()), func(t *testing.T) {
			asProtobufs(t, kind.New().Interface())
			asProtobufs(t, kind.Zero().Interface())
			full := kind.New()
			fill(full, "text")
			asProtobufs(t, full.Interface())
			texts := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("\x00\x1f\x7f\"\\/\b\f\n\r\t<>&\u2028\ufffd"))))
			rapid.Check(t, func(t *rapid.T) {
				m := kind.New()
				random.Fill(t, m, 4, texts)
				asProtobufs(t, m.Interface())
			})
		})
	}
}

func TestNoSecretOfTheSchemaIsInRedacted(t *testing.T) {
	const canary = "sk-CANARY"
	for _, kind := range schema {
		m := kind.New()
		fill(m, "shown")
		fields := kind.Descriptor().Fields()
		for i := range fields.Len() {
			if f := fields.Get(i); seal.Masks(f) {
				m.Set(f, protoreflect.ValueOfString(canary))
				text, err := Redacted(m.Interface())
				if err != nil || strings.Contains(text, canary) || !strings.Contains(text, `"`+string(f.Name())+`":"`+seal.Masked+`"`) {
					t.Errorf("with a secret in %s it is %s, %v", f.FullName(), text, err)
				}
				if text, err := Line(m.Interface()); !strings.Contains(text, canary) {
					t.Errorf("the line shows no %s: %s, %v", f.FullName(), text, err)
				}
			}
		}
	}
}

func TestSpecialMessages(t *testing.T) {
	for name, m := range map[string]proto.Message{
		"nothing":           nil,
		"no message":        (*pb.InstanceInfoPB)(nil),
		"no element":        &pb.InstanceInfoPB{Clusters: []*pb.ClusterPB{nil, {}}},
		"empty lists":       &pb.InstanceInfoPB{LbIp: []string{}, Clusters: []*pb.ClusterPB{}},
		"an empty map":      &pb.StagePB{Properties: map[string]string{}},
		"empty bytes":       &pb.RequestPB{Digest: []byte{}},
		"an unnamed number": &pb.InstanceInfoPB{Status: pb.InstanceInfoPB_Status(77).Enum()},
		"extremes":          &pb.HistoryPB{TimeMs: new(int64(-1 << 63)), Revision: new(uint64(1<<64 - 1))},
		"broken text":       &pb.InstanceInfoPB{Name: new("a\xffb")},
		"a broken key":      &pb.StagePB{Properties: map[string]string{"\xc3": "v"}},
		"a broken value":    &pb.StagePB{Properties: map[string]string{"k": "\xed\xa0\x80"}},
		"a broken secret":   &pb.RamUserPB{Sk: new("\xff")},
		"broken in a list":  &pb.InstanceInfoPB{LbIp: []string{"a", "\xff"}},
	} {
		t.Run(name, func(t *testing.T) { asProtobufs(t, m) })
	}
}

func TestWhatIsNotInTheSchemaIsRefused(t *testing.T) {
	for name, m := range map[string]proto.Message{
		"a message without a struct":     dynamicpb.NewMessage(new(pb.NodeInfoPB).ProtoReflect().Descriptor()),
		"one with extensions":            &descriptorpb.FieldOptions{},
		"one that has a form of its own": &fieldmaskpb.FieldMask{Paths: []string{"a"}},
		"a choice":                       structpb.NewStringValue("a"),
		"numbers that are always set":    durationpb.New(1),
	} {
		if text, err := Line(m); err == nil || !strings.Contains(err.Error(), string(m.ProtoReflect().Descriptor().FullName())) {
			t.Errorf("%s is written as %q, %v", name, text, err)
		}
	}
}

func TestTablesAreMadeByManyAtOnce(t *testing.T) {
	tables.Clear()
	m := &pb.InstanceInfoPB{Clusters: []*pb.ClusterPB{{Nodes: []*pb.NodeInfoPB{{Ip: new("10.0.0.1")}}}}}
	const want = `{"clusters":[{"nodes":[{"ip":"10.0.0.1"}]}]}`
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := Line(m); got != want || err != nil {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
	wg.Wait()
}

// FuzzStored is about messages as a store may have them.
func FuzzStored(f *testing.F) {
	for i, kind := range schema {
		full := kind.New()
		fill(full, "té\"xt")
		raw, err := proto.Marshal(full.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint(i), raw)
	}
	f.Fuzz(func(t *testing.T, i uint, raw []byte) {
		m := schema[i%uint(len(schema))].New().Interface()
		if (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(raw, m) == nil {
			asProtobufs(t, m)
		}
	})
}

func BenchmarkAppendIndented(b *testing.B) {
	doc := &pb.InstanceInfoPB{InstanceId: new("instance-1"), UserId: new("user"), Name: new("name"), Status: pb.InstanceInfoPB_NORMAL.Enum()}
	cluster := &pb.ClusterPB{ClusterId: new("cluster_id_0"), ClusterName: new("cluster_0"), Type: pb.ClusterPB_COMPUTE.Enum(), Ctime: new(int64(1795000000))}
	for range 3 {
		cluster.Nodes = append(cluster.Nodes, &pb.NodeInfoPB{
			CloudUniqueId: new("1:instance-1:node-0-0"), Ip: new("10.0.0.1"), HeartbeatPort: new(int32(9050)), Ctime: new(int64(1795000000)),
		})
	}
	doc.Clusters = []*pb.ClusterPB{cluster}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf, _ = AppendIndented(buf[:0], doc, 1)
		}
	})
	b.Run("protobuf's", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf, _ = protojson.MarshalOptions{UseProtoNames: true, AllowPartial: true, Indent: "    "}.MarshalAppend(buf[:0], doc)
		}
	})
}
