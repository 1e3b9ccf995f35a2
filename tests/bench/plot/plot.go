// Package plot draws the figures of a bench as SVG.
package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Sizes in pixels.
const (
	width     = 820
	margin    = 16
	lineSize  = 22
	titleSize = 34
)

// palette has colours that differ in lightness too, for readers who see no hues.
var palette = []string{"#1f5fa8", "#e08214", "#4d9221", "#8e44ad", "#7f7f7f", "#c0392b"}

// canvas collects the elements of a picture.
type canvas struct {
	strings.Builder
	height float64
}

func newCanvas(title string, height float64) *canvas {
	c := &canvas{height: height}
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%s" viewBox="0 0 %d %s" font-family="sans-serif" font-size="12">`+"\n",
		width, px(height), width, px(height))
	fmt.Fprintf(c, `<rect width="%d" height="%s" fill="#ffffff"/>`+"\n", width, px(height))
	c.text(margin, margin+8, "start", "bold", title)
	return c
}

func (c *canvas) text(x, y float64, anchor, weight, text string) {
	fmt.Fprintf(c, `<text x="%s" y="%s" text-anchor="%s" font-weight="%s" fill="#222222">%s</text>`+"\n", px(x), px(y), anchor, weight, html.EscapeString(text))
}

func (c *canvas) bar(x, y, w, h float64, colour string) {
	fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", px(x), px(y), px(w), px(h), colour)
}

func (c *canvas) line(x1, y1, x2, y2 float64, colour string) {
	fmt.Fprintf(c, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"/>`+"\n", px(x1), px(y1), px(x2), px(y2), colour)
}

func (c *canvas) bytes() []byte { return []byte(c.String() + "</svg>\n") }

// px is a coordinate with one digit after the point at most.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// label is a figure with three digits or so, and a k or M for thousands or millions.
func label(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + "M"
	case v >= 1e4:
		return strings.TrimSuffix(strconv.FormatFloat(v/1e3, 'f', 1, 64), ".0") + "k"
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}
