package metakey

import (
	"bufio"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
)

// vector is a key of a known type with its bytes, worked out from the rules of
// the encoding by other means than this package.
type vector struct {
	keyType string
	names   []string
	params  map[string]string
	hex     string
}

func (v vector) param(name string) string { return v.params[name] }

func readVectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		last := len(words) - 1
		v := vector{keyType: words[0], params: map[string]string{}, hex: words[last]}
		for _, word := range words[1:last] {
			name, value, ok := strings.Cut(word, "=")
			if !ok {
				t.Fatalf("%s: %q is not name=value", v.keyType, word)
			}
			v.names = append(v.names, name)
			v.params[name] = value
		}
		vectors = append(vectors, v)
	}
	return vectors
}

func TestEveryTypeEncodesToItsKnownBytes(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.keyType, func(t *testing.T) {
			key, err := EncodeType(v.keyType, v.param)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(key); got != v.hex {
				t.Errorf("encoded to\n%s, want\n%s", got, v.hex)
			}
		})
	}
}

func TestTypesListsEveryKnownTypeWithItsParamsInOrder(t *testing.T) {
	known := map[string][]string{}
	for _, v := range readVectors(t) {
		known[v.keyType] = v.names
	}
	for _, typ := range Types() {
		params, ok := known[typ.Name]
		if !ok {
			t.Errorf("%s has no known bytes", typ.Name)
		}
		if !slices.Equal(typ.Params, params) {
			t.Errorf("%s asks for %q, want %q", typ.Name, typ.Params, params)
		}
		delete(known, typ.Name)
	}
	for name := range known {
		t.Errorf("%s is not listed, or twice", name)
	}
}
