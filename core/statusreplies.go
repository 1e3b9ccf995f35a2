package core

import (
	"bytes"
	"math"
	"sync"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// StatusDetail is what GetClusterStatus tells of one instance.
type StatusDetail = pb.GetClusterStatusResponse_GetClusterStatusResponseDetail

// StatusReplies keeps replies of GetClusterStatus and the details in them as they were
// rendered, so that an instance is decoded and rendered once as long as its record
// stays the same. It answers nothing from memory alone: see
// Service.ClusterStatusReply. It is safe for concurrent use.
type StatusReplies struct {
	render func(*StatusDetail) ([]byte, error)
	join   func(details [][]byte) []byte

	mu    sync.Mutex
	texts lru[statusPlace, *statusText]
	whole lru[string, *statusReply]
}

// statusReply is a reply and what it was made of. It does not change.
type statusReply struct {
	about []*statusText
	body  []byte
}

// statusText is a detail as it was rendered of a record. It does not change. One that
// is not kept yet has a place and a key only.
type statusText struct {
	statusPlace
	// key is the record's, raw its value, nil for none.
	key, raw []byte
	// text is nil when there is nothing to tell.
	text     []byte
	clusters int
}

type statusPlace struct {
	instance string
	// want is the status asked for, anyStatus for all.
	want int64
}

// anyStatus is outside the range of what a message can ask for.
const anyStatus = math.MaxInt64

// NewStatusReplies returns an empty cache of at most about max bytes of details and as
// many of replies. What render returns for a detail, and join for a list of these, is
// given to many and must not be changed.
func NewStatusReplies(max int, render func(*StatusDetail) ([]byte, error), join func(details [][]byte) []byte) *StatusReplies {
	return &StatusReplies{
		render: render, join: join,
		texts: newLRU[statusPlace, *statusText](max), whole: newLRU[string, *statusReply](max),
	}
}

// find returns what is kept of instances, or what is to be made of them.
func (s *StatusReplies) find(instances []string, want *pb.ClusterStatus) []*statusText {
	at := statusPlace{want: anyStatus}
	if want != nil {
		at.want = int64(*want)
	}
	found := make([]*statusText, len(instances))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, id := range instances {
		at.instance = id
		if found[i] = s.texts.find(at); found[i] == nil {
			found[i] = &statusText{statusPlace: at, key: metakey.Instance(id)}
		}
	}
	return found
}

// statusTextBytes is about what an entry takes besides its bytes.
const statusTextBytes = 256

func (t *statusText) size() int {
	return statusTextBytes + len(t.instance) + len(t.key) + len(t.raw) + cap(t.text)
}

func (s *StatusReplies) keep(made *statusText) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts.keepShare(made.statusPlace, made, made.size())
}

// drop removes an entry whose record has changed, whether or not a new one can be
// kept: statusPage would take the record for as small as it was.
func (s *StatusReplies) drop(old *statusText) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts.find(old.statusPlace) == old {
		s.texts.take(old.statusPlace)
	}
}

// answered is the last reply to a question, nil if none is kept.
func (s *StatusReplies) answered(asked string) *statusReply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole.find(asked)
}

func (s *StatusReplies) keepReply(asked string, made *statusReply) {
	size := len(asked) + cap(made.body)
	for _, t := range made.about {
		size += t.size()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole.keepShare(asked, made, size)
}

// dropReply removes a reply that does not hold any more: its records, of whatever
// size by now, would be read at once for it each time.
func (s *StatusReplies) dropReply(asked string, old *statusReply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.whole.find(asked) == old {
		s.whole.take(asked)
	}
}

// holds reports whether records are still what the reply was made of.
func (r *statusReply) holds(records [][]byte) bool {
	for i, t := range r.about {
		if !bytes.Equal(t.raw, records[i]) {
			return false
		}
	}
	return true
}
