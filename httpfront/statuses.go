package httpfront

import (
	"bytes"
	"context"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/core/metapb/pbjson"
)

// getClusterStatus makes its reply of what was rendered before, since it may list very
// many instances.
func getClusterStatus(ctx context.Context, s *Server, r *request) (reply, error) {
	if s.opts.Readings == nil {
		return asksClusterStatus(ctx, s, r)
	}
	body, err := s.opts.Readings.ClusterStatusReply(ctx, string(r.http.PostBody()), func() (*pb.GetClusterStatusRequest, error) {
		req := new(pb.GetClusterStatusRequest)
		return req, r.decode(req)
	}, s.statuses)
	return reply{json: body}, err
}

var asksClusterStatus = lookup(core.API.GetClusterStatus, statusResult)

func statusResult(_ *pb.GetClusterStatusRequest, resp *pb.GetClusterStatusResponse) ([]byte, error) {
	return result(&pb.GetClusterStatusResponse{Details: resp.GetDetails()})
}

// maxStatusReplies bounds the bytes of what is kept: the details of 10,000 small
// instances, and the replies that list these.
const maxStatusReplies = 16 << 20

func newStatusReplies() *core.StatusReplies {
	return core.NewStatusReplies(maxStatusReplies, statusText, statusBody)
}

// detailIndent is what each line of a detail begins with.
var detailIndent = strings.Repeat(indent, 3)

// statusText is a detail as it is in the reply, but for the indent of its first line.
func statusText(detail *core.StatusDetail) ([]byte, error) {
	rendered, err := pbjson.AppendIndented(nil, detail, 3)
	return bytes.Clone(rendered), err
}

var (
	noStatuses = envelope(core.OK, "", []byte("{}"))
	// statusHead and statusTail are what is around the details of a reply.
	statusHead, statusTail = func() (head, tail []byte) {
		one, _ := result(&pb.GetClusterStatusResponse{Details: []*core.StatusDetail{{}}})
		body := envelope(core.OK, "", one)
		head, tail, _ = bytes.Cut(body, []byte("{}"))
		return head, tail
	}()
	statusComma = ",\n" + detailIndent
)

// statusBody is the reply with these details.
func statusBody(details [][]byte) []byte {
	if len(details) == 0 {
		return noStatuses
	}
	size := len(statusHead) + len(statusTail)
	for _, detail := range details {
		size += len(detail) + len(statusComma)
	}
	body := append(make([]byte, 0, size), statusHead...)
	for i, detail := range details {
		if i > 0 {
			body = append(body, statusComma...)
		}
		body = append(body, detail...)
	}
	return append(body, statusTail...)
}
