// 16-bit inputs times 4-bit weights, which are widened: all 64-bit processors of Arm.
#include "kernels.h"
#include "vectors.h"

namespace utter {

namespace {

// Vectors of four sums in a panel.
constexpr int kQuarters = 4;

// Adds the products of the inputs at this place, 0 to 3, of both words of each output. words: those of half a panel.
template <int kPlace, int kRows>
INLINED void add_place(const int16x8_t* inputs, const uint16x8x2_t& words, int half, int32x4_t (*sums)[kQuarters]) {
  const int16x8_t first = vshrq_n_s16(vreinterpretq_s16_u16(vshlq_n_u16(words.val[0], 12 - 4 * kPlace)), 12);
  const int16x8_t second = vshrq_n_s16(vreinterpretq_s16_u16(vshlq_n_u16(words.val[1], 12 - 4 * kPlace)), 12);
  for (int row = 0; row < kRows; row++) {
    int32x4_t* to = sums[row] + 2 * half;
    to[0] = vmlal_laneq_s16(to[0], vget_low_s16(first), inputs[row], 2 * kPlace);
    to[1] = vmlal_high_laneq_s16(to[1], first, inputs[row], 2 * kPlace);
    to[0] = vmlal_laneq_s16(to[0], vget_low_s16(second), inputs[row], 2 * kPlace + 1);
    to[1] = vmlal_high_laneq_s16(to[1], second, inputs[row], 2 * kPlace + 1);
  }
}

// Exact sums of a group of inputs.
template <int kRows>
INLINED void sum_group(const int16_t* rows, int64_t stride, const int8_t* vectors, int32x4_t (*sums)[kQuarters]) {
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      sums[row][quarter] = vdupq_n_s32(0);
    }
  }
  for (int vector = 0; vector < kGroupVectors; vector++) {
    __builtin_prefetch(vectors + kAhead);
    int16x8_t inputs[kRows];
    for (int row = 0; row < kRows; row++) {
      inputs[row] = vld1q_s16(rows + row * stride);
    }
    for (int half = 0; half < 2; half++) {
      // The first and the second word of each output.
      const uint16x8x2_t words = vld2q_u16(reinterpret_cast<const uint16_t*>(vectors) + half * 16);
      add_place<0, kRows>(inputs, words, half, sums);
      add_place<1, kRows>(inputs, words, half, sums);
      add_place<2, kRows>(inputs, words, half, sums);
      add_place<3, kRows>(inputs, words, half, sums);
    }
    rows += kVectorInputs;
    vectors += kVectorBytes;
  }
}

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
void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, float* target,
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

}  // namespace

void sum_int4_neon(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                   int64_t panel_count, float* sums) {
  sum_in_tiles<4>(rows, stride, row_count, panel, panel_count, sums,
                  [&](auto count, const int16_t* from, int64_t at, float* target, int64_t target_stride) {
                    sum_panel<decltype(count)::value>(from, stride, matrix, at, target, target_stride);
                  });
}

}  // namespace utter
