package admin

import (
	"io"
	"os"
	"regexp"
	"strings"

	"roster/core"
)

// maxSecretFile bounds a file with a secret, in bytes.
const maxSecretFile = 4 << 10

// envSecret is the names SECRET FROM ENV may read: whatever else the environment
// holds is none of a statement's business.
var envSecret = regexp.MustCompile(`^ROSTER_SECRET_[A-Za-z0-9_]+$`)

// secret is a value in a place for secrets, where the server's own may be named.
func (x *execution) secret(v *value) (string, error) {
	if v.Store == "" {
		return x.text(v)
	}
	l, err := x.resolve(v.Secret)
	if err != nil {
		return "", err
	}
	if strings.EqualFold(v.Store, "ENV") {
		return secretFromEnv(l.text)
	}
	return secretFromFile(x.engine.opts.SecretDir, l.text)
}

func secretFromEnv(name string) (string, error) {
	if !envSecret.MatchString(name) {
		return "", invalid("SECRET FROM ENV %q: the name must begin with ROSTER_SECRET_", clip(name))
	}
	secret, ok := os.LookupEnv(name)
	if !ok {
		return "", core.Errorf(core.InvalidArgument, "SECRET FROM ENV %q: the server has no such variable", clip(name))
	}
	return secret, nil
}

// secretFromFile reads a file below dir, whatever links it holds, but for the
// line feed at its end.
func secretFromFile(dir, name string) (string, error) {
	unreadable := invalid("SECRET FROM FILE %q: the server has no such file of at most %d bytes in its directory for secrets", clip(name), maxSecretFile)
	if dir == "" {
		return "", invalid("SECRET FROM FILE needs a directory for secrets, which this server has none of")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", unreadable
	}
	defer func() { _ = root.Close() }()
	// Opening a pipe would wait for its writer.
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return "", unreadable
	}
	f, err := root.Open(name)
	if err != nil {
		return "", unreadable
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil || len(raw) > maxSecretFile {
		return "", unreadable
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
