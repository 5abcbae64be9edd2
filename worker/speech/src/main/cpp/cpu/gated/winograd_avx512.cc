// Convolution of tiles with AVX-512.
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))

#include "winograd_avx512.h"

namespace utter {

namespace {

// With masks, because GCC 12 warns that the plain instructions read an uninitialized vector.
template <int kHalf>
LOCAL Eight half(Sixteen x) {
  return _mm512_maskz_extractf32x8_ps(0xff, x, kHalf);
}

LOCAL Sixteen sigmoid(Sixteen x) {
  const Sixteen first = _mm512_maskz_broadcast_f32x8(0xffff, exponential(negated(half<0>(x))));
  const Sixteen both = _mm512_maskz_insertf32x8(0xffff, first, exponential(negated(half<1>(x))), 1);
  return all_sixteen(1.f) / (all_sixteen(1.f) + both);
}

// Not inlined: where it is, GCC keeps the sums in memory.
template <int kTiles>
TARGET __attribute__((noinline)) void multiply_tiles(const float* inputs, int64_t stride, const float* filters, int64_t count,
                                                     float* products) {
  Sixteen sums[kTiles][2];
  for (int tile = 0; tile < kTiles; tile++) {
    sums[tile][0] = _mm512_setzero_ps();
    sums[tile][1] = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < count; i++) {
    const Sixteen values = _mm512_loadu_ps(filters + i * 2 * kLanes);
    const Sixteen gates = _mm512_loadu_ps(filters + i * 2 * kLanes + kLanes);
    for (int tile = 0; tile < kTiles; tile++) {
      const Sixteen input = _mm512_set1_ps(inputs[tile * stride + i]);
      sums[tile][0] = _mm512_fmadd_ps(input, values, sums[tile][0]);
      sums[tile][1] = _mm512_fmadd_ps(input, gates, sums[tile][1]);
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

const ConvolveTiles kConvolveAvx512 = &convolve_tiles<float>;

}  // namespace utter
