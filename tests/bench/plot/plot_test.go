package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// elements are those of a picture with a name; the picture has to be well-formed and
// every coordinate on it a number within it.
func elements(t *testing.T, svg []byte, name string) (found []map[string]string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes := map[string]string{}
		for _, a := range start.Attr {
			attributes[a.Name.Local] = a.Value
			switch a.Name.Local {
			case "x", "y", "x1", "x2", "y1", "y2":
				v, err := strconv.ParseFloat(a.Value, 64)
				if err != nil || math.IsNaN(v) || v < 0 || v > 2*width {
					t.Errorf("%s of %s is %s", a.Name.Local, start.Name.Local, a.Value)
				}
			}
		}
		if start.Name.Local == name {
			found = append(found, attributes)
		}
	}
}

func TestBars(t *testing.T) {
	svg := Bars("reads & <writes>", []Group{{Title: "at 1", Bars: []Bar{
		{Name: "ours", Value: 200, Least: 150, Most: 400, Own: true}, {Name: "theirs", Value: 100, Least: 100, Most: 100},
	}}, {Title: "of nothing", Bars: []Bar{{Name: "idle", Faint: true}}}})
	bars := elements(t, svg, "rect")[1:]
	if len(bars) != 3 {
		t.Fatalf("%d bars, want 3", len(bars))
	}
	ours, _ := strconv.ParseFloat(bars[0]["width"], 64)
	theirs, _ := strconv.ParseFloat(bars[1]["width"], 64)
	if ours != 2*theirs || bars[2]["width"] != "0" {
		t.Errorf("bars of 200, 100 and 0 are %v, %v and %s wide", ours, theirs, bars[2]["width"])
	}
	if own, other, faint := bars[0]["fill"], bars[1]["fill"], bars[2]["fill"]; own == other || other == faint || own == faint {
		t.Errorf("the own bar is %s, another %s, a faint one %s, want three colours", own, other, faint)
	}
	if !strings.Contains(string(svg), "reads &amp; &lt;writes&gt;") {
		t.Error("the title is not escaped")
	}
}

func TestLines(t *testing.T) {
	svg := Lines("cost", "nodes", "ms", []Series{
		{Name: "status", Points: []Point{{10, 1}, {100, 10}, {1000, 100}}}, {Name: "none", Points: []Point{{0, 5}, {5, 0}}},
	})
	lines := elements(t, svg, "polyline")
	if len(lines) != 2 || lines[1]["points"] != "" {
		t.Fatalf("got the lines %q, want the second without points", lines)
	}
	var x, y []float64
	for pair := range strings.FieldsSeq(lines[0]["points"]) {
		left, right, _ := strings.Cut(pair, ",")
		a, _ := strconv.ParseFloat(left, 64)
		b, _ := strconv.ParseFloat(right, 64)
		x, y = append(x, a), append(y, b)
	}
	if len(x) != 3 || math.Abs(x[1]-x[0]-(x[2]-x[1])) > 0.2 || math.Abs(y[1]-y[0]-(y[2]-y[1])) > 0.2 {
		t.Errorf("powers of ten are not equally far apart: %s", lines[0]["points"])
	}
	if len(x) == 3 && !(x[0] < x[2] && y[0] > y[2]) {
		t.Errorf("more is not to the right and up: %s", lines[0]["points"])
	}
}

func TestLinesOfNothing(t *testing.T) {
	elements(t, Lines("cost", "nodes", "ms", nil), "svg")
}

func TestLabel(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.123456: "0.123", 12.34: "12.3", 123.4: "123", 9999: "9999", 10_000: "10k", 12345: "12.3k", 1e6: "1M", 1234567: "1.23M"} {
		if got := label(v); got != want {
			t.Errorf("label(%v) = %s, want %s", v, got, want)
		}
	}
}
