package tables

import (
	"fmt"
	"regexp"
	"strings"

	"roster/mysqlfront/session"
)

func fail(number uint16, state, format string, args ...any) *session.Error {
	return &session.Error{Number: number, State: state, Msg: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) *session.Error {
	return fail(1235, "42000", "Roster does not support "+format, args...)
}

func syntaxError(format string, args ...any) *session.Error {
	return fail(1064, "42000", "You have an error in your SQL syntax; "+format+"; HELP lists Roster's statements", args...)
}

func unknownDatabase(name string) *session.Error {
	return fail(1049, "42000", "Unknown database '%s'", name)
}

func unknownTable(database, name string) *session.Error {
	return fail(1146, "42S02", "Table '%s.%s' doesn't exist; SHOW TABLES FROM roster lists those there are", database, name)
}

func wrongArguments(function string) *session.Error {
	return fail(1582, "42000", "Incorrect parameter count in the call to native function '%s'", function)
}

func tooMuch(format string, args ...any) *session.Error {
	return fail(1104, "42000", format+"; narrow it with WHERE instance_id = '...' or LIMIT", args...)
}

// parserPlace finds where the parser stopped.
var parserPlace = regexp.MustCompile(`(?s)line (\d+) column \d+ near "(.*)`)

// unknownText finds the collations and character sets that the parser does not know.
var unknownText = regexp.MustCompile(`Unknown (collation|character set): '([^']*)'`)

// secretWord hints that a statement holds a secret, so that nothing of it may be repeated.
var secretWord = regexp.MustCompile(`(?i)identified|password|secret|access|token|\bsk\b|_key\b|\bkey\b`)

// parseError is the parser's complaint, cut to the offending word.
func parseError(err error, text string) *session.Error {
	if name := unknownText.FindStringSubmatch(err.Error()); name != nil {
		if name[1] == "collation" {
			return fail(1273, "HY000", "Unknown collation: '%s'", name[2])
		}
		return fail(1115, "42000", "Unknown character set: '%s'", name[2])
	}
	place := parserPlace.FindStringSubmatch(err.Error())
	if place == nil {
		return syntaxError("it cannot be read")
	}
	word, _, _ := strings.Cut(strings.TrimSpace(place[2]), " ")
	if secretWord.MatchString(text) || word == "" {
		return syntaxError("check line %s", place[1])
	}
	if len(word) > 40 {
		word = strings.ToValidUTF8(word[:40], "")
	}
	return syntaxError("check near '%s' at line %s", strings.TrimSuffix(word, `"`), place[1])
}
