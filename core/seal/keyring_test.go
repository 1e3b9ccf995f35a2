package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
	"google.golang.org/protobuf/proto"

	"roster/core/metapb"
)

// material is a key that can be told in any output.
func material(n byte) string { return strings.Repeat(string('A'+n), keyBytes) }

func keyLine(id int64, n byte) string {
	return fmt.Sprintf("%d:%s\n", id, base64.StdEncoding.EncodeToString([]byte(material(n))))
}

func mustParse(t testing.TB, text string) *Keyring {
	t.Helper()
	k, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSeal(t testing.TB, k *Keyring, instanceID, field, plain string) (string, *metapb.EncryptionInfoPB) {
	t.Helper()
	sealed, info, err := k.Seal(instanceID, field, plain)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, info
}

func infoOf(method string, id int64) *metapb.EncryptionInfoPB {
	return &metapb.EncryptionInfoPB{EncryptionMethod: new(method), KeyId: new(id)}
}

func TestSealOpens(t *testing.T) {
	k := mustParse(t, keyLine(1, 0)+keyLine(5, 1)+keyLine(3, 2))
	for name, plain := range map[string]string{
		"a text":        canary,
		"an empty text": "",
		"any bytes":     "\x00\xff\n",
		"a long text":   strings.Repeat(canary, 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			sealed, info := mustSeal(t, k, "i", "sk", plain)
			if want := infoOf("AES_256_GCM", 5); !proto.Equal(info, want) {
				t.Errorf("info is %v, want %v", info, want)
			}
			if (sealed == "") != (plain == "") || shows(sealed, plain+canary) {
				t.Errorf("sealed is %q", sealed)
			}
			got, err := k.Open("i", "sk", sealed, info, Legacy{})
			if err != nil || got != plain {
				t.Errorf("opens as %q, %v", got, err)
			}
		})
	}

	t.Run("never the same text twice", func(t *testing.T) {
		seen := make(map[string]bool)
		for range 1000 {
			sealed, _ := mustSeal(t, k, "i", "sk", canary)
			if seen[sealed] {
				t.Fatal("a nonce came twice")
			}
			seen[sealed] = true
		}
	})

	t.Run("from many goroutines", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				sealed, info, err := k.Seal("i", "sk", canary)
				if err != nil {
					t.Error(err)
				}
				if got, err := k.Open("i", "sk", sealed, info, Legacy{}); err != nil || got != canary {
					t.Errorf("opens as %q, %v", got, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestOpenReadsTextsSealedLongAgo(t *testing.T) {
	k := mustParse(t, "7:"+base64.StdEncoding.EncodeToString([]byte("roster kroster kroster kroster k")))
	const sealed = "pt6UHu9L1Be9ixC1VfzI1vz7xCknLhpdA9aMxrnHorg/iD0xsw=="
	got, err := k.Open("instance-1", "obj_info/1/sk", sealed, infoOf("AES_256_GCM", 7), Legacy{})
	if err != nil || got != "golden-sk" {
		t.Errorf("opens as %q, %v", got, err)
	}
}

func TestOpenRefusesMovedTexts(t *testing.T) {
	k := Generate()
	sealed, info := mustSeal(t, k, "ab", "cd", canary)
	for _, place := range [][2]string{{"abc", "d"}, {"a", "bcd"}, {"", "abcd"}, {"abcd", ""}, {"cd", "ab"}, {"ab", "cd2"}, {"ab2", "cd"}} {
		_, err := k.Open(place[0], place[1], sealed, info, Legacy{})
		if err == nil {
			t.Errorf("opened at %q", place)
			continue
		}
		if !strings.Contains(err.Error(), place[1]+" does not open by AES_256_GCM with key 1") || shows(err.Error(), canary) {
			t.Errorf("the error is %q", err)
		}
	}
}

func TestOpenRefusesChangedTexts(t *testing.T) {
	k := Generate()
	// One byte more makes the base64 end in bits that mean nothing.
	sealed, info := mustSeal(t, k, "i", "sk", canary+"3")
	refuses := func(name, text string) {
		t.Helper()
		if got, err := k.Open("i", "sk", text, info, Legacy{}); err == nil {
			t.Errorf("%s: opened as %q", name, got)
		} else if shows(err.Error(), canary) || strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error is %q", name, err)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		refuses(fmt.Sprint("bit ", bit), base64.StdEncoding.EncodeToString(flipped))
	}
	for bit := range 8 * len(sealed) {
		flipped := []byte(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		refuses(fmt.Sprint("bit of the text ", bit), string(flipped))
	}
	for n := 1; n < len(raw); n++ {
		refuses(fmt.Sprint("cut to ", n), base64.StdEncoding.EncodeToString(raw[:n]))
	}
	refuses("in clear", canary+"!")
}

func TestOpenNamesWhatIsMissing(t *testing.T) {
	k := mustParse(t, keyLine(1, 0))
	tests := []struct {
		name string
		info *metapb.EncryptionInfoPB
		want string
	}{
		{"a key", infoOf("AES_256_GCM", 3), "sk is sealed with key 3, which the key file does not hold"},
		{"a key id", &metapb.EncryptionInfoPB{EncryptionMethod: new("AES_256_GCM")}, "sk is sealed with key 0, which the key file does not hold"},
		{"a legacy key", infoOf("AES_256_ECB", 3), "sk is sealed by AES_256_ECB with key 3, which the store's encryption_key_info does not hold"},
		{"a method", infoOf("SM4", 3), `sk is sealed by method "SM4" with key 3; known methods are AES_256_GCM and AES_256_ECB`},
		{"a method of any length", infoOf(strings.Repeat("x", 1<<20), 3), `sk is sealed by method "` + strings.Repeat("x", 64) +
			`" with key 3; known methods are AES_256_GCM and AES_256_ECB`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := k.Open("i", "sk", "c2VhbGVk", tt.info, NewLegacy(nil)); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestOpenReturnsClearTexts(t *testing.T) {
	for _, info := range []*metapb.EncryptionInfoPB{nil, {}, infoOf("", 4)} {
		if got, err := Generate().Open("i", "sk", canary, info, Legacy{}); err != nil || got != canary {
			t.Errorf("under %v: %q, %v", info, got, err)
		}
	}
}

func TestRotation(t *testing.T) {
	old, both, fresh := mustParse(t, keyLine(1, 0)), mustParse(t, keyLine(2, 1)+keyLine(1, 0)), mustParse(t, keyLine(2, 1))
	sealed, info := mustSeal(t, old, "i", "sk", canary)
	if got, err := both.Open("i", "sk", sealed, info, Legacy{}); err != nil || got != canary {
		t.Errorf("the old text opens as %q, %v", got, err)
	}
	if old.Stale(info) || !both.Stale(info) {
		t.Error("a text is stale before its key is, or not after")
	}
	if _, err := fresh.Open("i", "sk", sealed, info, Legacy{}); err == nil || !strings.Contains(err.Error(), "key 1") {
		t.Errorf("without the old key: %v", err)
	}

	sealed, info = mustSeal(t, both, "i", "sk", canary)
	if info.GetKeyId() != 2 || both.Stale(info) {
		t.Errorf("sealed anew under %v", info)
	}
	if got, err := fresh.Open("i", "sk", sealed, info, Legacy{}); err != nil || got != canary {
		t.Errorf("the new text opens as %q, %v", got, err)
	}
	if _, err := old.Open("i", "sk", sealed, info, Legacy{}); err == nil || !strings.Contains(err.Error(), "key 2") {
		t.Errorf("without the new key: %v", err)
	}
	other := mustParse(t, keyLine(2, 2))
	if _, err := other.Open("i", "sk", sealed, info, Legacy{}); err == nil || !strings.Contains(err.Error(), "another key of that id") {
		t.Errorf("with another key of the id: %v", err)
	}
	for _, info := range []*metapb.EncryptionInfoPB{nil, {}, infoOf("AES_256_ECB", 2)} {
		if !both.Stale(info) {
			t.Errorf("%v is not stale", info)
		}
	}
}

func TestZeroKeyring(t *testing.T) {
	if _, _, err := new(Keyring).Seal("i", "sk", canary); err == nil || shows(err.Error(), canary) {
		t.Errorf("seals with %v", err)
	}
	if _, err := new(Keyring).Open("i", "sk", "c2VhbGVk", infoOf("AES_256_GCM", 0), Legacy{}); err == nil {
		t.Error("opens")
	}
}

func TestKeysNeverShow(t *testing.T) {
	k := mustParse(t, keyLine(1, 0)+keyLine(2, 0))
	legacy := NewLegacy(&metapb.EncryptionKeyInfoPB{Items: []*metapb.EncryptionKeyInfoPB_KeyItem{
		{KeyId: new(int64(4)), Key: new(base64.StdEncoding.EncodeToString([]byte(material(0))))},
	}})
	if got := fmt.Sprint(k, legacy); got != "keys [1 2] legacy keys [4]" {
		t.Errorf("prints %q", got)
	}
	var out bytes.Buffer
	boxed := struct {
		k *Keyring
		v Keyring
		l Legacy
	}{k, *k, legacy}
	for _, verb := range append(verbs, "%p", "%T") {
		for _, v := range []any{k, *k, legacy, &legacy, boxed, &boxed} {
			_, _ = fmt.Fprintf(&out, verb, v)
		}
	}
	for _, formatter := range []logrus.Formatter{&logrus.TextFormatter{}, &logrus.JSONFormatter{}} {
		log := logrus.New()
		log.Out, log.Formatter = &out, formatter
		log.WithField("keys", k).WithField("legacy", legacy).Errorf("%+v", boxed)
	}
	text, err := json.Marshal([]any{k, *k, legacy})
	if err != nil {
		t.Fatal(err)
	}
	if want := `["keys [1 2]","keys [1 2]","legacy keys [4]"]`; string(text) != want {
		t.Errorf("JSON is %s", text)
	}
	// The key schedule of a cipher begins with the key itself.
	if got := out.String(); shows(got, material(0)[:8]) || strings.Contains(got, base64.StdEncoding.EncodeToString([]byte(material(0)))[:8]) {
		t.Errorf("printed %s", got)
	}
}

func FuzzOpen(f *testing.F) {
	k := mustParse(f, keyLine(1, 0)+keyLine(2, 1))
	sealed, _ := mustSeal(f, k, "i", "sk", canary)
	f.Add("i", "sk", sealed, methodGCM, int64(2), "")
	f.Add("i", "sk", sealed[4:], methodGCM, int64(1), "")
	f.Add("i", "sk", "n6+wLwU2J5BVXwE2RekXog==", MethodECB, int64(1), "")
	f.Add("i", "sk", "n6+wLwU2J5BVXwE2RekXog==", MethodECB, int64(1), defaultLegacyKey)
	f.Add("", "", "", "", int64(0), "====")
	f.Fuzz(func(t *testing.T, instanceID, field, sealed, method string, id int64, legacyKey string) {
		var info *metapb.EncryptionKeyInfoPB
		if legacyKey != "" {
			info = &metapb.EncryptionKeyInfoPB{Items: []*metapb.EncryptionKeyInfoPB_KeyItem{{KeyId: new(id), Key: new(legacyKey)}}}
		}
		legacy := NewLegacy(info)
		plain, err := k.Open(instanceID, field, sealed, infoOf(method, id), legacy)
		if err != nil {
			if plain != "" {
				t.Errorf("an error beside a text: %q, %v", plain, err)
			}
			return
		}
		if method != methodGCM || sealed == "" {
			return
		}
		if _, err := k.Open(instanceID+"x", field, sealed, infoOf(method, id), legacy); err == nil {
			t.Error("opens in another instance too")
		}
	})
}
