# Needs Linux, Python 3.11 or newer, git and make. Everything else is fetched, locked.
# `make` alone lists the targets; PORT= and MILEPOST_HOME= choose another port and folder.
PYTHON ?= python3
TOOLS := var/tools
NEWEST_FIRST := $(shell command -v uv 2>/dev/null)
UV := $(or $(NEWEST_FIRST),$(TOOLS)/bin/uv)
BIN := .venv/bin
MANIFESTS := uv.lock pyproject.toml \
	$(filter-out book/%,$(wildcard */pyproject.toml */*/pyproject.toml))
LEARNER_SOURCES := $(shell find extensions/testkit extensions/jupyterlab-milepost \
	-path '*/node_modules' -prune -o -path '*/tests' -prune -o -type f ! -name '*.pyc' -print)
BOOK_SOURCES := $(shell find book \
	-path '*/.venv' -prune -o -path '*/tests' -prune -o -type f ! -name '*.pyc' -print) \
	$(wildcard courses/*/course.yml courses/*/source/*/project.yml)

export PORT MILEPOST_HOME
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help up dev test smoke bench lint book setup setup-test python clean try-book

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup try-book ## Set everything up and run the platform (PORT=8000)
	@exec $(BIN)/milepost-up --with-parent

dev: setup try-book ## The same, reloading when the code changes
	@MILEPOST_DEV=1 exec $(BIN)/milepost-up --with-parent

test: setup-test ## Set everything up and run every test
	@$(BIN)/pytest

smoke: setup-test ## Do the main job as a new user would, in a real browser
	@$(BIN)/python -m tests.smoke

bench: setup-test ## Measure, side by side with what it is compared to (ONLY=name,...)
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

lint: setup-test ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m milepost_hub.node exec -- tsc --project tsconfig.json

book: var/book/.milepost ## Build the concept book

setup: .venv/.milepost .venv-learner/.milepost node_modules/.milepost ## Only set up

setup-test: setup .venv/.milepost-test try-book

clean: ## Remove the environments (never MILEPOST_HOME)
	rm -rf .venv .venv-learner book/.venv node_modules

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "milepost: Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1): \
	name another one, as in make up PYTHON=/usr/bin/python3.12" >&2; exit 1; }

$(TOOLS)/bin/uv: | python
	@echo "Installing uv"
	@mkdir -p $(TOOLS)
	@$(PYTHON) -m venv $(TOOLS) >/dev/null 2>&1 && $(TOOLS)/bin/python -m pip install --quiet uv || \
		$(PYTHON) -m pip install --quiet --target $(TOOLS) uv || { \
		echo "milepost: uv could not be installed: install it (https://docs.astral.sh/uv), \
	or Python's venv module (Debian: apt install python3-venv)." >&2; exit 1; }

# uv's choice of an interpreter is ours: the one that was checked.
SYNC = UV_PYTHON="$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(UV) sync --quiet --frozen

.venv/.milepost: $(MANIFESTS) | python $(UV)
	@echo "Installing the platform"
	@$(SYNC) --no-dev --inexact
	@touch $@

.venv/.milepost-test: $(MANIFESTS) | python $(UV)
	@echo "Installing the tests' tools"
	@$(SYNC) --inexact
	@touch $@

.venv-learner/.milepost: $(MANIFESTS) $(LEARNER_SOURCES) | python $(UV)
	@echo "Installing the learners' environment"
	@# Learners cannot write there, so Python's byte code has to be there already.
	@UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=.venv-learner $(SYNC) --package milepost-learner --no-editable --no-dev
	@touch $@

book/.venv/.milepost: book/pyproject.toml book/uv.lock | python $(UV)
	@echo "Installing what builds the book"
	@$(SYNC) --project book --no-dev
	@touch $@

var/book/.milepost: $(BOOK_SOURCES) package-lock.json | book/.venv/.milepost node_modules/.milepost
	@echo "Building the book"
	@mkdir -p var/book
	@book/.venv/bin/python book/build.py var/book
	@touch $@

# Projects can be worked on without the book: that it cannot be built is said, and stops nobody.
try-book: setup
	@$(MAKE) --no-print-directory book || \
		echo "milepost: Warning: the concept book was not built; 'make book' tries again." >&2

node_modules/.milepost: package.json package-lock.json | .venv/.milepost
	@echo "Installing the proxy"
	@$(BIN)/python -m milepost_hub.node ci --ignore-scripts --loglevel=error
	@touch $@
