package httpfront

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"github.com/valyala/fasthttp"
	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metapb/pbjson"
)

const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=utf-8"
	indent   = "    "
)

// reply is what a route answers on success: text, JSON, or else the envelope.
type reply struct {
	// text is the whole body, and so is json.
	text, json []byte
	// result goes into the envelope, as JSON indented for it; none when nil.
	result []byte
}

func (r reply) write(ctx *fasthttp.RequestCtx) {
	if r.text != nil {
		writeText(ctx, fasthttp.StatusOK, r.text)
		return
	}
	body := r.json
	switch {
	case body != nil:
	case r.result == nil:
		body = done
	default:
		body = envelope(core.OK, "", r.result)
	}
	writeJSON(ctx, fasthttp.StatusOK, body)
}

// done is the envelope of success without a result.
var done = envelope(core.OK, "", nil)

// writeError answers with a failure, and with result if any.
func writeError(ctx *fasthttp.RequestCtx, code core.Code, msg string, result []byte) {
	body := envelope(code, msg, result)
	if code.Passing() {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
	}
	writeJSON(ctx, code.HTTPStatus(), body)
}

func writeJSON(ctx *fasthttp.RequestCtx, status int, body []byte) {
	write(ctx, status, typeJSON, body)
}

func writeText(ctx *fasthttp.RequestCtx, status int, body []byte) {
	write(ctx, status, typeText, body)
}

func write(ctx *fasthttp.RequestCtx, status int, contentType string, body []byte) {
	ctx.SetStatusCode(status)
	ctx.Response.Header.SetContentType(contentType)
	// Replies can hold secret keys, and say what was true at one moment.
	ctx.Response.Header.SetCanonical([]byte(fasthttp.HeaderCacheControl), []byte("no-store"))
	ctx.Response.Header.SetCanonical([]byte(fasthttp.HeaderXContentTypeOptions), []byte("nosniff"))
	ctx.Response.SetBodyRaw(body)
}

// envelope is the reply object of the meta-service: four blanks of indent and a
// line feed at the end. result is JSON indented like that, or nil for none.
func envelope(code core.Code, msg string, result []byte) []byte {
	head := "{\n" + indent + `"code": "` + code.String() + "\",\n" + indent + `"msg": `
	const middle, tail = ",\n" + indent + `"result": `, "\n}\n"
	if result == nil {
		return slices.Concat([]byte(head), quote(msg), []byte(tail))
	}
	return slices.Concat([]byte(head), quote(msg), []byte(middle), result, []byte(tail))
}

// quote is a JSON string with nothing escaped that need not be.
func quote(s string) []byte {
	if s == "" { // as in every success
		return []byte(`""`)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // any string can be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// scratches are buffers to render into: what is kept of a reply shall be as long as
// it is.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// maxScratch is the largest buffer that is kept for the next reply.
const maxScratch = 1 << 20

// result renders a message as it is in the envelope.
func result(m proto.Message) ([]byte, error) {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	rendered, err := pbjson.AppendIndented((*scratch)[:0], m, 1)
	if cap(rendered) <= maxScratch {
		*scratch = rendered
	}
	return bytes.Clone(rendered), err
}
