// Eight floats at a time with AVX2. Functions that need AVX2 are marked; the rest is compiled for any processor.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

#define AVX2 __attribute__((target("avx2")))
#define INLINED __attribute__((target("avx2"), always_inline)) inline

namespace utter {

// How far ahead of its use a matrix is fetched, in bytes.
constexpr int64_t kAhead = 1024;

template <typename Number>
INLINED Number load(const void* from) {
  Number number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

INLINED float hmax(__m256 numbers) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(numbers), _mm256_extractf128_ps(numbers, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

INLINED float hsum(__m256 numbers) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(numbers), _mm256_extractf128_ps(numbers, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

// e^x as in Cephes (expf): 2^n e^r, e^r by a polynomial. NaN stays NaN.
INLINED __m256 exponential(__m256 x) {
  x = _mm256_max_ps(_mm256_set1_ps(-87.f), _mm256_min_ps(_mm256_set1_ps(88.f), x));
  const __m256 n =
      _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_sub_ps(x, _mm256_mul_ps(n, _mm256_set1_ps(0.693359375f)));
  r = _mm256_sub_ps(r, _mm256_mul_ps(n, _mm256_set1_ps(-2.12194440e-4f)));
  __m256 y = _mm256_set1_ps(1.9875691500e-4f);
  for (const float term : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f}) {
    y = _mm256_add_ps(_mm256_mul_ps(y, r), _mm256_set1_ps(term));
  }
  y = _mm256_add_ps(_mm256_mul_ps(_mm256_mul_ps(r, r), y), _mm256_add_ps(r, _mm256_set1_ps(1.f)));
  const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(y, _mm256_castsi256_ps(power));
}

}  // namespace utter
