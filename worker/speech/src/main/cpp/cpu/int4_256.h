// Sums of 4-bit products with vectors of 256 bit. Included once by a file that has defined TARGET, its instruction set, and
// multiply_add(sums, weights, inputs), which adds products of 16-bit numbers in pairs.
#pragma once

#include "kernels.h"
#include "vectors.h"

namespace utter {

namespace {

// The numbers at this place, 0 to 3, of each word.
TARGET __attribute__((always_inline)) inline __m256i unpacked(__m256i words, int place) {
  return _mm256_srai_epi16(_mm256_slli_epi16(words, 12 - 4 * place), 12);
}

// The scales of a group, 0 to 3, in steps.
TARGET __attribute__((always_inline)) inline __m256 scales_of(__m256i steps, int group) {
  return _mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(steps, 24 - 8 * group), 24));
}

// Exact sums of a group of inputs, a few rows.
template <int kRows>
TARGET __attribute__((always_inline)) inline void sum_group(const int16_t* rows, int64_t stride, const int8_t* vectors,
                                                            __m256i (*group_sums)[2]) {
  __m256i sums[kRows][2];
  for (int row = 0; row < kRows; row++) {
    sums[row][0] = _mm256_setzero_si256();
    sums[row][1] = _mm256_setzero_si256();
  }
  for (int vector = 0; vector < kGroupVectors; vector++) {
    _mm_prefetch(reinterpret_cast<const char*>(vectors + kAhead), _MM_HINT_T0);
    const __m256i first = _mm256_load_si256(reinterpret_cast<const __m256i*>(vectors));
    const __m256i second = _mm256_load_si256(reinterpret_cast<const __m256i*>(vectors) + 1);
#pragma GCC unroll 4
    for (int place = 0; place < 4; place++) {
      const __m256i first_weights = unpacked(first, place);
      const __m256i second_weights = unpacked(second, place);
      for (int row = 0; row < kRows; row++) {
        const __m256i inputs = _mm256_set1_epi32(load<int32_t>(rows + row * stride + 2 * place));
        sums[row][0] = multiply_add(sums[row][0], first_weights, inputs);
        sums[row][1] = multiply_add(sums[row][1], second_weights, inputs);
      }
    }
    rows += kVectorInputs;
    vectors += kVectorBytes;
  }
  for (int row = 0; row < kRows; row++) {
    group_sums[row][0] = sums[row][0];
    group_sums[row][1] = sums[row][1];
  }
}

// A few rows of a panel.
template <int kRows>
TARGET void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, float* sums,
                      int64_t sums_stride) {
  __m256 totals[kRows][2];
  for (int row = 0; row < kRows; row++) {
    totals[row][0] = _mm256_setzero_ps();
    totals[row][1] = _mm256_setzero_ps();
  }
  const int8_t* block = matrix.block(panel);
  const int64_t inputs = matrix.width();
  for (int64_t input = 0; input < inputs; input += kBlockInputs) {
    const __m256i first_steps = _mm256_load_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i second_steps = _mm256_load_si256(reinterpret_cast<const __m256i*>(block) + 1);
    for (int group = 0; group < kBlockGroups; group++) {
      __m256i group_sums[kRows][2];
      sum_group<kRows>(rows + input + group * kInt4GroupInputs, stride,
                       block + kStepsBytes + group * kGroupVectors * kVectorBytes, group_sums);
      const __m256 first_scales = scales_of(first_steps, group);
      const __m256 second_scales = scales_of(second_steps, group);
      for (int row = 0; row < kRows; row++) {
        totals[row][0] = _mm256_add_ps(totals[row][0], _mm256_mul_ps(_mm256_cvtepi32_ps(group_sums[row][0]), first_scales));
        totals[row][1] = _mm256_add_ps(totals[row][1], _mm256_mul_ps(_mm256_cvtepi32_ps(group_sums[row][1]), second_scales));
      }
    }
    block += kBlockBytes;
  }
  for (int row = 0; row < kRows; row++) {
    _mm256_storeu_ps(sums + row * sums_stride, totals[row][0]);
    _mm256_storeu_ps(sums + row * sums_stride + kPanelOutputs / 2, totals[row][1]);
  }
}

inline void sum_int4(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                     int64_t panel_count, float* sums) {
  sum_in_tiles<4>(rows, stride, row_count, panel, panel_count, sums,
                  [&](auto count, const int16_t* from, int64_t at, float* target, int64_t target_stride) {
                    sum_panel<decltype(count)::value>(from, stride, matrix, at, target, target_stride);
                  });
}

}  // namespace

}  // namespace utter
