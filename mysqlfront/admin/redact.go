package admin

import (
	"regexp"
	"strings"
)

// redactedMark stands for a secret.
const redactedMark = "'<redacted>'"

// secretKey matches names whose values are secrets, or half of one.
var secretKey = regexp.MustCompile(`(?i)(^|[._-])(ak|sk)|secret|passw|pwd|token|access_?key|credential|private_?key|keytab|hdfs_confs|build_conf`)

// secretDocument matches names of messages that hold secrets: what is assigned to
// one should be JSON, and need not be.
var secretDocument = regexp.MustCompile(`(?i)(^|[.])(obj|obj_info|ram_user|iam_user|vault|hdfs_info)$`)

// secretWords begin what must not show in the echo of a syntax error.
var secretWords = []string{"IDENTIFIED", "ACCESS"}

// clauseWords may follow a secret. Where anything else does, the secret was
// probably not quoted well, and the rest of it goes too.
var clauseWords = []string{"ROLE", "ON", "IF", "DRY", "REQUEST", "FORCE", "IN", "FROM", "NODES", "AND", "OR", "ORDER", "LIMIT", "WHERE", "IDENTIFIED", "FOR", "TO"}

// Redact is a statement, of any engine, fit for logs and the process list: every
// secret is replaced, comments and what could not be read are left out.
func Redact(src string) string {
	redacted, _ := redact(src)
	return redacted
}

// redact also says whether the text holds a secret, or a parameter for one.
func redact(src string) (redacted string, secret bool) {
	tokens, f := scan(src)
	r := redactor{tokens: tokens}
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		if i > 0 && tokens[i].pos > tokens[i-1].stop {
			b.WriteByte(' ')
		}
		if !r.secretAt(i) {
			b.WriteString(tokens[i].raw)
			continue
		}
		secret = true
		if tokens[i].kind == param {
			b.WriteByte('?')
			continue
		}
		b.WriteString(redactedMark)
		if i+1 < len(tokens) && !closes(tokens[i+1]) {
			return b.String(), true
		}
	}
	if f != nil {
		b.WriteString(" <unreadable>")
		secret = true
	}
	return b.String(), secret
}

type redactor struct{ tokens []token }

func (r redactor) at(i int) token {
	if i < 0 || i >= len(r.tokens) {
		return token{}
	}
	return r.tokens[i]
}

func (r redactor) words(i int, keywords ...string) bool {
	for n, k := range keywords {
		if !r.at(i + n).is(k) {
			return false
		}
	}
	return true
}

// secretAt reports whether a token is a secret by what stands before it, or looks
// like a document that may hold some.
func (r redactor) secretAt(i int) bool {
	t := r.tokens[i]
	if t.kind == punct {
		return false
	}
	if t.kind == text && strings.ContainsAny(firstByte(unquote(t.raw)), "{[") {
		return true
	}
	if r.reference(i) {
		return false
	}
	p := i - 1
	for p > i-3 && (r.at(p).is("=") || r.at(p).is(":=") || r.at(p).is(":") || r.at(p).is("(")) {
		p--
	}
	assigned := p < i-1
	if assigned && r.words(0, "SET", "PASSWORD") {
		return true
	}
	switch before := r.at(p); {
	case before.is("BY"):
		return r.at(p-1).is("IDENTIFIED") || r.at(p-3).is("IDENTIFIED")
	case before.is("AS"):
		return r.words(p-3, "IDENTIFIED", "WITH")
	case before.is("IDENTIFIED"):
		return t.kind == text || t.kind == quotedName
	case before.is("KEY"):
		return r.at(p - 1).is("ACCESS")
	case before.is("TO"):
		return r.words(0, "ADMIN", "SET", "VALUE")
	case before.kind == param:
		return assigned // to what may be the name of a secret
	case before.kind == punct:
		return false
	default:
		key := unquote(before.raw)
		return (assigned || t.kind == text) && secretKey.MatchString(key) || assigned && secretDocument.MatchString(key)
	}
}

// reference reports whether a token belongs to SECRET FROM FILE or ENV and a
// name, which is no secret.
func (r redactor) reference(i int) bool {
	for n := range 4 {
		if r.words(i-n, "SECRET", "FROM") && (r.at(i-n+2).is("FILE") || r.at(i-n+2).is("ENV")) {
			return true
		}
	}
	return false
}

func firstByte(s string) string {
	s = strings.TrimLeft(s, " \t\r\n")
	return s[:min(1, len(s))]
}

// closes reports whether a token may follow a secret.
func closes(t token) bool {
	if t.kind == punct {
		return t.raw == "," || t.raw == ")" || t.raw == ";"
	}
	for _, w := range clauseWords {
		if t.is(w) {
			return true
		}
	}
	return false
}

// maxNear bounds the text a syntax error repeats, in bytes.
const maxNear = 80

// near is the part of a statement from an offset on that a syntax error may
// repeat: nothing at all once a word has been that secrets follow.
func near(src string, offset int) string {
	tokens, _ := scan(src)
	stop := len(src)
	for i, t := range tokens {
		for _, w := range secretWords {
			if t.is(w) {
				stop = min(stop, t.stop)
			}
		}
		if (redactor{tokens}).secretAt(i) || t.kind != punct && secretKey.MatchString(unquote(t.raw)) {
			stop = min(stop, t.pos)
		}
	}
	// What cannot be cut into tokens may be a secret with a quote in it.
	if n := len(tokens); n > 0 && strings.ContainsAny(src[tokens[n-1].stop:], "'\"`") {
		stop = min(stop, tokens[n-1].stop)
	} else if n == 0 {
		stop = 0
	}
	if offset >= stop {
		if offset >= len(src) {
			return ""
		}
		return "<redacted>"
	}
	shown := src[offset:stop]
	if len(shown) > maxNear {
		shown = shown[:maxNear]
	}
	return strings.ToValidUTF8(shown, "")
}
