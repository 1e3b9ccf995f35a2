package metapb_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	pb "roster/core/metapb"
	"roster/core/metapb/random"
)

// fast is a message with the methods that encode without reflection.
type fast interface {
	proto.Message
	SizeVT() int
	MarshalVT() ([]byte, error)
}

var fastMessages = []fast{new(pb.InstanceInfoPB), new(pb.HistoryPB), new(pb.RequestPB), new(pb.NodeIndexPB)}

func TestGeneratedEncodingDecodesToWhatItWasMadeOf(t *testing.T) {
	for _, kind := range fastMessages {
		t.Run(string(kind.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			anyBytes := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 200), func(b []byte) string { return string(b) })
			rapid.Check(t, func(t *rapid.T) {
				m := kind.ProtoReflect().New()
				random.Fill(t, m, 3, anyBytes)
				want := m.Interface().(fast)

				raw, err := want.MarshalVT()
				if err != nil {
					t.Fatal(err)
				}
				if len(raw) != proto.Size(want) || len(raw) != want.SizeVT() {
					t.Fatalf("%d bytes, sizes are %d and %d", len(raw), proto.Size(want), want.SizeVT())
				}
				got := m.New().Interface()
				if err := proto.Unmarshal(raw, got); err != nil {
					t.Fatal(err)
				}
				if !proto.Equal(got, want) {
					t.Fatalf("got %v, want %v", got, want)
				}
			})
		})
	}
}
