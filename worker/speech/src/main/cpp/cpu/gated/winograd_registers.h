// Products of tiles in vector registers, each added up from the first input to the last. Included once by a file that has
// defined what winograd_kernel.h needs; kRegisterTiles, and multiply_tiles() for up to that number of them.
#pragma once

#include "winograd_kernel.h"

namespace utter {

namespace {

// As multiply_point(), for up to kTiles tiles.
template <int kTiles, typename Number>
TARGET void multiply(const Number* inputs, int64_t stride, int64_t tiles, const Number* filters, int64_t count,
                     float* products) {
  if (tiles == kTiles) {
    multiply_tiles<kTiles>(inputs, stride, filters, count, products);
  } else if constexpr (kTiles > 1) {
    multiply<kTiles - 1>(inputs, stride, tiles, filters, count, products);
  }
}

template <typename Number>
TARGET void multiply_point(const Number* inputs, int64_t stride, int64_t tiles, const Number* filters, int64_t count,
                           float* products) {
  // In parts of about equal size.
  const int64_t parts = divide_up(tiles, kRegisterTiles);
  for (int64_t part = 0, first = 0; part < parts; part++) {
    const int64_t last = tiles * (part + 1) / parts;
    multiply<kRegisterTiles>(inputs + first * stride, stride, last - first, filters, count, products + first * 2 * kLanes);
    first = last;
  }
}

}  // namespace

}  // namespace utter
