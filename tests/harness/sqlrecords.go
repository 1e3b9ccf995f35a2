package harness

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
)

// GetTabletStats implements core.Records.
func (c *SQL) GetTabletStats(ctx context.Context, req *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error) {
	s := say("ADMIN SHOW TABLET STATS").of(req)
	for i, idx := range req.GetTabletIdx() {
		if i > 0 {
			s.add(",")
		}
		s.properties(idx)
	}
	rows, err := c.Query(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	resp := new(pb.GetTabletStatsResponse)
	for _, row := range rows {
		stats := new(pb.TabletStatsPB)
		if err := row.define(stats); err != nil {
			return nil, err
		}
		resp.TabletStats = append(resp.TabletStats, stats)
	}
	return resp, nil
}

// AbortTxn implements core.Records.
func (c *SQL) AbortTxn(ctx context.Context, req *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error) {
	s := say("ADMIN ABORT TXN").of(req).properties(req, "cloud_unique_id")
	return new(pb.AbortTxnResponse), c.change(ctx, s)
}

// AbortTabletJob implements core.Records.
func (c *SQL) AbortTabletJob(ctx context.Context, req *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error) {
	s := say("ADMIN ABORT TABLET JOB").of(req).properties(req.GetJob())
	return new(pb.FinishTabletJobResponse), c.change(ctx, s)
}

// GetValue implements core.Records.
func (c *SQL) GetValue(ctx context.Context, query core.KeyQuery) (string, error) {
	return c.value(ctx, say("ADMIN GET VALUE").key(query))
}

// SetValue implements core.Records.
func (c *SQL) SetValue(ctx context.Context, query core.KeyQuery, json []byte) (string, error) {
	s := say("ADMIN SET VALUE").key(query).add(" TO ?", string(json))
	if id := core.CallOf(ctx).RequestID; id != "" {
		s.add(" REQUEST ID ?", id)
	}
	return c.value(ctx, s)
}

func (c *SQL) value(ctx context.Context, s *statement) (string, error) {
	rows, err := c.Query(ctx, s.text.String(), s.args...)
	if err != nil {
		return "", err
	}
	if len(rows) != 1 {
		return "", fmt.Errorf("%s answered %d rows, want one", s.text.String(), len(rows))
	}
	return strings.TrimSuffix(rows[0]["Value"], "\n"), nil
}

// key adds which record is meant.
func (s *statement) key(q core.KeyQuery) *statement {
	s.add(" ?", q.Type)
	if q.Key != "" {
		s.add(" KEY ?", q.Key)
	}
	for i, name := range slices.Sorted(maps.Keys(q.Params)) {
		before := ", "
		if i == 0 {
			before = " PROPERTIES ("
		}
		s.add(before+"'"+name+"' = ?", q.Params[name])
	}
	if len(q.Params) > 0 {
		s.add(")")
	}
	return s
}
