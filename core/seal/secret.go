package seal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Masked is what every printed form of a secret reads, of an empty one too.
const Masked = "******"

// Secret holds a string that no log, error or reply shows by accident: only
// Reveal returns it. The zero Secret holds the empty string.
type Secret struct {
	// A closure, since reflection cannot look into one: fmt reads plain fields
	// around Format in unexported struct fields and for verbs such as %p. It also
	// makes the compiler refuse ==, which is no constant-time comparison.
	reveal func() string
	// digest is the SHA-256 of the string.
	digest func() [sha256.Size]byte
}

// NewSecret wraps a string.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	digest := sha256.Sum256([]byte(s))
	return Secret{reveal: func() string { return s }, digest: func() [sha256.Size]byte { return digest }}
}

// Reveal is the string in clear.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether the secret is the empty string.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal compares in a time that tells neither content nor length of the secret.
// An empty secret equals "": where that must not open a door, check IsZero.
func (s Secret) Equal(given string) bool {
	want, got := sha256.Sum256(nil), sha256.Sum256([]byte(given))
	if s.digest != nil {
		want = s.digest()
	}
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// String is Masked.
func (s Secret) String() string { return Masked }

// GoString is Masked.
func (s Secret) GoString() string { return Masked }

// Format writes Masked whatever the verb, so that %x and %q hold nothing either.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Masked) }

// MarshalJSON is Masked as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(Masked) }

// MarshalText is Masked.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Masked), nil }

// LogValue is Masked.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Masked) }
