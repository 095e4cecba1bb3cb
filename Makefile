# Everything runs in .venv, which is made when it is missing and filled from requirements.lock.
# Another Python:       make test PYTHON=python3.13
# More pytest options:  make test-quick PYTEST_ARGS="-k energy"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
SITE   := _build/html
FILE   := inpainting-with-a-classifier
NPM    := $(BIN)/python book/_ext/npm.py tools/javascript
PORT   ?= 8000
JOBS   ?= 2
PYTEST_ARGS ?=
SOAK_MINUTES ?= 60
SOAK_ARGS ?=

# One thread: the networks here are small, and OpenMP threads that wait for each other spin. On a busy machine with two
# cores, two threads were ten times slower than one. Tests run in JOBS processes instead.
export OMP_NUM_THREADS ?= 1

# Test files that would say the same without the full data.
SAME := $(foreach file,alt commands figures inputs packaging plain sentences site study_readings make,--ignore tests/test_$(file).py)

# Stored outputs are those of the bundled samples, whatever else is on the machine, so that anybody can compare them.
BUNDLED := env -u INPAINTLIB_DATA INPAINTLIB_CACHE="$(CURDIR)/_build/cache"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install book pdf epub site serve lab notebooks test test-beside test-pages test-quick test-bundled test-faults test-notebooks test-book test-live test-lab test-standalone soak lint wasm format lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-17s%s\n", $$1, $$2 }'

install: $(READY) ## make .venv and fill it from the lock (the other targets do this when needed)

$(READY): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --requirement requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

# Always from nothing: Sphinx would not notice a change in the package, nor repeat a warning of the last build.
book: $(READY) ## run the notebooks and build the book in _build/html; any warning fails
	rm -rf _build
	$(BIN)/jupyter-book build . -W --keep-going
	@test -f $(SITE)/index.html

$(SITE)/index.html:
	$(MAKE) book

# From the pages that the book's build left: no notebook is run again.
pdf: $(READY) $(SITE)/index.html ## print the built book as one PDF in _build/html (chromium)
	$(BIN)/python book/_ext/pdf.py $(SITE)

epub: $(READY) $(SITE)/index.html ## make an EPUB of the built book in _build/html
	$(BIN)/jupyter-book build . --builder custom --custom-builder epub -W --keep-going
	cp _build/epub/$(FILE).epub $(SITE)

site: book ## the book, and the same as one PDF and as an EPUB
	$(MAKE) --jobs=1 epub pdf

serve: $(READY) $(SITE)/index.html ## show the built book on localhost (PORT=8000)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

lab: $(READY) ## open the notebooks in JupyterLab
	$(BIN)/jupyter-lab notebooks

notebooks: $(READY) ## run the notebooks in place and store their text outputs (NOTEBOOKS="a.ipynb b.ipynb")
	$(BUNDLED) $(BIN)/python tools/store_outputs.py $(NOTEBOOKS)

# A build of the book and the test of its pages use one core, so what needs no book is tested beside them. test-standalone
# compares the notebooks' outputs, so test-notebooks, which is the same in this environment and quicker, is not repeated here.
test: $(READY) ## all tests: the package, faults, the built book, the live panels, JupyterLab, the notebooks alone and their outputs
	$(MAKE) test-quick
	$(BIN)/python book/_ext/npm.py book/web
	$(MAKE) --jobs=2 --output-sync=target test-book test-beside JOBS=1
	$(MAKE) test-standalone

test-beside: $(READY)
	$(MAKE) --jobs=1 test-live
	$(MAKE) --jobs=1 test-faults
	$(MAKE) --jobs=1 test-lab
	$(MAKE) --jobs=1 test-bundled

test-quick: $(READY) ## the package's unit tests only
	$(BIN)/python -m pytest tests --ignore tests/test_book.py --ignore tests/test_browser.py \
	    --ignore-glob 'tests/test_live_*.py' --ignore tests/test_jupyterlab.py \
	    --ignore tests/test_files.py --ignore tests/test_standalone.py --ignore tests/faults -n $(JOBS) $(PYTEST_ARGS)

test-bundled: $(READY)
	test -z "$(INPAINTLIB_DATA)" || env -u INPAINTLIB_DATA -u INPAINTLIB_REQUIRE_FULL_DATA $(MAKE) test-quick PYTEST_ARGS="$(SAME)"

test-faults: $(READY) ## a few random and hostile cases of each kind of fault, the same in every run
	$(BIN)/python -m pytest tests/faults

soak: $(READY) ## new cases of each kind for an hour (SOAK_MINUTES=60), counted (SOAK_ARGS="--store FILE --seed 7")
	PYTHONPATH=tests:book/_ext:book/live $(BIN)/python -m faults.soak --minutes $(SOAK_MINUTES) $(SOAK_ARGS)

test-notebooks: $(READY) ## run the notebooks and compare their text outputs with the stored ones
	$(BUNDLED) $(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout 300 --nbval-kernel-startup-timeout 300 \
	    -n $(JOBS) --dist loadfile notebooks

test-book: site ## build the book, its PDF and its EPUB, and check them, also in a browser (chromium)
	$(MAKE) test-pages

# Each process takes one half of the pages, so that each page is opened once.
test-pages: $(READY)
	INPAINTLIB_BOOK=$(SITE) $(BIN)/python -m pytest tests/test_book.py tests/test_sentences.py \
	    tests/test_browser.py tests/test_files.py -n $(JOBS) --dist worksteal

# Golden values are written once for a file, so each file stays in one process.
test-live: $(READY) ## what runs in the reader's browser: its engine in Node and in chromium, its panels in chromium
	$(BIN)/python book/_ext/npm.py book/web
	$(BIN)/python -m pytest tests/test_live_engine.py tests/test_live_panel.py tests/test_live_presets.py \
	    -n $(JOBS) --dist loadfile

test-lab: $(READY) ## two notebooks in a real JupyterLab, in a browser (chromium)
	$(BIN)/python -m pytest tests/test_jupyterlab.py

test-standalone: $(READY) ## each notebook alone in an empty folder, with the package as a wheel
	$(BIN)/python -m pytest tests/test_standalone.py -n $(JOBS)

lint: $(READY) ## ruff and mypy, and eslint and tsc for the pages' JavaScript; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(NPM) eslint/bin/eslint.js --config tools/javascript/eslint.config.js --max-warnings 0 book tests/faults tests/live tools
	$(NPM) typescript/bin/tsc --project tools/javascript
	$(NPM) ../multiply.mjs --check

wasm: $(READY) ## compile the pages' product of matrices after a change of book/live/multiply.wat
	$(NPM) ../multiply.mjs

format: $(READY) ## let ruff format and repair
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Versions for this platform only (no +cpu, no CUDA packages): pip adds what another platform's torch needs.
lock: $(READY) ## update requirements.lock from pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile \
	    --upgrade --upgrade-package torch==2.13.0 --output-file requirements.lock pyproject.toml
	sed -i.bak -E '/^(nvidia-|cuda-|triton)/d; s/^([a-z-]+==[0-9.]+)\+cpu/\1/' requirements.lock
	rm requirements.lock.bak

# By name, and only inside the project's own folders: what else lies here, such as a copy of a folder, is the user's.
clean: ## remove what was built and cached, but not .venv and no file of yours
	rm -rf _build book/web/node_modules tools/javascript/node_modules inpaintlib.egg-info \
	    .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find benchmarks book inpaintlib tests tools -type d -name __pycache__ -prune -exec rm -rf {} +
