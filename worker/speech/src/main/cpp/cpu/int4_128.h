// Sums of 4-bit products with vectors of 128 bit. Included once by a file that has defined TARGET, its instruction set, and
// that defines sum_group.
#pragma once

#include "kernels.h"
#include "vectors.h"

namespace utter {

namespace {

// Vectors of four sums in a panel.
constexpr int kQuarters = 4;

// Exact sums of a group of inputs, a few rows.
template <int kRows>
TARGET INLINED void sum_group(const int16_t* rows, int64_t stride, const int8_t* vectors, int32x4_t (*sums)[kQuarters]);

// Adds a group to the totals. steps: its scales.
template <int kRows>
INLINED void add_group(const int32x4_t (*sums)[kQuarters], int8x16_t steps, float32x4_t (*totals)[kQuarters]) {
  const int16x8_t wide[2] = {vmovl_s8(vget_low_s8(steps)), vmovl_high_s8(steps)};
  for (int quarter = 0; quarter < kQuarters; quarter++) {
    const int16x8_t half = wide[quarter / 2];
    const float32x4_t scales = vcvtq_f32_s32(quarter % 2 == 0 ? vmovl_s16(vget_low_s16(half)) : vmovl_high_s16(half));
    for (int row = 0; row < kRows; row++) {
      totals[row][quarter] = vaddq_f32(totals[row][quarter], vmulq_f32(vcvtq_f32_s32(sums[row][quarter]), scales));
    }
  }
}

template <int kRows>
TARGET void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, float* target,
                      int64_t target_stride) {
  float32x4_t totals[kRows][kQuarters];
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      totals[row][quarter] = vdupq_n_f32(0);
    }
  }
  const int8_t* block = matrix.block(panel);
  const int64_t inputs = matrix.width();
  for (int64_t input = 0; input < inputs; input += kBlockInputs) {
    const int8x16x4_t steps = vld4q_s8(block);
    for (int group = 0; group < kBlockGroups; group++) {
      int32x4_t sums[kRows][kQuarters];
      sum_group<kRows>(rows + input + group * kInt4GroupInputs, stride,
                       block + kStepsBytes + group * kGroupVectors * kVectorBytes, sums);
      add_group<kRows>(sums, steps.val[group], totals);
    }
    block += kBlockBytes;
  }
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      vst1q_f32(target + row * target_stride + quarter * 4, totals[row][quarter]);
    }
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
