#include "quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "constants.h"
#include "vectors.h"

namespace utter {

namespace {

// silu(gate) * up
INLINED __m256 silu_mul_eight(__m256 gate, __m256 up) {
  const __m256 denominator = _mm256_add_ps(_mm256_set1_ps(1.f), exponential(_mm256_xor_ps(gate, _mm256_set1_ps(-0.f))));
  return _mm256_mul_ps(_mm256_div_ps(gate, denominator), up);
}

}  // namespace

AVX2 float quantize_row(const float* x, int64_t inputs, int64_t top, int16_t* quantized, int64_t width) {
  const __m256 sign = _mm256_set1_ps(-0.f);
  __m256 maxima = _mm256_setzero_ps();
  __m256 zeros = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    maxima = _mm256_max_ps(maxima, _mm256_andnot_ps(sign, eight));
    // NaN if any number is not finite; a maximum may hide that.
    zeros = _mm256_add_ps(zeros, _mm256_mul_ps(eight, _mm256_setzero_ps()));
  }
  float largest = hmax(maxima);
  bool finite = _mm256_movemask_ps(_mm256_cmp_ps(zeros, zeros, _CMP_UNORD_Q)) == 0;
  for (; i < inputs; i++) {
    largest = std::max(largest, std::fabs(x[i]));
    finite = finite && std::isfinite(x[i]);
  }
  if (!finite) {
    std::fill(quantized, quantized + width, 0);
    return std::numeric_limits<float>::quiet_NaN();
  }
  largest = std::max(largest, kMinMagnitude);
  const float last = static_cast<float>(top);
  const float inverse_scale = last / largest;
  const __m256 inverse_scales = _mm256_set1_ps(inverse_scale);
  for (i = 0; i + 16 <= inputs; i += 16) {
    const __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i), inverse_scales));
    const __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i + 8), inverse_scales));
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(quantized + i), packed);
  }
  for (; i < inputs; i++) {
    quantized[i] = static_cast<int16_t>(std::lrint(x[i] * inverse_scale));
  }
  std::fill(quantized + inputs, quantized + width, 0);
  return largest / last;
}

AVX2 float norm(const float* x, int64_t count) {
  __m256 squares = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    squares = _mm256_add_ps(squares, _mm256_mul_ps(eight, eight));
  }
  float total = hsum(squares);
  for (; i < count; i++) {
    total += x[i] * x[i];
  }
  return std::sqrt(total);
}

AVX2 void silu_mul(const float* gate, const float* up, int64_t count, float* result) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(result + i, silu_mul_eight(_mm256_loadu_ps(gate + i), _mm256_loadu_ps(up + i)));
  }
  if (i < count) {
    float last[3][8] = {};
    std::copy(gate + i, gate + count, last[0]);
    std::copy(up + i, up + count, last[1]);
    _mm256_storeu_ps(last[2], silu_mul_eight(_mm256_loadu_ps(last[0]), _mm256_loadu_ps(last[1])));
    std::copy(last[2], last[2] + (count - i), result + i);
  }
}

}  // namespace utter
