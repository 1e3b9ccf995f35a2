//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// publish writes the page and its pictures, and prints what was missed.
func (r *report) publish(stdout io.Writer, path string) error {
	pictures := map[string][]byte{}
	for _, w := range r.Works {
		pictures[w.id] = w.draw()
	}
	for _, s := range r.Sweeps {
		pictures[s.id] = s.draw()
	}
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	name := func(id string) string { return stem + "-" + strings.ToLower(id) + ".svg" }
	for _, old := range []string{"nodes", "clusters", "instances", "connections"} {
		// A sweep of an earlier run is not of this one.
		if err := os.Remove(name(old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for id, svg := range pictures {
		if err := os.WriteFile(name(id), svg, 0o644); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := r.write(&page, func(id string) string { return filepath.Base(name(id)) }); err != nil {
		return err
	}
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
		return err
	}
	if _, err := stdout.Write(page.Bytes()); err != nil {
		return err
	}
	return r.summary(stdout)
}

// summary names the limits that were missed, on a line of its own at the end.
func (r *report) summary(w io.Writer) error {
	var texts []string
	for _, v := range r.Judgement.missed() {
		texts = append(texts, fmt.Sprintf("%s is %s, wanted %s", v.what, short(v.got.median), v.text))
	}
	line := fmt.Sprintf("%d of %d limits missed", len(texts), len(r.Judgement.limits))
	if len(texts) > 0 {
		line += ": " + strings.Join(texts, "; ")
	}
	_, err := fmt.Fprintf(w, "\n%s\n", line)
	return err
}
