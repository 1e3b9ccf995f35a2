package core

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"roster/core/metapb/pbjson"
)

// maxShown bounds the part of a request that an error text repeats, in bytes.
const maxShown = 2048

// compactJSON is a message as one line of JSON with the names of its schema.
func compactJSON(m proto.Message) string { return orEmptyObject(pbjson.Line(m)) }

// redactedJSON is compactJSON without secrets.
func redactedJSON(m proto.Message) string { return orEmptyObject(pbjson.Redacted(m)) }

func orEmptyObject(text string, err error) string {
	if err != nil {
		return "{}"
	}
	return text
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
