# What one does with a checkout. `make` or `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
BENCH ?= gate
BIN := $(VENV)/bin
PIP := $(BIN)/python -I -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-slow producers mutants lint format docs bench test-oldest constraints clean

help: ## List these targets.
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name said; do \
		printf '  make %-12s %s\n' "$$name" "$$said"; done

demo: $(VENV)/.installed ## Run the gate on real examples: one is allowed, one is blocked.
	@$(BIN)/python -I examples/demo.py

test: $(VENV)/.test ## Run the fast tests; the slow ones are skipped by name.
	$(BIN)/python -I -m pytest -n auto --fast $(PYTEST_ARGS)

test-slow: $(VENV)/.test producers ## Run the slow tests: simulations, large oracles, examples that train a model.
	$(BIN)/python -I -m pytest -n auto -m slow $(PYTEST_ARGS)

producers: .producers/.installed ## Install DVC and MLflow, whose real records slow tests read.

mutants: $(VENV)/.test ## Change what decides, one place at a time; a fast test must notice. FILES=gate/decide.py
	$(BIN)/python -I tests/mutants.py $(FILES)

lint: $(VENV)/.lint ## Check style and types: ruff and mypy --strict.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.lint ## Write the code as ruff would.
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(VENV)/.installed ## Write the generated pages of docs/ again.
	$(BIN)/python -I docs/generate.py

bench: $(VENV)/.test ## Run the benchmark of the gate; BENCH=coverage runs benchmarks/coverage.py.
	$(BIN)/python benchmarks/$(BENCH).py $(BENCH_ARGS)

test-oldest: .venv-oldest/.test ## Run the fast tests with the oldest dependencies that are allowed.
	.venv-oldest/bin/python -I -m pytest -n auto --fast $(PYTEST_ARGS)

constraints: ## Pin what the action installs, by hash.
	@.ci/python "$(PYTHON)" .venv-pins
	@.venv-pins/bin/python -I -m pip --disable-pip-version-check --quiet install uv
	@.ci/pin .venv-pins/bin/python

clean: ## Remove what the other targets made.
	rm -rf .venv .venv-oldest .venv-pins .producers dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis examples/*/out

# Each stamp is what was installed last; a changed pyproject.toml installs again.
$(VENV)/.installed: pyproject.toml
	@.ci/python "$(PYTHON)" "$(VENV)"
	@echo "Installing mlgate into $(VENV)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)/.lint: $(VENV)/.installed
	@echo "Installing what linting needs into $(VENV)"
	@$(PIP) install --editable '.[test,lint]'
	@touch $@

.producers/.installed: tests/producers.txt
	@.ci/python "$(PYTHON)" .producers
	@echo "Installing DVC and MLflow into .producers"
	@.producers/bin/python -I -m pip --disable-pip-version-check --quiet install --requirement tests/producers.txt
	@touch $@

.venv-oldest/.test: pyproject.toml .ci/oldest.py
	@.ci/python "$(PYTHON)" .venv-oldest
	@.venv-oldest/bin/python -I .ci/oldest.py > .venv-oldest/constraints.txt
	@.venv-oldest/bin/python -I -m pip --disable-pip-version-check --quiet install \
		--constraint .venv-oldest/constraints.txt --editable '.[test]'
	@touch $@
