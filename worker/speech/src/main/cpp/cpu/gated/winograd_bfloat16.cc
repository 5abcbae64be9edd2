// Convolution of tiles in bfloat16 with AVX-512. Inputs and filters are rounded after their transforms.
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))

#include "winograd_bfloat16.h"

namespace utter {

namespace {

// Not inlined: where it is, GCC keeps the sums in memory.
template <int kTiles>
TARGET __attribute__((noinline)) void multiply_tiles(const Half* inputs, int64_t stride, const Half* filters, int64_t count,
                                                     float* products) {
  __m512 sums[kTiles][2];
  for (int tile = 0; tile < kTiles; tile++) {
    sums[tile][0] = _mm512_setzero_ps();
    sums[tile][1] = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < count; i += 2) {
    const auto values = (__m512bh)_mm512_loadu_si512(filters + i * 2 * kLanes);
    const auto gates = (__m512bh)_mm512_loadu_si512(filters + (i + 1) * 2 * kLanes);
    for (int tile = 0; tile < kTiles; tile++) {
      const auto pair = (__m512bh)_mm512_set1_epi32(load<int32_t>(inputs + tile * stride + i));
      sums[tile][0] = _mm512_dpbf16_ps(sums[tile][0], pair, values);
      sums[tile][1] = _mm512_dpbf16_ps(sums[tile][1], pair, gates);
    }
  }
  for (int tile = 0; tile < kTiles; tile++) {
    _mm512_storeu_ps(products + tile * 2 * kLanes, sums[tile][0]);
    _mm512_storeu_ps(products + tile * 2 * kLanes + kLanes, sums[tile][1]);
  }
}

}  // namespace

}  // namespace utter

#include "winograd_registers.h"

namespace utter {

const ConvolveTiles kConvolveBfloat16 = &convolve_tiles<Half>;

bool multiplies_bfloat16() { return __builtin_cpu_supports("avx512bf16"); }

}  // namespace utter
