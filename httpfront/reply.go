package httpfront

import (
	"bytes"
	"encoding/json"

	"github.com/valyala/fasthttp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
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
	// result goes into the envelope as JSON; none when nil.
	result []byte
}

func (r reply) write(ctx *fasthttp.RequestCtx) error {
	if r.text != nil {
		writeText(ctx, fasthttp.StatusOK, r.text)
		return nil
	}
	body := r.json
	switch {
	case body != nil:
	case r.result == nil:
		body = done
	default:
		var err error
		if body, err = envelope(core.OK, "", r.result); err != nil {
			return err
		}
	}
	writeJSON(ctx, fasthttp.StatusOK, body)
	return nil
}

// done is the envelope of success without a result.
var done, _ = envelope(core.OK, "", nil)

// writeError answers with a failure, and with result if any.
func writeError(ctx *fasthttp.RequestCtx, code core.Code, msg string, result []byte) {
	// It fails only for a result that is no JSON.
	body, _ := envelope(code, msg, result)
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
// line feed at the end. result is JSON, or nil for none.
func envelope(code core.Code, msg string, result []byte) ([]byte, error) {
	text, err := quote(msg)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, 64+len(text)+3*len(result)))
	b.WriteString("{\n" + indent + `"code": "` + code.String() + "\",\n" + indent + `"msg": `)
	b.Write(text)
	if result != nil {
		b.WriteString(",\n" + indent + `"result": `)
		if err := json.Indent(b, result, indent, indent); err != nil {
			return nil, err
		}
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// quote is a JSON string with nothing escaped that need not be.
func quote(s string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// result renders a message; its blanks are settled by envelope.
func result(m proto.Message) ([]byte, error) {
	return protojson.MarshalOptions{UseProtoNames: true, AllowPartial: true}.Marshal(m)
}
