package failpoints

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pingcap/failpoint"
)

// Why a failpoint cannot be switched.
var (
	ErrUnknown = errors.New("no such failpoint")
	ErrTerm    = errors.New("not a failpoint's term")
)

// switches is held to switch failpoints, and knows the terms that Pause keeps.
var switches struct {
	sync.Mutex
	paused map[string]string
}

// Set switches a failpoint to a term of the library, such as 3*return("error").
// The error is ErrUnknown or ErrTerm.
func Set(name, term string) error {
	p, err := Find(name)
	if err != nil {
		return err
	}
	if err := checkTerm(term); err != nil {
		return err
	}
	switches.Lock()
	defer switches.Unlock()
	if switches.paused != nil {
		switches.paused[name] = term
		return nil
	}
	return enable(p, term)
}

// Clear switches a failpoint off. The error is ErrUnknown.
func Clear(name string) error {
	p, err := Find(name)
	if err != nil {
		return err
	}
	switches.Lock()
	defer switches.Unlock()
	delete(switches.paused, name)
	return disable(p)
}

// ClearAll switches every failpoint off.
func ClearAll() error {
	var errs []error
	for _, p := range Catalogue {
		errs = append(errs, Clear(p.Name))
	}
	return errors.Join(errs...)
}

// Pause switches every failpoint off until Resume, which gives them the terms
// they had or have got meanwhile.
func Pause() error {
	switches.Lock()
	defer switches.Unlock()
	if switches.paused != nil {
		return nil
	}
	switches.paused = map[string]string{}
	var errs []error
	for _, p := range Catalogue {
		if term := current(p); term != "" {
			switches.paused[p.Name] = term
			errs = append(errs, disable(p))
		}
	}
	return errors.Join(errs...)
}

// Resume ends Pause.
func Resume() error {
	switches.Lock()
	defer switches.Unlock()
	var errs []error
	for _, p := range Catalogue {
		if term, ok := switches.paused[p.Name]; ok {
			errs = append(errs, enable(p, term))
		}
	}
	switches.paused = nil
	return errors.Join(errs...)
}

// Term is the term a failpoint has, "" when it is off. The error is ErrUnknown.
func Term(name string) (string, error) {
	p, err := Find(name)
	if err != nil {
		return "", err
	}
	switches.Lock()
	defer switches.Unlock()
	return current(p), nil
}

// Find is the failpoint of a name. The error is ErrUnknown.
func Find(name string) (Point, error) {
	for _, p := range Catalogue {
		if p.Name == name {
			return p, nil
		}
	}
	return Point{}, fmt.Errorf("%w: %.100q, SHOW FAILPOINTS and GET /failpoints list them", ErrUnknown, name)
}

func current(p Point) string {
	term, err := failpoint.Status(p.Path())
	if err != nil {
		return ""
	}
	return term
}

// enable frees callers that a pause holds first: the library would wait for them.
func enable(p Point, term string) error {
	if err := disable(p); err != nil {
		return err
	}
	return failpoint.Enable(p.Path(), term)
}

func disable(p Point) error {
	if current(p) == "" {
		return nil
	}
	return failpoint.Disable(p.Path())
}
