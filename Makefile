# Fanfold's front door: `make help` lists the targets.
# Everything runs from .venv, which `make setup` builds from the hashed locks in requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
export UV_NO_PROGRESS := 1
export UV_LINK_MODE ?= copy

# The stamp's name carries what it was built from: a changed lock or manifest asks for a new one, a new date does not.
MANIFESTS := $(wildcard requirements/*.txt pyproject.toml packages/*/pyproject.toml)
SETUP_STAMP := .venv/.setup-$(shell cat $(MANIFESTS) | sha256sum | cut -c1-16)
DISTRIBUTIONS := . $(patsubst %/pyproject.toml,%,$(wildcard packages/*/pyproject.toml))

.PHONY: help setup ui demo test check fmt gen bench chaos lock hooks clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(SETUP_STAMP) ## build .venv from the hashed locks (instant when nothing changed)
	@:

$(SETUP_STAMP):
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	    $(foreach path,$(DISTRIBUTIONS),-e $(path))
	@rm -f .venv/.setup-* && touch $@

ui: setup ## build the web UI into src/fanfold/web/static (skipped when its sources are unchanged)
	@tools/ui build

demo: setup ui ## the whole product on sample data; flags go in ARGS="..."
	@$(BIN)/fanfold demo $(ARGS)

# Much of a run waits for leases and processes: two at a time take little more than half as long.
TEST_PROCESSES ?= 2
test: setup ui ## every floor but the long runs; flags for pytest go in ARGS="..."
	@tools/ui test
	@$(BIN)/python -m pytest -m "not long" -n $(TEST_PROCESSES) --dist loadfile $(ARGS)

check: setup ## format, lint, types, import contracts, house rules: under 30 s, also the pre-commit hook
	@$(MAKE) --jobs=5 --output-sync=target --keep-going check-format check-lint check-types check-layers check-house

.PHONY: check-format check-lint check-types check-layers check-house
check-types:
	@$(BIN)/basedpyright --level error
check-format:
	@$(BIN)/ruff format --check .
check-lint:
	@$(BIN)/ruff check --quiet .
check-layers:
	@$(BIN)/lint-imports --no-logo --config pyproject.toml
check-house:
	@$(BIN)/python -m tools.check

fmt: setup ## format, and mend what ruff can mend safely
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

gen: setup ## regenerate what is generated; leaves no diff when it was current
	@$(BIN)/python -m tools.gen
	@tools/ui gen

bench: setup ## one measurement per promise, peers beside us; names of files in ARGS="..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@$(BIN)/python -m benchmarks $(ARGS)

chaos: setup ## the long runs: kill -9, lost servers, soak
	@$(BIN)/python -m pytest -m long --timeout=0 $(ARGS)

UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)
lock: ## write the hashed locks anew from requirements/*.in and the manifests (UPGRADE=1 takes newer versions)
	@$(UV_COMPILE) requirements/uv.in -o requirements/uv.txt
	@$(UV_COMPILE) pyproject.toml -o requirements/runtime.txt
	@$(UV_COMPILE) pyproject.toml $(wildcard packages/*/pyproject.toml) requirements/dev.in \
	    -c requirements/runtime.txt -o requirements/dev.txt
	@$(UV_COMPILE) requirements/bench.in -c requirements/dev.txt -o requirements/bench.txt

hooks: setup ## install the pre-commit hook
	@$(BIN)/pre-commit install

clean: ## remove what was built; .venv stays
	@rm -rf .make dist build src/fanfold/web/static ui/dist
	@find . -name __pycache__ -not -path './.venv/*' -not -path './ui/node_modules/*' -prune -exec rm -rf {} +
