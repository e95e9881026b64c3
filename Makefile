# HL-TOE: the commands of the project. `make help` lists them.
#
# A line `target: ## text` is what `make help` prints, and so is a line `#| text`.

PYTHON ?= python3
JOBS ?= 2
OUT_DEFAULT := out/sim
VENV_PYTHON := .venv/bin/python

# What may be given on the command line, target by target; anything else is a typing mistake.
OPTIONS_sim := FILE DIRECTION FAMILY LOSS DELAY_US SEED WAVES CAPTURE OUT SCENARIO CARD PINS PEER SENDING FIRMWARE
OPTIONS_live := CARD SECONDS FILE LOSS DELAY_US SEED WAVES OUT REPLAY
OPTIONS_test := K WAVES SEED JOBS CARD PINS
OPTIONS_test-nightly := $(OPTIONS_test)
OPTIONS_waves := OUT
OPTIONS_packetdrill := SUITE ON LIKE OUT
OPTIONS_formal := K
OPTIONS_coverage := K
OPTIONS_synth := MEMORY_BYTES
OPTIONS_speed := CARDS PINS WORKLOADS BYTES REQUESTS RUNS PROFILE OUT
OPTIONS_peers := EXPERIMENTS PEERS DIRECTIONS CARDS IMPAIRMENTS BYTES SEED SEEDS OUT
OPTIONS_scale := CONNECTIONS REQUESTS RUNS OUT
OPTIONS_protocol-speed := WORKLOADS SEGMENTS RUNS PROFILE OUT
GOALS := $(or $(MAKECMDGOALS),help)
ALLOWED := $(strip $(sort $(foreach goal,$(GOALS),$(OPTIONS_$(goal)))) PYTHON)
GIVEN := $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(ALLOWED) -*%,$(GIVEN))
ifneq ($(UNKNOWN),)
$(error make $(GOALS) has no option $(UNKNOWN); its options are: $(ALLOWED))
endif

# $(call quoted,text): text as one word of the shell, whatever it holds.
quoted = '$(subst ','\'',$(1))'
# $(call given,names): NAME=value of those that were given, on the command line or in the environment.
given = $(foreach name,$(1),$(if $(filter-out undefined default file,$(origin $(name))),$(call quoted,$(name)=$(value $(name)))))

.PHONY: help sim live test test-nightly formal synth coverage speed scale peers linux-peer waves lint registers clean ready packetdrill checklist

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2} /^#\| /{printf "  %19s %s\n", "", substr($$0, 4)}' Makefile

sim: ready ## Carry a file through the simulated card; results in out/sim
#|   FILE=path          the file to carry (default: one that comes with the project)
#|   DIRECTION=echo     send (default), receive or echo, as the host sees it
#|   FAMILY=ipv6        carry it over IPv6 (default ipv4)
#|   LOSS=0.02          probability that the link loses a frame (default 0)
#|   DELAY_US=50        one-way delay of the link in microseconds
#|   SEED=7             seed of everything random
#|   WAVES=100us:250us  1: all of the waveform (default); 0: none; from:to: a window of simulated time
#|   CAPTURE=0          neither capture nor timeline nor bus log, for long runs
#|   OUT=dir            where the results go (default out/sim)
#|   SCENARIO=my.py     another scenario, by name or as a Python file
#|   CARD=verilator     the card: RTL in icarus (default) or verilator, or its functional model
#|   PINS=cocotbext     pin by pin through cocotbext's models (default: transactor, whole frames and TLPs)
#|   PEER=linux         who is at the other end: simulated (default), lwip, linux, card,
#|                      replay:file.pcapng, or tap: this machine (with SCENARIO=, as root; see make live)
#|   SENDING=zero_copy  how the card sends: copy, zero_copy, sequential or simultaneous (default)
#|   FIRMWARE=lwip_like costs and packet buffers of the published port of lwIP (default: hl_tcp)
	@$(VENV_PYTHON) -m models.simulate $(call given,$(OPTIONS_sim))

