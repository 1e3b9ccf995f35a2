package main

import (
	_ "github.com/planetscale/vtprotobuf/features/marshal"
	_ "github.com/planetscale/vtprotobuf/features/size"
	"github.com/planetscale/vtprotobuf/generator"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// hot are the messages that every change writes. They, and what is in them, get
// methods that encode without reflection; the rest would only grow the binary.
// Decoding and copying cost what they allocate, so methods for them gain nothing.
var hot = []protoreflect.FullName{
	"doris.cloud.InstanceInfoPB",
	"roster.HistoryPB", "roster.RequestPB", "roster.NodeIndexPB",
}

// generateFast adds a file of such methods beside each file with hot messages.
func generateFast(plugin *protogen.Plugin) error {
	all := map[protoreflect.FullName]*protogen.Message{}
	for _, f := range plugin.Files {
		collect(all, f.Messages)
	}
	wanted := map[protoreflect.FullName]bool{}
	for _, name := range hot {
		reach(wanted, all[name])
	}
	for _, f := range plugin.Files {
		f.Messages = only(wanted, f.Messages)
	}
	gen, err := generator.NewGenerator(plugin, []string{"marshal", "size"}, &generator.Config{})
	if err != nil {
		return err
	}
	gen.Generate()
	return nil
}

func collect(all map[protoreflect.FullName]*protogen.Message, messages []*protogen.Message) {
	for _, m := range messages {
		all[m.Desc.FullName()] = m
		collect(all, m.Messages)
	}
}

// reach adds a message and every message in its fields.
func reach(wanted map[protoreflect.FullName]bool, m *protogen.Message) {
	if wanted[m.Desc.FullName()] {
		return
	}
	wanted[m.Desc.FullName()] = true
	for _, f := range m.Fields {
		if f.Message != nil {
			reach(wanted, f.Message)
		}
	}
}

// only keeps the messages that are wanted, or hold one that is.
func only(wanted map[protoreflect.FullName]bool, messages []*protogen.Message) []*protogen.Message {
	var kept []*protogen.Message
	for _, m := range messages {
		m.Messages = only(wanted, m.Messages)
		if wanted[m.Desc.FullName()] {
			kept = append(kept, m)
		} else {
			kept = append(kept, m.Messages...)
		}
	}
	return kept
}
