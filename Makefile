# The two commands: `make classify` and `make test`; for those who work on it `make format` and `make documentation`.

IMAGE ?= Examples/Pictures/cat.jpg
MODEL ?=
WEIGHTS ?=
OPTIONS ?=

# One build for both commands: tests look into modules, so all is compiled to let them.
build := swift build -c release -Xswiftc -enable-testing

.PHONY: classify test command packages format gpu-bundle documentation

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

# The articles of Sources/Keras/Keras.docc as a web site in .build/documentation.
documentation: packages
	@mkdir -p .build/documentation
	KERAS_DOCUMENTATION=1 swift package --allow-writing-to-directory .build/documentation \
	  generate-documentation --target Keras --transform-for-static-hosting --output-path .build/documentation

format:
	swift format --in-place --recursive Sources Applications Weights Tests Package.swift
