# Everything is reached from here. Needs Python 3.11 or newer and make; `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo up test check check-lint check-format check-types check-imports format bench bench-identity e2e chaos \
  schemas pins clean

VENV := .venv
BIN := $(VENV)/bin
# Both stamps live inside the environment: deleting it deletes them.
DEPENDENCIES := $(VENV)/.dependencies-installed
INSTALLED := $(VENV)/.tocsin-installed
TESTS ?= tests
# Most of the time tests wait for servers, so two at once take little over half as long; each worker has servers of its own.
WORKERS ?= 2

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## environment, pinned dependencies, the tocsin command and the Kafka jars
	@$(BIN)/python -m deploy.embedded fetch

# `python3` may be older, or lack ensurepip: take the first that can make an environment.
$(BIN)/python:
	@for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if $$candidate -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Making $(VENV) with $$($$candidate --version)"; exec $$candidate -m venv $(VENV); fi; done; \
	echo "Tocsin needs Python 3.11 or newer (with venv); none was found on the PATH." >&2; exit 1

# uv takes a fifth of pip's time. Where it finds no way (a mirror that only pip's own settings name), pip does it.
# Python compiles what it imports, once; where it is told not to, compile now, or every start takes seconds longer.
COMPILE := $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-deps --require-hashes
$(DEPENDENCIES): requirements-dev.txt requirements-build.txt | $(BIN)/python
	$(PIP) --quiet -r requirements-build.txt
	$(BIN)/uv pip install --python $(BIN)/python --system-certs $(COMPILE) --no-deps --require-hashes \
	  -r requirements-dev.txt || $(PIP) -r requirements-dev.txt
	@touch $@

$(INSTALLED): pyproject.toml $(DEPENDENCIES)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## replay the Birmingham case on embedded Kafka and PostgreSQL, and leave nothing running
	$(BIN)/tocsin replay birmingham --embedded

up: setup  ## run the whole product (embedded servers unless KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL are set)
	$(BIN)/tocsin up

test: setup  ## all tests but the long chaos runs and the benches
	$(BIN)/python -m pytest $(TESTS) -m "not chaos and not bench" -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

e2e: setup  ## only the end-to-end tests
	$(BIN)/python -m pytest tests/e2e -m "not chaos and not bench" $(PYTEST_ARGS)

chaos: setup  ## kill processes, Kafka and PostgreSQL at random moments
	$(BIN)/python -m pytest tests/chaos -m chaos --timeout=1800 $(PYTEST_ARGS)

bench: setup  ## measure against a bare FastAPI and aiokafka endpoint
	$(BIN)/python -m tests.bench

# Splink and its like are 500 MB that nothing else needs, so they come into the environment when somebody asks for this.
$(VENV)/.bench-identity-installed: requirements-bench.txt $(INSTALLED)
	$(BIN)/uv pip install --python $(BIN)/python --system-certs $(COMPILE) --no-deps --require-hashes \
	  -r requirements-bench.txt || $(PIP) -r requirements-bench.txt
	@touch $@

bench-identity: $(VENV)/.bench-identity-installed  ## measure who is who: against Splink, at scale, in any order
	$(BIN)/python -m tests.bench.identity everything

check: check-lint check-format check-types check-imports  ## lint, format, types and import contracts
check-lint: $(INSTALLED)
	$(BIN)/ruff check .
check-format: $(INSTALLED)
	$(BIN)/ruff format --check .
check-types: $(INSTALLED)
	$(BIN)/mypy
check-imports: $(INSTALLED)
	$(BIN)/lint-imports

format: $(INSTALLED)  ## rewrite the code to the house format
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

schemas: $(INSTALLED)  ## publish schemas from the models, and the rules in words
	$(BIN)/tocsin schemas publish
	$(BIN)/tocsin rules publish

PINS := $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header
pins: $(INSTALLED)  ## pin the dependencies of pyproject.toml again
	$(PINS) pyproject.toml -o requirements.txt
	$(PINS) pyproject.toml --extra embedded --group dev -c requirements.txt -o requirements-dev.txt
	$(PINS) pyproject.toml --extra embedded --group dev --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(PINS) --group build -c requirements-dev.txt -o requirements-build.txt

clean:  ## remove the environment, the caches and the local state
	rm -rf $(VENV) .state .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
