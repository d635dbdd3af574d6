# The portal's commands. `make` alone tells them.
#
#   PORT=8001        another port          DATA=var/other   another folder for what it keeps
#   PYTHON=python3.12                      another Python

PORT ?= 8000
DATA ?= var
PYTHON ?= python3
export PYTHON

# `make test TESTS="tests/billing -k invoice"`: only some, on SQLite.
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help run test browsers check walk bench attack lock

help: ## Tell what can be made
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/make \1|\2/p' Makefile | \
		while IFS='|' read -r name what; do printf '  %-15s %s\n' "$$name" "$$what"; done
	@sed -n '2,4s/^#/ /p' Makefile

run: ## Serve the demo institute on http://localhost:8000 until Ctrl-C
	@tools/environment.sh run
	@exec env PORTAL_URL=http://localhost:$(PORT) PORTAL_DATA="$(abspath $(DATA))" \
		.venv/bin/portal serve --demo --port $(PORT)

test: ## Run every test: on SQLite, on PostgreSQL, in Chromium
	@tools/environment.sh dev
	@.venv/bin/python tools/test.py $(TESTS)

browsers: ## Install Chromium for the tests, where there is none
	@tools/environment.sh dev
	@.venv/bin/python tools/browsers.py

check: ## Lint, types, floors, templates, migrations, deployment
	@tools/environment.sh dev
	@.venv/bin/python tools/check.py

walk: ## Walk docs/deploying.md in a bare Debian 12 (as root, with mmdebstrap)
	@tools/environment.sh dev
	@.venv/bin/python -m tools.walk

bench: ## Measure speed and size against a bare view (ONLY=event,booking)
	@tools/environment.sh dev
	@.venv/bin/python -m tools.bench $(if $(ONLY),ONLY=$(ONLY))

attack: ## Try to break in, shut out and lose (SECONDS=600, ONLY=outages,flood, SEED=1)
	@tools/environment.sh dev
	@.venv/bin/python -m tools.attack $(foreach word,SECONDS ONLY SEED DATABASES,\
		$(if $($(word)),$(word)=$($(word))))

lock: ## Lock the versions in requirements/*.in anew (UPGRADE=1: to the latest)
	@tools/environment.sh run
	@tools/lock.sh $(if $(UPGRADE),--upgrade)
