// Convolution of tiles with AVX2 and FMA.
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))

#include "../vectors.h"

namespace utter {

namespace {

TARGET __attribute__((always_inline)) inline Eight multiply_add(Eight x, Eight y, Eight z) { return _mm256_fmadd_ps(x, y, z); }

TARGET __attribute__((always_inline)) inline Eight multiply_subtract(Eight x, Eight y, Eight z) {
  return _mm256_fnmadd_ps(x, y, z);
}

}  // namespace

}  // namespace utter

#include "winograd_eights.h"
#include "winograd_registers.h"

namespace utter {

const ConvolveTiles kConvolveAvx2 = &convolve_tiles<float>;

}  // namespace utter
