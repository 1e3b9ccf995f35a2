package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	tomlparser "github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"roster/core"
	"roster/httpfront"
	"roster/mysqlfront"
	"roster/tikvstore"
)

// config is what a server is told. It holds no secret: those are in files.
type config struct {
	Store            string        `koanf:"store"`
	DataDir          string        `koanf:"data-dir"`
	PD               []string      `koanf:"pd"`
	TiKVCA           string        `koanf:"tikv-ca"`
	TiKVCert         string        `koanf:"tikv-cert"`
	TiKVKey          string        `koanf:"tikv-key"`
	TiKVPrefix       string        `koanf:"tikv-prefix"`
	TiKVKeyspace     string        `koanf:"tikv-keyspace"`
	TiKVGC           string        `koanf:"tikv-gc"`
	StoreTimeout     time.Duration `koanf:"store-connect-timeout"`
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
	MySQLAddr        string        `koanf:"mysql-addr"`
	MySQLUserFile    string        `koanf:"mysql-user-file"`
	MySQLTLSCert     string        `koanf:"mysql-tls-cert"`
	MySQLTLSKey      string        `koanf:"mysql-tls-key"`
	MySQLRequireTLS  bool          `koanf:"mysql-require-tls"`
	MySQLAuthPlugin  string        `koanf:"mysql-auth-plugin"`
	MySQLMaxConns    int           `koanf:"mysql-max-conns"`
	SecretDir        string        `koanf:"secret-dir"`
}

type setting struct {
	key     string
	initial any
	usage   string
}

// settings are the keys of a config, with their defaults and what --help says.
var settings = []setting{
	{"store", "embedded", "where records live: embedded (on this machine) or tikv"},
	{"data-dir", "./roster-data", "directory of the embedded store"},
	{"pd", []string{}, "PD addresses of the TiKV cluster, HOST:PORT,..."},
	{"tikv-ca", "", "CA of PD's and TiKV's certificates, PEM; turns TLS to them on"},
	{"tikv-cert", "", "certificate that proves this server to PD and TiKV, PEM"},
	{"tikv-key", "", "its key"},
	{"tikv-prefix", tikvstore.DefaultPrefix, "what every key in TiKV begins with; Rosters with different ones never meet"},
	{"tikv-keyspace", "", "keyspace of a TiKV cluster with API V2; it must exist"},
	{"tikv-gc", "on", "on or off: one of the servers lets TiKV drop old versions, which is off where TiDB or another tool does"},
	{"store-connect-timeout", 30 * time.Second, "how long to try to reach TiKV at the start; 0 is for ever"},
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
	{"version-retention", 24 * time.Hour, "how long old versions of records are kept, in TiKV a minute or more"},
	{"mysql-addr", "127.0.0.1:9030", "address of the MySQL endpoint, or none"},
	{"mysql-user-file", "", "file of MySQL users, a line each: NAME ROLE PASSWORD, the role admin,\noperator or reader, or ROLE@INSTANCE for a user of one instance; users made in SQL come before them.\nRead again on SIGHUP. Without one, a loopback address takes root with an empty password"},
	{"mysql-tls-cert", "", "certificate of the MySQL endpoint, PEM; read again when it changes"},
	{"mysql-tls-key", "", "its key"},
	{"mysql-require-tls", false, "refuse MySQL logins that are not encrypted"},
	{"mysql-auth-plugin", mysqlfront.CachingSHA2, "how MySQL passwords are checked: " + mysqlfront.CachingSHA2 + " or " + mysqlfront.Native},
	{"mysql-max-conns", 1000, "most connections to the MySQL endpoint"},
	{"secret-dir", "", "directory of the files that SECRET FROM FILE may name in SQL"},
	{"fe-upstream", "none", "frontend that cloud_cluster_status is passed on to: a URL, auto (the instance's master), or none"},
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
	path, _ := flags.GetString("config")
	if path = cmp.Or(path, os.Getenv("ROSTER_CONFIG")); path != "" {
		if err := k.Load(file.Provider(path), tomlparser.Parser()); err != nil {
			return config{}, fmt.Errorf("config file %s: %w", path, err)
		}
	}
	clear(values)
	for _, s := range settings {
		if v := os.Getenv(envName(s.key)); v != "" {
			values[s.key] = v
		}
		if f := flags.Lookup(s.key); f != nil && f.Changed {
			values[s.key] = f.Value.String()
			if list, ok := f.Value.(pflag.SliceValue); ok {
				values[s.key] = list.GetSlice()
			}
		}
	}
	if err := k.Load(confmap.Provider(values, ""), nil); err != nil {
		return config{}, err
	}
	c, wrong := decodeConfig(k.Raw(), path)
	for key, fault := range c.faults() {
		if wrong[key] == nil {
			wrong[key] = fault
		}
	}
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		faults = append(faults, wrong[key])
	}
	return c, errors.Join(faults...)
}

