// Sixteen floats as two times eight. Included once by a file that has defined TARGET, its instruction set, and multiply_add and
// multiply_subtract of eight.
#pragma once

#include "../vectors.h"
#include "winograd.h"

namespace utter {

namespace {

#define LOCAL TARGET __attribute__((always_inline)) inline

struct Sixteen {
  Eight first;
  Eight last;
};

LOCAL Sixteen operator+(Sixteen x, Sixteen y) { return {x.first + y.first, x.last + y.last}; }

LOCAL Sixteen operator-(Sixteen x, Sixteen y) { return {x.first - y.first, x.last - y.last}; }

LOCAL Sixteen operator*(Sixteen x, Sixteen y) { return {x.first * y.first, x.last * y.last}; }

LOCAL Sixteen load_sixteen(const float* from) { return {load_eight(from), load_eight(from + 8)}; }

LOCAL void store(Sixteen x, float* to) {
  utter::store(x.first, to);
  utter::store(x.last, to + 8);
}

LOCAL Sixteen all_sixteen(float number) { return {all(number), all(number)}; }

LOCAL Sixteen multiply_add(Sixteen x, Sixteen y, Sixteen z) {
  return {multiply_add(x.first, y.first, z.first), multiply_add(x.last, y.last, z.last)};
}

LOCAL Sixteen multiply_subtract(Sixteen x, Sixteen y, Sixteen z) {
  return {multiply_subtract(x.first, y.first, z.first), multiply_subtract(x.last, y.last, z.last)};
}

LOCAL Sixteen sigmoid(Sixteen x) {
  return {all(1.f) / (all(1.f) + exponential(negated(x.first))), all(1.f) / (all(1.f) + exponential(negated(x.last)))};
}

// Tiles whose products with half of the filters fit the registers.
constexpr int kRegisterTiles = 6;

// Not inlined: where it is, GCC keeps the sums in memory.
template <int kTiles>
TARGET __attribute__((noinline)) void multiply_tiles(const float* inputs, int64_t stride, const float* filters, int64_t count,
                                                     float* products) {
  for (int64_t half = 0; half < 2 * kLanes; half += kLanes) {
    Eight sums[kTiles][2];
    for (int tile = 0; tile < kTiles; tile++) {
      sums[tile][0] = all(0.f);
      sums[tile][1] = all(0.f);
    }
    for (int64_t i = 0; i < count; i++) {
      const Eight first = load_eight(filters + i * 2 * kLanes + half);
      const Eight last = load_eight(filters + i * 2 * kLanes + half + 8);
      for (int tile = 0; tile < kTiles; tile++) {
        const Eight input = all(inputs[tile * stride + i]);
        sums[tile][0] = multiply_add(input, first, sums[tile][0]);
        sums[tile][1] = multiply_add(input, last, sums[tile][1]);
      }
    }
    for (int tile = 0; tile < kTiles; tile++) {
      utter::store(sums[tile][0], products + tile * 2 * kLanes + half);
      utter::store(sums[tile][1], products + tile * 2 * kLanes + half + 8);
    }
  }
}

}  // namespace

}  // namespace utter
