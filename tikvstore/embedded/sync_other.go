//go:build !linux

package embedded

import "os"

const syncReachesMaps = false

func syncData(f *os.File) error { return f.Sync() }
