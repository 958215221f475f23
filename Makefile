# Countertop: `make demo` runs the main job, `make test` passes the tests; each makes its own virtual environment.
# Needs only Python 3.11 or newer, git and make.

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
PYTHON ?= $(shell sh scripts/find_python.sh)

.PHONY: demo fleet test test-all check lint types arrows format system-deps bench screenshots clean

demo: $(VENV)/.user
	@$(BIN)/countertop demo

fleet: $(VENV)/.tui
	@$(BIN)/countertop fleet

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" tests

test-all: $(VENV)/.pcsc
	COUNTERTOP_NO_SKIPS=1 $(BIN)/python -m pytest -n $(JOBS) tests

check: lint types arrows test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

arrows: $(VENV)/.dev
	$(BIN)/lint-imports
	$(BIN)/python -m countertop.api.catalog check

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

system-deps:
	sh scripts/system_deps.sh

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.over_http --seconds 4
	$(BIN)/python -m benchmarks.store --large 1000000
	$(BIN)/python benchmarks/sale.py 4
	$(BIN)/python -m benchmarks.fleet --seconds 20
	$(BIN)/python -m benchmarks.fleet_screen --seconds 60
	$(BIN)/python -m benchmarks.cables

screenshots: $(VENV)/.dev
	$(BIN)/python scripts/screenshots.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Countertop needs Python 3.11 or newer; none was found. Set PYTHON=/path/to/python3." >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.user: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[sdk]'
	@touch $@

$(VENV)/.tui: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[tui]'
	@touch $@

$(VENV)/.pcsc: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --editable '.[pcsc]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $@
