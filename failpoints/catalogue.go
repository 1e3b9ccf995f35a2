package failpoints

// What clients see more than once.
const (
	restUnavailable = "503 INTERNAL_ERROR: nothing was written"
	restFailed      = "500 INTERNAL_ERROR: nothing was written"
	sqlUnavailable  = "1205: nothing was written"
	sqlFailed       = "1815: nothing was written"
	success         = "success"
)

// Catalogue is every failpoint there is.
var Catalogue = []Point{
	{Name: "store/beforeRead", Place: "failpoints/store/reader.go, reader.read",
		Effect: "A read fails before the store is asked.", REST: restUnavailable, SQL: sqlUnavailable},
	{Name: "store/afterRead", Place: "failpoints/store/reader.go, reader.read",
		Effect: "A read fails after the store has answered: a store read error.", REST: restFailed, SQL: sqlFailed},
	{Name: "store/beforeWrite", Place: "failpoints/store/reader.go, txn.write",
		Effect: "A put or delete fails: a store write error.", REST: restFailed, SQL: sqlFailed},
	{Name: "store/operation", Place: "failpoints/store/store.go, Store.update",
		Effect: "An operation fails before it has read anything; with the action panic it panics.", REST: restFailed, SQL: sqlFailed},
	{Name: "store/beforeCommit", Place: "failpoints/store/store.go, Store.update",
		Effect: "A transaction fails when it is complete and before it is handed to the store.", REST: restUnavailable, SQL: sqlUnavailable},
	{Name: "store/afterCommit", Place: "failpoints/store/store.go, Store.update",
		Effect: "The answer to a commit is lost, before the client has one. With 1* the outcome is then learnt from the history record.",
		REST:   "500 UNDETERMINED, the change is there; with 1* success", SQL: "1180 and the connection closed, the change is there; with 1* success"},
	{Name: "store/undetermined", Place: "failpoints/store/store.go, Store.update",
		Effect: "The outcome of a commit cannot be learnt.",
		Values: `"done": it was made; "lost": it was not; "late 20ms": it is made so much later, if nothing prevents it. With 1* the truth is then learnt from the history record`,
		REST:   "500 UNDETERMINED; with 1* success if done, 409 CONFLICT if lost or late", SQL: "1180 and the connection closed; with 1* success if done, 1213 if lost or late"},
	{Name: "store/slow", Place: "failpoints/store/store.go, Store.pause",
		Effect: "Each transaction and each snapshot begins late.", Values: `a time such as "250ms", or milliseconds`,
		REST: "success, late; beyond the request timeout " + restUnavailable, SQL: "success, late; beyond the statement timeout 3024 or 1205: nothing was written"},
	{Name: "store/clock", Place: "failpoints/store/clock.go, Now",
		Effect: "The clock that stamps records, and versions of the embedded store, jumps.", Values: `how far, such as "-1h"`,
		REST: success, SQL: success},
	{Name: "store/guardSkipped", Place: "failpoints/store/reader.go, txn.Guard", Breaks: true,
		Effect: "What a decision rests on takes no part in conflict detection: two operations that must exclude each other may both be made, and a late commit (store/undetermined) that was called refused.",
		REST:   success, SQL: success},
	{Name: "store/blindRetry", Place: "failpoints/store/store.go, Store.Update", Breaks: true,
		Effect: "A commit of unknown outcome is repeated without asking whether it was made. Needs store/undetermined as well.",
		REST:   "what the second try answers, such as ALREADY_EXISTED for a change that is there", SQL: "the same"},

	{Name: "embedded/conflict", Place: "tikvstore/embedded/store.go, Store.try",
		Effect: "A try of a transaction loses to another; with n* n tries do.", REST: "success; when every try loses 409 CONFLICT", SQL: "success; when every try loses 1213"},
	{Name: "embedded/writeFailed", Place: "tikvstore/embedded/commit.go, committer.write",
		Effect: "The engine takes no commit.", REST: restFailed, SQL: sqlFailed},
	{Name: "embedded/written", Place: "tikvstore/embedded/commit.go, committer.write",
		Effect: "The disk fails between a commit's being durable and its becoming visible. The store takes no writes until a restart.",
		REST:   "500 UNDETERMINED, the change is there after a restart", SQL: "1180 and the connection closed, the change is there after a restart"},
	{Name: "embedded/diskFull", Place: "tikvstore/embedded/commit.go, committer.write",
		Effect: "The disk has no room for a commit; reads go on.", REST: restUnavailable, SQL: sqlUnavailable},

	{Name: "tikv/timestamp", Place: "tikvstore/store.go, Store.timestamp",
		Effect: `PD gives no timestamp; with the value "sleep 2s" it is slow.`, REST: restUnavailable, SQL: sqlUnavailable},
	{Name: "tikv/conflict", Place: "tikvstore/store.go, Store.attempt",
		Effect: "A try of a transaction loses to another; with n* n tries do.", REST: "success; when every try loses 409 CONFLICT", SQL: "success; when every try loses 1213"},
	{Name: "tikv/regionError", Place: "tikvstore/store.go, Store.attempt",
		Effect: "The region of a key stays unavailable when a commit begins.", REST: restUnavailable, SQL: sqlUnavailable},
	{Name: "tikv/prewritten", Place: "tikvstore/store.go, Store.attempt",
		Effect: "A commit fails between prewrite and commit; with crash it leaves its locks behind. It is evaluated when the commit begins, and rules out 1PC and async commit.",
		REST:   restFailed, SQL: sqlFailed},
	{Name: "tikv/gcStalled", Place: "tikvstore/gc.go, Store.Collect",
		Effect: "A collection of garbage gets no further until its lease is lost or the server stops: the safe point stays, `roster_gc_collection_seconds` grows, and after five minutes the log says so.",
		REST:   success, SQL: success},

	{Name: "servers/leaseLost", Place: "core/lease.go, Lease.confirm",
		Effect: "A server that renews its lease of garbage collection, or asks for it before a step, finds it gone: it ends the collection, and any server, this one after ten seconds, takes the lease under a new term.",
		REST:   success, SQL: success},
	{Name: "servers/recordLost", Place: "core/servers.go, Service.Announce",
		Effect: "A server that tells the others of itself is off their list instead, as if it had stopped; it tries again after two seconds.",
		REST:   "success; `/v1/servers` lacks the server for that long", SQL: "success; SHOW SERVERS lacks the server for that long"},

	{Name: "rest/handler", Place: "httpfront/faults.go, handlerFault",
		Effect: "A request fails before its operation; with the action panic its handler panics.", REST: "500 INTERNAL_ERROR: nothing was written"},
	{Name: "rest/replyLost", Place: "httpfront/faults.go, replyFault",
		Effect: "The connection ends without an answer when the operation is done.", REST: "end of file, the operation is done"},
	{Name: "rest/replyCut", Place: "httpfront/faults.go, replyFault",
		Effect: "The connection is reset in the midst of the answer.", REST: "a reset or half a reply, the operation is done"},
	{Name: "rest/safeDropTime", Place: "httpfront/faults.go, youngFault",
		Effect: "Frontends may be dropped however young they are. The existing service's name for it is resource_manager::set_safe_drop_time.",
		REST:   success},
	{Name: "rest/upstreamDown", Place: "httpfront/feproxy.go, frontend.get",
		Effect: "The frontend that cloud_cluster_status is passed on to cannot be reached.", REST: "502 from cloud_cluster_status, all else as ever"},

	{Name: "sql/handler", Place: "mysqlfront/faults.go, handlerFault",
		Effect: "A statement fails before it is run; with the action panic its handler panics.", SQL: sqlFailed},
	{Name: "sql/replyLost", Place: "mysqlfront/faults.go, conn.replyFault",
		Effect: "The connection ends without an answer when the statement is done.", SQL: "2013, the statement is done"},
	{Name: "sql/replyCut", Place: "mysqlfront/faults.go, conn.replyFault",
		Effect: "The connection is reset in the midst of the answer.", SQL: "2013, the statement is done"},
}
