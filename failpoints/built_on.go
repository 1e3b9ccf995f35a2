//go:build failpoint

package failpoints

// Built says that this binary has failpoints, and what switches them.
const Built = true
