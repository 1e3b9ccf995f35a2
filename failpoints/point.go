package failpoints

import "strings"

// Point is one failpoint. What it does and what clients see is for the value
// "error"; the values every point takes are in docs/failpoints.md.
type Point struct {
	// Name is what switches it: the part of the server and its id in the source.
	Name string
	// Place is the file and function it is in.
	Place string
	// Effect is what happens in the server.
	Effect string
	// Values are those it takes of its own, "" for none.
	Values string
	// REST and SQL are what a client sees, "" where it never does.
	REST, SQL string
	// Breaks marks those that take a guarantee away, to show that tests find it.
	Breaks bool
}

// packages are the parts of the server that have failpoints.
var packages = map[string]string{
	"store":    "failpoints/store",
	"embedded": "tikvstore/embedded",
	"tikv":     "tikvstore",
	"servers":  "core",
	"rest":     "httpfront",
	"sql":      "mysqlfront",
}

// Package is where its code is, below the module's root.
func (p Point) Package() string {
	part, _, _ := strings.Cut(p.Name, "/")
	return packages[part]
}

// ID is its name in the source.
func (p Point) ID() string {
	_, id, _ := strings.Cut(p.Name, "/")
	return id
}

// Path is its name in GO_FAILPOINTS.
func (p Point) Path() string { return "roster/" + p.Package() + "/" + p.ID() }
