# Two commands matter: make run, make test. `make` alone explains the rest.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
GUARDS := --extra vault --extra aws --extra pkcs11 --extra timestamps
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

.DEFAULT_GOAL := help
.PHONY: help run test check soak bench bench-full migrate words lock
.DELETE_ON_ERROR:

help: ## say what can be made
	@echo "casemgr: confidential victim case management"
	@echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
		while IFS="$$(printf '\t')" read -r name words; do printf '  make %-10s %s\n' "$$name" "$$words"; done

run: export CASEMGR_PORT := $(PORT)
run: .venv/run.stamp ## start the hospital on http://localhost:8000 (PORT=… for another port)
	@$(BIN)/python -m casemgr.serve

test: .venv/dev.stamp ## run every test: SQLite, PostgreSQL and browser where they are found
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: .venv/dev.stamp ## lint, format, types, import contracts and the rules of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy casemgr config.py wsgi.py tests $(wildcard bench)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -n 2 tests/house

soak: .venv/dev.stamp ## run the long properties in full, with their seeds printed
	@seed=$${SEED:-$$(date +%s)}; echo "seed $$seed (the same again: make soak SEED=$$seed)"; \
		CASEMGR_SOAK=1 $(BIN)/python -m pytest -n 2 -m "soak or hypothesis" \
		--hypothesis-seed=$$seed $(ARGS)

bench: .venv/dev.stamp ## measure against the twins (design §6), at most ten minutes
	@$(BIN)/python -m bench

bench-full: .venv/dev.stamp ## the same with a million people (an hour on two cores)
	@$(BIN)/python -m bench --full

migrate: .venv/run.stamp ## bring the databases of the settings to the newest shape
	@$(BIN)/python -m casemgr.serve --migrate-only

words: .venv/dev.stamp ## bring both catalogues up to the code; then fill what is empty, and again
	@$(BIN)/pybabel -q extract -F casemgr/translations/babel.cfg -k _l -k lazy_gettext \
		--no-location --sort-output -o .venv/messages.pot .
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -w 100 \
		-i .venv/messages.pot -d casemgr/translations
	@$(BIN)/pybabel -q compile -d casemgr/translations

lock: .venv/dev.stamp ## rewrite the lock files from pyproject.toml
	@$(COMPILE) $(ARGS) --extra pdf pyproject.toml -o requirements.lock
	@$(COMPILE) $(ARGS) --extra pdf $(GUARDS) -c requirements.lock pyproject.toml -o requirements-guards.lock
	@$(COMPILE) $(ARGS) --extra pdf $(GUARDS) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# The environment is filled again only when its lock file changed. The development lock holds the
# same versions as the other one, so both live in one environment.
.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "Installing what casemgr needs (once, about a minute) …"
	@$(PIP) install --quiet --require-hashes -r $< && touch $@

.venv/dev.stamp: requirements-dev.lock | .venv/bin/python
	@echo "Installing what the tests need (once, about a minute) …"
	@$(PIP) install --quiet --require-hashes -r $< && touch $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Python is missing: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "casemgr needs Python 3.11 or newer; choose one with: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear .venv
