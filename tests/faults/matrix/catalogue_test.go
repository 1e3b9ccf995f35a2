package matrix

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/failpoints"
)

// moduleRoot is where the sources are, seen from this package.
const moduleRoot = "../../.."

// TestCatalogue holds the sources and the catalogue to each other: the same
// failpoints, where the catalogue says that they are.
func TestCatalogue(t *testing.T) {
	listed := map[string]string{}
	for _, p := range failpoints.Catalogue {
		if p.Package() == "" || listed[p.Path()] != "" {
			t.Errorf("%s is in no part of the server, or listed twice", p.Name)
		}
		listed[p.Path()] = p.Place
		if p.Effect == "" || p.REST == "" && p.SQL == "" {
			t.Errorf("%s does not say what it does, or what a client sees", p.Name)
		}
	}
	found := injected(t)
	if !maps.Equal(found, listed) {
		t.Errorf("the sources have\n%s\nthe catalogue has\n%s", lines(found), lines(listed))
	}
}

// TestTable holds the catalogue and the fault table to each other: each failpoint
// has a row that is no crash and one that is.
func TestTable(t *testing.T) {
	errors, crashes, listed := map[string]string{}, map[string]string{}, map[string]string{}
	for _, p := range failpoints.Catalogue {
		listed[p.Name] = ""
	}
	for _, f := range table {
		if f.crash {
			crashes[f.point] = ""
		} else {
			errors[f.point] = ""
		}
	}
	for kind, rows := range map[string]map[string]string{"error": errors, "crash": crashes} {
		if !maps.Equal(rows, listed) {
			t.Errorf("the fault table has %s rows of\n%s\nthe catalogue has\n%s", kind, lines(rows), lines(listed))
		}
	}
}

func lines(m map[string]string) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+" "+m[k])
	}
	return strings.Join(all, "\n")
}

// injected is every failpoint in the sources by its path, with the file and
// function it is in.
func injected(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "bin" || entry.Name() == "tests" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(moduleRoot, path)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				for _, id := range idsIn(t, fn) {
					full := "roster/" + filepath.ToSlash(filepath.Dir(relative)) + "/" + id
					if found[full] != "" {
						t.Errorf("%s is in the sources twice", full)
					}
					found[full] = filepath.ToSlash(relative) + ", " + nameOf(fn)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// idsIn are the failpoints in a function.
func idsIn(t *testing.T, fn *ast.FuncDecl) (ids []string) {
	ast.Inspect(fn, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := selector.X.(*ast.Ident); !ok || pkg.Name != "failpoint" || !strings.HasPrefix(selector.Sel.Name, "Inject") {
			return true
		}
		literal, ok := c.Args[0].(*ast.BasicLit)
		if !ok || selector.Sel.Name != "Inject" {
			t.Errorf("%s has a failpoint that is not failpoint.Inject with a name in quotes", nameOf(fn))
			return true
		}
		id, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		return true
	})
	return ids
}

func nameOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	receiver := fn.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	return receiver.(*ast.Ident).Name + "." + fn.Name.Name
}
