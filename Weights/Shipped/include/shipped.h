#pragma once

#include <stddef.h>

/// A file that is part of every program made with this package. It lies in pages that nobody reads before they are asked
/// for.
typedef struct {
  const void *_Nonnull start;
  size_t size;
} ShippedFile;

/// `cifar10_resnet20.keras`.
ShippedFile shipped_cifar10_resnet20(void);
