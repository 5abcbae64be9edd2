// Sixteen floats with AVX-512. Included once by a file that has defined TARGET, its instruction set.
#pragma once

#include <immintrin.h>

#include "../vectors.h"
#include "winograd.h"

namespace utter {

namespace {

#define LOCAL TARGET __attribute__((always_inline)) inline

using Sixteen = __m512;

LOCAL Sixteen load_sixteen(const float* from) { return _mm512_loadu_ps(from); }

LOCAL void store(Sixteen x, float* to) { _mm512_storeu_ps(to, x); }

LOCAL Sixteen all_sixteen(float number) { return _mm512_set1_ps(number); }

LOCAL Sixteen multiply_add(Sixteen x, Sixteen y, Sixteen z) { return _mm512_fmadd_ps(x, y, z); }

LOCAL Sixteen multiply_subtract(Sixteen x, Sixteen y, Sixteen z) { return _mm512_fnmadd_ps(x, y, z); }

// Tiles whose products fit the registers.
constexpr int kRegisterTiles = 12;

}  // namespace

}  // namespace utter
