package core

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"strings"
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

// UserChange says what becomes of a user; what is nil or zero stays.
type UserChange struct {
	Role, Instance *string
	Password       seal.Secret
}

// CreateUser adds a user. AlreadyExisted: the name. InvalidArgument: no name, a
// name that is too long, an unknown role.
func (s *Service) CreateUser(ctx context.Context, user User) error {
	change := UserChange{Role: &user.Role, Instance: &user.Instance, Password: user.Password}
	return s.amendUser(ctx, "create_user", user.Name, change, func(_ Txn, had *pb.UserPB) (*pb.UserPB, error) {
		if had != nil {
			return nil, Errorf(AlreadyExisted, "user %s already existed", user.Name).About(TheUser)
		}
		return &pb.UserPB{Name: &user.Name}, nil
	})
}

// AlterUser changes a user. NotFound: there is none of that name.
// InvalidArgument: an unknown role.
func (s *Service) AlterUser(ctx context.Context, name string, change UserChange) error {
	return s.amendUser(ctx, "alter_user", name, change, func(_ Txn, had *pb.UserPB) (*pb.UserPB, error) {
		if had == nil {
			return nil, noUser(name)
		}
		return had, nil
	})
}

// DropUser removes a user; NotFound if there is none of that name.
func (s *Service) DropUser(ctx context.Context, name string) error {
	return s.amendUser(ctx, "drop_user", name, UserChange{}, func(tx Txn, had *pb.UserPB) (*pb.UserPB, error) {
		if had == nil {
			return nil, noUser(name)
		}
		return nil, tx.Delete(metakey.User(name))
	})
}

func noUser(name string) *Error {
	return Errorf(NotFound, "user %s does not exist: CREATE USER makes one, those of the server's user file are changed there", name).About(TheUser)
}

func userField(name string) string { return "user." + name + ".password" }

// amendUser reads a user's record, nil if there is none, and writes the one that
// begin leaves, with the change made. The password is sealed anew each time.
func (s *Service) amendUser(ctx context.Context, operation, name string, change UserChange, begin func(tx Txn, had *pb.UserPB) (*pb.UserPB, error)) error {
	if name == "" {
		return Errorf(InvalidArgument, "user name is empty")
	}
	if change.Role != nil {
		switch *change.Role {
		case "admin", "operator", "reader":
		default:
			return Errorf(InvalidArgument, "role is %q, want admin, operator or reader", *change.Role).About(AValue)
		}
	}
	if err := checkPassword(change.Password); err != nil {
		return err
	}
	shown := &pb.UserPB{Name: &name, Role: change.Role, InstanceId: change.Instance}
	if err := checkLengths(shown); err != nil {
		return err
	}
	if id := CallOf(ctx).RequestID; id != "" && !change.Password.IsZero() {
		proof, err := proofOf(change.Password, name+"/"+id)
		if err != nil {
			return err
		}
		shown.Password = &proof
	}
	t := &trace{operation: operation, target: name, request: shown}
	return s.amend(ctx, t, "", func(tx Txn, _ time.Time) error {
		had, err := s.userRecord(tx, name)
		if err != nil {
			return err
		}
		record, err := begin(tx, had)
		if record == nil || err != nil {
			return err
		}
		return s.writeUser(tx, record, change)
	})
}

// checkPassword refuses what no client can log in with: passwords travel ended by
// a zero byte, and front ends bound how long they may be.
func checkPassword(password seal.Secret) error {
	switch given := password.Reveal(); {
	case len(given) > MaxNameBytes:
		return tooLong("password", len(given), MaxNameBytes)
	case strings.Contains(given, "\x00"):
		return Errorf(InvalidArgument, "password holds a zero byte, which no client can send")
	}
	return nil
}

// proofRounds make guessing a password from its proof dear, four times what
// caching_sha2_password does, and keep statements with a proof from starving others.
const proofRounds = 20_000

// proofOf tells a repeated request from one with another password, though what
// is kept of a request may be read by who cannot open what is sealed.
func proofOf(password seal.Secret, salt string) (string, error) {
	proof, err := pbkdf2.Key(sha256.New, password.Reveal(), []byte(salt), proofRounds, sha256.Size)
	if err != nil {
		return "", Errorf(Internal, "failed to hash").Because(err)
	}
	return hex.EncodeToString(proof), nil
}

func (s *Service) writeUser(tx Txn, record *pb.UserPB, change UserChange) error {
	record = proto.CloneOf(record)
	password := change.Password
	if password.IsZero() {
		opened, err := s.openUser(record)
		if err != nil {
			return err
		}
		password = opened
	}
	sealed, info, err := s.keys.Seal("", userField(record.GetName()), password.Reveal())
	if err != nil {
		return Errorf(Internal, "failed to encrypt").Because(err)
	}
	record.Password, record.KeyId, record.EncryptionMethod = &sealed, info.KeyId, info.EncryptionMethod
	if change.Role != nil {
		record.Role = change.Role
	}
	if change.Instance != nil {
		record.InstanceId = change.Instance
	}
	return writeRecord(tx, metakey.User(record.GetName()), record)
}

// userRecord is a user as stored, nil if there is none.
func (s *Service) userRecord(r Reader, name string) (*pb.UserPB, error) {
	record := new(pb.UserPB)
	found, err := readRecord(r, metakey.User(name), record)
	if !found || err != nil {
		return nil, err
	}
	return record, nil
}

func (s *Service) openUser(record *pb.UserPB) (seal.Secret, error) {
	password, err := s.keys.Open("", userField(record.GetName()), record.GetPassword(), sealing(record), seal.Legacy{})
	if err != nil {
		return seal.Secret{}, Errorf(Internal, "failed to decrypt the password of user %s", record.GetName()).Because(err)
	}
	return seal.NewSecret(password), nil
}

// GetUser returns a user with the password, nil if there is none of that name.
func (s *Service) GetUser(ctx context.Context, name string) (*User, error) {
	var user *User
	err := s.view(ctx, func(r Reader) error {
		record, err := s.userRecord(r, name)
		if record == nil || err != nil {
			return err
		}
		user = shownUser(record)
		user.Password, err = s.openUser(record)
		return err
	})
	return user, err
}

// ListUsers returns all users in the order of their names, without passwords.
func (s *Service) ListUsers(ctx context.Context) ([]User, error) {
	var users []User
	start, end := metakey.UserRange()
	err := s.view(ctx, func(r Reader) error {
		for rest := (&Range{Start: start, End: end}); rest != nil; {
			page, err := r.Scan(*rest)
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
			rest = page.Rest
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
