# One profile (release) serves everything, so that Polars is compiled once; see CONTRIBUTING.md.
CARGO ?= cargo
BINARY := target/release/rfmetrics
VENV := .venv
PYTHON := $(VENV)/bin/python
GOLDEN ?= ../shared/golden
BADINPUTS ?= ../shared/badinputs
LINES ?= 1000000,10000000,100000000
comma := ,

.PHONY: help run build test examples check format lint docs bench peers same-bytes bench-peers bench-hand guard bench-people bench-lifetimes corpus dynamic faults fuzz fuzz-files differential deny sample worked wheel airflow spark image page-check page-pictures limits clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

run: build ## Build the program and run the main job on the sample
	$(BINARY) run --input data/sample --output reports --as-of 2026-10-31

build: ## Build the program
	$(CARGO) build --release --locked

test: ## All tests
	$(CARGO) test --release --locked

examples: build ## Run the examples of the library
	$(CARGO) run --release --locked --example run_job -- data/sample target/example-reports
	$(CARGO) run --release --locked --example read_published -- target/example-reports/as_of=2026-10-31
	$(CARGO) run --release --locked --example fit_bg_nbd

check: format lint test examples docs ## Everything that must be green before a commit lands

format: ## Formatting, checked
	$(CARGO) fmt --check

lint: ## Lints, as errors
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

docs: build ## API documentation without warnings; the data dictionary up to date
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --no-deps --document-private-items
	$(BINARY) schema --tables | diff - DATA_DICTIONARY.md

dictionary: build ## Write DATA_DICTIONARY.md anew
	$(BINARY) schema --tables > DATA_DICTIONARY.md

worked: ## Compute the worked examples of all tables again (tests/golden/*.txt)
	python3 tests/golden/worked.py

sample: build ## Write the committed sample anew
	rm -rf data/sample
	$(BINARY) simulate --output data/sample --lines 60000 --customers 4000 --lines-per-order 3 --files 4 --seed 20261031 \
	  --start 2024-11-01 --end 2026-10-31 --bgnbd 0.9,100,0.8,8 \
	  --share-returns 0.02 --share-null-ids 0.01 --share-duplicates 0.002 --share-bad-dates 0.001 --extra-columns

tests/page/node_modules/.installed: tests/page/package.json
	npm --prefix tests/page install --no-package-lock --no-audit --no-fund --silent
	touch $@