// decodeConfig fills a config value by value, so that each fault names its key.
func decodeConfig(values map[string]any, path string) (c config, wrong map[string]error) {
	wrong = map[string]error{}
	for key, value := range values {
		err := decodeValue(map[string]any{key: value}, &c)
		switch {
		case err == nil:
		case !slices.ContainsFunc(settings, func(s setting) bool { return s.key == key }):
			wrong[key] = fmt.Errorf("%s in %s is no setting, see roster serve --help", key, path)
		default:
			wrong[key] = fmt.Errorf("%s is %q: %s", key, fmt.Sprint(value), lastLine(err))
		}
	}
	return c, wrong
}

func decodeValue(value map[string]any, c *config) error {
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result:           c,
		TagName:          "koanf",
		ErrorUnused:      true,
		WeaklyTypedInput: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			durationHook, mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(",")),
	})
	if err != nil {
		return err
	}
	return decoder.Decode(value)
}

// durationHook refuses a number for a duration: nobody means nanoseconds.
func durationHook(from, to reflect.Type, value any) (any, error) {
	if to == reflect.TypeFor[time.Duration]() && from != to && from.Kind() != reflect.String {
		return nil, errors.New("want a duration with a unit, such as 5s")
	}
	return value, nil
}

// lastLine is what a decoder's error comes down to.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// faults are what is wrong with a config, by key.
func (c config) faults() map[string]error {
	faults := map[string]error{}
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			faults[key] = fmt.Errorf(key+" "+format, args...)
		}
	}
	oneOf := func(key, value string, allowed ...string) {
		check(slices.Contains(allowed, value), key, "is %q, want %s", value, strings.Join(allowed, " or "))
	}
	oneOf("store", c.Store, "embedded", "tikv")
	oneOf("compat", c.Compat, string(core.CompatReference), string(core.CompatDoris))
	oneOf("log-format", c.LogFormat, "text", "json")
	oneOf("log-level", c.LogLevel, "error", "warn", "info", "debug")
	_, _, err := net.SplitHostPort(c.HTTPAddr)
	check(err == nil, "http-addr", "is %q, want HOST:PORT", c.HTTPAddr)
	_, _, err = net.SplitHostPort(c.MySQLAddr)
	check(err == nil || c.MySQLAddr == "none", "mysql-addr", "is %q, want HOST:PORT or none", c.MySQLAddr)
	oneOf("mysql-auth-plugin", c.MySQLAuthPlugin, mysqlfront.CachingSHA2, mysqlfront.Native)
	check(c.Store != "tikv" || len(c.PD) > 0, "pd", "is empty: store tikv needs the addresses of the cluster's PD servers")
	oneOf("tikv-gc", c.TiKVGC, "on", "off")
	if c.Store == "tikv" {
		if fault := c.tikvOptions().Validate(); fault != nil && len(c.PD) > 0 {
			faults["tikv"] = fmt.Errorf("tikv settings: %w", fault)
		}
		check(c.TiKVKeyspace == "" || c.TiKVGC == "off", "tikv-gc", "is on, but the garbage of keyspaces is the cluster's to collect: set it to off")
	}
	check(c.StoreTimeout >= 0, "store-connect-timeout", "must not be negative")
	check(c.Store != "embedded" || c.DataDir != "", "data-dir", "is empty: store embedded needs it")
	for key, n := range map[string]int64{
		"slow-request": int64(c.SlowRequest), "request-timeout": int64(c.RequestTimeout), "grace": int64(c.Grace),
		"version-retention": int64(c.VersionRetention), "max-conns": int64(c.MaxConns), "max-conns-per-ip": int64(c.MaxConnsPerIP),
		"mysql-max-conns": int64(c.MySQLMaxConns),
	} {
		check(n > 0, key, "must be more than 0")
	}
	check(c.RequestTimeout <= core.MaxWait, "request-timeout", "is %v, at most %v are allowed", c.RequestTimeout, core.MaxWait)
	check(c.HistoryRetention >= 0, "history-retention", "must not be negative")
	check(c.DrainDelay >= 0 && (c.DrainDelay == 0 || c.DrainDelay < c.Grace), "drain-delay", "is %v, want less than grace, %v", c.DrainDelay, c.Grace)
	check(c.FEHTTPPort > 0 && c.FEHTTPPort < 1<<16, "fe-http-port", "is %d, want 1 to 65535", c.FEHTTPPort)
	u, err := url.Parse(c.FEUpstream)
	check(c.upstream() == "" || c.FEUpstream == httpfront.UpstreamAuto || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "",
		"fe-upstream", "is neither none, auto nor a URL such as http://host:8030")
	return faults
}

// values are a config's settings by key.
func (c config) values() map[string]any {
	values := map[string]any{}
	for field, value := range reflect.ValueOf(c).Fields() {
		values[field.Tag.Get("koanf")] = value.Interface()
	}
	return values
}

// upstream is the frontend to pass cloud_cluster_status on to, if any.
func (c config) upstream() string {
	if c.FEUpstream == "none" {
		return ""
	}
	return c.FEUpstream
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
