# What people type. CMakePresets.json has the builds behind it.
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: all demo test bench soak deps configure build program format clean
all: build

deps:
	@tools/install-deps

configure: deps
	@cmake --preset $(PRESET) $(CMAKE_FLAGS) >$(or $(TMPDIR),/tmp)/necknode-configure.log 2>&1 || { cat $(or $(TMPDIR),/tmp)/necknode-configure.log; exit 1; }

build: configure
	@cmake --build --preset $(PRESET)

# Without the tests, which take longer to build than the program.
program: configure
	@cmake --build --preset $(PRESET) --target necknode

demo: program
	@tools/demo $(BUILD)/necknode

test: build
	@ctest --preset $(PRESET) --no-tests=error -j $(shell nproc)

bench: program
	@bench/run $(BUILD)/necknode

# A thousand kills of a running node (can be interrupted and goes on), ten thousand associations, hostile peers, and
# PixelMed's validator over every kind of report and every character set.
soak: program
	@cmake --build --preset $(PRESET) --target test_sr_writer_pixelmed
	@NECKNODE_SOAK=1 $(BUILD)/test_sr_writer_pixelmed
	@NECKNODE=$(BUILD)/necknode tests/e2e/load.py
	@NECKNODE=$(BUILD)/necknode tests/e2e/soak.py --cycles 1000 --folder build/soak

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

clean:
	rm -rf build demo-out