page-check: build tests/page/node_modules/.installed ## The page of pictures in headless Chromium: light, dark, narrow, wide, on paper (needs npm and CHROMIUM)
	tests/page/pages.sh $(BINARY) target/page-check
	node tests/page/check.mjs target/page-check/pictures target/page-check/pages/*.html

page-pictures: build tests/page/node_modules/.installed ## Write the pictures of the page in the documents anew
	tests/page/pages.sh $(BINARY) target/page-check
	node tests/page/pictures.mjs target/page-check/pages docs/pictures

bench: ## The stages, one by one
	$(CARGO) bench --profile release --locked

$(VENV)/.installed: tests/peers/requirements.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --requirement tests/peers/requirements.txt
	touch $@

peers: build $(VENV)/.installed ## Every value against DuckDB, scikit-learn, the recorded results of other tools, and five readers
	$(PYTHON) tests/peers/oracle.py --binary $(BINARY) --seeds 20
	$(PYTHON) tests/peers/repeats.py --binary $(BINARY) --seeds 30
	$(PYTHON) tests/peers/inputs.py --binary $(BINARY) --seeds 20
	$(PYTHON) tests/peers/filters.py --binary $(BINARY) --filters 600 --amounts 100
	$(PYTHON) tests/peers/models.py --binary $(BINARY) --seeds 10
	$(PYTHON) tests/peers/purchases.py --binary $(BINARY) --seeds 5
	$(PYTHON) tests/peers/windows.py --binary $(BINARY) --seeds 5
	$(PYTHON) tests/peers/groups.py --binary $(BINARY) --seeds 5
	$(PYTHON) tests/peers/values.py --binary $(BINARY) --seeds 10 --keep target/peers-values
	$(PYTHON) tests/peers/zones.py --binary $(BINARY) --runs 150
	$(PYTHON) tests/peers/keys.py --far-apart --binary $(BINARY) --seeds 40
	$(PYTHON) tests/peers/currencies.py --binary $(BINARY) --seeds 60
	$(PYTHON) tests/peers/writers.py --binary $(BINARY)
	$(PYTHON) tests/peers/rules.py --binary $(BINARY) --seeds 12
	$(PYTHON) tests/peers/customers.py --binary $(BINARY) --seeds 20 --golden $(GOLDEN)
	$(PYTHON) tests/peers/people.py --binary $(BINARY) --seeds 40
	$(PYTHON) tests/peers/layouts.py --binary $(BINARY)
	$(PYTHON) tests/peers/campaigns.py --binary $(BINARY) --seeds 20
	$(PYTHON) tests/peers/campaigns.py --binary $(BINARY) --customers 1000000
	$(PYTHON) tests/peers/page.py --binary $(BINARY) --seeds 3
	test ! -d $(GOLDEN) || $(PYTHON) tests/peers/golden.py --binary $(BINARY) --golden $(GOLDEN)
	$(BINARY) run --quiet --input data/sample --output target/peers-reports --as-of 2026-10-31
	$(PYTHON) tests/peers/readers.py --tables target/peers-reports/as_of=2026-10-31
	$(PYTHON) tests/peers/readers.py --tables target/peers-values/as_of=2026-10-31 --values

.venv-spark/.installed: tests/peers/requirements-spark.txt
	python3 -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --requirement tests/peers/requirements-spark.txt
	touch $@

spark: build .venv-spark/.installed ## Outputs by table, read by Spark (needs Java 17)
	.venv-spark/bin/python tests/peers/layouts.py --binary $(BINARY) --spark

# Nothing is compiled for the wheel that `build` has not compiled.
.venv-wheel/.installed: python/tests/requirements.txt
	python3 -m venv .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet 'maturin>=1.9,<2' --requirement python/tests/requirements.txt
	touch $@

wheel: build .venv-wheel/.installed ## The Python wheel, installed and tested (target/wheels)
	rm -f target/wheels/*.whl
	cd python && CARGO_TARGET_DIR=$(CURDIR)/target ../.venv-wheel/bin/maturin build --release --locked --out ../target/wheels
	.venv-wheel/bin/python -m pip install --quiet --force-reinstall --no-deps target/wheels/*.whl
	INSTALLED=1 .venv-wheel/bin/python -m unittest discover -s python/tests -p test_package.py

.venv-airflow/.installed: python/tests/requirements-airflow.txt
	python3 -m venv .venv-airflow
	.venv-airflow/bin/python -m pip install --quiet --requirement python/tests/requirements-airflow.txt
	touch $@

airflow: build .venv-airflow/.installed ## The operator, and the example DAG run by Airflow: it succeeds, and it fails
	BINARY=$(BINARY) .venv-airflow/bin/python -m unittest discover -s python/tests -p test_operator.py

image: build ## The root file system of the image, made and run without a container engine (needs root)
	examples/docker/check.sh $(BINARY) data/sample
limits: build ## A limit of memory: control groups, full disks, kills (most of it needs root)
	python3 tests/peers/limits.py --binary $(BINARY)

# Where the Python environment of the peers is there, it also makes the inputs of the cases beside the repository.
OLD ?=
same-bytes: build ## All that users get from the binary OLD=path and from this one, byte for byte
	$(or $(wildcard $(PYTHON)),python3) tests/peers/same_bytes.py --old "$(OLD)" --new $(BINARY)

bench-peers: build $(VENV)/.installed ## The whole job against DuckDB and a Polars script, side by side
	$(PYTHON) tests/peers/bench_peers.py --binary $(BINARY) --lines $(LINES) --runs 3 --ids integer,uuid --lines-per-order 3,1

# FORMER=path: a binary of before, which runs beside.
FORMER ?=
bench-hand: build $(VENV)/.installed ## The whole job against what a user would write by hand, side by side, and against the binary FORMER=path
	$(PYTHON) benches/hand/race.py --binary $(BINARY) $(if $(FORMER),--former $(FORMER)) --lines $(lastword $(subst $(comma), ,$(LINES)))

guard: build $(VENV)/.installed ## Instructions of the binary against those of FORMER=path: before a release (valgrind, else processor time)
	$(PYTHON) benches/hand/guard.py --binary $(BINARY) --former "$(FORMER)"

bench-people: build $(VENV)/.installed ## What old ids and members cost, as a multiple of the plain run
	$(PYTHON) tests/peers/bench_people.py --binary $(BINARY) --lines $(LINES) --customers 10000000

bench-lifetimes: build ## The fits of purchase models against lifetimes, side by side
	test -x .venv-lifetimes/bin/python || python3 -m venv .venv-lifetimes
	.venv-lifetimes/bin/python -m pip install --quiet --requirement tests/peers/requirements-lifetimes.txt
	.venv-lifetimes/bin/python tests/peers/bench_lifetimes.py --binary $(BINARY) --customers 10000000 --timeout 200

# The tools beside the repository call the program with these placeholders. They count every order id.
RUN = $(CURDIR)/$(BINARY) run --input {input} --output {out} --as-of 2026-01-01 --returns literal
GOOD := $(BADINPUTS)/good/plain.parquet
# How often each kind of fault is tried; FAULTS=short is for continuous integration.
FAULTS ?= long
TIMES_long := kill:200 killat:100 term:50 enospc:40 fsize:40 mem:20 syscall:100 conc:20 rerun:10
TIMES_short := kill:20 killat:10 term:10 enospc:6 fsize:6 mem:4 syscall:20 conc:3 rerun:2

corpus: build ## The bad inputs beside the repository, where they are there
	python3 $(BADINPUTS)/run_corpus.py --root $(BADINPUTS) --record '{out}.json' \
	  --cmd 'python3 $(CURDIR)/tests/corpus_run.py {out}.json {out}/as_of=2026-01-01/manifest.json $(RUN) {opts}' \
	  --map-opt '--column {k}={v}' --map-config '--config {c}'

dynamic: build ## Situations that cannot lie in a folder: pipes, rights, full disks, inputs that change
	test -d data/generated/big || $(BINARY) simulate --quiet --output data/generated/big --lines 20M --files 1 --seed 1
	python3 $(BADINPUTS)/dynamic.py --good $(GOOD) --big data/generated/big/part-0.parquet --cmd '$(RUN)'

faults: build ## The program killed, starved and raced: FAULTS=short or long
	set -e; for each in $(TIMES_$(FAULTS)); do \
	  python3 $(BADINPUTS)/faults.py $${each%:*} -n $${each#*:} --procs 4 --busy-rc 7 \
	    --input $(GOOD) --input-old $(BADINPUTS)/shape/one_row.parquet --cmd '$(RUN)'; \
	done

MINUTES ?= 10
fuzz: ## Damaged bytes, for MINUTES: our own mutants
	FUZZ_MINUTES=$(MINUTES) $(CARGO) test --release --locked --test all -- --ignored --nocapture fuzz::mutants_for_minutes

fuzz-files: build ## Damaged bytes, for MINUTES: mutants of the shared good files, through the binary
	python3 $(BADINPUTS)/fuzz.py --minutes $(MINUTES) --seeds $(BADINPUTS)/good --cmd '$(RUN)' --keep target/fuzz-files

CASES ?= 100
differential: build $(VENV)/.installed ## Random inputs against DuckDB: so many with 1, 2 and 8 threads each
	set -e; for threads in 1 2 8; do \
	  $(PYTHON) $(BADINPUTS)/differential.py -n $(CASES) --seed $$threads --cmd "$(RUN) --threads $$threads" \
	    --rfm '{out}/as_of=2026-01-01/customers.parquet'; \
	done

deny: ## Licences, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny --locked check

clean: ## Remove what was generated
	rm -rf reports target/peers-reports data/generated
