# Everything is set up inside the checkout: .venv (Python), node_modules (Node), .tools (Kubo, clients under test, audit tools).
# Node, Go, Chromium and the audit tools are optional: without them the tests that need them skip and say so. With CI=true a
# missing part is a failure.

PYTHON ?= python3
PY := .venv/bin/python
PYTEST := $(PY) -m pytest -q
INSTALL := $(PY) -m requirements.install
# A third process uses the time in which the others wait; by file, what a module needs is started once.
BY_FILE := -n 3 --dist loadfile
FAST := tests/unit tests/test_architecture.py
KUBO_PKG := github.com/ipfs/kubo/cmd/ipfs
.DELETE_ON_ERROR:
# Without compiled modules, pytest's rewritten tests among them, each of many processes spends seconds on making them.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup node kubo pips clients browser audit-tools demo everything test test-fast test-busy test-long bench bench-gas bench-read deploy-rehearsal lambda lambda-runtime layout lint format abi lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/ready  ## the Python part: .venv with the locked dependencies and dipmp itself

.venv/ready: requirements/dev.txt pyproject.toml
	@echo "--- setting up .venv from requirements/dev.txt (hashes checked)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dipmp needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(INSTALL) requirements/dev.txt
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

node: node_modules/ready  ## the Node part: anvil, forge, solc, osls, playwright-core and axe-core from package-lock.json

node_modules/ready: package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "--- setting up node_modules from package-lock.json" && \
	  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; \
	elif [ "$$CI" = true ]; then echo "npm is needed in CI" >&2; exit 1; \
	else echo "--- npm is not installed: the tests that need anvil, forge, solc or Chromium will skip"; fi

kubo: .tools/bin/ipfs  ## the Go part: Kubo, built from the pinned module in tests/kubo

.tools/bin/ipfs: tests/kubo/go.mod tests/kubo/go.sum
	@if command -v go >/dev/null; then \
	  echo "--- building Kubo (a few minutes the first time)" && mkdir -p .tools/bin && \
	  cd tests/kubo && GOFLAGS=-mod=readonly go build -trimpath -buildvcs=false -o ../../.tools/bin/ipfs $(KUBO_PKG); \
	elif [ "$$CI" = true ]; then echo "go is needed in CI" >&2; exit 1; \
	else echo "--- go is not installed: the tests that need Kubo will skip"; fi

