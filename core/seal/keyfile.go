package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	// maxFileBytes is room for more than a thousand keys.
	maxFileBytes = 64 << 10
	// maxFaults bounds the error for a file that is no key file at all.
	maxFaults = 50
)

const header = `# Secrets in the store are sealed with these keys, one a line, id:base64 of 32 bytes.
# The highest id seals, all open. Keep a copy: without it they cannot be read.
`

// Parse reads a key file's text: one "id:base64 of 32 bytes" a line, ids from 1;
// blank lines and # comments are skipped. The error names the faults by line,
// and nothing of the keys.
func Parse(text []byte) (*Keyring, error) {
	var (
		k      = new(Keyring)
		lines  = make(map[int64]int)
		faults []string
		number int
	)
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("key file has more than %d bytes, the limit", maxFileBytes)
	}
	for line := range strings.Lines(string(text)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		id, key, err := parseKey(line)
		if err == nil && lines[id] != 0 {
			err = fmt.Errorf("key id %d is already on line %d", id, lines[id])
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("line %d: %v", number, err))
			continue
		}
		lines[id] = number
		k.add(id, key)
	}
	if more := len(faults) - maxFaults; more > 0 {
		faults = append(faults[:maxFaults], fmt.Sprintf("and %d more", more))
	}
	switch {
	case faults != nil:
		return nil, fmt.Errorf("key file is wrong: %s", strings.Join(faults, "; "))
	case len(k.keys) == 0:
		return nil, errors.New("key file holds no key; a key is a line id:base64 of 32 bytes")
	}
	return k, nil
}

// parseKey leaves what it read out of its errors: key and id may have changed
// places.
func parseKey(line string) (id int64, key []byte, err error) {
	number, encoded, ok := strings.Cut(line, ":")
	if !ok {
		return 0, nil, errors.New("there is no colon; a key is id:base64 of 32 bytes")
	}
	id, err = strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || id < 1 {
		return 0, nil, errors.New("the id before the colon is not a number from 1")
	}
	key, err = base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return 0, nil, fmt.Errorf("key %d is not base64 (standard alphabet, padded)", id)
	}
	if len(key) != keyBytes {
		return 0, nil, fmt.Errorf("key %d has %d bytes; AES-256 takes %d", id, len(key), keyBytes)
	}
	return id, key, nil
}

// Load reads a key file. It must be a regular file of at most 64 KiB that only
// its owner may use.
func Load(path string) (*Keyring, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	k, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

func read(path string) (text []byte, err error) {
	// Without O_NONBLOCK opening a pipe waits for its writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key file %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("key file %s is open to group or others (mode %04o); run: chmod 600 %q", path, mode, path)
	}
	text, err = io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return text, nil
}

// LoadOrCreate is Load, after writing a file with one random key, id 1, where
// there is none. Its directory must exist. A file that is there is never
// overwritten: of several processes that start at once all load the one key.
func LoadOrCreate(path string) (*Keyring, error) {
	k, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create key file %s: %w", path, err)
	}
	return Load(path)
}

// create makes the file appear whole and on disk, or not at all.
func create(path string) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = fmt.Fprintf(f, "%s1:%s\n", header, base64.StdEncoding.EncodeToString(newKey()))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	// A rename would replace the key another process has just begun to use.
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
