package main

import (
	"sync"

	"github.com/pingcap/kvproto/pkg/tikvpb"
)

// commands is the stream by which a client sends most of its requests. unistore
// does them without the methods of service, so they are amended on their way,
// and what unistore shall not see is answered here.
type commands struct {
	tikvpb.Tikv_BatchCommandsServer
	service service
	writes  writes

	mu sync.Mutex // a stream takes one message at a time, and unistore sends too
}

func (c *commands) Send(resp *tikvpb.BatchCommandsResponse) error {
	c.writes.end(resp.RequestIds)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Tikv_BatchCommandsServer.Send(resp)
}

func (c *commands) Recv() (*tikvpb.BatchCommandsRequest, error) {
	batch, err := c.Tikv_BatchCommandsServer.Recv()
	if err != nil {
		return nil, err
	}
	rest := &tikvpb.BatchCommandsRequest{}
	answers := &tikvpb.BatchCommandsResponse{}
	for i, req := range batch.Requests {
		answer, err := c.answer(req)
		if err != nil {
			return nil, err
		}
		if answer == nil {
			rest.Requests = append(rest.Requests, req)
			rest.RequestIds = append(rest.RequestIds, batch.RequestIds[i])
		} else {
			answers.Responses = append(answers.Responses, answer)
			answers.RequestIds = append(answers.RequestIds, batch.RequestIds[i])
		}
	}
	c.writes.begin(rest)
	if len(answers.Responses) > 0 {
		err = c.Send(answers)
	}
	return rest, err
}

// answer is nil for a request that unistore is to answer.
func (c *commands) answer(req *tikvpb.BatchCommandsRequest_Request) (*tikvpb.BatchCommandsResponse_Response, error) {
	if prewrite := req.GetPrewrite(); prewrite != nil {
		refused, err := c.service.amend(c.Context(), prewrite)
		if refused == nil || err != nil {
			return nil, err
		}
		return &tikvpb.BatchCommandsResponse_Response{Cmd: &tikvpb.BatchCommandsResponse_Response_Prewrite{Prewrite: refused}}, nil
	}
	if scan := req.GetScan(); scan.GetReverse() {
		resp, err := c.service.KvScan(c.Context(), scan)
		if err != nil {
			return nil, err
		}
		return &tikvpb.BatchCommandsResponse_Response{Cmd: &tikvpb.BatchCommandsResponse_Response_Scan{Scan: resp}}, nil
	}
	if commit := req.GetCommit(); commit != nil && c.service.isLarge(commit) {
		resp, err := c.service.KvCommit(c.Context(), commit)
		if err != nil {
			return nil, err
		}
		return &tikvpb.BatchCommandsResponse_Response{Cmd: &tikvpb.BatchCommandsResponse_Response_Commit{Commit: resp}}, nil
	}
	return nil, nil
}
