package mysqlfront

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// passwordKey encrypts passwords on their way over plain connections. Clients ask
// for it at each login, so that one a process is enough.
var passwordKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// checkEvery bounds how often the certificate files are looked at.
const checkEvery = time.Second

// certificate is a pair of PEM files, read again when one has changed.
type certificate struct {
	certFile, keyFile string
	log               *logrus.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamp   string
	checked time.Time
}

func newCertificate(certFile, keyFile string, log *logrus.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, stamp: stampOf(certFile, keyFile)}
	var err error
	c.loaded, err = loadCertificate(certFile, keyFile)
	return c, err
}

func loadCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("the certificate %s with the key %s cannot be used: %w", certFile, keyFile, err)
	}
	return &pair, nil
}

// stampOf changes whenever one of the files does.
func stampOf(files ...string) string {
	var stamp string
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return ""
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), ";")
	}
	return stamp
}

// current keeps the pair it has while the files are missing or do not fit.
func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) < checkEvery {
		return c.loaded, nil
	}
	c.checked = time.Now()
	stamp := stampOf(c.certFile, c.keyFile)
	if stamp == "" || stamp == c.stamp {
		return c.loaded, nil
	}
	pair, err := loadCertificate(c.certFile, c.keyFile)
	if err != nil {
		c.log.WithError(err).Warn("the new certificate is not used, the old one stays")
		return c.loaded, nil
	}
	c.loaded, c.stamp = pair, stamp
	c.log.WithField("file", c.certFile).Info("the certificate was read again")
	return c.loaded, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{GetCertificate: c.current, MinVersion: tls.VersionTLS12}
}
