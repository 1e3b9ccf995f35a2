# make run and make test are all a newcomer needs.
GO       ?= go
VERSION  ?= 0.1.0-dev
LINT     := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 30s
# Where build-failpoint puts its binary. Instrumented packages must not meet plain
# ones in the compiler's cache, so it has its own.
FAILPOINT_BIN   ?= bin/roster-failpoint
FAILPOINT_CACHE ?= $(CURDIR)/bin/failpoint-cache
PROTOS   := core/metapb/meta.proto core/metapb/tablet.proto core/metapb/roster.proto

export CGO_ENABLED ?= 0

.PHONY: help run build build-failpoint test test-faults lint generate fuzz bench bench-full faults cluster test-cluster clean

help: ## this list
	@grep -hE "^[a-z-]+:.*##" $(MAKEFILE_LIST) | sed -E "s/^([a-z-]+):[^#]*## /\1\t/"

run: build ## serve on loopback with the embedded store
	./bin/roster serve

# Without debug information, and with a lazier collector in the compiler, the
# first build on a small machine takes a quarter less time.
build: ## one static binary, bin/roster
	GOGC=400 $(GO) build -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/roster ./cmd/roster

# The tool rewrites copies in a directory of its own, never the sources.
build-failpoint: ## the same binary with failpoints compiled in, bin/roster-failpoint
	@temp=$$(mktemp -d) && trap 'rm -rf "$$temp"' EXIT && \
	$(GO) build -o "$$temp/toolexec" github.com/pingcap/failpoint/failpoint-toolexec && \
	TMPDIR="$$temp" GOCACHE="$(FAILPOINT_CACHE)" CGO_ENABLED=0 GOGC=400 $(GO) build -tags failpoint \
	  -gcflags=all=-dwarf=false -ldflags '-s -w -X main.version=$(VERSION)-failpoint' -toolexec "$$temp/toolexec" -o "$(FAILPOINT_BIN)" ./cmd/roster

test: ## every test but the long fault rounds, with the race detector
	CGO_ENABLED=1 $(GO) test -race -timeout 15m ./...

lint: ## vet, golangci-lint, formatting, generated code current
	$(GO) vet ./...
	$(GO) run $(LINT) run
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	$(MAKE) generate
	git diff --exit-code -- core/metapb docs/sql.md docs/failpoints.md

generate: ## protobuf code from the schema beside it, the grammar in docs/sql.md, docs/failpoints.md
	$(GO) run ./core/metapb/gen $(PROTOS)
	$(GO) run ./docs/gen

fuzz: ## each fuzz target for FUZZTIME
	@for pkg in $$(grep -rl --include=*_test.go '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$pkg/*_test.go | cut -c6-); do \
	    echo "$$pkg $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

bench: build bin/etcd ## Roster beside its peers, into docs/benchmarks.md; some minutes
	$(GO) run ./tests/bench

bench-full: build bin/etcd ## the same with how costs grow with sizes
	$(GO) run ./tests/bench -full

# A peer that cannot be built is left out of the bench, which says so.
bin/etcd: tests/bench/peers/go.mod
	-cd tests/bench/peers && $(GO) build -trimpath -ldflags '-s -w' -o ../../../bin/etcd ./etcd

# The last two runs are of binaries that break a promise: they pass if that is found.
STORE := roster/failpoints/store
test-faults: build-failpoint ## every failpoint with every operation, then linearizability under faults
	$(GO) test -count=1 -v -timeout 30m ./tests/faults/matrix -args -all
	$(GO) test -count=1 -v -timeout 30m -run Linearizability ./tests/linear -args -bed -rounds 30
	$(GO) test -count=1 -v -timeout 10m -run Linearizability ./tests/linear -args -length 3s -expect-violation \
	  -binary $(CURDIR)/bin/roster-failpoint -failpoints '$(STORE)/undetermined=5%return("done");$(STORE)/blindRetry=return(1)'
	$(GO) test -count=1 -v -timeout 10m -run Linearizability ./tests/linear -args -length 3s -expect-violation \
	  -binary $(CURDIR)/bin/roster-failpoint -failpoints '$(STORE)/undetermined=5%return("late 20ms");$(STORE)/guardSkipped=return(1)'

faults: ## the long fault rounds
	$(GO) test -count=1 -v -timeout 30m ./tests/faults -args -long

cluster: build ## a TiKV cluster on loopback for a developer, until an interrupt
	$(GO) run ./tests/cluster/run

# With ROSTER_PD set, the suites run on the cluster it names all three times. The
# limits are for machines that are busy with other work.
BED := $(GO) run ./tests/cluster/run -split-every 2s
TALLY := $(GO) run ./tests/cluster/tally -p 1
test-cluster: export ROSTER_BIN = $(CURDIR)/bin/roster
test-cluster: export ROSTER_FAILPOINT_BIN = $(CURDIR)/$(FAILPOINT_BIN)
test-cluster: build build-failpoint ## the store's promises, the conformance suite, replicas and failpoints on TiKV, with region splits
	$(TALLY) -tags cluster -timeout 20m ./tests/cluster/... ./tests/replicas
	$(BED) -pds 1 -stores 1 -- $(TALLY) -timeout 20m -run '^Test' ./tikvstore ./tests/conformance
	$(BED) -pds 3 -stores 3 -- $(TALLY) -timeout 20m -run '^Test' ./tikvstore ./tests/conformance
	$(BED) -pds 1 -stores 1 -- $(TALLY) -timeout 30m ./tests/faults/matrix -args -all

clean:
	rm -rf bin
