// 16-bit inputs times 4-bit weights, which are widened: all 64-bit processors of Arm.
#define TARGET

#include "int4_128.h"

namespace utter {

namespace {

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

}  // namespace

void sum_int4_neon(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                   int64_t panel_count, float* sums) {
  sum_int4(rows, stride, row_count, matrix, panel, panel_count, sums);
}

}  // namespace utter
