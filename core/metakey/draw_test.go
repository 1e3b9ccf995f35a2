package metakey

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"
)

// plain turns a drawing written with · for a blank that ends a line into the
// text it stands for.
func plain(drawing string) string {
	return strings.ReplaceAll(strings.TrimPrefix(drawing, "\n"), "·", " ")
}

func TestDraw(t *testing.T) {
	tests := []struct {
		name    string
		key     string
		ascii   bool
		drawing string
	}{
		{"strings", "0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", false, `
┌───────────────────────── 0. key space: 1
│ ┌─────────────────────── 1. instance
│ │                     ┌─ 2. regression_instance0
│ │                     │·
▼ ▼                     ▼·
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001
`},
		{"strings in ASCII", "0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", true, `
/------------------------- 0. key space: 1
| /----------------------- 1. instance
| |                     /- 2. regression_instance0
| |                     |·
v v                     v·
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001
`},
		{"strings and integers", "011074786e000110693100011074786e5f6c6162656c000112000000000000000a106c61620001", false, `
┌─────────────────────────────────────────────────────────────────── 0. key space: 1
│ ┌───────────────────────────────────────────────────────────────── 1. txn
│ │           ┌───────────────────────────────────────────────────── 2. i1
│ │           │         ┌─────────────────────────────────────────── 3. txn_label
│ │           │         │                       ┌─────────────────── 4. 10
│ │           │         │                       │                 ┌─ 5. lab
│ │           │         │                       │                 │·
▼ ▼           ▼         ▼                       ▼                 ▼·
011074786e000110693100011074786e5f6c6162656c000112000000000000000a106c61620001
`},
		{"a negative integer", "0110610001110000000000000001", false, `
┌─────────── 0. key space: 1
│ ┌───────── 1. a
│ │       ┌─ 2. -1
│ │       │·
▼ ▼       ▼·
0110610001110000000000000001
`},
		{"a versionstamp", "031061000113000102030405060708abff", false, `
┌─────────── 0. key space: 3
│ ┌───────── 1. a
│ │       ┌─ 2. 000102030405060708ab
│ │       │·
▼ ▼       ▼·
031061000113000102030405060708abff
`},
		{"a key of our own", "0110726f73746572000110696e7374616e6365000110690001", true, `
/------------------------------------------- 0. key space: 1
| /----------------------------------------- 1. roster
| |                 /----------------------- 2. instance
| |                 |                     /- 3. i
| |                 |                     |·
v v                 v                     v·
0110726f73746572000110696e7374616e6365000110690001
`},
		{"a key space alone", "01", false, `
┌─ 0. key space: 1
│·
▼·
01
`},
		{"a key space above 7f as negative", "ff", false, `
┌─ 0. key space: -1
│·
▼·
ff
`},
		{"what is not hex as zero", "zz", false, `
┌─ 0. key space: 0
│·
▼·
zz
`},
		{"the text as given, with an odd last digit", "0110610001A", false, `
┌─── 0. key space: 1
│ ┌─ 1. a
│ │·
▼ ▼·
0110610001A
`},
		{"an empty string", "01100001", true, `
/--- 0. key space: 1
| /- 1.·
| |·
v v·
01100001
`},
	}
	for _, test := range tests {
		t.Run("draws "+test.name, func(t *testing.T) {
			got, err := Draw(test.key, !test.ascii)
			if err != nil {
				t.Fatal(err)
			}
			if want := plain(test.drawing); got != want {
				t.Errorf("drawing is\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestDrawRefuses(t *testing.T) {
	long := strings.Repeat("11", 200)
	tests := []struct{ name, key, err string }{
		{"nothing", "", "no key to decode"},
		{"a lone digit", "0", "failed to decode key, key=0"},
		{"a string tag alone", "0110", "failed to decode key, key=0110"},
		{"an unknown tag", "011069", "failed to decode key, key=011069"},
		{"half a terminator", "01106900", "failed to decode key, key=01106900"},
		{"a versionstamp tag alone", "0113", "failed to decode key, key=0113"},
		{"an end tag alone", "01ff", "failed to decode key, key=01ff"},
		{"a long key, echoing 256 bytes of it", long[:300], "failed to decode key, key=" + long[:256]},
		{"a drawing out of bounds", "01" + strings.Repeat("100001", 5000),
			"key has 5000 fields in 15001 bytes, too many to draw in 4194304 bytes; give a shorter key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Draw(test.key, true)
			if err == nil {
				t.Fatalf("drew %d bytes", len(got))
			}
			if err.Error() != test.err {
				t.Errorf("error is %q, want %q", err, test.err)
			}
		})
	}
}

func TestDrawTakesTheLargestKeyOfTenFields(t *testing.T) {
	key := []byte{userSpace}
	for range 9 {
		key = appendString(key, "f")
	}
	key = appendString(key, strings.Repeat("x", 16<<10))
	if _, err := Draw(hex.EncodeToString(key), true); err != nil {
		t.Error(err)
	}
}

func FuzzDrawingsHoldTheirShape(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.hex, true)
	}
	f.Add("zz", false)
	f.Add("0110610001a", true)
	f.Add("01100a0001", false)
	f.Fuzz(func(t *testing.T, text string, unicode bool) {
		drawing, err := Draw(text, unicode)
		if err != nil {
			if bound := len("failed to decode key, key=") + maxEcho; len(err.Error()) > bound {
				t.Fatalf("error has %d bytes, over %d", len(err.Error()), bound)
			}
			return
		}
		key, err := Decode(Unhex(text))
		if err != nil {
			t.Fatalf("drew %q, which does not decode: %v", text, err)
		}
		rest, ok := strings.CutSuffix(drawing, "\n"+text+"\n")
		if !ok {
			t.Fatalf("drawing does not end with the text %q: %q", text, drawing)
		}
		p := asciiPen
		if unicode {
			p = boxPen
		}
		width := 2
		if n := len(key.Fields); n > 0 {
			width = 2*key.Fields[n-1].Offset + 2
		}
		lines := strings.Split(rest, "\n")
		for i, mark := range []string{p.bar, p.arrow} {
			line := lines[len(lines)-2+i]
			if got := utf8.RuneCountInString(line); got != width {
				t.Errorf("line %q is %d columns wide, want %d", line, got, width)
			}
			if got := strings.Count(line, mark); got != len(key.Fields)+1 {
				t.Errorf("line %q has %d marks, want %d", line, got, len(key.Fields)+1)
			}
			if !strings.HasSuffix(line, mark+" ") {
				t.Errorf("line %q does not end with a mark and one blank", line)
			}
		}
	})
}
