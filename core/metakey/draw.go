package metakey

import (
	"errors"
	"fmt"
	"strings"
)

// maxDrawing bounds a drawing in bytes, since its size grows with the square of
// the key's. It has room for ten fields in any key a store takes.
const maxDrawing = 4 << 20

// pen is the set of characters a drawing is made of, each one column wide.
type pen struct{ corner, line, bar, arrow string }

var (
	boxPen   = pen{"┌", "─", "│", "▼"}
	asciiPen = pen{"/", "-", "|", "v"}
)

// label is what a drawing says of one field, over the hex digits it starts at.
type label struct {
	column int
	text   string
}

// Draw explains a key given in hex, as Unhex reads it: one line a field, with
// bars down to where the field starts, the arrow heads, and hexText itself, each
// with a line feed. Without unicode it is drawn in ASCII.
//
// The error is fit for a reply: nothing given, a key that does not decode, or
// one with so many fields that the drawing would be over 4 MiB.
func Draw(hexText string, unicode bool) (string, error) {
	if hexText == "" {
		return "", errors.New("no key to decode")
	}
	key, err := Decode(Unhex(hexText))
	if err != nil {
		return "", fmt.Errorf("failed to decode key, key=%s", echo(hexText))
	}
	p := asciiPen
	if unicode {
		p = boxPen
	}
	labels := key.labels()
	width := labels[len(labels)-1].column + 2
	size := (len(labels)+2)*width*len(p.bar) + 2*len(hexText)
	if size > maxDrawing {
		return "", fmt.Errorf("key has %d fields in %d bytes, too many to draw in %d bytes; give a shorter key",
			len(key.Fields), len(hexText)/2, maxDrawing)
	}
	var b strings.Builder
	b.Grow(size)
	for i, l := range labels {
		p.columns(&b, labels[:i], p.bar, l.column)
		b.WriteString(p.corner)
		b.WriteString(strings.Repeat(p.line, width-1-l.column))
		fmt.Fprintf(&b, " %d. %s\n", i, l.text)
	}
	for _, mark := range []string{p.bar, p.arrow} {
		p.columns(&b, labels, mark, width)
		b.WriteByte('\n')
	}
	b.WriteString(hexText)
	b.WriteByte('\n')
	return b.String(), nil
}

func (k Key) labels() []label {
	labels := []label{{0, fmt.Sprintf("key space: %d", k.Space)}}
	for _, f := range k.Fields {
		labels = append(labels, label{2 * f.Offset, f.String()})
	}
	return labels
}

// columns puts mark at the column of each label and pads with blanks to width.
func (pen) columns(b *strings.Builder, labels []label, mark string, width int) {
	at := 0
	for _, l := range labels {
		b.WriteString(strings.Repeat(" ", l.column-at))
		b.WriteString(mark)
		at = l.column + 1
	}
	b.WriteString(strings.Repeat(" ", width-at))
}
