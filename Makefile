# Everything runs in .venv, from pinned and hashed packages. `make help` lists the targets.

PYTHON ?= python3
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV := $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help preflight run up test check format lock fuzz bench bench-trivial bench-latency bench-quality \
	bench-vehicles bench-names bench-persons bench-convoys bench-real bench-growth bench-dispatch bench-boards bench-lock soak \
	soak-delivery soak-escalation same-alerts schemas clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

preflight: ## say what this machine lacks, if anything
	@$(PYTHON) infra/preflight.py

run: $(VENV)/.runtime ## play a simulated day, SEED=n another one: who is told of what and why
	@$(BIN)/brdo demo --seed $(SEED)

up: $(VENV)/.runtime ## start everything and keep it running
	@$(BIN)/brdo up

test: $(VENV)/.dev ## all tests, those on real Kafka and PostgreSQL included
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev ## style, types, layout, licences
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_layout.py tests/test_licences.py

format: $(VENV)/.dev ## put the code into form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/.dev ## resolve the dependencies anew, with hashes
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --group pyproject.toml:build -o requirements.lock pyproject.toml
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock

fuzz: $(VENV)/.dev ## a million mutated messages through everything that reads what comes from outside (minutes)
	@PYTHONPATH=. $(BIN)/python tests/fuzz.py 1000000

bench: bench-trivial bench-real bench-growth bench-latency bench-dispatch ## all measurements, into build/bench.json (three quarters of an hour; nothing else should run)

bench-trivial: $(VENV)/.dev ## one small stateful job, here and on other stream processors
	@PYTHONPATH=.:tests $(BIN)/python tests/bench/trivial.py

bench-real: $(VENV)/.dev ## the watch as it runs, on one core, and the same engine under Quix Streams (twenty minutes)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/real.py

bench-growth: $(VENV)/.dev ## what an event costs by kind; memory and cost as sightings and subjects grow (ten minutes)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/growth.py

bench-latency: $(VENV)/.dev ## from a station's call to the alert on Kafka and at the contact point's door
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/latency.py

bench-dispatch: $(VENV)/.dev ## from alerts on Kafka to committed deliveries, and to the first byte at the contact point (two minutes)
	@PYTHONPATH=.:tests:tests/bench:tests/soak $(BIN)/python tests/bench/dispatch.py

bench-boards: $(VENV)/.dev ## a thousand open boards on one console process while 50 alerts a second arrive (a minute)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/boards.py

bench-quality: $(VENV)/.dev ## precision and recall on a simulation whose truth is known, into build/quality.json (two minutes; QUALITY="--help")
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/quality.py $(QUALITY)

bench-vehicles: $(VENV)/.dev ## how well misread vehicles are known again, and what a look-up costs (half a minute)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/misreads.py
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/vehicle_lookup.py

bench-names: $(VENV)/.dev ## persons matched on data made by others, and 50,000 pairs timed, into build/names.json (a minute)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/names.py

bench-convoys: $(VENV)/.dev ## planted forerunners found, false convoys in ordinary traffic, cost a sighting (ten minutes)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/convoys.py

bench-persons: $(VENV)/.dev ## what a look-up of a possible person costs among 50,000 (half a minute)
	@PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/person_lookup.py

bench-lock: $(VENV)/.dev ## resolve the packages that we are compared with anew, with hashes
	@for peer in stock_faust quix quix_watch bytewax limit febrl; do (cd tests/bench/peers/$$peer && $(CURDIR)/$(UV) pip compile \
		--quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		-o requirements.lock requirements.in); done

soak: $(VENV)/.dev ## faults of every kind for an hour, each compared with what was sent, into build/soak.json
	@PYTHONPATH=.:tests:tests/soak $(BIN)/python tests/soak/rebalance_soak.py
	@PYTHONPATH=.:tests:tests/soak $(BIN)/python tests/soak/line_soak.py

soak-delivery: $(VENV)/.dev ## 10,000 alert revisions delivered while everything fails, into build/soak-delivery.json (ten minutes)
	@PYTHONPATH=.:tests:tests/soak $(BIN)/python tests/soak/delivery_soak.py

soak-escalation: $(VENV)/.dev ## deadlines by the hundred, the escalator killed 20 times, into build/soak-escalation.json (six minutes)
	@PYTHONPATH=.:tests:tests/soak $(BIN)/python tests/soak/escalation_soak.py

same-alerts: $(VENV)/.dev ## over 100,000 simulated events through one worker each, through two, and offline (minutes)
	@PYTHONPATH=.:tests:tests/soak $(BIN)/python tests/soak/same_alerts.py

schemas: $(VENV)/.dev ## write schemas/json anew; a change that would break a device is refused
	@$(BIN)/python -m schemas.json_schema

clean: ## remove the environment and everything built (data and caches stay: see the README)
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) infra/preflight.py
	@echo "Making the environment in $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
