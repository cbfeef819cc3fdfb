# The README's two commands. Each is complete on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.PHONY: demo docs test test-slow setup lint format bench clean

demo: setup  ## Two minutes: a map, sixteen new sounds and a page, from sounds that timbrel makes
	$(BIN)/timbrel demo --out timbrel-demo

test: setup lint  ## Everything that must hold before a change lands
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: setup  ## What takes longer: experiments, a cluster, exports, the page in a browser, kills, tutorials
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m slow

setup: $(STAMP)

# torch first and by its exact version: any looser wish would fetch gigabytes for graphics cards
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "timbrel needs Python 3.11 or newer; say make setup PYTHON=python3.12, for instance"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/pip install --quiet --no-compile -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e '.[all,dev]'
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e '.[visqol]' || \
		echo "no C++ compiler here: reports go without ViSQOL, all else works"
	touch $(STAMP)

docs: setup  ## The documentation as a site, in build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell src tests docs README.md CHANGELOG.md

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: demo  ## The tables of benchmarks/; they take minutes and decide nothing
	for name in griffin_lim scan pick training autoencoders spectral_autoencoders adversarial catch_a_waveform phase search search_index map duplicates floors; do \
		echo "== $$name"; THP_MEM_ALLOC_ENABLE=1 $(BIN)/python benchmarks/$$name.py || exit 1; done

clean:
	rm -rf $(VENV) build dist timbrel-demo