live: ready ## The card as a server for programs of this machine (ping, curl, iperf3, a browser), as root
#|   CARD=icarus        the card: its functional model (default), or RTL in icarus or verilator
#|   FILE=path          a file that the card's web server offers, beside its page
#|   SECONDS=60         end after so much simulated time (default: at CTRL-C)
#|   LOSS=0.01          probability that the link loses a frame (default 0)
#|   DELAY_US=50        one-way delay of the link in microseconds (default 5)
#|   SEED=7             seed of everything random
#|   OUT=dir            where capture, recording and summary go (default out/live)
#|   WAVES=1            RTL: all of the waveform, or from:to in simulated time (default 0: none)
#|   REPLAY=out/live    what was recorded there once more, without root; in out/live-replay
	@$(VENV_PYTHON) -m models.live $(call given,$(OPTIONS_live))

test: ready ## Run the tests
#|   K=pattern          only tests whose name matches
#|   WAVES=1            keep waveform, save file and capture of each in out/test/<name>
#|   SEED=7             seed of the random tests
#|   JOBS=2             tests run side by side
#|   CARD=model         system tests on this card, PINS=cocotbext with these pins (as for make sim);
#|                      CARD=verilator: the RTL's benches too
	@env $(call given,SEED WAVES CARD PINS) $(PYTEST) $(SELECTED)

test-nightly: ready ## Run the tests at full depth, the long ones included; takes hours, options as for make test
#|   without K, CARD and PINS the tests that follow CARD come once more on verilator and model
	@status=0; \
	env NIGHTLY=1 $(call given,SEED WAVES CARD PINS) $(PYTEST) -m 'nightly or not nightly' $(SELECTED) || status=$$?; \
	for card in $(if $(value K)$(value CARD)$(value PINS),,verilator model); do \
		echo "CARD=$$card"; \
		env CARD=$$card $(call given,SEED WAVES) \
			$(PYTEST) tests/system $$([ $$card = model ] || echo tests/rtl) || status=$$?; \
	done; \
	exit $$status

PYTEST = $(VENV_PYTHON) -m pytest -n $(call quoted,$(JOBS))
SELECTED = $(if $(value K),-k $(call quoted,$(value K)))

speed: ready ## Time the simulation of each card; results in out/speed
#|   CARDS=model        only these (default icarus,verilator,model)
#|   PINS=cocotbext     how the RTL's ports are reached (default transactor; both: transactor,cocotbext)
#|   WORKLOADS=send     only these (default send,receive,requests)
#|   BYTES=65536        payload of send and receive (default 1 MiB)
#|   REQUESTS=100       number of small requests and responses (default 1000)
#|   RUNS=1             runs of each, of which the median counts (default 3)
#|   PROFILE=1          say where the time goes
#|   OUT=dir            where the results go (default out/speed)
	@$(VENV_PYTHON) -m bench.speed $(call given,$(OPTIONS_speed))

protocol-speed: ready ## Time the protocol alone, in segments a second; results in out/protocol_speed
#|   WORKLOADS=stream   only these (default stream,losses,requests)
#|   SEGMENTS=100000    segments of both directions together (default 20000)
#|   RUNS=1             runs of each, of which the median counts (default 3)
#|   PROFILE=1          say where the time goes
#|   OUT=dir            where the results go (default out/protocol_speed)
	@$(VENV_PYTHON) -m bench.protocol_speed $(call given,$(OPTIONS_protocol-speed))

scale: ready ## What a segment costs and a connection keeps, with ever more connections; results in out/scale
#|   CONNECTIONS=1,64   so many (default 1,64,1024,8192)
#|   REQUESTS=500       requests and responses on connections at random (default 2000)
#|   RUNS=1             runs of each, of which the fastest counts (default 3)
#|   OUT=dir            where the results go (default out/scale)
	@$(VENV_PYTHON) -m bench.scale $(call given,$(OPTIONS_scale))

peers: ready ## Carry data to and from each peer, and measure HL-TCP beside Linux; results in out/peers
#|   EXPERIMENTS=loss   only these (default transfer,line_rate,loss,fairness; all but the first need make linux-peer)
#|   PEERS=lwip         only these (default simulated,lwip,linux,card,replay)
#|   DIRECTIONS=echo    only these (default send,receive,echo)
#|   CARDS=icarus       on these cards (default model)
#|   IMPAIRMENTS=loss   only these (default none,loss,reorder,duplication)
#|   BYTES=20000        payload of each (default 100000)
#|   SEED=7             seed of everything random
#|   SEEDS=3            lossy paths of so many seeds (default 10)
#|   OUT=dir            where the results go (default out/peers)
	@$(VENV_PYTHON) -m bench.peers $(call given,$(OPTIONS_peers))

