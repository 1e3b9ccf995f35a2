package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"roster/core/metapb"
)

const keyBytes = 32

// The methods an EncryptionInfoPB names.
const (
	methodGCM = "AES_256_GCM"
	MethodECB = "AES_256_ECB"
)

// Keyring seals secrets with its newest key, the one with the highest id, and
// opens them with any. It never changes and is safe for concurrent use. Printed,
// it shows the ids of its keys. The zero Keyring holds no key.
type Keyring struct {
	keys   map[int64]cipher.AEAD
	newest int64
}

// Generate makes a keyring with one random key, id 1, that is stored nowhere.
func Generate() *Keyring {
	k := new(Keyring)
	k.add(1, newKey())
	return k
}

func newKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	return key
}

func (k *Keyring) add(id int64, key []byte) {
	aead, err := cipher.NewGCMWithRandomNonce(newBlock(key))
	if err != nil {
		panic(err) // only for a block size other than that of AES
	}
	if k.keys == nil {
		k.keys = make(map[int64]cipher.AEAD)
	}
	k.keys[id] = aead
	k.newest = max(k.newest, id)
}

func newBlock(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a key length that callers never pass
	}
	return block
}

// Seal encrypts plain for one field of one instance, and only there Open accepts
// it: field names the place within the instance, in the same words for both. An
// empty plain stays empty. The only error is a keyring without a key.
func (k Keyring) Seal(instanceID, field, plain string) (sealed string, info *metapb.EncryptionInfoPB, err error) {
	aead, ok := k.keys[k.newest]
	if !ok {
		return "", nil, fmt.Errorf("%s cannot be sealed: the key file holds no key", field)
	}
	info = &metapb.EncryptionInfoPB{EncryptionMethod: new(methodGCM), KeyId: new(k.newest)}
	if plain == "" {
		return "", info, nil
	}
	text := aead.Seal(nil, nil, []byte(plain), associatedData(instanceID, field))
	return base64.StdEncoding.EncodeToString(text), info, nil
}

// Open decrypts what Seal, or the existing service by way of legacy, sealed under
// info. Without a method in info the text is in clear and returned as it is.
// Errors: an unknown method or key, a text that was changed or moved. They name
// field, method and key id, and nothing of the secret.
func (k Keyring) Open(instanceID, field, sealed string, info *metapb.EncryptionInfoPB, legacy Legacy) (string, error) {
	method, id := info.GetEncryptionMethod(), info.GetKeyId()
	switch {
	case method == "" || sealed == "":
		return sealed, nil
	case method == MethodECB:
		return legacy.open(field, sealed, id)
	case method != methodGCM:
		return "", fmt.Errorf("%s is sealed by method %.64q with key %d; known methods are %s and %s", field, method, id, methodGCM, MethodECB)
	}
	aead, ok := k.keys[id]
	if !ok {
		return "", fmt.Errorf("%s is sealed with key %d, which the key file does not hold", field, id)
	}
	text, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("%s is said to be sealed by %s with key %d, but is not base64", field, methodGCM, id)
	}
	plain, err := aead.Open(nil, nil, text, associatedData(instanceID, field))
	if err != nil {
		return "", fmt.Errorf("%s does not open by %s with key %d: it was changed, or moved from another instance or field, or sealed with another key of that id", field, methodGCM, id)
	}
	return string(plain), nil
}

// Stale reports whether a text sealed under info should be sealed anew, because
// it is in clear or under another key than the newest.
func (k Keyring) Stale(info *metapb.EncryptionInfoPB) bool {
	return info.GetEncryptionMethod() != methodGCM || info.GetKeyId() != k.newest
}

// associatedData counts the instance id, so that no other pair reads the same.
func associatedData(instanceID, field string) []byte {
	data := binary.AppendUvarint(nil, uint64(len(instanceID)))
	data = append(data, instanceID...)
	return append(data, field...)
}

// String lists the key ids.
func (k Keyring) String() string { return fmt.Sprintf("keys %d", slices.Sorted(maps.Keys(k.keys))) }

// Format writes String whatever the verb: key material is nowhere in it.
func (k Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText is String.
func (k Keyring) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
