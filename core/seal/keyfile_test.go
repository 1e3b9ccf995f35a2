package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestParseAccepts(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"one key", keyLine(1, 0), "keys [1]"},
		{"no line end", strings.TrimSpace(keyLine(1, 0)), "keys [1]"},
		{"keys in any order", keyLine(9223372036854775807, 0) + keyLine(1, 1) + keyLine(20, 2), "keys [1 20 9223372036854775807]"},
		{"comments and blank lines", "# keys\n\n \t\n" + strings.TrimSpace(keyLine(1, 0)) + " # of May\n#" + keyLine(2, 1), "keys [1]"},
		{"blanks and CRLF", " 1 : " + strings.TrimSpace(keyLine(1, 0))[2:] + " \r\n", "keys [1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, tt.text).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	encoded := strings.TrimSpace(keyLine(1, 0))[2:]
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "key file holds no key; a key is a line id:base64 of 32 bytes"},
		{"only comments", "# 1:x\n", "key file holds no key; a key is a line id:base64 of 32 bytes"},
		{"a key without id", encoded, "key file is wrong: line 1: there is no colon; a key is id:base64 of 32 bytes"},
		{"id 0", "0:" + encoded, "key file is wrong: line 1: the id before the colon is not a number from 1"},
		{"a negative id", "-1:" + encoded, "key file is wrong: line 1: the id before the colon is not a number from 1"},
		{"an id beyond int64", "9223372036854775808:" + encoded, "key file is wrong: line 1: the id before the colon is not a number from 1"},
		{"key and id swapped", encoded + ":1", "key file is wrong: line 1: the id before the colon is not a number from 1"},
		{"a key that is no base64", "1:*" + encoded, "key file is wrong: line 1: key 1 is not base64 (standard alphabet, padded)"},
		{"unpadded base64", "1:" + strings.TrimRight(encoded, "="), "key file is wrong: line 1: key 1 is not base64 (standard alphabet, padded)"},
		{"a short key", "1:" + encoded[:40], "key file is wrong: line 1: key 1 has 30 bytes; AES-256 takes 32"},
		{"a long key", "1:QUFB" + encoded, "key file is wrong: line 1: key 1 has 35 bytes; AES-256 takes 32"},
		{"an id twice", keyLine(1, 0) + "\n" + keyLine(1, 1), "key file is wrong: line 3: key id 1 is already on line 1"},
		{"all faults at once", "x\n" + keyLine(1, 0) + "# fine\n2:\nx:y\n",
			"key file is wrong: line 1: there is no colon; a key is id:base64 of 32 bytes; " +
				"line 4: key 2 has 0 bytes; AES-256 takes 32; line 5: the id before the colon is not a number from 1"},
		{"a file over the limit", strings.Repeat("\n", 64<<10+1), "key file has more than 65536 bytes, the limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.text))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	t.Run("a file that is no key file, in few words", func(t *testing.T) {
		_, err := Parse([]byte(strings.Repeat("x\n", 32<<10)))
		if err == nil || len(err.Error()) > 8<<10 || !strings.HasSuffix(err.Error(), "; and 32718 more") {
			t.Errorf("got %.200v", err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(keyLine(1, 0) + "# c\n\n" + keyLine(2, 1))
	f.Add("1:x\n2\n:\n::\n0:" + keyLine(1, 0))
	f.Add(strings.TrimSpace(keyLine(1, 0))[2:] + ":1\r\n\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse([]byte(text))
		if err != nil {
			for line := range strings.Lines(text) {
				for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ':' || r == ' ' || r == '\n' }) {
					// An id has 19 digits at most: what is longer can only be a key.
					if len(part) > 19 && strings.Contains(err.Error(), part) {
						t.Errorf("the error shows the key: %v", err)
					}
				}
			}
			return
		}
		sealed, info := mustSeal(t, k, "i", "sk", canary)
		if got, err := k.Open("i", "sk", sealed, info, Legacy{}); err != nil || got != canary {
			t.Errorf("opens as %q, %v", got, err)
		}
	})
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	write := func(t *testing.T, text string, mode fs.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	both := map[string]func(string) (*Keyring, error){"Load": Load, "LoadOrCreate": LoadOrCreate}
	for name, load := range both {
		for _, mode := range []fs.FileMode{0o600, 0o400, 0o700} {
			t.Run(fmt.Sprintf("%s accepts mode %o", name, mode), func(t *testing.T) {
				write(t, keyLine(1, 0)+keyLine(2, 1), mode)
				if k, err := load(path); err != nil || k.String() != "keys [1 2]" {
					t.Errorf("got %v, %v", k, err)
				}
			})
		}
		for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o644} {
			t.Run(fmt.Sprintf("%s refuses mode %o", name, mode), func(t *testing.T) {
				write(t, keyLine(1, 0), mode)
				want := fmt.Sprintf("key file %s is open to group or others (mode %04o); run: chmod 600 %q", path, mode, path)
				if _, err := load(path); err == nil || err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
			})
		}
		t.Run(name+" names the file with the faults", func(t *testing.T) {
			write(t, "1:", 0o600)
			if _, err := load(path); err == nil || !strings.HasPrefix(err.Error(), path+": key file is wrong: line 1: ") {
				t.Errorf("got %v", err)
			}
		})
		t.Run(name+" refuses an endless file", func(t *testing.T) {
			write(t, "", 0o600)
			if err := os.Truncate(path, 1<<40); err != nil {
				t.Fatal(err)
			}
			if _, err := load(path); err == nil || !strings.Contains(err.Error(), "more than 65536 bytes") {
				t.Errorf("got %v", err)
			}
		})
		t.Run(name+" refuses a directory and a pipe", func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{dir, pipe} {
				if _, err := load(path); err == nil || !strings.HasSuffix(err.Error(), "is not a regular file") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	t.Run("Load creates nothing", func(t *testing.T) {
		absent := filepath.Join(dir, "absent")
		if _, err := Load(absent); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
		if _, err := os.Stat(absent); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat says %v", err)
		}
	})
}

func TestLoadOrCreate(t *testing.T) {
	t.Run("creates a private file with one random key, once", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "keys")
		first, err := LoadOrCreate(path)
		if err != nil || first.String() != "keys [1]" {
			t.Fatalf("got %v, %v", first, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Fatalf("the file is %v, %v", info.Mode(), err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("the directory holds %v, %v", entries, err)
		}
		second, err := LoadOrCreate(path)
		if err != nil {
			t.Fatal(err)
		}
		sealed, sealInfo := mustSeal(t, first, "i", "sk", canary)
		if got, err := second.Open("i", "sk", sealed, sealInfo, Legacy{}); err != nil || got != canary {
			t.Errorf("a second start opens %q, %v", got, err)
		}
		other, err := LoadOrCreate(filepath.Join(dir, "other"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Open("i", "sk", sealed, sealInfo, Legacy{}); err == nil {
			t.Error("two files have the same key")
		}
	})

	t.Run("gives processes that start at once the same key", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "keys")
		var rings [16]*Keyring
		var wg sync.WaitGroup
		for i := range rings {
			wg.Go(func() {
				k, err := LoadOrCreate(path)
				if err != nil {
					t.Error(err)
				}
				rings[i] = k
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		sealed, info := mustSeal(t, rings[0], "i", "sk", canary)
		for i, k := range rings {
			if _, err := k.Open("i", "sk", sealed, info, Legacy{}); err != nil {
				t.Errorf("start %d: %v", i, err)
			}
		}
	})

	t.Run("says where it could not create", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "absent", "keys")
		if _, err := LoadOrCreate(path); err == nil || !strings.HasPrefix(err.Error(), "create key file "+path+": ") {
			t.Errorf("got %v", err)
		}
	})
}
