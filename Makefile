# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-compile
DATA ?=
PORT ?= 8000

.PHONY: demo test check fast drills bench lock clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quanyu needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

# The locks pin every package with its hash; --no-deps installs them and nothing else.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "installing the locked packages …"
	$(PIP) --no-deps --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "installing the locked test packages …"
	$(PIP) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@echo "installing the locked peers of the benches …"
	$(PIP) --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

demo: $(VENV)/.runtime
	$(BIN)/quanyu demo $(if $(DATA),--data "$(DATA)") --port $(PORT)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

# The drills are part of `test`; `fast` leaves them out while you work.
test: check
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# The drills alone, with the JSON line that each prints.
drills: $(VENV)/.dev
	$(BIN)/python -m pytest -m drill -s -q

fast: check
	$(BIN)/python -m pytest -m "not drill and not spark" -q

bench: $(VENV)/.bench
	$(BIN)/quanyu bench intake
	$(BIN)/quanyu bench identity
	$(BIN)/quanyu bench audience
	$(BIN)/quanyu bench funnel
	$(BIN)/quanyu bench ledger
	$(BIN)/quanyu bench redemption
	$(BIN)/quanyu bench flash_sale
	$(BIN)/quanyu bench auction
	$(BIN)/quanyu bench pacing
	$(BIN)/quanyu bench pricing
	$(BIN)/quanyu bench rank
	$(BIN)/quanyu bench copy
	$(BIN)/quanyu bench fraud
	$(BIN)/quanyu bench generation
	$(BIN)/quanyu bench recommend
	$(BIN)/quanyu bench search
	$(BIN)/quanyu bench decide

# Renew the locks (needs uv on PATH).
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group pyproject.toml:build -o requirements/runtime.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -c requirements/runtime.txt pyproject.toml --extra spark --extra llm --group pyproject.toml:build --group pyproject.toml:dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -c requirements/dev.txt pyproject.toml --extra spark --extra llm --group pyproject.toml:build --group pyproject.toml:dev --group pyproject.toml:bench -o requirements/bench.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
