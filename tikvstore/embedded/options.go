package embedded

import (
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"roster/core"
)

const (
	// DefaultRetention is how long old versions are kept unless Options say otherwise.
	DefaultRetention = 24 * time.Hour
	// DefaultCacheBytes is the default of Options.CacheBytes, and its least value.
	DefaultCacheBytes = 32 << 20
)

const (
	// memTableBytes is small because to flush one takes several times its memory,
	// which the engine keeps for the next.
	memTableBytes = 1 << 20
	// arenaBytes is what the engine allocates for a memtable.
	arenaBytes = memTableBytes * 13 / 10
	// maxMemTables is one being written, one waiting and one being flushed.
	maxMemTables = 3
	// tableBytes is the compressed size of the smallest tables. A compaction has
	// several in memory, of which each takes up to ten times as much.
	tableBytes = 128 << 10
	// levelZeroTables is how many flushed memtables a compaction takes together: each
	// rewrites the level below, however few they are.
	levelZeroTables = 16
	// inlineBytes is the length from which a value stays in the journal. Only its
	// place then moves through compactions, which put all versions of a key into
	// one table: a document with a day of history must not fill it.
	inlineBytes = 256
	// engineInlineBytes is more than what the engine is given: it needs a value
	// log of its own only for what an older version of the store put there.
	engineInlineBytes = 64 << 10
	engineLogBytes    = 2 << 20
)

// Logger receives what the engine has to say. A *logrus.Logger is one.
type Logger interface {
	Debugf(format string, args ...any)
	Warnf(format string, args ...any)
}

// Options say where and how a Store keeps its data.
type Options struct {
	// Dir is the data directory, created with mode 0700 if it is missing. One
	// Store at a time may have it open.
	Dir string
	// Retention is how long the versions of a key are kept after a newer one
	// replaced them; 0 is DefaultRetention.
	Retention time.Duration
	// CacheBytes bounds memtables and caches together; 0 is DefaultCacheBytes.
	CacheBytes int64
	// Logger may be nil.
	Logger Logger
	// Clock is the time behind versions and retention; nil is time.Now.
	Clock func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

func (o Options) validate() error {
	switch {
	case o.Dir == "":
		return core.Errorf(core.InvalidArgument, "the data directory is not set: name one")
	case o.Retention < 0:
		return core.Errorf(core.InvalidArgument, "retention %v is negative: use 0 for the default of %v", o.Retention, DefaultRetention)
	case o.CacheBytes < DefaultCacheBytes:
		return core.Errorf(core.InvalidArgument, "cache size %d is under the least value, %d bytes", o.CacheBytes, DefaultCacheBytes)
	}
	return nil
}

func (o Options) engine(log badger.Logger) badger.Options {
	opts := badger.DefaultOptions(o.Dir).
		WithLogger(log).
		WithSyncWrites(!syncReachesMaps).
		WithDetectConflicts(false).
		WithMetricsEnabled(false).
		// The tables are mapped into memory: compressed, they take a quarter of it.
		WithCompression(options.Snappy).
		WithMemTableSize(memTableSize(o.Dir)).
		WithNumMemtables(maxMemTables - 2).
		WithValueThreshold(engineInlineBytes).
		WithValueLogFileSize(engineLogBytes).
		WithNumCompactors(2).
		WithNumLevelZeroTables(levelZeroTables).
		WithNumLevelZeroTablesStall(2 * levelZeroTables).
		WithBaseTableSize(tableBytes).
		WithBlockCacheSize(o.CacheBytes - cacheBytes - maxMemTables*arenaBytes)
	// Bit rot must end in an error, not in an answer.
	opts.ChecksumVerificationMode = options.OnBlockRead
	opts.VerifyValueChecksum = true
	// Of the versions at or below the discard mark only the newest is kept; those
	// above it all stay.
	opts.NumVersionsToKeep = 1
	return opts
}

// memTableSize is memTableBytes, or more if a crash left a memtable of a version that
// had larger ones, which is read again. The log of one is made twice as long.
func memTableSize(dir string) int64 {
	size := int64(memTableBytes)
	entries, _ := os.ReadDir(dir) // the engine reports what is wrong with it
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && filepath.Ext(entry.Name()) == ".mem" {
			size = max(size, info.Size()/2)
		}
	}
	return size
}
