package seal

import (
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"roster/core/metapb"
)

// defaultLegacyKey is the key 1 the existing service is built with.
const defaultLegacyKey = "c2VsZWN0ZGJzZWxlY3RkYnNlbGVjdGRic2VsZWN0ZGI="

// Legacy opens what the existing service sealed by AES_256_ECB. Printed, it shows
// the ids of its keys. The zero Legacy holds no key.
type Legacy struct{ keys map[int64]legacyKey }

// legacyKey has either a cipher or the reason why there is none.
type legacyKey struct {
	block cipher.Block
	fault error
}

// NewLegacy takes the keys the existing service left in the store, or its
// built-in one, id 1, when info is nil or has none. A key that cannot be used is
// an error only for the texts sealed with it.
func NewLegacy(info *metapb.EncryptionKeyInfoPB) Legacy {
	items := info.GetItems()
	if len(items) == 0 {
		items = []*metapb.EncryptionKeyInfoPB_KeyItem{{KeyId: new(int64(1)), Key: new(defaultLegacyKey)}}
	}
	keys := make(map[int64]legacyKey, len(items))
	for _, item := range items {
		block, err := legacyBlock(item)
		keys[item.GetKeyId()] = legacyKey{block, err}
	}
	return Legacy{keys}
}

func legacyBlock(item *metapb.EncryptionKeyInfoPB_KeyItem) (cipher.Block, error) {
	if item.GetKmsInfo() != nil {
		return nil, errors.New("is itself sealed by a KMS")
	}
	raw, err := base64.StdEncoding.DecodeString(item.GetKey())
	if err != nil || len(raw) == 0 {
		return nil, errors.New("is not base64 of a key")
	}
	folded := make([]byte, keyBytes)
	for i, b := range raw {
		folded[i%keyBytes] ^= b
	}
	return newBlock(folded), nil
}

func (l Legacy) open(field, sealed string, id int64) (string, error) {
	key, ok := l.keys[id]
	switch {
	case !ok:
		return "", fmt.Errorf("%s is sealed by %s with key %d, which the store's encryption_key_info does not hold", field, MethodECB, id)
	case key.fault != nil:
		return "", fmt.Errorf("%s is sealed by %s with key %d, which in the store's encryption_key_info %w", field, MethodECB, id, key.fault)
	}
	text, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("%s is said to be sealed by %s with key %d, but is not base64", field, MethodECB, id)
	}
	plain, ok := decryptECB(key.block, text)
	// A wrong key gives noise, which one time in 256 ends like valid padding.
	if !ok || !utf8.Valid(plain) {
		return "", fmt.Errorf("%s does not open by %s with key %d: it was changed, or sealed with another key of that id", field, MethodECB, id)
	}
	return string(plain), nil
}

// decryptECB decrypts text in place and takes the PKCS#7 padding off.
func decryptECB(block cipher.Block, text []byte) (plain []byte, ok bool) {
	size := block.BlockSize()
	if len(text) == 0 || len(text)%size != 0 {
		return nil, false
	}
	for rest := text; len(rest) > 0; rest = rest[size:] {
		block.Decrypt(rest[:size], rest[:size])
	}
	padding := text[len(text)-1]
	if padding == 0 || int(padding) > size {
		return nil, false
	}
	plain, tail := text[:len(text)-int(padding)], text[len(text)-int(padding):]
	for _, b := range tail {
		if b != padding {
			return nil, false
		}
	}
	return plain, true
}

// String lists the key ids.
func (l Legacy) String() string {
	return fmt.Sprintf("legacy keys %d", slices.Sorted(maps.Keys(l.keys)))
}

// Format writes String whatever the verb: key material is nowhere in it.
func (l Legacy) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// MarshalText is String.
func (l Legacy) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
