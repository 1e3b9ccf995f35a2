# make run and make test are all a newcomer needs.
GO       ?= go
VERSION  ?= 0.1.0-dev
LINT     := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 30s
PROTOS   := core/metapb/meta.proto core/metapb/tablet.proto core/metapb/roster.proto

export CGO_ENABLED ?= 0

.PHONY: help run build test lint generate fuzz bench faults cluster test-cluster clean

help: ## this list
	@grep -hE "^[a-z-]+:.*##" $(MAKEFILE_LIST) | sed -E "s/^([a-z-]+):[^#]*## /\1\t/"

run: build ## serve on loopback with the embedded store
	./bin/roster serve

# Without debug information, and with a lazier collector in the compiler, the
# first build on a small machine takes a quarter less time.
build: ## one static binary, bin/roster
	GOGC=400 $(GO) build -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/roster ./cmd/roster

test: ## every test but the long fault rounds, with the race detector
	CGO_ENABLED=1 $(GO) test -race -timeout 15m ./...

lint: ## vet, golangci-lint, formatting, generated code current
	$(GO) vet ./...
	$(GO) run $(LINT) run
	test -z "$$(gofmt -l .)"
	$(MAKE) generate
	git diff --exit-code -- core/metapb docs/sql.md

generate: ## protobuf code from the schema beside it, and the grammar in docs/sql.md
	$(GO) run ./core/metapb/gen $(PROTOS)
	$(GO) run ./mysqlfront/admin/gen docs/sql.md

fuzz: ## each fuzz target for FUZZTIME
	@for pkg in $$(grep -rl --include=*_test.go '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$pkg/*_test.go | cut -c6-); do \
	    echo "$$pkg $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

bench: build ## sizes and a first throughput table
	$(GO) run ./tests/bench

faults: ## the long fault rounds
	$(GO) test -count=1 -v -timeout 30m ./tests/faults -args -long

cluster: build ## a TiKV cluster on loopback for a developer, until an interrupt
	$(GO) run ./tests/cluster/run

# With ROSTER_PD set, the suites run on the cluster it names both times.
test-cluster: build ## the store's promises, the conformance suite and replicas on TiKV, with region splits and faults
	ROSTER_BIN=$(CURDIR)/bin/roster $(GO) run ./tests/cluster/tally -tags cluster -p 1 -timeout 8m ./tests/cluster ./tests/replicas
	@set -e; for bed in "-pds 1 -stores 1" "-pds 3 -stores 3"; do \
	  echo "== cluster $$bed"; \
	  ROSTER_BIN=$(CURDIR)/bin/roster $(GO) run ./tests/cluster/run $$bed -split-every 2s -- \
	    $(GO) run ./tests/cluster/tally -p 1 -timeout 10m -run '^Test' ./tikvstore ./tests/conformance; \
	done

clean:
	rm -rf bin
