//go:build linux

package main

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"os"
)

// program is the program under test as it is shipped.
type program struct {
	Bytes     int64
	GoVersion string
}

// inspect refuses a binary with symbols: its size would not be the shipped one.
func inspect(path string) (program, error) {
	var b program
	info, err := os.Stat(path)
	if err != nil {
		return b, fmt.Errorf("%w: build it first", err)
	}
	b.Bytes = info.Size()
	build, err := buildinfo.ReadFile(path)
	if err != nil {
		return b, err
	}
	b.GoVersion = build.GoVersion
	f, err := elf.Open(path)
	if err != nil {
		return b, err
	}
	stripped := f.Section(".symtab") == nil
	if err := f.Close(); err != nil {
		return b, err
	}
	if !stripped {
		return b, errors.New("the binary has symbols: build it with -ldflags '-s -w'")
	}
	return b, nil
}
