package core

import (
	"bytes"
	"context"
	"errors"

	pb "roster/core/metapb"
)

// ClusterStatusReply is the answer of GetClusterStatus as replies makes it. asked is
// what decode makes the request of: who asks the same again gets the same reply as long
// as the records it is about stay the same. These are read anew each time, in one
// snapshot.
func (s *Service) ClusterStatusReply(ctx context.Context, asked string, decode func() (*pb.GetClusterStatusRequest, error), replies *StatusReplies) ([]byte, error) {
	if last := replies.answered(asked); last != nil && versionOf(ctx) == 0 {
		records, err := s.readStatuses(ctx, last.about)
		if err != nil {
			return nil, err
		}
		if last.holds(records) {
			return last.body, nil
		}
		replies.dropReply(asked, last)
	}
	req, err := decode()
	if err != nil {
		return nil, err
	}
	if err := checkStatusRequest(req); err != nil {
		return nil, err
	}
	return s.makeStatusReply(ctx, asked, req, replies)
}

func (s *Service) makeStatusReply(ctx context.Context, asked string, req *pb.GetClusterStatusRequest, replies *StatusReplies) (_ []byte, err error) {
	list := statusList{replies: replies, want: req.Status}
	about := replies.find(unique(req.GetInstanceIds()), req.Status)
	atOnce := len(about) > 0 && onOnePage(about) && versionOf(ctx) == 0
	if atOnce {
		err = list.readLatest(ctx, s, about)
	} else {
		err = s.view(ctx, func(r Reader) error {
			list = statusList{replies: replies, want: req.Status}
			ids, err := statusInstances(r, req)
			if err != nil {
				return err
			}
			return list.readAll(ctx, r, replies.find(unique(ids), req.Status))
		})
	}
	if err == nil {
		err = list.fault
	}
	if err != nil {
		return nil, err
	}
	body := replies.join(list.told)
	if atOnce && onOnePage(about) { // as the records are now
		replies.keepReply(asked, &statusReply{about, body})
	}
	return body, nil
}

// readStatuses reads all records at once, which costs less than a View.
func (s *Service) readStatuses(ctx context.Context, about []*statusText) ([][]byte, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return s.store.Read(ctx, statusKeys(about)...)
}

// statusPage is as many, from the first on, as may have their records in memory at
// once: instancePage of any size, or more that are known to be small.
func statusPage(about []*statusText) []*statusText {
	size := 0
	for i, t := range about {
		if t.raw == nil {
			size += MaxValueBytes
		} else {
			size += len(t.raw)
		}
		if size > instancePage*MaxValueBytes {
			return about[:i]
		}
	}
	return about
}

func onOnePage(about []*statusText) bool { return len(statusPage(about)) == len(about) }

func statusKeys(page []*statusText) [][]byte {
	keys := make([][]byte, len(page))
	for i, t := range page {
		keys[i] = t.key
	}
	return keys
}

// statusList is an answer in the making.
type statusList struct {
	replies  *StatusReplies
	want     *pb.ClusterStatus
	told     [][]byte
	clusters int
	// fault is why instances could not be rendered, which counts if nothing else is
	// wrong.
	fault error
}

func (l *statusList) readLatest(ctx context.Context, s *Service, about []*statusText) error {
	records, err := s.readStatuses(ctx, about)
	if err != nil {
		return err
	}
	return l.take(about, records)
}

// readAll takes in instances as they are in a snapshot.
func (l *statusList) readAll(ctx context.Context, r Reader, about []*statusText) error {
	for len(about) > 0 {
		if ctx.Err() != nil {
			return Errorf(Unavailable, "the request's time ended while its instances were read").Because(context.Cause(ctx))
		}
		page := statusPage(about)
		about = about[len(page):]
		keys := statusKeys(page)
		got, err := r.BatchGet(keys)
		if err != nil {
			return err
		}
		records := make([][]byte, len(page))
		for i, key := range keys {
			records[i] = got[string(key)]
		}
		if err := l.take(page, records); err != nil {
			return err
		}
	}
	return nil
}

// take takes in the records of a page, whose entries it brings up to date.
func (l *statusList) take(page []*statusText, records [][]byte) error {
	for i, raw := range records {
		var err error
		if bytes.Equal(page[i].raw, raw) {
			err = l.count(page[i].clusters)
		} else {
			l.replies.drop(page[i])
			page[i], err = l.made(page[i], raw)
		}
		if err != nil {
			return err
		}
		if text := page[i].text; text != nil {
			l.told = append(l.told, text)
		}
	}
	return nil
}

// made makes an entry of a record, with no text for one that is not there or cannot be
// read.
func (l *statusList) made(old *statusText, raw []byte) (*statusText, error) {
	made := &statusText{statusPlace: old.statusPlace, key: old.key, raw: raw}
	if raw == nil {
		return made, nil
	}
	var detail *StatusDetail
	if doc, err := parseInstance(old.instance, raw); err == nil {
		detail = clusterStatuses(doc, l.want)
	}
	made.clusters = len(detail.GetClusters())
	if err := l.count(made.clusters); err != nil {
		return nil, err
	}
	if detail != nil {
		var fault error
		made.text, fault = l.replies.render(detail)
		l.fault = errors.Join(l.fault, fault)
	}
	if l.fault == nil {
		l.replies.keep(made)
	}
	return made, nil
}

func (l *statusList) count(clusters int) error {
	if l.clusters += clusters; l.clusters > MaxStatuses {
		return tooManyStatuses()
	}
	return nil
}
