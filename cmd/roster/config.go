package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	tomlparser "github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"

	"roster/core"
)

// config is what a server is told. It holds no secret: those are in files.
type config struct {
	Store            string        `koanf:"store"`
	DataDir          string        `koanf:"data-dir"`
	PD               []string      `koanf:"pd"`
	HTTPAddr         string        `koanf:"http-addr"`
	TokenFile        string        `koanf:"token-file"`
	KeyFile          string        `koanf:"key-file"`
	Compat           string        `koanf:"compat"`
	ClusterNameCheck bool          `koanf:"cluster-name-check"`
	LogLevel         string        `koanf:"log-level"`
	LogFormat        string        `koanf:"log-format"`
	SlowRequest      time.Duration `koanf:"slow-request"`
	RequestTimeout   time.Duration `koanf:"request-timeout"`
	MaxConns         int           `koanf:"max-conns"`
	MaxConnsPerIP    int           `koanf:"max-conns-per-ip"`
	DrainDelay       time.Duration `koanf:"drain-delay"`
	Grace            time.Duration `koanf:"grace"`
	HistoryRetention time.Duration `koanf:"history-retention"`
	VersionRetention time.Duration `koanf:"version-retention"`
	FEUpstream       string        `koanf:"fe-upstream"`
	FEHTTPPort       int           `koanf:"fe-http-port"`
	FEInstance       string        `koanf:"fe-instance"`
	FEAccountFile    string        `koanf:"fe-account-file"`
}

// settings are the keys of a config, with their defaults and what --help says.
var settings = []struct {
	key     string
	initial any
	usage   string
}{
	{"store", "embedded", "where records live: embedded (on this machine) or tikv"},
	{"data-dir", "./roster-data", "directory of the embedded store"},
	{"pd", []string{}, "PD addresses of the TiKV cluster, HOST:PORT,..."},
	{"http-addr", "127.0.0.1:5000", "address of the REST API"},
	{"token-file", "", "file of access tokens, a line each: NAME ROLE TOKEN, with role admin, operator or reader;\nread again on SIGHUP. Without one, a loopback address takes the well-known token " + defaultToken},
	{"key-file", "", "file of the keys that seal secrets, a line each: ID:BASE64; created for the embedded store\nas secret.key in its data-dir. The variable ROSTER_KEYS may hold the lines instead, separated by commas"},
	{"compat", "reference", "whom to follow where they differ: reference (the published API) or doris (the C++ service)"},
	{"cluster-name-check", true, "hold new cluster names to [a-zA-Z][0-9a-zA-Z_]+"},
	{"log-level", "info", "error, warn, info or debug"},
	{"log-format", "text", "text or json"},
	{"slow-request", time.Second, "log requests that take this long as a warning"},
	{"request-timeout", core.MaxWait, "longest time to work on one request, at most 10s"},
	{"max-conns", 16384, "most connections to the REST API"},
	{"max-conns-per-ip", 8192, "most connections of one address"},
	{"drain-delay", time.Duration(0), "how long to answer on as not ready before a stop"},
	{"grace", 20 * time.Second, "how long requests under way may take to finish on a stop"},
	{"history-retention", 90 * 24 * time.Hour, "how long history records and request ids are kept; 0 is for ever"},
	{"version-retention", 24 * time.Hour, "how long the embedded store keeps old versions of records"},
	{"fe-upstream", "", "frontend that cloud_cluster_status is passed on to: a URL, auto, or none"},
	{"fe-http-port", 8030, "HTTP port of the frontends that fe-upstream auto finds"},
	{"fe-instance", "", "instance cloud_cluster_status is about when a request names none; empty is all of them"},
	{"fe-account-file", "", "file of users who may ask for cloud_cluster_status, a line each: USER PASSWORD.\nWithout one, a loopback address takes root with an empty password"},
}

