#include "int4.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "packed.h"
#include "team.h"
#include "vectors.h"

namespace utter {

namespace {

// The numbers of eight weights with this scale, as floats.
INLINED __m256 rounded(__m256 weights, float inverse) {
  const __m256 numbers =
      _mm256_round_ps(_mm256_mul_ps(weights, _mm256_set1_ps(inverse)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_max_ps(_mm256_set1_ps(kInt4Min), _mm256_min_ps(_mm256_set1_ps(kInt4Max), numbers));
}

// The weight of a group that is farthest from zero, the positive one of two.
AVX2 float extreme(const float* w) {
  __m256 largest = _mm256_loadu_ps(w);
  __m256 smallest = largest;
  for (int64_t i = 8; i < kInt4GroupInputs; i += 8) {
    largest = _mm256_max_ps(largest, _mm256_loadu_ps(w + i));
    smallest = _mm256_min_ps(smallest, _mm256_loadu_ps(w + i));
  }
  const float above = hmax(largest);
  const float below = hmax(_mm256_xor_ps(smallest, _mm256_set1_ps(-0.f)));
  return above >= below ? above : -below;
}

INLINED __m256d weighted_squares(__m128 differences, const float* importance) {
  const __m256d wide = _mm256_cvtps_pd(differences);
  return _mm256_mul_pd(_mm256_mul_pd(wide, wide), _mm256_cvtps_pd(_mm_loadu_ps(importance)));
}

// Sums in 64 bit: their order decides between no two scales.
AVX2 double error(const float* w, const float* importance, float scale, float inverse) {
  __m256d sums = _mm256_setzero_pd();
  for (int64_t i = 0; i < kInt4GroupInputs; i += 8) {
    const __m256 weights = _mm256_loadu_ps(w + i);
    const __m256 differences = _mm256_sub_ps(weights, _mm256_mul_ps(rounded(weights, inverse), _mm256_set1_ps(scale)));
    sums = _mm256_add_pd(sums, weighted_squares(_mm256_castps256_ps128(differences), importance + i));
    sums = _mm256_add_pd(sums, weighted_squares(_mm256_extractf128_ps(differences, 1), importance + i + 4));
  }
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(sums), _mm256_extractf128_pd(sums, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

float inverse_of(float steps, float length) { return steps == 0 ? 0.f : 1.f / (steps * length); }

// The scale of a group, in steps. farthest: its weight that is.
int8_t search(const float* w, const float* importance, float farthest, float length) {
  double least = std::numeric_limits<double>::infinity();
  float best = 0;
  for (int64_t i = 0; i < kInt4Quotients; i++) {
    const float quotient = kInt4FirstQuotient + kInt4QuotientStep * static_cast<float>(i);
    const float steps = std::nearbyint(farthest / -quotient / length);
    const double now = error(w, importance, steps * length, inverse_of(steps, length));
    if (now < least) {
      least = now;
      best = steps;
    }
  }
  return static_cast<int8_t>(best);
}

AVX2 void round_group(const float* w, float inverse, int8_t* numbers) {
  for (int64_t i = 0; i < kInt4GroupInputs; i += 8) {
    alignas(32) int32_t eight[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(eight), _mm256_cvtps_epi32(rounded(_mm256_loadu_ps(w + i), inverse)));
    std::copy(eight, eight + 8, numbers + i);
  }
}

}  // namespace

void pack_int4(const float* w, const float* importance, int64_t outputs, int64_t inputs, int8_t* packed) {
  clear_int4(outputs, inputs, packed);
  const int64_t groups = divide_up(inputs, kInt4GroupInputs);
  const int64_t width = groups * kInt4GroupInputs;
  std::vector<float> weighting(width);
  std::copy(importance, importance + inputs, weighting.begin());
  for_each_chunk(divide_up(outputs, kPanelOutputs), [&](int64_t panel) {
    std::vector<float> row(width);
    std::vector<float> farthest(groups);
    std::vector<int8_t> numbers(width);
    std::vector<int8_t> steps(groups);
    const int64_t end = std::min(outputs, (panel + 1) * kPanelOutputs);
    for (int64_t output = panel * kPanelOutputs; output < end; output++) {
      std::copy(w + output * inputs, w + (output + 1) * inputs, row.begin());
      float largest = kMinMagnitude;
      for (int64_t group = 0; group < groups; group++) {
        farthest[group] = extreme(row.data() + group * kInt4GroupInputs);
        largest = std::max(largest, std::fabs(farthest[group]));
      }
      const float length = largest / kInt4FirstQuotient / static_cast<float>(kInt8Max);
      for (int64_t group = 0; group < groups; group++) {
        const int64_t at = group * kInt4GroupInputs;
        steps[group] = search(row.data() + at, weighting.data() + at, farthest[group], length);
        round_group(row.data() + at, inverse_of(steps[group], length), numbers.data() + at);
      }
      put_int4(output, numbers.data(), steps.data(), length, packed);
    }
  });
}

}  // namespace utter
