# The two commands: `make classify` and `make test`.

IMAGE ?= Examples/Pictures/cat.jpg
MODEL ?=
WEIGHTS ?=
OPTIONS ?=

# One build for both commands: tests look into modules, so all is compiled to let them.
build := swift build -c release -Xswiftc -enable-testing

.PHONY: classify test command packages format gpu-bundle

# Builds the command and names what is in a picture.
classify: command
	@.build/release/keras classify "$(IMAGE)" $(if $(MODEL),--model "$(MODEL)") $(if $(WEIGHTS),--weights "$(WEIGHTS)") $(OPTIONS) || { \
	  echo "Another picture, model or file of weights: make classify IMAGE=cat.jpg MODEL=resnet50 WEIGHTS=file.h5" >&2; \
	  exit 1; }

# Builds and runs every test, optimised: they compute whole networks.
test: packages
	$(build) --build-tests
	swift test -c release -Xswiftc -enable-testing --skip-build

command: packages
	@$(build) --product keras

packages:
	@Scripts/install-system-packages

# What Scripts/gpu-check takes along to a machine with a GPU.
gpu-bundle: packages
	$(build) --build-tests
	Scripts/gpu-bundle

format:
	swift format --in-place --recursive Sources Applications Weights Tests Package.swift
