package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"roster/core/seal"
	"roster/httpfront"
	"roster/tikvstore/embedded"
)

// defaultToken is the token every client of the meta-service knows. It is
// accepted on loopback only.
const defaultToken = "greedisgood9999"

// maxSecretFile bounds a file of tokens or accounts, in bytes.
const maxSecretFile = 1 << 20

// loadTokens reads the access tokens, or takes the well-known one where only
// this machine can use it.
func (c config) loadTokens() ([]httpfront.Token, error) {
	if c.TokenFile == "" {
		if !loopback(c.HTTPAddr) {
			return nil, fmt.Errorf("http-addr %s is reached from other machines: set token-file, the well-known token is for loopback only", c.HTTPAddr)
		}
		return []httpfront.Token{{Name: "default", Secret: seal.NewSecret(defaultToken), Role: httpfront.RoleAdmin}}, nil
	}
	var tokens []httpfront.Token
	err := readLines(c.TokenFile, 3, "NAME ROLE TOKEN", func(fields []string) error {
		role, err := httpfront.ParseRole(fields[1])
		if err != nil {
			return err
		}
		if fields[2] == defaultToken && !loopback(c.HTTPAddr) {
			return errors.New("the well-known token is for loopback only, choose another")
		}
		for _, t := range tokens {
			if t.Name == fields[0] || t.Secret.Equal(fields[2]) {
				return fmt.Errorf("its name or its token is that of %s above: each must be unique", t.Name)
			}
		}
		tokens = append(tokens, httpfront.Token{Name: fields[0], Role: role, Secret: seal.NewSecret(fields[2])})
		return nil
	})
	if err == nil && len(tokens) == 0 {
		err = fmt.Errorf("%s holds no token, want lines NAME ROLE TOKEN", c.TokenFile)
	}
	return tokens, err
}

// loadAccounts reads who may ask for cloud_cluster_status.
func (c config) loadAccounts() ([]httpfront.Account, error) {
	if c.FEAccountFile == "" {
		if !loopback(c.HTTPAddr) {
			return nil, nil
		}
		return []httpfront.Account{{User: "root", Password: seal.NewSecret("")}}, nil
	}
	var accounts []httpfront.Account
	err := readLines(c.FEAccountFile, 2, "USER PASSWORD", func(fields []string) error {
		accounts = append(accounts, httpfront.Account{User: fields[0], Password: seal.NewSecret(fields[1])})
		return nil
	})
	return accounts, err
}

// loadKeys reads the keys that seal secrets.
func (c config) loadKeys() (*seal.Keyring, error) {
	if lines, ok := os.LookupEnv("ROSTER_KEYS"); ok {
		keys, err := seal.Parse([]byte(strings.ReplaceAll(lines, ",", "\n")))
		if err != nil {
			return nil, fmt.Errorf("ROSTER_KEYS: %w", err)
		}
		return keys, nil
	}
	switch {
	case c.KeyFile != "":
		return seal.Load(c.KeyFile)
	case c.Store == "embedded":
		return c.loadOwnKeys()
	}
	return nil, errors.New("store tikv needs key-file or ROSTER_KEYS: all replicas must seal secrets with the same keys")
}

// loadOwnKeys reads the key file of the embedded store, and makes one only for a
// store that is new: another key would not open what is sealed.
func (c config) loadOwnKeys() (*seal.Keyring, error) {
	path := filepath.Join(c.DataDir, "secret.key")
	used, err := embedded.Exists(c.DataDir)
	if err != nil {
		return nil, err
	}
	if !used {
		return seal.LoadOrCreate(path)
	}
	keys, err := seal.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("data-dir %s holds records sealed with %s, which is missing: restore it, or name where it is with key-file", c.DataDir, path)
	}
	return keys, err
}

// readLines splits the lines of a file into blank-separated fields, the last of
// which takes the rest, skipping blank lines and # comments. Faults name the line
// and never what is on it.
func readLines(path string, n int, form string, use func(fields []string) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > maxSecretFile {
		return fmt.Errorf("%s has %d bytes, at most %d are allowed", path, info.Size(), maxSecretFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var faults []error
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		fields := splitFields(line, n)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != n {
			faults = append(faults, fmt.Errorf("%s line %d has %d fields, want %s", path, number, len(fields), form))
			continue
		}
		if err := use(fields); err != nil {
			faults = append(faults, fmt.Errorf("%s line %d: %w", path, number, err))
		}
	}
	return errors.Join(faults...)
}

// splitFields cuts a line at its first n-1 runs of blanks.
func splitFields(line string, n int) (fields []string) {
	rest := strings.TrimSpace(line)
	for rest != "" && len(fields) < n-1 {
		end := strings.IndexAny(rest+" ", " \t")
		fields, rest = append(fields, rest[:end]), strings.TrimSpace(rest[end:])
	}
	if rest != "" {
		fields = append(fields, rest)
	}
	return fields
}
