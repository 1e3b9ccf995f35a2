package admin

import (
	"bytes"
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// jsonOf is a message as one line of JSON with the names of its schema.
func jsonOf(m proto.Message) string {
	// The stored messages are complete, so they always print.
	raw, err := protojson.MarshalOptions{UseProtoNames: true, AllowPartial: true}.Marshal(m)
	if err != nil {
		return "{}"
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return "{}"
	}
	return line.String()
}
