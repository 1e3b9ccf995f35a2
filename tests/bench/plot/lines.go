package plot

import (
	"fmt"
	"math"
	"strings"
)

// Point is a figure at a size.
type Point struct{ X, Y float64 }

// Series is a line through points.
type Series struct {
	Name   string
	Points []Point
}

// Extent of the drawing of Lines.
const (
	plotHeight = 300
	axisWidth  = 60
)

// Lines draws series on logarithmic scales. Points that are not above 0 have no
// place on them and are left out.
func Lines(title, x, y string, all []Series) []byte {
	height := float64(titleSize+plotHeight+3*lineSize) + float64(len(all))*lineSize
	c := newCanvas(title, height)
	c.text(margin, titleSize+10, "start", "normal", y)
	top, bottom := float64(titleSize+lineSize), float64(titleSize+plotHeight)
	across := newAxis(all, func(p Point) float64 { return p.X }, axisWidth, width-2*margin)
	up := newAxis(all, func(p Point) float64 { return p.Y }, bottom, top)
	for _, tick := range across.ticks() {
		c.line(across.at(tick), top, across.at(tick), bottom, "#dddddd")
		c.text(across.at(tick), bottom+16, "middle", "normal", label(tick))
	}
	for _, tick := range up.ticks() {
		c.line(axisWidth, up.at(tick), width-2*margin, up.at(tick), "#dddddd")
		c.text(axisWidth-6, up.at(tick)+4, "end", "normal", label(tick))
	}
	c.text(width/2, bottom+36, "middle", "normal", x)
	for i, s := range all {
		colour := palette[i%len(palette)]
		var points []string
		for _, p := range s.Points {
			if !p.shown() {
				continue
			}
			points = append(points, px(across.at(p.X))+","+px(up.at(p.Y)))
			c.bar(across.at(p.X)-3, up.at(p.Y)-3, 6, 6, colour)
		}
		fmt.Fprintf(c, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		legend := bottom + 36 + float64(i+1)*lineSize
		c.bar(axisWidth, legend-10, 12, 12, colour)
		c.text(axisWidth+20, legend, "start", "normal", s.Name)
	}
	return c.bytes()
}

func (p Point) shown() bool { return p.X > 0 && p.Y > 0 }

// axis maps the logarithm of a figure to a coordinate.
type axis struct{ low, high, from, to float64 }

// newAxis covers whole powers of ten, from the coordinate of the lowest to that of
// the highest.
func newAxis(all []Series, of func(Point) float64, from, to float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, p := range s.Points {
			if p.shown() {
				low, high = min(low, math.Log10(of(p))), max(high, math.Log10(of(p)))
			}
		}
	}
	if low > high {
		low, high = 0, 0
	}
	return axis{math.Floor(low), max(math.Ceil(high), math.Floor(low)+1), from, to}
}

func (a axis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.high-a.low)*(a.to-a.from)
}

func (a axis) ticks() (all []float64) {
	for power := a.low; power <= a.high; power++ {
		all = append(all, math.Pow(10, power))
	}
	return all
}
