package core

import (
	"bytes"
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxShown bounds the part of a request that an error text repeats, in bytes.
const maxShown = 2048

// compactJSON is a message as one line of JSON with the names of its schema.
func compactJSON(m proto.Message) string {
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return "{}"
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return "{}"
	}
	return line.String()
}

// shownRequest is a request as an error may show it.
func shownRequest(m proto.Message) string {
	return shorten(redactedJSON(m), maxShown)
}

// orEmpty is how the existing service shows a text that was not given.
func orEmpty(s string) string {
	if s == "" {
		return "(empty)"
	}
	return s
}

// shorten cuts s to n bytes, between characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}
