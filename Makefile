# Trunkline. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

fmt: ## format the code
	$(PY) -m ruff check --fix -q . && $(PY) -m ruff format -q .

.PHONY: help fmt
