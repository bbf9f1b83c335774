# Needs Python 3.11 or newer and make; everything else comes from requirements.lock into .venv.
PYTHON ?= python3
PYTEST_ARGS ?=
BENCHMARK_ARGS ?= --scale 0.1 --scale 1
# Two files of tests at a time, each worker with a server of its own: dbt keeps one core busy, PostgreSQL the other. In the
# order of testpaths: the longest files have the fewest tests, and would come last.
PARALLEL ?= --numprocesses 2 --dist loadfile --no-loadscope-reorder
RUN = .venv/bin/python
# Python must find this checkout's package before any other.
export PYTHONPATH := $(CURDIR)

.PHONY: help install demo up down test test-full lint benchmark docs lock wheelhouse clean

help:
	@echo "make demo       the whole way on sample submissions, from files to an audited release"
	@echo "make up         the same, and leave Airflow with its web page running; make down stops all"
	@echo "make test       tests (PYTEST_ARGS=... is passed on); make test-full: with the long fault runs"
	@echo "make lint       style, types, SQL, import directions"
	@echo "make benchmark  speed and size beside hand-written SQL, DuckDB and an office's script; hours (BENCHMARK_ARGS=...)"
	@echo "make docs       the data dictionary as one web page; needs no data and no network"
	@echo "make lock       compile the requirements into their locks, with hashes, and the list of licences"
	@echo "make wheelhouse all packages in a folder, for a machine without internet"
	@echo "make clean      remove .venv and caches; data in .ipcredit stays"

install:
	@$(PYTHON) scripts/bootstrap.py

demo: install
	$(RUN) scripts/demo.py

up: install
	$(RUN) scripts/demo.py --keep-running

down: install
	$(RUN) scripts/local_airflow.py down
	$(RUN) -m ipcredit.cli db stop

test: install
	$(RUN) -m pytest -m "not full" $(PARALLEL) $(PYTEST_ARGS)

test-full: install
	$(RUN) -m pytest $(PARALLEL) $(PYTEST_ARGS)

lint: install
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	.venv/bin/lint-imports
	$(RUN) scripts/lint_sql.py

# DuckDB and matplotlib are only for this; a shared environment is its owner's.
benchmark: install
	@test -L .venv || $(RUN) -m pip install --quiet --only-binary :all: --no-deps --require-hashes \
	  --requirement requirements-benchmark.lock || echo "DuckDB and the plot are left out"
	$(RUN) scripts/benchmark.py $(BENCHMARK_ARGS)

docs: install
	$(RUN) -m ipcredit.cli docs

# Without any registry's address, and with the hashes of all files: what is installed is what was locked.
lock: install
	for name in requirements requirements-uv "requirements-benchmark --constraint requirements.lock"; do \
	  set -- $$name; in=$$1; shift; .venv/bin/uv pip compile $$in.in "$$@" --output-file $$in.lock \
	  --universal --only-binary :all: --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 $(LOCK_ARGS) || exit; done
	$(RUN) scripts/licences.py

# For an office without internet: on a machine with the same system and Python, then copied beside this file.
wheelhouse: install
	for lock in requirements.lock requirements-uv.lock; do $(RUN) -m pip download --quiet --only-binary :all: --no-deps \
	  --require-hashes --dest wheelhouse --requirement $$lock || exit; done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
