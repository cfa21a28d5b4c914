# WARP Numbers. `make` lists the targets; `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Node 20.19 or newer; an older one counts as none.
NPM := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm)
EXPLORER := portal/explorer/dist/.built
EXPLORER_SOURCES := portal/package.json portal/package-lock.json $(shell find portal/explorer -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
FLOORS := numbering teliport db workflows resolvers schema gateway
SAY = @printf '\033[36m›\033[0m %s\n'

.PHONY: help run test check format bench lock wheel schema explorer clean

help: ## List the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## Start everything on this machine: database, sandbox, gateway, worker, explorer.
	@$(MAKE) --no-print-directory -j2 --output-sync=line $(VENV)/.runtime explorer
	@exec $(BIN)/python -m gateway dev

test: $(VENV)/.dev explorer tests/clients/node/node_modules/.done ## Run the whole test suite.
	$(BIN)/python -m tests

check: $(VENV)/.dev ## Lint, types, floors, SDL equality, house budget.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/contract

format: $(VENV)/.dev ## Format the Python sources.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Print the benchmark tables (takes minutes; no pass or fail).
	$(BIN)/python -m tests.bench

wheel: $(VENV)/.dev explorer ## Build the wheel, explorer included, into dist/.
	$(BIN)/python -m hatchling build -t wheel

schema: $(VENV)/.runtime ## Write schema/schema.graphql from the code.
	$(BIN)/python -m gateway schema > schema/schema.graphql

lock: $(VENV)/.dev ## Resolve the dependencies anew (versions and hashes, no host names).
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' pyproject.toml --extra local -o deploy/requirements.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -c deploy/requirements.txt pyproject.toml --extra local --extra dev -o deploy/requirements-dev.txt

clean: ## Remove everything that was built; keeps the data in .data.
	rm -rf $(VENV) portal/node_modules portal/*/node_modules portal/*/dist tests/clients/node/node_modules

# ── what the targets above stand on ──────────────────────────────────────────────────────────
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed; this is:'; $(PYTHON) --version; exit 1; }
	$(SAY) 'Making $(VENV)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: deploy/requirements.txt | $(VENV)/bin/python
	$(SAY) 'Installing the locked Python packages (about half a minute the first time)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.txt
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m gateway "$$@"\n' '$(CURDIR)' '$(CURDIR)/$(BIN)/python' > $(BIN)/warp-numbers && chmod +x $(BIN)/warp-numbers
	$(SAY) 'Python packages are in place'
	@touch $@

$(VENV)/.dev: deploy/requirements-dev.txt | $(VENV)/.runtime
	$(SAY) 'Installing the development tools'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-dev.txt
	@touch $@

explorer: $(if $(NPM),$(EXPLORER),no-explorer) ## Build the GraphiQL explorer (needs Node 20).

.PHONY: no-explorer
no-explorer:
	$(SAY) 'Node.js 20.19 or newer was not found: everything but the explorer will run.'

$(EXPLORER): $(EXPLORER_SOURCES)
	$(SAY) 'Building the explorer'
	@cd portal && $(NPM) ci --silent --no-audit --no-fund && $(NPM) run --silent build >/dev/null
	$(SAY) 'The explorer is built'
	@touch $@

tests/clients/node/node_modules/.done: tests/clients/node/package-lock.json
	@if [ -n "$(NPM)" ]; then echo '› Installing the Node test clients'; cd tests/clients/node && $(NPM) ci --silent --no-audit --no-fund && touch node_modules/.done; fi

tests/clients/node/package-lock.json: ;
