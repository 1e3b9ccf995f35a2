package mysqlfront

import (
	"context"
	"errors"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

const (
	// maxListings bounds the answers that are kept encoded, in bytes.
	maxListings = 16 << 20
	// maxListing bounds one of them. What is longer is sent as it is made.
	maxListing = 256 << 10
)

// listings keep answers encoded as long as the instance they show stays the same.
type listings = core.Rendered[listingKey, packets]

// listingKey is all that an encoded answer depends on besides the instance.
type listingKey struct {
	session.Listing
	form
}

func newListings() *listings {
	return core.NewRendered(maxListings, func(p packets) int { return len(p.room) }, encodeListing)
}

// errLongListing says that an answer is too long to be kept.
var errLongListing = errors.New("the answer is too long to be kept")

// encodeListing makes the answer to a statement that leaves no warning, outside a
// transaction. It is empty if it is too long: that is kept too, so that it is not
// made in vain again.
func encodeListing(k listingKey, doc *pb.InstanceInfoPB) (packets, error) {
	whole := &bounded{packets{sequence: 1}}
	result := &session.Result{Columns: k.Columns(), Rows: k.Rows(doc)}
	err := k.send(context.Background(), whole, result, func(p []byte) []byte { return appendEOF(p, 0, mysql.SERVER_STATUS_AUTOCOMMIT) })
	if errors.Is(err, errLongListing) {
		return packets{}, nil
	}
	return whole.packets, err
}

// bounded takes no more than is kept.
type bounded struct{ packets }

func (b *bounded) end(grown []byte) error {
	if len(grown) > maxListing {
		return errLongListing
	}
	b.packets.end(grown)
	return nil
}

// listed answers with a listing from what is kept, if it can: sent is false for
// one that is not to be.
func (c *conn) listed(r *session.Result, f form) (sent bool, err error) {
	if r.Listing == nil || r.Every != nil || c.out.sequence != 1 || c.warnings() != 0 || c.status() != mysql.SERVER_STATUS_AUTOCOMMIT {
		return false, nil
	}
	whole, err := c.srv.listings.Of(listingKey{r.Listing, f}, r.Reading)
	if err != nil || len(whole.room) == 0 {
		return false, err
	}
	return true, c.out.add(whole)
}
