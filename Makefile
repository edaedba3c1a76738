PYTHON := .venv/bin/python

.PHONY: all setup check test slow golden bench docs

all: check test                ## lint, format, types, layers, fast tests

setup:                         ## environment with everything the tests need
	python3 -m venv .venv
	.venv/bin/pip install -q -e '.[dev]'

check:                         ## lint, format, types, layers
	$(PYTHON) -m tests static

test:                          ## fast tests
	$(PYTHON) -m tests tests

slow:                          ## tests that train for more than a few seconds
	$(PYTHON) -m tests slow

golden: docs                   ## rewrite stored outputs, then read the diff
	$(PYTHON) sample_data/make.py
	$(PYTHON) -m tests.docs.console --write
	$(PYTHON) -m tests.golden

bench:                         ## measure what docs/benchmarks.md states
	$(PYTHON) -m tests.benchmarks startup

docs:                          ## rewrite the reference page from the code
	$(PYTHON) -m tsforecast.cli.reference > docs/reference.md
