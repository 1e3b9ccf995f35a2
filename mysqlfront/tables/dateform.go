package tables

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dateForms are the letters of DATE_FORMAT as Go writes them.
var dateForms = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'c': "1", 'd': "02", 'e': "2", 'H': "15", 'h': "03", 'I': "03", 'l': "3",
	'i': "04", 's': "05", 'S': "05", 'f': "000000", 'p': "PM", 'M': "January", 'b': "Jan", 'W': "Monday", 'a': "Mon",
	'T': "15:04:05", 'r': "03:04:05 PM",
}

func dateFormat(t time.Time, form string) string {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			b.WriteByte(form[i])
			continue
		}
		i++
		switch c := form[i]; {
		case c == 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case c == 'k':
			b.WriteString(strconv.Itoa(t.Hour()))
		case c == 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case c == 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday())))
		case c == 'D':
			b.WriteString(ordinal(t.Day()))
		case c == 'v' || c == 'x':
			year, week := t.ISOWeek()
			if c == 'x' {
				week = year
			}
			fmt.Fprintf(&b, "%02d", week)
		case c == 'U' || c == 'u' || c == 'V':
			_, week := weekOf(t, map[byte]int64{'U': 0, 'u': 1, 'V': 2}[c])
			fmt.Fprintf(&b, "%02d", week)
		case dateForms[c] != "":
			b.WriteString(t.Format(dateForms[c]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// goForm is a format of STR_TO_DATE as Go parses it.
func goForm(form string) string {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] == '%' && i+1 < len(form) {
			i++
			b.WriteString(dateForms[form[i]])
			continue
		}
		b.WriteByte(form[i])
	}
	return b.String()
}
