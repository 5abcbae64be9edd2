// The two bytes of a 16-bit input times 4-bit weights, 16 products at a time, with the dot products of Arm (sdot). A byte has
// two weights of an output, whose inputs are two apart: the low halves of its bytes have inputs 0, 4, 1, 5, the high ones 2, 6,
// 3, 7.
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))

#include "int4_128.h"

namespace utter {

namespace {

// Changes eight inputs to bytes in the order of the weights: the low ones of the first and of the last four, then their high
// ones. x = 256 high + low + 128, both signed.
INLINED int8x16_t split(int16x8_t inputs) {
  const uint8x16_t order = {0, 8, 2, 10, 4, 12, 6, 14, 1, 9, 3, 11, 5, 13, 7, 15};
  const int8x16_t sign = vcombine_s8(vdup_n_s8(-128), vdup_n_s8(0));
  return veorq_s8(vqtbl1q_s8(vreinterpretq_s8_s16(inputs), order), sign);
}

template <int kRows>
TARGET INLINED void sum_group(const int16_t* rows, int64_t stride, const int8_t* vectors, int32x4_t (*sums)[kQuarters]) {
  int8x16_t inputs[kRows][kGroupVectors];
  for (int vector = 0; vector < kGroupVectors; vector++) {
    __builtin_prefetch(vectors + vector * kVectorBytes + kAhead);
    for (int row = 0; row < kRows; row++) {
      inputs[row][vector] = split(vld1q_s16(rows + row * stride + vector * kVectorInputs));
    }
  }
  for (int quarter = 0; quarter < kQuarters; quarter++) {
    int32x4_t low[kRows];
    int32x4_t high[kRows];
    for (int row = 0; row < kRows; row++) {
      low[row] = vdupq_n_s32(0);
      high[row] = vdupq_n_s32(0);
    }
    // Sums of up to eight weights: -64 to 56.
    int8x16_t weights = vdupq_n_s8(0);
    for (int vector = 0; vector < kGroupVectors; vector++) {
      const int8x16_t numbers = vld1q_s8(vectors + vector * kVectorBytes + quarter * 16);
      const int8x16_t first = vshrq_n_s8(vshlq_n_s8(numbers, 4), 4);
      const int8x16_t last = vshrq_n_s8(numbers, 4);
      weights = vaddq_s8(weights, vaddq_s8(first, last));
      for (int row = 0; row < kRows; row++) {
        low[row] = vdotq_laneq_s32(low[row], first, inputs[row][vector], 0);
        high[row] = vdotq_laneq_s32(high[row], first, inputs[row][vector], 2);
        low[row] = vdotq_laneq_s32(low[row], last, inputs[row][vector], 1);
        high[row] = vdotq_laneq_s32(high[row], last, inputs[row][vector], 3);
      }
    }
    // The low bytes are 128 too small.
    const int32x4_t missing = vshlq_n_s32(vdotq_s32(vdupq_n_s32(0), weights, vdupq_n_s8(1)), 7);
    for (int row = 0; row < kRows; row++) {
      sums[row][quarter] = vaddq_s32(vaddq_s32(low[row], missing), vshlq_n_s32(high[row], 8));
    }
  }
}

}  // namespace

void sum_int4_dotprod(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                      int64_t panel_count, float* sums) {
  sum_int4(rows, stride, row_count, matrix, panel, panel_count, sums);
}

}  // namespace utter
