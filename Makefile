# SPDX-License-Identifier: Apache-2.0
# One word per chore. `make demo` shows the protocol, `make test` runs every test; both install
# the Debian packages they miss (as root or with sudo) and keep Python helpers in .venv.

BUILD_PACKAGES = libevent-dev libssl-dev
TEST_PACKAGES  = python3-venv openssl curl glewlwyd sqlite3
BENCH_PACKAGES = python3-venv openssl nginx wrk

PYTHON   = .venv/bin/python
PYTEST   = $(PYTHON) -m pytest -c Tests/EndToEnd/pytest.ini --rootdir Tests/EndToEnd
GATEWAY  = .build/debug/attestgate

.PHONY: demo build release test unit end-to-end fuzz test-long rules lint docs bench test-sanitizers \
        test-address test-thread build-packages test-packages bench-packages clean

demo: build
	$(GATEWAY) demo

build: build-packages
	swift build

release: build-packages
	swift build -c release --static-swift-stdlib --product attestgate

test: unit rules end-to-end

.NOTPARALLEL:

unit: build-packages
	swift build --build-tests
	swift test --skip-build --disable-xctest

# Needs the debug build of `unit` or `build`.
end-to-end: test-packages .venv/installed
	@test -x $(GATEWAY) || $(MAKE) build
	ATTESTGATE_BINARY=$(abspath $(GATEWAY)) $(PYTEST) Tests/EndToEnd

# Ten minutes for each reader of octets from outside; `Tests/Fuzz/run --prove` shows that the
# fuzzers are not blind.
fuzz: build-packages
	Tests/Fuzz/run

# What takes too long for every change: fuzzing, the verifier without each of its checks in turn,
# and the properties with more random choices. Stopped, it goes on with the mutants where it was.
test-long: fuzz
	Tests/mutations
	swift build --build-tests
	PROPERTY_ROUNDS=200 swift test --skip-build --disable-xctest --filter PropertyTests

# The rules of the protocol with and without a test.
rules:
	@Tests/rule-coverage

lint:
	swift format lint --strict --recursive --parallel Sources Tests Examples Package.swift \
		Benchmarks/Kernel Benchmarks/Package.swift

# The library's manual; every public declaration must have its comment.
docs: build
	@.ci/docs

# SwiftPM looks for new files of the package beside only when the manifest is newer.
bench: bench-packages release .venv/installed
	@touch Benchmarks/Package.swift
	swift build -c release --package-path Benchmarks --product kernel
	$(PYTHON) Benchmarks/run

test-sanitizers: test-address test-thread

test-address: SUITE_ENV = LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp,print_suppressions=0
test-address: test-packages build-packages .venv/installed
	$(call sanitized,address)

test-thread: test-packages build-packages .venv/installed
	$(call sanitized,thread)

define sanitized
swift build --build-tests --sanitize=$(1) --scratch-path .build/$(1)
$(SUITE_ENV) swift test --skip-build --sanitize=$(1) --scratch-path .build/$(1) --disable-xctest
$(SUITE_ENV) ATTESTGATE_BINARY=$(CURDIR)/.build/$(1)/debug/attestgate $(PYTEST) Tests/EndToEnd
endef

build-packages:
	@.ci/install-packages $(BUILD_PACKAGES)

test-packages:
	@.ci/install-packages $(TEST_PACKAGES)

bench-packages:
	@.ci/install-packages $(BENCH_PACKAGES)

# Debian's own python3, for which python3-venv is the package; the file marks a complete install.
.venv/installed: Tests/EndToEnd/requirements.txt
	@.ci/install-packages python3-venv
	@rm -rf .venv
	/usr/bin/python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

clean:
	rm -rf .build .venv
