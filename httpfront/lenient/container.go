package lenient

// members reads an object from its opening brace on and calls member at the
// start of each value, which it has to pass.
func (d *decoder) members(member func(name string) error) error {
	if err := d.open(); err != nil {
		return err
	}
	for {
		d.space()
		if d.accept('}') {
			d.depth--
			return nil
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		d.space()
		if !d.accept(':') {
			return d.syntax(d.pos, "Expected : between key:value pair.")
		}
		d.space()
		if err := member(name); err != nil {
			return err
		}
		nested := d.data[d.pos-1] == '}'
		broken := d.space()
		switch {
		case d.accept(','), d.peek() == '}':
		case (broken || nested) && (isQuote(d.peek()) || isWordStart(d.peek())):
			// The comma is forgotten, as behind an object of a published sample,
			// which clients may send with its line breaks taken out.
		default:
			return d.syntax(d.pos, "Expected , or } after key:value pair.")
		}
	}
}

// elements is members for an array.
func (d *decoder) elements(element func(i int) error) error {
	if err := d.open(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		d.space()
		if d.accept(']') {
			d.depth--
			return nil
		}
		if err := element(i); err != nil {
			return err
		}
		d.space()
		if !d.accept(',') && d.peek() != ']' {
			return d.syntax(d.pos, "Expected , or ] after array value.")
		}
	}
}

// open steps over the bracket the caller has seen.
func (d *decoder) open() error {
	if d.depth == MaxDepth {
		return d.syntax(d.pos, "Message too deep. Objects and arrays may nest 100 levels.")
	}
	d.depth++
	d.pos++
	return nil
}
