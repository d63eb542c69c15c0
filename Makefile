# Every target is a thin line over `antipode <verb>` or a tool; `make help` lists them.
# STUDY names a file of data/studies; PYTHON another interpreter than the one found.
STUDY ?= sample
RUN ?= sample
RUBRIC ?= depth
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup tools score plan doctor audit rate tune schema test check format smoke bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## ?/  make \1\t/' | expand -t 18

setup: .venv/base  ## make .venv and install what a study needs (done by itself when needed)

tools: .venv/tools  ## the same, with what the tests need

score: .venv/base  ## run a study to its report, or go on with it: make score STUDY=api
	@$(BIN)/antipode score $(STUDY)

plan: .venv/base  ## what a study will ask and cost; checks all that is free: make plan STUDY=api
	@$(BIN)/antipode plan $(STUDY)

doctor: .venv/base  ## which keys, servers and files each study needs, and which are there
	@$(BIN)/antipode doctor $(if $(filter command line environment,$(origin STUDY)),$(STUDY))

audit: .venv/base  ## count a run again from its folder alone: make audit RUN=sample
	@$(BIN)/antipode audit $(RUN)

rate: .venv/base  ## the blind rating page for people: make rate STUDY=mine RATERS=anna,boris PORT=8766
	@$(BIN)/antipode rate $(STUDY) $(if $(RATERS),--raters "$(RATERS)") $(if $(PORT),--port $(PORT))

tune: .venv/base  ## judge a rubric's gold again and compare: make tune RUBRIC=depth STUDY=mine DEMOS=1
	@$(BIN)/antipode tune $(RUBRIC) $(if $(filter command line environment,$(origin STUDY)),$(STUDY)) $(if $(filter-out 0,$(DEMOS)),--demos)

schema: .venv/base  ## write the JSON schemas by which editors complete the YAML files
	@$(BIN)/antipode schema

test: .venv/tools  ## all tests but the smoke study
	@$(BIN)/python -m pytest -n auto --dist loadfile -m 'not smoke'

check: .venv/tools  ## format, lint, types, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n auto --dist loadfile -m 'not smoke'

format: .venv/tools  ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

smoke: .venv/tools  ## a study on real inference: tiny models, killed halfway, gone on with
	@$(BIN)/python -m pytest -m smoke

bench: .venv/tools  ## speed, beside the raw socket and the plain SDK in the same run
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.restart
	@$(BIN)/python -m benchmarks.audit
	@$(BIN)/python -m benchmarks.ladder
	@$(BIN)/python -m benchmarks.planted

lock: .venv/tools  ## remake both lock files (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --extra build -o requirements.lock pyproject.toml
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:  ## remove .venv and what tools left; runs and gold stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- set-up: again only when a lock has changed. uv where it is, else venv and pip.
define make_venv
	@if ! $(BIN)/python -c 'import sys' 2>/dev/null || \
	  ! { command -v uv || $(BIN)/python -m pip --version; } >/dev/null 2>&1; then \
	  rm -rf .venv; found=; for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; \
	    then found=$$p; break; fi; done; \
	  if [ -z "$$found" ]; then \
	    echo "no Python 3.11 to 3.14 found; install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 2; fi; \
	  echo "setting up .venv with $$($$found --version)" >&2; \
	  if command -v uv >/dev/null 2>&1; then uv venv -q --python "$$(command -v $$found)" .venv; \
	  elif ! $$found -m venv .venv 2>.venv-error; then rm -rf .venv; \
	    echo "$$found has no working venv module ($$(tail -n 1 .venv-error)); on Debian: apt-get install python3-venv" >&2; \
	    rm -f .venv-error; exit 2; fi; rm -f .venv-error; fi
endef
# The locks are whole: without resolving them again no installer trips over their extras.
define install
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r $(1) && \
	  uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r $(1) && \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
endef

.venv/base: requirements.lock pyproject.toml
	$(make_venv)
	$(call install,requirements.lock)

.venv/tools: requirements-dev.lock .venv/base
	$(call install,requirements-dev.lock)
