// Eight floats with AVX2: see vectors.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

#define AVX2 __attribute__((target("avx2")))
#define VECTORS AVX2
#define INLINED __attribute__((target("avx2"), always_inline)) inline

namespace utter {

using Eight = __m256;
using Four = __m256d;

INLINED Eight all(float number) { return _mm256_set1_ps(number); }

INLINED Eight load_eight(const float* from) { return _mm256_loadu_ps(from); }

INLINED Eight load_eight(const int32_t* from) {
  return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

INLINED void store(Eight x, float* to) { _mm256_storeu_ps(to, x); }

INLINED void store_rounded(Eight first, Eight second, int16_t* to) {
  const __m256i packed = _mm256_packs_epi32(_mm256_cvtps_epi32(first), _mm256_cvtps_epi32(second));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permute4x64_epi64(packed, 0xd8));
}

INLINED Eight larger(Eight x, Eight y) { return _mm256_max_ps(x, y); }

INLINED Eight smaller(Eight x, Eight y) { return _mm256_min_ps(x, y); }

INLINED Eight negated(Eight x) { return _mm256_xor_ps(x, all(-0.f)); }

INLINED Eight magnitudes(Eight x) { return _mm256_andnot_ps(all(-0.f), x); }

INLINED Eight rounded(Eight x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

INLINED Eight powers_of_two(Eight n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}

INLINED bool has_nan(Eight x) { return _mm256_movemask_ps(_mm256_cmp_ps(x, x, _CMP_UNORD_Q)) != 0; }

INLINED Eight complex_products(Eight x, Eight y) {
  const Eight crossed = _mm256_permute_ps(x, 0xb1) * _mm256_movehdup_ps(y);
  return _mm256_addsub_ps(x * _mm256_moveldup_ps(y), crossed);
}

INLINED Four first_four(Eight x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }

INLINED Four last_four(Eight x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }

INLINED float hmax(Eight x) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

INLINED float hsum(Eight x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

INLINED double hsum(Four x) {
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

}  // namespace utter
