// How a block of a chain's elements is computed.
#pragma once

#include "support.h"

// Which of a stretched operand's elements a block holds.
typedef struct {
  size_t phase, part, count;
} kk_filling;

// What a thread keeps from block to block; `fillings` are 0 before the first.
typedef struct {
  float blocks[KK_CHAIN_OPERANDS + KK_CHAIN_TEMPORARIES][KK_BLOCK];
  const float *values[KK_CHAIN_OPERANDS + KK_CHAIN_TEMPORARIES];
  kk_filling fillings[KK_CHAIN_OPERANDS];
} kk_chain_blocks;

// Elements start ..< start + count of what the chain gives, KK_BLOCK at most: in `target`, or where that is NULL
// somewhere that holds until the next call. A chain without steps gives its operand.
const float *kk_chain_block(
    const kk_chain_plan *plan, const void *const *operands, size_t start, size_t count, float *target,
    kk_type stored, kk_chain_blocks *blocks);