func addFlags(flags *pflag.FlagSet) {
	flags.String("config", "", "TOML file of the settings below, with the same names")
	for _, s := range settings {
		switch initial := s.initial.(type) {
		case string:
			flags.String(s.key, initial, s.usage)
		case []string:
			flags.StringSlice(s.key, initial, s.usage)
		case bool:
			flags.Bool(s.key, initial, s.usage)
		case int:
			flags.Int(s.key, initial, s.usage)
		case time.Duration:
			flags.Duration(s.key, initial, s.usage)
		}
	}
}

// envName is the variable that sets a key: http-addr is ROSTER_HTTP_ADDR.
func envName(key string) string {
	return "ROSTER_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// loadConfig joins the defaults, the file, the environment and the flags, each
// over the one before, and reports every fault at once.
func loadConfig(flags *pflag.FlagSet) (config, error) {
	k := koanf.New("\x00")
	values := map[string]any{}
	for _, s := range settings {
		values[s.key] = s.initial
	}
	if err := k.Load(confmap.Provider(values, ""), nil); err != nil {
		return config{}, err
	}
	if path, _ := flags.GetString("config"); path != "" {
		if err := k.Load(file.Provider(path), tomlparser.Parser()); err != nil {
			return config{}, fmt.Errorf("config file %s: %w", path, err)
		}
	}
	clear(values)
	for _, s := range settings {
		if v, ok := os.LookupEnv(envName(s.key)); ok {
			values[s.key] = v
		}
		if f := flags.Lookup(s.key); f != nil && f.Changed {
			values[s.key] = strings.Trim(f.Value.String(), "[]")
		}
	}
	if err := k.Load(confmap.Provider(values, ""), nil); err != nil {
		return config{}, err
	}
	var c config
	err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		Result:           &c,
		TagName:          "koanf",
		ErrorUnused:      true,
		WeaklyTypedInput: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(",")),
	}})
	return c, errors.Join(err, c.validate())
}

// validate reports every fault of a config.
func (c config) validate() error {
	var faults []error
	oneOf := func(key, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			faults = append(faults, fmt.Errorf("%s is %q, want %s", key, value, strings.Join(allowed, " or ")))
		}
	}
	positive := func(key string, n int64) {
		if n <= 0 {
			faults = append(faults, fmt.Errorf("%s must be more than 0", key))
		}
	}
	oneOf("store", c.Store, "embedded", "tikv")
	oneOf("compat", c.Compat, string(core.CompatReference), string(core.CompatDoris))
	oneOf("log-format", c.LogFormat, "text", "json")
	if _, err := logrus.ParseLevel(c.LogLevel); err != nil {
		faults = append(faults, fmt.Errorf("log-level is %q, want error, warn, info or debug", c.LogLevel))
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		faults = append(faults, fmt.Errorf("http-addr is %q, want HOST:PORT", c.HTTPAddr))
	}
	if c.Store == "tikv" && len(c.PD) == 0 {
		faults = append(faults, errors.New("store tikv needs pd, the addresses of the cluster's PD servers"))
	}
	if c.Store == "embedded" && c.DataDir == "" {
		faults = append(faults, errors.New("store embedded needs data-dir"))
	}
	positive("slow-request", int64(c.SlowRequest))
	positive("request-timeout", int64(c.RequestTimeout))
	positive("max-conns", int64(c.MaxConns))
	positive("max-conns-per-ip", int64(c.MaxConnsPerIP))
	positive("grace", int64(c.Grace))
	positive("version-retention", int64(c.VersionRetention))
	positive("fe-http-port", int64(c.FEHTTPPort))
	if c.RequestTimeout > core.MaxWait {
		faults = append(faults, fmt.Errorf("request-timeout is %v, at most %v are allowed", c.RequestTimeout, core.MaxWait))
	}
	if c.HistoryRetention < 0 || c.DrainDelay < 0 {
		faults = append(faults, errors.New("history-retention and drain-delay must not be negative"))
	}
	return errors.Join(faults...)
}

// loopback reports whether an address is reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
