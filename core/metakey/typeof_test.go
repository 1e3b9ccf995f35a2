package metakey

import "testing"

func TestTypeOf(t *testing.T) {
	for _, typ := range Types() {
		key, err := EncodeType(typ.Name, func(name string) string {
			if name == "versionstamp" {
				return ""
			}
			return "7"
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := TypeOf(key); got != typ.Name {
			t.Errorf("TypeOf(%x) = %q, want %q", key, got, typ.Name)
		}
	}
	for name, key := range map[string][]byte{
		"bytes that do not decode": {1, 0x10},
		"a key of no type":         Unhex("0110696e7374616e63650001"),
		"nothing":                  nil,
	} {
		t.Run(name, func(t *testing.T) {
			if got := TypeOf(key); got != "" {
				t.Errorf("TypeOf(%x) = %q, want none", key, got)
			}
		})
	}
}
