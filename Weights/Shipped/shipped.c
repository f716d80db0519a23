#include "shipped.h"

// In the compilers of all toolchains that this package takes, though it is named after a later standard.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const _Alignas(64) unsigned char cifar10_resnet20[] = {
#embed "cifar10_resnet20.keras"
};

ShippedFile shipped_cifar10_resnet20(void) {
  return (ShippedFile){cifar10_resnet20, sizeof cifar10_resnet20};
}
