# The few verbs a person types; `make` alone lists them.

CONFIG  ?= config/demo.yaml
PYTHON  ?= python3
PROFILE ?= default
OPEN    ?= yes

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONNOUSERSITE := 1
export TF_CPP_MIN_LOG_LEVEL ?= 3
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help book pdf plan smoke data chapter lab weights test bench format lint unlock clean

# Where nobody watches, progress bars only fill the record.
ifeq ($(MAKE_TERMOUT),)
export TQDM_DISABLE ?= 1
endif

WORKSPACE = build/$(basename $(notdir $(CONFIG)))

# One build at a time in a workspace. The system drops the lock when its holder ends, however it
# ends, which Snakemake's own lock does not survive; hence --nolock.
define SNAKEMAKE
python -m workflow.scripts.build $(CONFIG) $(WORKSPACE) \
	snakemake --nolock --quiet host reason --workflow-profile workflow/profiles/$(PROFILE) \
	--config config=$(CONFIG) --
endef

help:  ## list these verbs
	@echo "usage: make VERB [CONFIG=config/demo.yaml]"
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

book: .venv/installed  ## compute what is lacking and build the report (CONFIG=..., PROFILE=slurm)
	@emolib check --config $(CONFIG)
	@page=$(WORKSPACE)/html/index.html; before=$$(stat -c %Y $$page 2>/dev/null || true)
	$(SNAKEMAKE) all
	if [ "$$(stat -c %Y $$page)" = "$$before" ]; then state="up to date"; else state="ready"; fi
	echo "The book is $$state: file://$$(realpath $$page)"
	if [ "$(OPEN)" = yes ] && [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
		xdg-open $$page >/dev/null 2>&1 &
	fi

pdf: .venv/installed  ## the report on paper, with numbered pages: build/NAME/report.pdf; needs Chromium (CONFIG=...)
	@python -m workflow.scripts.chromium
	emolib check --config $(CONFIG)
	$(SNAKEMAKE) pdf
	echo "The report on paper: file://$$(realpath $(WORKSPACE)/report.pdf)"

plan: .venv/installed  ## say what a build will cost before it runs: hours, disk, memory (CONFIG=...)
	@emolib plan --config $(CONFIG) $(P)

smoke:  ## the whole report as small as it can be, in some four minutes
	@$(MAKE) --no-print-directory book CONFIG=config/smoke.yaml

data: .venv/installed  ## only the corpus, the faces and their labels
	@emolib check --config $(CONFIG)
	$(SNAKEMAKE) data

# The stamp keeps one execution from replacing another.
chapter: .venv/installed  ## execute one chapter with other parameters: NAME=combined P="-p epochs 5"
	@test -n "$(NAME)" || { echo 'usage: make chapter NAME=combined [P="-p epochs 5"]'; exit 2; }
	test -f notebooks/$(NAME).md || { echo "notebooks/$(NAME).md: no such chapter"; exit 2; }
	emolib check --config $(CONFIG)
	$(SNAKEMAKE) prepared
	result=$(WORKSPACE)/chapters/$(NAME)-$$(date +%Y%m%d-%H%M%S).ipynb; mkdir -p $${result%/*}
	jupytext --quiet --to ipynb --output - notebooks/$(NAME).md \
		| papermill - $$result -k python3 -p config $(CONFIG) $(P)
	echo "The executed chapter: $$result"

# The configuration path makes a double click open a chapter as a notebook, here only.
lab: .venv/installed  ## JupyterLab on the chapters
	@JUPYTER_CONFIG_PATH=$(CURDIR)/workflow/jupyter jupyter lab --notebook-dir=. \
		--LabApp.default_url=/lab/tree/notebooks --LabApp.news_url= \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

weights: .venv/installed  ## pre-train the shipped backbone weights again, from nothing (an hour or two)
	@python -m emolib.models.pretraining

test: .venv/installed  ## every test, with a smoke book opened in a browser
	@python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: .venv/installed  ## speed and memory against named peers: NAMES="matching faces", or all; SHIP=yes for the book
	@python -m benchmarks $(NAMES) $(if $(SHIP),--ship)

format: .venv/installed  ## put the code into the house style
	@ruff check --fix . && ruff format .

lint: .venv/installed  ## style and spelling
	@ruff check . && ruff format --check . && codespell

unlock: .venv/installed  ## clear the lock of a build whose process or machine is gone (CONFIG=...)
	@python -m workflow.scripts.lock $(WORKSPACE)

clean:  ## remove what was built with CONFIG; the environment stays
	@rm -rf $(WORKSPACE)

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
		echo "emolib needs Python 3.11 or newer and $(PYTHON) is $$($(PYTHON) -V 2>&1); try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	echo "Installing the pinned packages into .venv (about 1.1 GB to fetch, two or three minutes) ..."
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
