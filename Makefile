# SPDX-License-Identifier: GPL-2.0-only
#
# McKernel: a lightweight kernel beside a stock Linux. `make help` lists the targets.
# Everything that is built or downloaded lies below build/.

TOP := $(CURDIR)
BUILD := $(TOP)/build
KERNELS := 6.1 6.12
PREFIX ?= /usr/local
export TOP BUILD PREFIX

BUILD_ID := $(BUILD)/gen/build_id.h

# One part after the other, each on all CPUs.
.NOTPARALLEL:
MAKEFLAGS += -j$(shell nproc)

.PHONY: all help deps sandbox modules lwk user run shell test check unit boot apps fuzz bench \
	endure selftests install uninstall clean distclean build-id guest-tests lwk-debug
all: modules lwk user

help:
	@sed -n 's/^#: //p' Makefile

#: make run       build, boot the sandbox, boot an LWK in it, show both kernels, stop
run: all
	sandbox/demo

#: make shell     interactive shell in the sandbox (VM="--cpus 8 --kernel 6.12 ...")
shell: all
	sandbox/vm shell $(VM)

#: make test      everything below; ends in a summary. One test: make test T=NAME
# What the machines need is fetched and built beside the tests that need no machine; those
# build on the user tools.
test: build-id user
	tests/run --prepare '$(MAKE) --no-print-directory all guest-tests' $(if $(T),-k $(T))

#: make check     mechanical checks of the sources
check: deps build-id
	scripts/check

#: make unit      unit tests under sanitizers
unit: deps build-id
	tests/run --kind unit $(if $(T),-k $(T))

#: make boot      tests in the sandbox
boot: all guest-tests
	tests/run --kind boot $(if $(T),-k $(T))

#: make apps      programs, on Linux and on the LWK
apps: all guest-tests
	tests/run --kind apps $(if $(T),-k $(T))

#: make fuzz      the fuzzers, for longer than make unit runs them
fuzz: deps build-id
	$(MAKE) -C tests/unit fuzz

#: make bench     measurements, written as tables to build/bench/. One part: make bench P=calls
bench: all guest-tests
	@scripts/install-deps gnuplot-nox
	bench/run $(if $(P),--part $(P))

#: make endure    ten thousand runs of a small program: nothing is left of them. N=COUNT: others
endure: all guest-tests
	sandbox/vm run --name endure $(VM) bash /mckernel/tests/boot/proc-endure.sh $(or $(N),10000)

#: make selftests Linux's own selftests, on Linux and on the LWK. Some of them: make selftests T='x86-*'
selftests: all guest-tests
	tests/selftests/build
	sandbox/vm run --name selftests $(VM) bash /mckernel/tests/selftests/run.sh $(if $(T),'$(T)')
	tests/selftests/compare $(if $(T),'$(T)')

#: make install   modules for the running kernel, LWK image, tools, man pages, to PREFIX;
#:                make uninstall removes them
install: build-id lwk user
	scripts/install

uninstall:
	scripts/install --uninstall

deps:
	@scripts/install-deps

sandbox: deps
	@sandbox/fetch

build-id:
	@scripts/build-tree $(BUILD)
	@scripts/build-id $(BUILD_ID)

modules: $(KERNELS:%=modules-%)

modules-%: sandbox build-id
	@$(MAKE) --no-print-directory -C host KVER=$* KDIR=$(BUILD)/sandbox/kernel/$*/build

lwk: deps build-id
	@$(MAKE) --no-print-directory -C lwk

user: deps build-id
	@$(MAKE) --no-print-directory -C user

# With checks that cost time: for tests that look for what they find.
lwk-debug: deps build-id
	@$(MAKE) --no-print-directory -C lwk BUILD_TYPE=debug OUT=$(BUILD)/lwk-debug

guest-tests: sandbox user lwk-debug
	@sandbox/fetch go
	@$(MAKE) --no-print-directory -C tests KERNELS="$(KERNELS)"

#: make clean     remove what was built; make distclean: also what was downloaded
clean:
	rm -rf $(filter-out $(BUILD)/sandbox,$(wildcard $(BUILD)/*))

distclean:
	rm -rf $(BUILD)
