# mynabox: `make demo` and `make test` each set up all they need.
SHELL := /bin/bash
.DELETE_ON_ERROR:
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

UV_VERSION := 0.13.8
UV := .tools/bin/uv
PY := .venv/bin/python
JOBS ?= auto
ARGS ?=

.PHONY: help setup setup-test demo test check unit bench torture format clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

$(UV):
	@python3 -m venv .tools || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

.venv/.program: $(UV) pyproject.toml uv.lock
	@$(UV) sync --frozen --no-default-groups --inexact --quiet
	@touch $@

.venv/.everything: $(UV) pyproject.toml uv.lock
	@$(UV) sync --frozen --all-groups --quiet
	@touch $@ .venv/.program

setup: .venv/.program ## the program and its environment (.venv/bin/mynabox)

setup-test: .venv/.everything
	@tools/debian-packages test
	@tools/npm-parts

demo: setup ## a new box: one resident from registration to a revoked answer (ARGS=--exit)
	@tools/debian-packages demo
	@.venv/bin/mynabox demo $(ARGS)

check: .venv/.everything ## format, lint, types, import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

test: setup-test check ## everything: checks, tests, outside programs, browser
	.venv/bin/pytest -n $(JOBS) --dist=loadgroup $(ARGS)

unit: .venv/.everything ## the tests that need no outside program
	.venv/bin/pytest -n $(JOBS) --dist=loadgroup -m "not interop and not browser" $(ARGS)

bench: setup-test ## measurements beside their peers (kept in bench/results)
	@tools/debian-packages bench
	$(PY) -m bench $(ARGS)

torture: setup-test ## long campaigns: fuzzing, kill -9, mutation
	$(PY) tools/torture.py $(ARGS)

format: .venv/.everything ## let ruff format and fix
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

clean: ## remove environments and caches (boxes stay)
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache node_modules