browser: node  ## Chromium for the tests of pages: what is installed, or with CI=true and as root Debian's package
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then :; \
	elif [ "$$CI" = true ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "--- installing Debian's chromium" && apt-get update -q && \
	  apt-get install -y -q --no-install-recommends chromium fonts-liberation; \
	elif [ "$$CI" = true ]; then echo "chromium is needed in CI" >&2; exit 1; \
	else echo "--- chromium is not installed: the tests that open pages in it will skip"; fi

pips: .tools/pip-oldest/ready .tools/pip-newest/ready  ## the pip versions under test

.tools/pip-%/ready: requirements/pip-%.txt .venv/ready
	@mkdir -p $(@D)
	$(INSTALL) $< --target $(@D)
	@touch $@

audit-tools: .tools/audit/ready .tools/checkov/ready  ## halmos and slither, and checkov, in environments of their own

.tools/audit/ready: requirements/audit.txt .venv/ready
	@echo "--- setting up .tools/audit from requirements/audit.txt (hashes checked)"
	@if $(PY) -m venv --clear --without-pip $(@D) && $(INSTALL) $< --python $(@D)/bin/python; then touch $@; \
	elif [ "$$CI" = true ]; then echo "halmos and slither are needed in CI" >&2; exit 1; \
	else echo "--- halmos and slither do not install here: the tests that need them will skip"; fi

.tools/checkov/ready: requirements/checkov.txt .venv/ready
	@echo "--- setting up .tools/checkov from requirements/checkov.txt (hashes checked)"
	@if $(PY) -m venv --clear --without-pip $(@D) && $(INSTALL) $< --python $(@D)/bin/python; then touch $@; \
	elif [ "$$CI" = true ]; then echo "checkov is needed in CI" >&2; exit 1; \
	else echo "--- checkov does not install here: the test that needs it will skip"; fi

deploy-rehearsal: setup node  ## sls deploy, info and remove against an AWS on loopback: STAGE=dev, PARAMS="NAME=VALUE …"
	$(PY) -m tests.support.aws.rehearsal $(or $(STAGE),dev) $(PARAMS)

lambda-runtime: .venv/ready  ## Lambda's runtime client and SDK, for the newest Python that there is
	@$(PY) -m tests.support.lambda_runtime.install

lambda: setup lambda-runtime  ## the artifact under Lambda's runtime client on this machine, against dipmp dev or ETH_GATEWAY and IPFS_GATEWAY
	$(PY) -m tests.support.lambda_runtime

CLIENTS := poetry pdm hatch twine flit
clients: $(CLIENTS:%=.tools/client-%/ready)  ## Poetry, pdm, hatch, twine and flit under test

.tools/client-%/ready: requirements/client-%.txt .venv/ready
	$(PY) -m venv --clear --without-pip $(@D)
	$(INSTALL) $< --python $(@D)/bin/python
	@touch $@

demo: setup pips  ## the main job: publish real packages to a chain and install them back
	$(PY) -m tests.e2e.demo

everything: setup node kubo pips clients lambda-runtime browser audit-tools lint

test:  ## everything but the long tests
	$(MAKE) --no-print-directory -j 3 everything
	@# The files that take longest come first: here in the order of the folders, then by the number of their tests.
	$(PYTEST) $(BY_FILE) --no-loadscope-reorder -m "not long and not e2e"
	$(PYTEST) $(BY_FILE) -m "e2e and not long"

test-fast: setup  ## under a minute, while coding: no network, no Node, few examples of each property
	HYPOTHESIS_PROFILE=fast $(PYTEST) -n 2 -m "not slow and not long and not evm and not node and not kubo" $(FAST)

test-busy: setup node kubo pips clients  ## the fast suite, the faults and the end-to-end tests with four busy loops beside them
	$(PY) -m tests.support.programs.busy 4 -- $(PYTEST) -n 2 --dist loadfile -m "not long" $(FAST) tests/faults tests/e2e

test-long: setup node kubo pips clients audit-tools  ## what takes too long for every run, and many more examples of each property
	HYPOTHESIS_PROFILE=explore $(PYTEST) -n 2 -m "hypothesis and not long" --timeout 7200
	$(PYTEST) -m long --timeout 7200

.PHONY: mutants
mutants: setup node  ## change the contracts in every small way; the tests have to notice
	$(PY) contract/mutate.py

bench: setup  ## ratios of our costs to plain ones, each pair measured in one run
	$(PY) -m bench.content
	$(PY) -m bench.folding

bench-read: setup .tools/bench/ready  ## requests per second against bare FastAPI, proxpi and nginx (needs wrk and nginx)
	$(PY) -m bench.read

.tools/bench/ready: requirements/bench.txt .venv/ready
	$(PY) -m venv --clear --without-pip $(@D)
	$(INSTALL) $< --python $(@D)/bin/python
	@touch $@

.PHONY: recording
recording: setup  ## write docs/recording.txt: a publish on a terminal, against dipmp dev
	$(PY) -m tests.e2e.recording

.PHONY: bench-publish
bench-publish: setup  ## a whole dipmp-publish of one wheel, apart from chain and network, beside `import web3` alone
	$(PY) -m bench.publish

.PHONY: bench-cold
bench-cold: setup  ## cold starts and warm calls of the Lambda artifact against bare FastAPI + Mangum, and its size
	$(PY) -m bench.cold

bench-gas: setup node  ## gas of the contract's layout next to three others, in one run on anvil
	$(PY) -m bench.gas

STAGES := dev prod
PIN := 0x000000000000000000000000000000000000dEaD
.PHONY: costs
costs: setup node  ## what each stage costs: writes docs/costs.md, fails where a day can cost more than the stage allows
	for stage in $(STAGES); do \
	  NODE_NO_WARNINGS=1 DIPMP_BUNDLE=skip node_modules/.bin/sls package --stage $$stage --package build/template-$$stage \
	    --param pinned=$(PIN) >/dev/null || exit 1; \
	done
	$(PY) -m infra.costs --check --write docs/costs.md \
	  $(foreach stage,$(STAGES),$(stage)=build/template-$(stage)/cloudformation-template-update-stack.json)

layout: setup  ## rooms, floors and arrows of the code
	@$(PY) -m tests.layout

lint: setup  ## ruff and mypy --strict
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: setup  ## rewrite with ruff
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

abi: setup node  ## compile the contract into dipmp_lib/ethereum/abi
	$(PY) contract/build.py

lock: setup  ## rewrite requirements/*.txt from pyproject.toml
	$(PY) -m requirements.lock

clean:  ## remove what the other targets made
	rm -rf .venv node_modules .tools .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build .serverless
