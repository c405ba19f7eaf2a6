# make run · make test · make lab · make emoticon · make game · make kernel · make bench
#
# make emoticon PORT=7870   (also game) serves the page on that port; SHARE=1 makes a public address
# make run NOTEBOOKS="01 02" PROFILE=smoke|quick|full DATASET=fer2013 DATA=path
# make run NOTEBOOKS=07 TARGET=path   takes a folder of class folders as the small data set
# make PYTHON=python3.12 run   chooses the Python that the environment is made from

PYTHON    ?= python3
PROFILE   ?= quick
NOTEBOOKS ?=
DATASET   ?=
DATA      ?=
TARGET    ?=
PORT      ?=
SHARE     ?=

BIN := .venv/bin
# A visible NVIDIA GPU selects the CUDA build by itself.
REQUIREMENTS := $(if $(shell nvidia-smi -L 2>/dev/null),requirements-gpu.txt,requirements.txt)
READY := .venv/.ready-$(basename $(REQUIREMENTS))

.PHONY: run test lab emoticon game kernel bench

run: $(READY)
	@$(BIN)/python -m fer.notebooks run $(NOTEBOOKS) --profile $(PROFILE) \
		$(if $(DATASET),--dataset "$(DATASET)") $(if $(DATA),--data "$(DATA)") \
		$(if $(TARGET),--target "$(TARGET)")

test: $(READY) .venv/.ready-cluster
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

lab: $(READY)
	$(BIN)/python -m jupyterlab notebooks

emoticon game: $(READY)
	@$(BIN)/python -m fer.apps.$@ $(if $(PORT),--port $(PORT)) $(if $(SHARE),--share)

kernel: $(READY)
	$(BIN)/python -m fer.kernel install --user

$(READY): requirements.txt requirements-gpu.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`." \
		  "Name another one: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ echo "The venv module is missing. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing $(REQUIREMENTS) into .venv: a few minutes and about 3 GB, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $(REQUIREMENTS)
	@$(BIN)/python -m fer.kernel install
	@touch $@

# The tests also train on a local Ray cluster.
.venv/.ready-cluster: requirements-cluster.txt $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
