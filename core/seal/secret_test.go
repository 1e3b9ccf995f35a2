package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
)

const canary = "CANARY-hunter2"

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%t", "%c", "%U", "%e", "%5s", "%.3s", "%z", "%!"}

// shows reports whether out holds the secret as text, hex or a list of numbers.
func shows(out, secret string) bool {
	numbers := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	out = strings.ToLower(out)
	for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), fmt.Sprintf("% x", secret), numbers} {
		if strings.Contains(out, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestSecretPrints(t *testing.T) {
	for _, s := range []Secret{NewSecret(canary), NewSecret(""), {}} {
		for _, verb := range verbs {
			if got := fmt.Sprintf(verb, s); !strings.HasPrefix(got, Masked) {
				t.Errorf("%s prints %q", verb, got)
			}
		}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		for form, got := range map[string]string{
			"String": s.String(), "GoString": s.GoString(), "Sprint": fmt.Sprint(s), "pointer": fmt.Sprint(&s),
			"MarshalText": string(text), "LogValue": s.LogValue().String(),
		} {
			if got != Masked {
				t.Errorf("%s is %q", form, got)
			}
		}
		if got, err := json.Marshal(map[string]Secret{"k": s}); err != nil || string(got) != `{"k":"******"}` {
			t.Errorf("JSON is %s, %v", got, err)
		}
		if got, err := xml.Marshal(s); err != nil || string(got) != "<Secret>******</Secret>" {
			t.Errorf("XML is %s, %v", got, err)
		}
	}
}

// holder has the secret where no method of it can be called.
type holder struct {
	Name   string
	secret Secret
	all    []Secret
	named  map[string]Secret
	boxed  any
}

func TestSecretNeverShows(t *testing.T) {
	s := NewSecret(canary)
	h := holder{"n", s, []Secret{s}, map[string]Secret{"k": s}, s}

	t.Run("in an unexported field, whatever the verb", func(t *testing.T) {
		for _, verb := range append(verbs, "%p", "%T", "%w") {
			for _, v := range []any{s, &s, h, &h, []any{s}, []*Secret{&s}} {
				for _, got := range []string{fmt.Sprintf(verb, v), fmt.Errorf(verb, v).Error()} {
					if shows(got, canary) {
						t.Errorf("%s of %T prints %q", verb, v, got)
					}
				}
			}
		}
	})

	t.Run("in a log", func(t *testing.T) {
		var out bytes.Buffer
		for _, formatter := range []logrus.Formatter{&logrus.TextFormatter{}, &logrus.JSONFormatter{}} {
			log := logrus.New()
			log.Out, log.Formatter = &out, formatter
			log.WithField("secret", s).WithField("pointer", &s).WithField("list", []Secret{s}).Error("with fields")
			log.WithField("holder", fmt.Sprintf("%+v", h)).Errorf("%v %+v", s, h)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Error("with attributes", "secret", s, "pointer", &s, "list", []Secret{s}, "holder", h)
		}
		if got := out.String(); shows(got, canary) || strings.Count(got, Masked) < 8 {
			t.Errorf("logged %s", got)
		}
	})
}

func TestSecretHolds(t *testing.T) {
	tests := []struct {
		name   string
		secret Secret
		text   string
		zero   bool
	}{
		{"a text", NewSecret(canary), canary, false},
		{"the empty text", NewSecret(""), "", true},
		{"nothing", Secret{}, "", true},
		{"bytes that are no UTF-8", NewSecret("\xff\x00"), "\xff\x00", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.secret.Reveal(); got != tt.text {
				t.Errorf("reveals %q", got)
			}
			if got := tt.secret.IsZero(); got != tt.zero {
				t.Errorf("IsZero is %v", got)
			}
			if !tt.secret.Equal(tt.text) {
				t.Error("differs from its own text")
			}
			for _, other := range []string{tt.text + "x", "x" + tt.text, tt.text + "\x00", Masked, strings.ToLower(tt.text) + " "} {
				if tt.secret.Equal(other) {
					t.Errorf("equals %q", other)
				}
			}
		})
	}
}
