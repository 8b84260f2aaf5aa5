# Every command that the README names, and what CI runs. `make repro` needs Python 3.10 to 3.13, git and make, no more.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: install repro report-single test screenshots docs lint lint-js format format-js lock audit baseline rerun compare restore \
        pr-comment benchmark clean

# The environment alone, for those who download the results of others (`dvc pull`).
install: .venv/ready

# The check comes first, as DVC hashes a corpus before any stage reads it, and stops at a bad file in words of its own.
repro: .venv/ready
	@python -m stages.check report.yaml networks
	dvc repro
	@echo
	@echo "Metrics:      metrics/*.json         (dvc metrics show)"
	@echo "Plots:        plots/                 (dvc plots show)"
	@echo "Predictions:  data/predictions/      (recordings.csv, windows.csv)"
	@echo "Classifier:   models/classifier/"
	@echo "Report:       report/index.html      (open it in a browser)"

# The report of `make repro` as one file to mail, its media smaller and inside it.
FILE ?= report-single.html
report-single: .venv/ready
	@python -m project_echo.report.single_file report "$(FILE)"

test: .venv/ready
	python -m pytest

# The pictures of the pages in README and documentation, light and dark, taken by the tests in a real browser. Needs the report of `make repro`.
screenshots: .venv/ready
	SCREENSHOTS=docs/images python -m pytest tests/test_report_of_repro.py tests/project_echo/reviews/test_picture.py \
	    tests/project_echo/app/test_pictures.py

# The documentation as a site, site/index.html, with its generated pages; a warning is an error.
docs: .venv/ready
	@python -m docs.reference.generate
	zensical build --strict
	@echo "The site is in site/. With search: python -m http.server --directory site, then http://localhost:8000"

lint: .venv/ready
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-logo
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory lint-js; \
	 else echo "JavaScript is not checked, as npm is not installed (it comes with Node.js)"; fi

# The scripts of the pages: types, from their JSDoc comments, style and layout. Those of the review, of the report and
# of the app are checked as three programs, as they share no page.
lint-js: node_modules/.package-lock.json
	node_modules/.bin/tsc -p .
	node_modules/.bin/tsc -p project_echo/report
	node_modules/.bin/tsc -p project_echo/app
	node_modules/.bin/biome check --error-on-warnings

format: .venv/ready
	ruff check --fix .
	ruff format .
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory format-js; \
	 else echo "JavaScript is not formatted, as npm is not installed (it comes with Node.js)"; fi

format-js: node_modules/.package-lock.json
	node_modules/.bin/biome check --write

# What packages are built with, and uv. pip checks hashes only of what a requirements file lists, so it gets these lines.
.venv/bin/uv:
	@$(PYTHON) -m venv .venv
	@sed -nE '/^(packaging|setuptools|uv|wheel)==/,/[^\\]$$/p' requirements.txt \
	    | $(BIN)/python -m pip install --quiet --disable-pip-version-check -r /dev/stdin

# A first installation that was interrupted begins anew: pip would keep what it has installed in part.
.venv/ready: requirements.txt pyproject.toml | .venv/bin/uv
	@if [ -e .venv/installing ]; then rm -rf .venv && $(MAKE) --no-print-directory .venv/bin/uv; fi
	@[ -e $@ ] || touch .venv/installing
	@echo "Installing the pinned requirements into .venv (a few minutes the first time)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@rm -f .venv/installing && touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --loglevel=error > /dev/null
	@touch $@

# Pins with hashes, for all platforms and Python versions at once. Versions stay as they are where pyproject.toml allows
# it; UPGRADE="--upgrade" renews all of them, UPGRADE="--upgrade-package numpy" one. No index address is written.
lock: .venv/bin/uv
	uv pip compile --quiet --universal --python-version 3.10 --fork-strategy fewest --all-extras --group dev \
	    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE) \
	    pyproject.toml -o requirements.txt

# Known vulnerabilities of all pins, also those of other platforms and Python versions, by asking osv.dev. Nothing is
# installed. uv audits projects and scripts, so the pins are written as a script that requires them.
audit: .venv/bin/uv
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT \
	&& { echo '# /// script'; sed -n 's/^requires-python = /# &/p' pyproject.toml; echo '# dependencies = ['; \
	     sed -nE 's/^([a-z0-9].*[^ \\]).*/#   "\1",/p' requirements.txt; echo '# ]'; echo '# ///'; } > "$$folder/pins.py" \
	&& uv audit --preview-features audit-command --script "$$folder/pins.py"

# The first run and the rerun, as experiments that differ in these parameters only, run in a copy, so that the workspace
# stays as it is. SET adds to both, and SUFFIX to their names; paths in it must be absolute:
#   make baseline SUFFIX=-esc50 SET="-S collect.corpus=corpora/esc50.yaml -S collect.folder=/data/ESC-50 -S split.test=5"
# The first run trains the whole network, a minute or so for each draw of crossval, so it draws five times and not 100.
BASELINE := -S split.train=7 -S train.trainable=all -S train.head=dense -S train.head_units=256 -S augmentation.copies=0 \
    -S embed.blocks=[last] -S embed.bands=[1] -S embed.slices=1 -S embed.std=false -S embed.sqrt=false \
    -S crossval.draws=5 -S crossval.train_sizes=[7]
RERUN    := -S split.train=9 -S train.trainable=none -S train.head=logistic -S augmentation.copies=8 \
    -S embed.blocks=[6,10,13] -S embed.bands=[8,8,8] -S embed.slices=7 -S embed.std=false -S embed.sqrt=true

baseline: .venv/ready
	@dvc exp remove --quiet baseline$(SUFFIX) 2>/dev/null || true
	dvc exp run --temp --name baseline$(SUFFIX) $(BASELINE) $(SET)

rerun: .venv/ready
	@dvc exp remove --quiet rerun$(SUFFIX) 2>/dev/null || true
	dvc exp run --temp --name rerun$(SUFFIX) $(RERUN) $(SET)

# Both as tables, and in experiments/<name>/ what a report shows of them, to be committed.
compare: .venv/ready
	dvc exp show --drop '.*' --keep '^(Experiment|metrics/crossval.json:accuracy.value|map.value|correct|train.head)$$' --hide-workspace
	dvc params diff baseline$(SUFFIX) rerun$(SUFFIX)
	dvc metrics diff baseline$(SUFFIX) rerun$(SUFFIX)
	@echo
	@python -m project_echo.compare.experiments baseline$(SUFFIX) rerun$(SUFFIX) --keep experiments

# Back to the last commit after `dvc exp run`: params.yaml, corpora/, dvc.lock and whatever stages write, or nothing if
# DVC's cache lacks a part of it. Code and other files stay as they are.
restore: .venv/ready
	@python -m project_echo.compare.restore

# What a pull request changes since it left BASE, in Markdown, as the workflow comments it. Fails where a metric is below
# its floor (project_echo/compare/floors.yaml) or dvc.lock is stale.
BASE ?= main
pr-comment: .venv/ready
	@python -m project_echo.compare.pull_request "$(BASE)"

benchmark: .venv/ready
	python -m benchmarks.pipeline

clean:
	rm -rf .venv node_modules build site *.egg-info .pytest_cache .mypy_cache .ruff_cache
