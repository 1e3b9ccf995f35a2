package matrix

import (
	"os"
	"slices"
	"strings"
)

// verdict is what a client knows of a request it made.
type verdict string

const (
	acknowledged verdict = "acknowledged"
	refused      verdict = "refused"
	unknown      verdict = "unknown"
)

// fault is a row of the fault table: a failpoint, the term it gets, and what has
// to come of a mutating operation then.
type fault struct {
	point, term string
	// with are more failpoints and their terms.
	with map[string]string
	// crash says that the term ends the process, halt that the server serves on
	// only after a restart.
	crash, halt bool
	verdict     verdict
	// landed says that the change is there afterwards.
	landed bool
	// only are the operations that come by the failpoint, nil for all.
	only []string
}

const fails, crashes = `return("error")`, `return("crash")`

// failing and crashing make the two rows every failpoint has.
func failing(point string, v verdict, landed bool) fault {
	return fault{point: point, term: fails, verdict: v, landed: landed}
}

func crashing(point string, landed bool) fault {
	return fault{point: point, term: crashes, crash: true, verdict: unknown, landed: landed}
}

func (f fault) on(term string) fault { f.term = term; return f }

func (f fault) undetermined(term string) fault {
	f.with = map[string]string{"store/undetermined": term}
	return f
}

func (f fault) of(operations ...string) fault { f.only = operations; return f }

func (f fault) halting() fault { f.halt = true; return f }

// part is the part of the server that the failpoint is in.
func (f fault) part() string {
	part, _, _ := strings.Cut(f.point, "/")
	return part
}

// foreign says that the failpoint is in the store that is not under test.
func (f fault) foreign() bool {
	if os.Getenv("ROSTER_PD") != "" {
		return f.part() == "embedded"
	}
	return f.part() == "tikv" || f.point == "servers/leaseLost"
}

// table has for each failpoint a row without a crash and one with, at least.
var table = slices.Concat([]fault{
	failing("store/beforeRead", refused, false), crashing("store/beforeRead", false),
	failing("store/afterRead", refused, false), crashing("store/afterRead", false),
	failing("store/beforeWrite", refused, false), crashing("store/beforeWrite", false),
	failing("store/operation", refused, false), crashing("store/operation", false),
	failing("store/operation", unknown, false).on("panic"),
	failing("store/beforeCommit", refused, false), crashing("store/beforeCommit", false),
	failing("store/beforeCommit", acknowledged, true).on(`1*return("sleep 20ms")`),
	failing("store/afterCommit", unknown, true), crashing("store/afterCommit", true),
	failing("store/afterCommit", acknowledged, true).on(`1*return("error")`),
	failing("store/afterCommit", unknown, true).on("panic"),
	failing("store/undetermined", unknown, true).on(`return("done")`), crashing("store/undetermined", false),
	failing("store/undetermined", unknown, false).on(`return("lost")`),
	failing("store/undetermined", acknowledged, true).on(`1*return("done")`),
	failing("store/undetermined", refused, false).on(`1*return("lost")`),
	failing("store/slow", acknowledged, true).on(`return("20ms")`), crashing("store/slow", false),
	failing("store/clock", acknowledged, true).on(`return("-1h")`), crashing("store/clock", false),
	failing("store/guardSkipped", acknowledged, true).of("abort_tablet_job"), crashing("store/guardSkipped", false).of("abort_tablet_job"),
	failing("store/blindRetry", acknowledged, true).undetermined(`1*return("done")`),
	failing("store/blindRetry", acknowledged, true).undetermined(`1*return("lost")`),
	crashing("store/blindRetry", true).undetermined(`1*return("done")`),

	failing("rest/handler", refused, false), crashing("rest/handler", false),
	failing("rest/handler", refused, false).on("panic"),
	failing("rest/replyLost", unknown, true), crashing("rest/replyLost", true),
	failing("rest/replyCut", unknown, true), crashing("rest/replyCut", true),
	failing("rest/safeDropTime", acknowledged, true), crashing("rest/safeDropTime", false),
	failing("rest/upstreamDown", refused, false).of("cloud_cluster_status"), crashing("rest/upstreamDown", false).of("cloud_cluster_status"),
	failing("sql/handler", refused, false), crashing("sql/handler", false),
	failing("sql/handler", refused, false).on("panic"),
	failing("sql/replyLost", unknown, true), crashing("sql/replyLost", true),
	failing("sql/replyCut", unknown, true), crashing("sql/replyCut", true),
}, embeddedFaults, tikvFaults, idleFaults)

// nothing is the operation that comes by a failpoint no operation comes by.
const nothing = "none"

// embeddedFaults need the embedded store, tikvFaults TiKV.
var (
	embeddedFaults = []fault{
		failing("embedded/conflict", acknowledged, true).on(`3*return("error")`), crashing("embedded/conflict", false),
		failing("embedded/writeFailed", refused, false), crashing("embedded/writeFailed", false),
		failing("embedded/written", unknown, true).halting(), crashing("embedded/written", true),
		failing("embedded/diskFull", refused, false), crashing("embedded/diskFull", false),
	}
	tikvFaults = []fault{
		failing("tikv/timestamp", refused, false), crashing("tikv/timestamp", false),
		failing("tikv/conflict", acknowledged, true).on(`3*return("error")`), crashing("tikv/conflict", false),
		failing("tikv/regionError", refused, false), crashing("tikv/regionError", false),
		failing("tikv/prewritten", refused, false), crashing("tikv/prewritten", false),
	}
	// idleFaults are those that no operation comes by: they are in what a server
	// does of itself.
	idleFaults = []fault{
		failing("servers/recordLost", acknowledged, true).of(nothing), crashing("servers/recordLost", true).of(nothing),
		failing("servers/leaseLost", acknowledged, true).of(nothing), crashing("servers/leaseLost", true).of(nothing),
		failing("tikv/gcStalled", acknowledged, true).of(nothing), crashing("tikv/gcStalled", true).of(nothing),
	}
)
