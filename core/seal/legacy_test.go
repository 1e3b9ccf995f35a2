package seal

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"roster/core/metapb"
)

const builtIn = "selectdbselectdbselectdbselectdb"

func legacyItem(id int64, raw string) *metapb.EncryptionKeyInfoPB_KeyItem {
	return &metapb.EncryptionKeyInfoPB_KeyItem{KeyId: new(id), Key: new(base64.StdEncoding.EncodeToString([]byte(raw)))}
}

func legacyOf(items ...*metapb.EncryptionKeyInfoPB_KeyItem) Legacy {
	return NewLegacy(&metapb.EncryptionKeyInfoPB{Items: items})
}

// sealECB encrypts whole blocks, their padding included, as the existing service does.
func sealECB(key, blocks string) string {
	text, block := []byte(blocks), newBlock([]byte(key))
	for i := 0; i < len(text); i += block.BlockSize() {
		block.Encrypt(text[i:], text[i:])
	}
	return base64.StdEncoding.EncodeToString(text)
}

func TestLegacyOpens(t *testing.T) {
	xored := []byte(builtIn)
	for i := range xored {
		xored[i] ^= material(0)[i]
	}
	vectors := map[string]string{
		"n6+wLwU2J5BVXwE2RekXog==": "test-sk1",
		"eIjK+4s+NXH8wNAeRKXjsw==": "sk",
		"":                         "",
	}
	tests := []struct {
		name   string
		legacy Legacy
		id     int64
	}{
		{"with the built-in key when the store has no record", NewLegacy(nil), 1},
		{"with the built-in key when the record is empty", legacyOf(), 1},
		{"with a key of the store", legacyOf(legacyItem(1, material(0)), legacyItem(2, builtIn)), 2},
		{"with a longer key, folded", legacyOf(legacyItem(1, material(0)+string(xored))), 1},
		{"with a key folded unevenly", legacyOf(legacyItem(1, builtIn+"\x00\x00\x00")), 1},
		{"beside a key that cannot be used", legacyOf(legacyItem(2, ""), legacyItem(1, builtIn)), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for sealed, plain := range vectors {
				got, err := Generate().Open("any", "sk", sealed, infoOf("AES_256_ECB", tt.id), tt.legacy)
				if err != nil || got != plain {
					t.Errorf("%q opens as %q, %v", sealed, got, err)
				}
			}
		})
	}

	t.Run("with a short key, filled up with zeros", func(t *testing.T) {
		sealed := sealECB("short"+strings.Repeat("\x00", 27), "0123456789abcdef0123\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c")
		got, err := Generate().Open("i", "sk", sealed, infoOf("AES_256_ECB", 1), legacyOf(legacyItem(1, "short")))
		if err != nil || got != "0123456789abcdef0123" {
			t.Errorf("opens as %q, %v", got, err)
		}
	})
	t.Run("a text of whole blocks", func(t *testing.T) {
		sealed := sealECB(builtIn, "0123456789abcdef"+strings.Repeat("\x10", 16))
		got, err := Generate().Open("i", "sk", sealed, infoOf("AES_256_ECB", 1), NewLegacy(nil))
		if err != nil || got != "0123456789abcdef" {
			t.Errorf("opens as %q, %v", got, err)
		}
	})
}

func TestLegacyRefuses(t *testing.T) {
	block := bytes.Repeat([]byte("p"), 16)
	kms := legacyItem(1, builtIn)
	kms.KmsInfo = &metapb.EncryptionKeyInfoPB_KmsInfoPB{Cmk: new("cmk")}
	const noOpen = "sk does not open by AES_256_ECB with key 1: it was changed, or sealed with another key of that id"
	tests := []struct {
		name   string
		legacy Legacy
		sealed string
		want   string
	}{
		{"a key sealed by a KMS", legacyOf(kms), "eIjK+4s+NXH8wNAeRKXjsw==",
			"sk is sealed by AES_256_ECB with key 1, which in the store's encryption_key_info is itself sealed by a KMS"},
		{"an empty key", legacyOf(legacyItem(1, "")), "eIjK+4s+NXH8wNAeRKXjsw==",
			"sk is sealed by AES_256_ECB with key 1, which in the store's encryption_key_info is not base64 of a key"},
		{"a key that is no base64", legacyOf(&metapb.EncryptionKeyInfoPB_KeyItem{KeyId: new(int64(1)), Key: new("*" + canary)}), "eIjK+4s+NXH8wNAeRKXjsw==",
			"sk is sealed by AES_256_ECB with key 1, which in the store's encryption_key_info is not base64 of a key"},
		{"a text that is no base64", NewLegacy(nil), canary + "*", "sk is said to be sealed by AES_256_ECB with key 1, but is not base64"},
		{"a text that is not whole blocks", NewLegacy(nil), "eIjK+4s+NXH8wNAeRKXj", noOpen},
		{"no block", NewLegacy(nil), "\n", noOpen},
		{"padding 0", NewLegacy(nil), sealECB(builtIn, string(block[:15])+"\x00"), noOpen},
		{"padding 17", NewLegacy(nil), sealECB(builtIn, string(block[:15])+"\x11"), noOpen},
		{"uneven padding", NewLegacy(nil), sealECB(builtIn, string(block[:13])+"\x02\x03\x03"), noOpen},
		{"text that is no UTF-8", NewLegacy(nil), sealECB(builtIn, string(block[:14])+"\xff\x01"), noOpen},
		{"another key of the id", legacyOf(legacyItem(1, material(0))), "n6+wLwU2J5BVXwE2RekXog==", noOpen},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Generate().Open("i", "sk", tt.sealed, infoOf("AES_256_ECB", 1), tt.legacy)
			if err == nil || err.Error() != tt.want || got != "" {
				t.Errorf("got  %q, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}
