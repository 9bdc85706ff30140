# Trunkline. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# Debian's folder of PostgreSQL 15, where the SQL tests run a second time.
PG15 := /usr/lib/postgresql/15/bin

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

check: dev web ## linters, types, import direction, house rules
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	.venv/bin/squawk sql/migrations/*.sql
	.venv/bin/cfn-lint deploy/aws/*.yaml
	cd frontend && npm run lint && npm run typecheck && npm run size
	$(PY) -m pytest tests/house

test: dev web ## every test: Python, frontend units, real browser
	PG15=$(PG15) tests/install
	cd frontend && npm test
	$(PY) -m pytest
	TEST_PG_BIN=$(PG15) $(PY) -m pytest tests/sql

fmt: dev ## format the code
	$(PY) -m ruff check --fix -q . && $(PY) -m ruff format -q .

schema: dev ## write sql/schema.sql from the migrations
	$(PY) -m tests.write_schema

bench: dev web ## measure beside peers, write docs/benchmarks.md (about an hour)
	$(PY) -m bench

.PHONY: help check test fmt schema bench
