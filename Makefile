# Thin wrapper over Meson. `make run` and `make test` do all the set-up on a bare Debian 12 (as
# root, or with sudo).
#
#   make            build build/heihachi
#   make run        set up, build and analyse assets/demo.ogg (or TRACK=path); results in out/
#   make test       set up, build and run every short test; the last line is "N passed, N failed"
#   make test-long  the tests at every CPU level, with clang and under the sanitizers (the Python
#                   package too), every compiler's warnings as errors, clang-tidy, ten hours of
#                   sound through the real-time core, and the fuzz targets for a while
#   make parity     the worst error against librosa of every function of its name
#   make bench      measure against librosa, scipy, FFTW and aubio; writes build/bench.json
#   make firmware   run the real-time core on emulated Cortex-M processors; writes
#                   build/firmware.json
#   make coverage   line coverage of src/ by the tests
#   make wheel      the Python package: source and a self-contained wheel, in dist/
#   make install    install under PREFIX (default /usr/local)
#   make deps       install the Debian packages that are missing
#   make help       this list

BUILD  ?= build
PREFIX ?= /usr/local
TRACK  ?= assets/demo.ogg
MESON  := /usr/bin/meson

all: deps $(BUILD)/build.ninja
	ninja -C $(BUILD)

deps:
	tools/deps build

$(BUILD)/build.ninja: | deps
	$(MESON) setup $(BUILD) --prefix='$(PREFIX)'

run: all
	$(BUILD)/heihachi process '$(subst ','\'',$(TRACK))' --output out --plots

test: all
	tools/deps python test firmware
	tools/run-tests $(BUILD)

test-long: all
	tools/deps python test firmware long
	tools/run-tests-long

parity: all
	tools/deps test
	.venv/bin/python tests/librosa/parity_table.py $(BUILD)/heihachi

bench:
	tools/deps build test bench
	tools/run-bench

firmware: all
	tools/deps firmware
	tools/run-firmware $(BUILD)

coverage:
	tools/deps build test coverage
	tools/run-coverage

wheel:
	tools/deps build python
	tools/wheel

# Meson takes a new prefix at the next reconfiguration, which ninja runs.
install: all
	$(MESON) configure $(BUILD) --prefix='$(PREFIX)'
	ninja -C $(BUILD)
	$(MESON) install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#   //p' Makefile

# One thing at a time, also under make -j: what runs here uses every processor by itself.
.NOTPARALLEL:
.PHONY: all deps run test test-long parity bench firmware coverage wheel install clean help
