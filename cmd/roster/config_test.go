package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"roster/tikvstore/embedded"
)

func load(t *testing.T, file string, args ...string) (config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addFlags(flags)
	if file != "" {
		args = append(args, "--config", write(t, file))
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return loadConfig(flags)
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreValid(t *testing.T) {
	c, err := load(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:5000" || c.Grace != 20*time.Second || !c.ClusterNameCheck || len(c.PD) != 0 {
		t.Errorf("defaults are %+v", c)
	}
}

func TestEverySettingIsAField(t *testing.T) {
	fields := map[string]bool{}
	for field := range reflect.TypeFor[config]().Fields() {
		fields[field.Tag.Get("koanf")] = true
	}
	for _, s := range settings {
		if !fields[s.key] {
			t.Errorf("%s has no field", s.key)
		}
		delete(fields, s.key)
	}
	for key := range fields {
		t.Errorf("%s has no setting", key)
	}
}

func TestFlagsGoOverTheEnvironmentOverTheFile(t *testing.T) {
	t.Setenv("ROSTER_COMPAT", "doris")
	t.Setenv("ROSTER_GRACE", "3s")
	t.Setenv("ROSTER_PORT", "tcp://10.0.0.1:5000") // as container platforms set
	c, err := load(t, "http-addr = '127.0.0.1:1'\ncompat = 'reference'\ngrace = '2s'\nslow-request = '7s'\n",
		"--grace", "4s", "--pd", "a:1,b:2")
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:1" || c.Compat != "doris" || c.Grace != 4*time.Second || c.SlowRequest != 7*time.Second {
		t.Errorf("got %+v", c)
	}
	if !reflect.DeepEqual(c.PD, []string{"a:1", "b:2"}) {
		t.Errorf("pd is %q", c.PD)
	}
}

func TestAddressesMayBeIPv6(t *testing.T) {
	c, err := load(t, "", "--http-addr", "[::1]:5000", "--pd", "[::1]:2379")
	if err != nil || c.HTTPAddr != "[::1]:5000" || !reflect.DeepEqual(c.PD, []string{"[::1]:2379"}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestConfigFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		file string
		args []string
		want []string
	}{
		"an unknown key": {"colour = 1", nil, []string{"colour in ", "is no setting"}},
		"a wrong type":   {"grace = 'soon'", nil, []string{"grace"}},
		"no TOML":        {"= =", nil, []string{"config file"}},
		"all faults at once": {"store = 'paper'\nmax-conns = 0", []string{"--compat", "x", "--log-level", "loud"}, []string{
			`store is "paper"`, "max-conns must", `compat is "x"`, `log-level is "loud"`}},
		"tikv without pd":      {"", []string{"--store", "tikv"}, []string{"pd"}},
		"a CA that is absent":  {"", []string{"--store", "tikv", "--pd", "a:1", "--tikv-ca", "absent.pem"}, []string{`tikv settings: CA "absent.pem"`}},
		"half a pair":          {"", []string{"--store", "tikv", "--pd", "a:1", "--tikv-ca", "c", "--tikv-cert", "x"}, []string{`certificate "x"`}},
		"a prefix of no slash": {"", []string{"--store", "tikv", "--pd", "a:1", "--tikv-prefix", "mine"}, []string{`key prefix is "mine"`}},
		"a keyspace with GC":   {"", []string{"--store", "tikv", "--pd", "a:1", "--tikv-keyspace", "k"}, []string{"tikv-gc is on"}},
		"a GC that is neither": {"", []string{"--tikv-gc", "maybe"}, []string{`tikv-gc is "maybe"`}},
		"a negative patience":  {"", []string{"--store-connect-timeout", "-1s"}, []string{"store-connect-timeout"}},
		"an address":           {"", []string{"--http-addr", "5000"}, []string{"http-addr"}},
		"a request too long":   {"", []string{"--request-timeout", "1m"}, []string{"request-timeout"}},
		"a negative retention": {"", []string{"--history-retention", "-1s"}, []string{"history-retention"}},
		"a bare number":        {"grace = 5", nil, []string{`grace is "5": `, "want a duration with a unit"}},
		"an upstream":          {"", []string{"--fe-upstream", "nowhere"}, []string{"fe-upstream is neither none, auto nor a URL"}},
		"a delay over grace":   {"", []string{"--drain-delay", "30s"}, []string{"drain-delay is 30s, want less than grace, 20s"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, tc.file, tc.args...)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not named in %v", want, err)
				}
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:5000": true, "localhost:1": true, "[::1]:1": true, "127.9.9.9:1": true,
		"0.0.0.0:5000": false, ":5000": false, "10.0.0.1:1": false, "[::]:1": false, "example.com:1": false, "x": false,
	} {
		if got := loopback(addr); got != want {
			t.Errorf("loopback(%q) is %v", addr, got)
		}
	}
}

func TestTokens(t *testing.T) {
	const canary = "CANARY-TOKEN"
	for name, tc := range map[string]struct {
		addr, file string
		tokens     int
		fault      string
	}{
		"the well-known one on loopback": {"127.0.0.1:0", "", 1, ""},
		"none for others":                {"0.0.0.0:0", "", 0, "set token-file"},
		"of a file":                      {"0.0.0.0:0", "# rotated\n\na admin " + canary + "\nb reader " + canary + "2\n", 2, ""},
		"the well-known one for others":  {"0.0.0.0:0", "a admin " + defaultToken, 0, "line 1: the well-known token"},
		"an unknown role":                {"127.0.0.1:0", "a king " + canary, 0, `line 1: role "king"`},
		"a token twice":                  {"127.0.0.1:0", "a admin " + canary + "\nb reader " + canary, 0, "line 2: its name or its token is that of a above"},
		"a name twice":                   {"127.0.0.1:0", "a admin x\na reader y", 0, "line 2: its name"},
		"a token of blanks":              {"127.0.0.1:0", "a\tadmin \t x y z \n", 1, ""},
		"a missing field":                {"127.0.0.1:0", "\n" + canary + " admin", 0, "line 2 has 2 fields"},
		"an empty file":                  {"127.0.0.1:0", "# none\n", 0, "holds no token"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config{HTTPAddr: tc.addr}
			if tc.file != "" {
				c.TokenFile = write(t, tc.file)
			}
			tokens, err := c.loadTokens()
			if len(tokens) != tc.tokens && err == nil {
				t.Errorf("got %d tokens, want %d", len(tokens), tc.tokens)
			}
			if (err == nil) != (tc.fault == "") || err != nil && !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("got %v, want %q", err, tc.fault)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("%v shows the token", err)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Run("from the environment", func(t *testing.T) {
		t.Setenv("ROSTER_KEYS", "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")
		keys, err := config{Store: "tikv"}.loadKeys()
		if err != nil {
			t.Fatal(err)
		}
		if _, info, err := keys.Seal("i", "f", "x"); err != nil || info.GetKeyId() != 2 {
			t.Errorf("sealed with %v, %v", info, err)
		}
	})
	t.Run("made for the embedded store, once", func(t *testing.T) {
		c := config{Store: "embedded", DataDir: t.TempDir()}
		first, err := c.loadKeys()
		if err != nil {
			t.Fatal(err)
		}
		sealed, info, err := first.Seal("i", "f", "x")
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.loadKeys()
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := second.Open("i", "f", sealed, info, noLegacy); err != nil || plain != "x" {
			t.Errorf("opened as %q, %v", plain, err)
		}
		stat, err := os.Stat(filepath.Join(c.DataDir, "secret.key"))
		if err != nil || stat.Mode().Perm() != 0o600 {
			t.Errorf("the file's mode is %v, %v", stat.Mode(), err)
		}
	})
	t.Run("never made for a store that has lost its own", func(t *testing.T) {
		c := config{Store: "embedded", DataDir: t.TempDir()}
		store, err := embedded.Open(embedded.Options{Dir: c.DataDir})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.loadKeys(); err == nil || !strings.Contains(err.Error(), "secret.key, which is missing: restore it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("never made for TiKV", func(t *testing.T) {
		if _, err := (config{Store: "tikv"}).loadKeys(); err == nil || !strings.Contains(err.Error(), "key-file or ROSTER_KEYS") {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzSplitFields(f *testing.F) {
	for _, seed := range []string{"a admin t", " \t a  b \t c d ", "", "#", "a"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, line string, n int) {
		n = 1 + n&7
		fields := splitFields(line, n)
		if len(fields) > n {
			t.Errorf("%q gives %d fields, want at most %d", line, len(fields), n)
		}
		for i, field := range fields {
			if field == "" || i < n-1 && strings.ContainsAny(field, " \t") {
				t.Errorf("%q gives the field %q", line, field)
			}
		}
	})
}

func FuzzConfigFile(f *testing.F) {
	for _, seed := range []string{"grace = '5s'", "pd = ['a:1', 'b:2']", "x = 1", "store = {}", "[a]\nb = 1", "grace = 99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, text)
		if err == nil && len(c.faults()) > 0 {
			t.Errorf("%q is accepted with faults %v", text, c.faults())
		}
	})
}
