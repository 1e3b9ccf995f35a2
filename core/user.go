package core

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// User is someone who may log in to the MySQL front.
type User struct {
	Name string
	// Role is admin, operator or reader.
	Role string
	// Instance is the only one the user may see; "" is all.
	Instance string
	Password seal.Secret

	sealed *pb.EncryptionInfoPB
}

func (u *User) stale(keys *seal.Keyring) bool { return keys.Stale(u.sealed) }

// PutUser creates a user, or replaces one. AlreadyExisted: the name, on create.
// NotFound: no such user, otherwise. InvalidArgument: no name, a name that is too
// long or holds control characters, an unknown role.
func (s *Service) PutUser(ctx context.Context, user User, create bool) error {
	switch user.Role {
	case "admin", "operator", "reader":
	default:
		return Errorf(InvalidArgument, "role is %q, want admin, operator or reader", user.Role)
	}
	if user.Name == "" {
		return Errorf(InvalidArgument, "user name is empty")
	}
	sealed, info, err := s.keys.Seal("", userField(user.Name), user.Password.Reveal())
	if err != nil {
		return Errorf(Internal, "failed to encrypt").Because(err)
	}
	record := &pb.UserPB{
		Name: &user.Name, Role: &user.Role, InstanceId: &user.Instance,
		Password: &sealed, KeyId: info.KeyId, EncryptionMethod: info.EncryptionMethod,
	}
	return s.amendUser(ctx, "put_user", record, func(tx Txn, exists bool) error {
		switch {
		case create && exists:
			return Errorf(AlreadyExisted, "user %s already existed", user.Name)
		case !create && !exists:
			return noUser(user.Name)
		}
		return writeRecord(tx, metakey.User(user.Name), record)
	})
}

// DropUser removes a user; NotFound if there is none of that name.
func (s *Service) DropUser(ctx context.Context, name string) error {
	return s.amendUser(ctx, "drop_user", &pb.UserPB{Name: &name}, func(tx Txn, exists bool) error {
		if !exists {
			return noUser(name)
		}
		return tx.Delete(metakey.User(name))
	})
}

func noUser(name string) *Error { return Errorf(NotFound, "user %s does not exist", name) }

func userField(name string) string { return "user." + name + ".password" }

// amendUser runs a change of one user's record. The request's password is sealed
// with a nonce, so a repeat is told by the name and role alone.
func (s *Service) amendUser(ctx context.Context, operation string, record *pb.UserPB, change func(tx Txn, exists bool) error) error {
	shown := proto.CloneOf(record)
	shown.Password, shown.KeyId, shown.EncryptionMethod = nil, nil, nil
	if err := checkLengths(shown); err != nil {
		return err
	}
	t := &trace{operation: operation, target: record.GetName(), request: shown}
	return s.amend(ctx, t, "", func(tx Txn, _ time.Time) error {
		raw, err := tx.Get(metakey.User(record.GetName()))
		if err != nil {
			return err
		}
		return change(tx, raw != nil)
	})
}

// GetUser returns a user with the password, nil if there is none of that name.
func (s *Service) GetUser(ctx context.Context, name string) (*User, error) {
	var user *User
	err := s.view(ctx, func(r Reader) error {
		var record pb.UserPB
		found, err := readRecord(r, metakey.User(name), &record)
		if !found || err != nil {
			return err
		}
		password, err := s.keys.Open("", userField(name), record.GetPassword(), sealing(&record), seal.Legacy{})
		if err != nil {
			return Errorf(Internal, "failed to decrypt the password of user %s", name).Because(err)
		}
		user = shownUser(&record)
		user.Password = seal.NewSecret(password)
		return nil
	})
	return user, err
}

// ListUsers returns all users in the order of their names, without passwords.
func (s *Service) ListUsers(ctx context.Context) ([]User, error) {
	var users []User
	start, end := metakey.UserRange()
	err := s.view(ctx, func(r Reader) error {
		page, err := r.Scan(Range{Start: start, End: end})
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			var record pb.UserPB
			if err := parseRecord(item.Key, item.Value, &record); err != nil {
				return err
			}
			users = append(users, *shownUser(&record))
		}
		return nil
	})
	return users, err
}

func shownUser(record *pb.UserPB) *User {
	return &User{
		Name: record.GetName(), Role: record.GetRole(), Instance: record.GetInstanceId(), sealed: sealing(record),
	}
}

// sealing is how a user's password is sealed.
func sealing(record *pb.UserPB) *pb.EncryptionInfoPB {
	return &pb.EncryptionInfoPB{EncryptionMethod: record.EncryptionMethod, KeyId: record.KeyId}
}
