package plot

// Bar is a figure with the least and the most it came to.
type Bar struct {
	Name               string
	Value, Least, Most float64
	// Own stands out from the others, Faint is not one of them.
	Own, Faint bool
}

// Group is a number of bars that share a scale.
type Group struct {
	Title string
	Bars  []Bar
}

const (
	nameWidth  = 350
	valueWidth = 70
)

// Bars draws groups of bars below each other.
func Bars(title string, groups []Group) []byte {
	height := float64(titleSize + margin)
	for _, g := range groups {
		height += float64(len(g.Bars)+2) * lineSize
	}
	c := newCanvas(title, height)
	y := float64(titleSize)
	for _, g := range groups {
		y += lineSize
		c.text(margin, y, "start", "normal", g.Title)
		most := 0.0
		for _, b := range g.Bars {
			most = max(most, b.Value, b.Most)
		}
		for _, b := range g.Bars {
			y += lineSize
			c.drawBar(b, y, most)
		}
		y += lineSize
	}
	return c.bytes()
}

func (c *canvas) drawBar(b Bar, y, most float64) {
	scale := 0.0
	if most > 0 {
		scale = (width - nameWidth - valueWidth - margin) / most
	}
	colour, weight := palette[4], "normal"
	switch {
	case b.Own:
		colour, weight = palette[0], "bold"
	case b.Faint:
		colour = "#cccccc"
	}
	c.text(nameWidth-8, y, "end", weight, b.Name)
	c.bar(nameWidth, y-11, b.Value*scale, 14, colour)
	c.line(nameWidth+b.Least*scale, y-4, nameWidth+b.Most*scale, y-4, "#000000")
	c.text(nameWidth+max(b.Value, b.Most)*scale+6, y, "start", weight, label(b.Value))
}
