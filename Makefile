# Set-up needs python3 >= 3.11 with venv, make and a package index; nothing else, and no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt
# Each of these is installed again only when one of these files changes.
SETUP_FILES := pyproject.toml constraints.txt
RUN_READY := $(VENV)/.ready-run
DEMO_READY := $(VENV)/.ready-demo
TEST_READY := $(VENV)/.ready-test

# What is compiled is kept: the many processes of the tests would each do it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo run check audit test soak clean

demo: $(DEMO_READY)  ## the bot with a playground in the browser: no token, no key, no GPU
	$(BIN)/python -m bot demo

run: $(RUN_READY)  ## the bot on real Telegram; settings come from the environment or .env
	$(BIN)/python -m bot run

check: $(TEST_READY)  ## format, lint, types, import rules, pins, links, and no key in the tree
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.checks.pins
	$(BIN)/python -m tests.checks.secrets
	$(BIN)/python -m tests.checks.links

audit: $(VENV)/bin/python  ## known vulnerabilities and yanked versions of the pins; asks the network
	$(BIN)/python -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

# Five share two cores well: much of a test's time is waiting for another process. Each has one thread
# for torch, whose small models here gain nothing by more.
test: export OMP_NUM_THREADS = 1
test: check  ## everything, the suites of minutes at a reduced size
	$(BIN)/python -m pytest --numprocesses 5 --dist worksteal

soak: $(TEST_READY)  ## the suites of minutes at full size
	$(BIN)/python -m pytest -m slow -p no:randomly -s

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(RUN_READY): $(VENV)/bin/python $(SETUP_FILES)
	$(PIP) --editable .
	touch $@

$(DEMO_READY): $(VENV)/bin/python $(SETUP_FILES)
	@echo "Installing torch, diffusers and the bot: about 250 MB with the CPU build of torch (see README)."
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[local]'
	touch $@

$(TEST_READY): $(DEMO_READY)
	$(PIP) --editable '.[local,postgres,charts,otel,s3]' --group lint --group test
	touch $@