linux-peer: ready ## Build the kernel of the Linux peer, once for each machine (some minutes); kept in ~/.cache/hl-toe
	@$(VENV_PYTHON) -m models.network.linux.build

packetdrill: ready ## Run scripts in packetdrill's language on HL-TCP; results in out/packetdrill
#|   SUITE=path         a script or a folder of scripts (default tests/packetdrill)
#|   ON=model           what they run on: protocol (default), model (the whole card), or both
#|   LIKE=linux         with Linux's timers and buffers, which public suites presume
#|   OUT=dir            where the results go (default out/packetdrill)
	@$(VENV_PYTHON) -m models.packetdrill $(call given,$(OPTIONS_packetdrill))

checklist: ready ## Run the project's scripts and write docs/checklist.md: each requirement, its test, the result
	@$(VENV_PYTHON) -m models.packetdrill.checklist

waves: ## Open the waveform of the last run in GTKWave
#|   OUT=dir            where the run's results are (default out/sim)
	@out=$(call quoted,$(if $(value OUT),$(value OUT),$(OUT_DEFAULT))); \
	if [ ! -f "$$out/waves.fst" ]; then echo "no waveform in $$out: run 'make sim' first, without WAVES=0" >&2; exit 1; fi; \
	if ! command -v gtkwave >/dev/null; then echo "GTKWave is not installed: apt-get install gtkwave, or open $$out/waves.fst elsewhere" >&2; exit 1; fi; \
	if [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then echo "no display to open GTKWave on; the waveform is $$out/waves.fst" >&2; exit 1; fi; \
	cd "$$out" && exec gtkwave waves.fst waves.gtkw

formal: ready ## Prove properties of the RTL by induction; results in out/formal
#|   K=fifo             only proofs whose name contains this
	@$(VENV_PYTHON) -m tests.formal.prove $(if $(value K),$(call quoted,$(value K)))

synth: ready ## Synthesize the card for an FPGA; report in out/synth
#|   MEMORY_BYTES=65536 card memory, in bytes (default 65536: 4 MiB are more than an FPGA has in block RAM)
	@$(VENV_PYTHON) setup/synthesize.py $(call given,$(OPTIONS_synth))

coverage: ready ## Line coverage of the RTL by its benches, under Verilator; results in out/coverage
#|   K=dma              only benches whose name matches
	@$(VENV_PYTHON) -m tests.rtl.coverage $(if $(value K),$(call quoted,$(value K)))

lint: ready ## Check the RTL with Verilator -Wall and the Python with ruff
	@$(VENV_PYTHON) setup/lint_rtl.py
	@$(VENV_PYTHON) -m ruff check .

registers: ready ## Generate constants and pages from hdl/registers/*.rdl
	@$(VENV_PYTHON) hdl/registers/generate.py

clean: ## Remove all that runs and builds have left (not .venv)
	@rm -rf out .pytest_cache .ruff_cache .hypothesis
	@find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

CARDS_WANTED = $(if $(filter speed,$(GOALS)),$(or $(CARDS),verilator))$(if $(filter peers,$(GOALS)),$(CARDS))
LWIP_WANTED = $(if $(filter sim,$(GOALS)),$(filter lwip,$(PEER)))$(if $(filter peers,$(GOALS)),$(if $(PEERS),$(findstring lwip,$(PEERS)),lwip))
LWIP_WELCOME = $(if $(filter test test-nightly,$(GOALS)),lwip-if-permitted)

LIVE_WANTED = $(if $(filter live,$(GOALS)),$(if $(REPLAY),,live))$(if $(filter sim,$(GOALS)),$(if $(filter tap,$(PEER)),live))
LIVE_WELCOME = $(if $(filter test test-nightly,$(GOALS)),live-tests-if-permitted)

# Set-up: done once, then only a look at the stamp in .venv.
ready:
	@$(PYTHON) setup/environment.py $(if $(findstring verilator,$(CARD) $(CARDS_WANTED))$(filter coverage test-nightly,$(GOALS)),verilator) $(if $(filter formal synth test-nightly,$(GOALS)),yosys) $(LWIP_WANTED) $(LWIP_WELCOME) $(LIVE_WANTED) $(LIVE_WELCOME) $(if $(filter linux-peer,$(GOALS)),linux)
