# One profile (release) serves everything, so that Polars is compiled once; see CONTRIBUTING.md.
CARGO ?= cargo
BINARY := target/release/rfmetrics
VENV := .venv
PYTHON := $(VENV)/bin/python
GOLDEN ?= ../shared/golden
BADINPUTS ?= ../shared/badinputs
LINES ?= 1000000,10000000,100000000

.PHONY: help run build test check format lint docs bench peers bench-peers corpus sample clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

run: build ## Build the program and run the main job on the sample
	$(BINARY) run --input data/sample --output reports --as-of 2026-10-31

build: ## Build the program
	$(CARGO) build --release --locked

test: ## All tests
	$(CARGO) test --release --locked

check: format lint test docs ## Everything that must be green before a commit lands

format: ## Formatting, checked
	$(CARGO) fmt --check

lint: ## Lints, as errors
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

docs: build ## API documentation without warnings; the data dictionary up to date
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --no-deps --document-private-items
	$(BINARY) schema --tables | diff - DATA_DICTIONARY.md

dictionary: build ## Write DATA_DICTIONARY.md anew
	$(BINARY) schema --tables > DATA_DICTIONARY.md

sample: build ## Write the committed sample anew
	rm -rf data/sample
	$(BINARY) simulate --output data/sample --lines 60000 --customers 4000 --lines-per-order 3 --files 4 --seed 20261031 \
	  --start 2024-11-01 --end 2026-10-31 --bgnbd 0.9,100,0.8,8 \
	  --share-returns 0.02 --share-null-ids 0.01 --share-duplicates 0.002 --share-bad-dates 0.001 --extra-columns

bench: ## The stages, one by one
	$(CARGO) bench --profile release --locked

$(VENV)/.installed: tests/peers/requirements.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --requirement tests/peers/requirements.txt
	touch $@

peers: build $(VENV)/.installed ## Every value against DuckDB, the recorded results of other tools, and five readers
	$(PYTHON) tests/peers/oracle.py --binary $(BINARY) --seeds 20
	test ! -d $(GOLDEN) || $(PYTHON) tests/peers/golden.py --binary $(BINARY) --golden $(GOLDEN)
	$(BINARY) run --quiet --input data/sample --output target/peers-reports --as-of 2026-10-31
	$(PYTHON) tests/peers/readers.py --tables target/peers-reports/as_of=2026-10-31

bench-peers: build $(VENV)/.installed ## The whole job against DuckDB and a Polars script, side by side
	$(PYTHON) tests/peers/bench_peers.py --binary $(BINARY) --lines $(LINES) --runs 3 --ids integer,uuid --lines-per-order 3,1

corpus: build ## The bad inputs beside the repository, where they are there
	python3 $(BADINPUTS)/run_corpus.py --root $(BADINPUTS) \
	  --cmd '$(BINARY) run --input {input} --output {out} --as-of 2026-01-01 {opts}' \
	  --record '{out}/as_of=2026-01-01/manifest.json' --map-opt '--column {k}={v}' --map-config '--config {c}'

clean: ## Remove what was generated
	rm -rf reports target/peers-reports data/generated
