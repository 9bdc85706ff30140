# Trunkline. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
WEB := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print 2>/dev/null)
# Filled where the machine's Node is missing or too old; links to what tests/install finds or brings.
export PATH := $(CURDIR)/.venv/node:$(CURDIR)/.venv/tools:$(PATH)
# Debian's folder of PostgreSQL 15, where the SQL tests run a second time.
export PG15 ?= /usr/lib/postgresql/15/bin
# Test files run in so many processes side by side: most of their time is waiting. Not so the browser's.
export TEST_PROCESSES ?= 2

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run web ## start everything on this machine: http://localhost:8080 (PORT, TRUNKLINE_DATA)
	@exec $(PY) -m app local

check: dev web ## linters, types, import direction, house rules
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	.venv/bin/squawk sql/migrations/*.sql
	.venv/bin/cfn-lint deploy/aws/*.yaml
	cd frontend && npm run lint && npm run typecheck && npm run size
	$(PY) -m pytest tests/house

test: dev web ## every test: frontend units, Python, real browser; all failures are named at the end
	tests/install
	$(PY) -m tests.suites

fmt: dev ## format the code
	$(PY) -m ruff check --fix -q . && $(PY) -m ruff format -q .

seed: ## add demo people, videos and lives to the running service
	$(PY) -m app seed

types: dev web ## write the frontend's types of what crosses the wire from the service's OpenAPI
	$(PY) -m app openapi > .venv/openapi.json
	cd frontend && OPENAPI=../.venv/openapi.json npm run types

schema: dev ## write sql/schema.sql from the migrations
	$(PY) -m tests.write_schema

bench: dev web ## measure beside peers, write docs/benchmarks.md (ONLY="fanout queues" for some, BENCH_QUICK=1 to try)
	bench/install
	$(PY) -m bench $(ONLY)

faults: dev web ## what it survives, at full size: minutes, and the figures of docs/reliability.md
	FAULTS_FULL=1 $(PY) -m pytest -s tests/faults

lock: dev ## write the lock files from pyproject.toml
	$(LOCK) --group local -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK_PEERS) bench/peers/requirements.in -o bench/peers/requirements.txt

LOCK_PEERS = .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock"
LOCK = $(LOCK_PEERS) pyproject.toml

dev: .venv/dev
web: frontend/dist/index.html

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: requirements.lock | .venv/bin/python
	$(PIP) -r $<
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	$(PIP) -r $<
	@touch $@

.venv/node.stamp: requirements.lock | .venv/run
	$(PY) -m app.local.node .venv/node
	@touch $@

frontend/node_modules/.stamp: frontend/package-lock.json .venv/node.stamp
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.stamp $(WEB)
	cd frontend && npm run build
	@touch $@

.PHONY: run dev web lock help check test fmt seed types schema bench faults
