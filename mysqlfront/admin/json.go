package admin

import (
	"google.golang.org/protobuf/proto"

	"roster/core/metapb/pbjson"
)

// jsonOf is a message as one line of JSON with the names of its schema.
func jsonOf(m proto.Message) string {
	line, err := pbjson.Line(m)
	if err != nil {
		return "{}"
	}
	return line
}
