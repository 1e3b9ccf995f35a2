package httpfront

import (
	"bytes"
	"context"
	"encoding/hex"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/metapb/pbtext"
)

// textReply is a body followed by the line feed the existing service ends with.
func textReply(body string) reply { return reply{text: []byte(body + "\n")} }

// getTabletStats answers in protobuf text unless JSON is asked for.
func getTabletStats(ctx context.Context, s *Server, r *request) (reply, error) {
	req := &pb.GetTabletStatsRequest{}
	if err := r.decode(req); err != nil {
		return reply{}, err
	}
	resp, err := s.opts.API.GetTabletStats(ctx, req)
	if err != nil {
		return reply{}, err
	}
	if r.wantsJSON() {
		body, err := result(&pb.GetTabletStatsResponse{TabletStats: resp.GetTabletStats()})
		return reply{result: body}, err
	}
	return textReply(pbtext.Multi(&pb.GetTabletStatsResponse{Status: okStatus, TabletStats: resp.GetTabletStats()})), nil
}

// abort is a route that answers in protobuf text or with the envelope, as the
// server is set and the caller asks.
func abort[T any, Req message[T], Resp proto.Message](op func(core.API, context.Context, Req) (Resp, error)) handler {
	return func(ctx context.Context, s *Server, r *request) (reply, error) {
		req := Req(new(T))
		if err := r.decode(req); err != nil {
			return reply{}, err
		}
		if _, err := op(s.opts.API, ctx, req); err != nil {
			return reply{}, err
		}
		if s.opts.AbortJSON || r.wantsJSON() {
			return reply{}, nil
		}
		return textReply(pbtext.Multi(&pb.AbortTxnResponse{Status: okStatus})), nil
	}
}

func decodeKey(_ context.Context, _ *Server, r *request) (reply, error) {
	drawing, err := draw(r.query.get("key"), r.query)
	if err != nil {
		return reply{}, err
	}
	return textReply(drawing), nil
}

// encodeKey draws the key and gives it once more as a string literal holds it.
func encodeKey(_ context.Context, _ *Server, r *request) (reply, error) {
	key, err := metakey.EncodeType(r.query.get("key_type"), r.query.get)
	if err != nil {
		return reply{}, core.Errorf(core.InvalidArgument, "%v", err)
	}
	drawing, err := draw(hex.EncodeToString(key), r.query)
	if err != nil {
		return reply{}, err
	}
	return textReply(drawing + metakey.Escaped(key) + "\n"), nil
}

func draw(key string, q query) (string, error) {
	drawing, err := metakey.Draw(key, q.get("unicode") != "false")
	if err != nil {
		return "", core.Errorf(core.InvalidArgument, "%v", err)
	}
	return drawing, nil
}

func getValue(ctx context.Context, s *Server, r *request) (reply, error) {
	value, err := s.opts.API.GetValue(ctx, keyQuery(r.query))
	if err != nil {
		return reply{}, err
	}
	return textReply(value), nil
}

// setValue hands the body on as it is: core reads it strictly.
func setValue(ctx context.Context, s *Server, r *request) (reply, error) {
	changed, err := s.opts.API.SetValue(ctx, keyQuery(r.query), bytes.Clone(r.http.PostBody()))
	if err != nil {
		return reply{}, err
	}
	return textReply(changed), nil
}

func keyQuery(q query) core.KeyQuery {
	k := core.KeyQuery{Params: make(map[string]string)}
	for name, value := range q.all() {
		switch name {
		case "key_type":
			k.Type = value
		case "key":
			k.Key = value
		case "token":
		default:
			k.Params[name] = value
		}
	}
	return k
}
