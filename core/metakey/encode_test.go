package metakey

import (
	"encoding/hex"
	"maps"
	"strings"
	"testing"
)

func paramsOf(params map[string]string) func(string) string {
	return func(name string) string { return params[name] }
}

func TestEncodeTypeRefuses(t *testing.T) {
	tests := []struct {
		name    string
		keyType string
		params  map[string]string
		err     string
	}{
		{"no type", "", nil, "key_type not supported: (empty)"},
		{"an unknown type", "instanceKey", nil, "key_type not supported: instanceKey"},
		{"an unknown type, echoing 256 bytes of it", strings.Repeat("x", 255) + "ü", nil, "key_type not supported: " + strings.Repeat("x", 255)},
		{"no params", "TxnInfoKey", nil, "instance_id is not given or empty"},
		{"the first param missing in their order", "TxnInfoKey", map[string]string{"instance_id": "i", "db_id": ""}, "db_id is not given or empty"},
		{"the last param missing", "MetaDeleteBitmap", map[string]string{"instance_id": "i", "tablet_id": "1", "rowest_id": "r", "version": "1"}, "seg_id is not given or empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := EncodeType(test.keyType, paramsOf(test.params))
			if err == nil {
				t.Fatalf("encoded to %x", key)
			}
			if err.Error() != test.err {
				t.Errorf("error is %q, want %q", err, test.err)
			}
		})
	}
}

func TestEncodeTypeReadsIntegersUpToTheFirstOtherCharacter(t *testing.T) {
	tests := map[string]string{
		"42": "42", "-42": "-42", "+42": "42", " \t\n\v\f\r42": "42", "42 ": "42", "42abc": "42", "4-2": "4", "007": "7",
		"abc": "0", "-": "0", "+-1": "0", "- 1": "0", "0x10": "0", "1_000": "1", "१": "0", " ": "0",
		"9223372036854775807":  "9223372036854775807",
		"9223372036854775808":  "9223372036854775807",
		"-9223372036854775808": "-9223372036854775808",
		"-9223372036854775809": "-9223372036854775808",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			raw, err := EncodeType("TxnIndexKey", paramsOf(map[string]string{"instance_id": "i", "txn_id": text}))
			if err != nil {
				t.Fatal(err)
			}
			key, err := Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := key.Fields[3].String(); got != want {
				t.Errorf("%q is encoded as %s, want %s", text, got, want)
			}
		})
	}
}

func TestEncodeTypeAppendsAVersionstamp(t *testing.T) {
	base := map[string]string{"instance_id": "i", "table_id": "1"}
	plain, err := EncodeType("VersionedTableVersionKey", paramsOf(base))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"00112233445566778899":   "1300112233445566778899ff",
		"AABBCCDDEEFF00112233":   "13aabbccddeeff00112233ff",
		"":                       "",
		"001122334455667788":     "",
		"0011223344556677889":    "",
		"001122334455667788990":  "",
		"0011223344556677889900": "",
		"0011223344556677889g":   "",
	}
	for stamp, suffix := range tests {
		t.Run("of "+stamp, func(t *testing.T) {
			params := maps.Clone(base)
			params["versionstamp"] = stamp
			key, err := EncodeType("VersionedTableVersionKey", paramsOf(params))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := hex.EncodeToString(key), hex.EncodeToString(plain)+suffix; got != want {
				t.Errorf("encoded to %s, want %s", got, want)
			}
		})
	}
}
