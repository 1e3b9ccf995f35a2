// Package admin is the grammar of Roster's own statements and what they do.
//
// A statement is one grammar rule, a struct whose tags say how it reads, with a
// run method, and one line in the table of rules. Dispatch, roles, parameters,
// redaction, HELP and the printed grammar follow from these two.
package admin
