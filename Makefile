# What people type. CMakePresets.json has the builds behind it.
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: all demo test bench deps build format clean
all: build

deps:
	@tools/install-deps

build: deps
	@cmake --preset $(PRESET) $(CMAKE_FLAGS) >$(or $(TMPDIR),/tmp)/necknode-configure.log 2>&1 || { cat $(or $(TMPDIR),/tmp)/necknode-configure.log; exit 1; }
	@cmake --build --preset $(PRESET)

demo: build
	@tools/demo $(BUILD)/necknode

test: build
	@ctest --preset $(PRESET) --no-tests=error -j $(shell nproc)

bench: build
	@bench/run $(BUILD)/necknode

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

clean:
	rm -rf build demo-out
