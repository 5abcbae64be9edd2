// The two bytes of a 16-bit input times 8-bit weights, 32 products at a time, with the matrix products of Arm (smmla). One
// vector has the low and the high bytes of eight inputs, another one the weights of two outputs. Sums wrap around at 32 bit on
// the way; their total fits.
#include <sys/auxv.h>

#include "kernels.h"
#include "vectors.h"

#define I8MM __attribute__((target("arch=armv8.2-a+i8mm")))

namespace utter {

namespace {

// With dot products, which 4-bit weights use.
bool is_supported() { return kDotprodKernel.is_supported() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }

constexpr int64_t kTwoGroups = 2 * kGroupInputs;

// A quarter of a panel is four outputs: two pairs.
constexpr int kQuarters = 4;

// Changes each block of eight numbers to its low bytes and its high bytes, in place: x = 256 high + low + 128, both signed. The
// last block may have four numbers.
void prepare(int16_t* row, int64_t width) {
  const uint8x8_t sign = vdup_n_u8(0x80);
  int64_t i = 0;
  for (; i + kTwoGroups <= width; i += kTwoGroups) {
    const uint8x16_t bytes = vreinterpretq_u8_s16(vld1q_s16(row + i));
    const uint8x8_t low = veor_u8(vget_low_u8(vuzp1q_u8(bytes, bytes)), sign);
    const uint8x8_t high = vget_low_u8(vuzp2q_u8(bytes, bytes));
    vst1q_s16(row + i, vreinterpretq_s16_u8(vcombine_u8(low, high)));
  }
  if (i < width) {
    const uint8x8_t bytes = vreinterpret_u8_s16(vld1_s16(row + i));
    const uint8x8_t low = veor_u8(vuzp1_u8(bytes, bytes), sign);
    const uint8x8_t high = vuzp2_u8(bytes, bytes);
    vst1_s16(row + i, vreinterpret_s16_u32(vzip1_u32(vreinterpret_u32_u8(low), vreinterpret_u32_u8(high))));
  }
}

// Adds the products of a block. first and second: the weights of its groups, 16 bytes per quarter.
template <int kRows, int kUsed>
I8MM __attribute__((always_inline)) inline void add_block(const int8x16_t* inputs, const int8x16_t* first,
                                                          const int8x16_t* second, int32x4_t (*totals)[kUsed][2]) {
#pragma GCC unroll 4
  for (int quarter = 0; quarter < kUsed; quarter++) {
    const int32x4_t one = vreinterpretq_s32_s8(first[quarter]);
    const int32x4_t two = vreinterpretq_s32_s8(second[quarter]);
    const int8x16_t pairs[2] = {vreinterpretq_s8_s32(vzip1q_s32(one, two)), vreinterpretq_s8_s32(vzip2q_s32(one, two))};
    for (int row = 0; row < kRows; row++) {
      totals[row][quarter][0] = vmmlaq_s32(totals[row][quarter][0], inputs[row], pairs[0]);
      totals[row][quarter][1] = vmmlaq_s32(totals[row][quarter][1], inputs[row], pairs[1]);
    }
  }
}

// A few rows and quarters of a panel, from this one on.
template <int kRows, int kUsed>
I8MM void sum_quarters(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int quarter,
                       int32_t* sums, int64_t sums_stride) {
  // For each pair of outputs the sums of low bytes, then those of high bytes.
  int32x4_t totals[kRows][kUsed][2];
  for (int at = 0; at < kUsed; at++) {
    // The low bytes are 128 too small.
    const int32x4_t missing = vshlq_n_s32(vld1q_s32(matrix.head(panel).sums + (quarter + at) * 4), 7);
    for (int row = 0; row < kRows; row++) {
      totals[row][at][0] = vcombine_s32(vget_low_s32(missing), vdup_n_s32(0));
      totals[row][at][1] = vcombine_s32(vget_high_s32(missing), vdup_n_s32(0));
    }
  }
  const int8_t* numbers = matrix.numbers(panel) + quarter * 16;
  const int64_t groups = matrix.groups();
  int8x16_t inputs[kRows];
  int8x16_t first[kUsed];
  int8x16_t second[kUsed];
  int64_t group = 0;
  for (; group + 2 <= groups; group += 2) {
    __builtin_prefetch(numbers + kAhead);
    __builtin_prefetch(numbers + kAhead + kGroupBytes);
    for (int row = 0; row < kRows; row++) {
      inputs[row] = vreinterpretq_s8_s16(vld1q_s16(rows + row * stride + group * kGroupInputs));
    }
    for (int at = 0; at < kUsed; at++) {
      first[at] = vld1q_s8(numbers + at * 16);
      second[at] = vld1q_s8(numbers + kGroupBytes + at * 16);
    }
    add_block<kRows, kUsed>(inputs, first, second, totals);
    numbers += 2 * kGroupBytes;
  }
  if (group < groups) {
    for (int row = 0; row < kRows; row++) {
      const int32x2_t last = vreinterpret_s32_s16(vld1_s16(rows + row * stride + group * kGroupInputs));
      const int32x2_t none = vdup_n_s32(0);
      inputs[row] = vreinterpretq_s8_s32(vcombine_s32(vzip1_s32(last, none), vzip2_s32(last, none)));
    }
    for (int at = 0; at < kUsed; at++) {
      first[at] = vld1q_s8(numbers + at * 16);
      second[at] = vdupq_n_s8(0);
    }
    add_block<kRows, kUsed>(inputs, first, second, totals);
  }
  for (int row = 0; row < kRows; row++) {
    for (int at = 0; at < 2 * kUsed; at++) {
      const int32x4_t total = totals[row][at / 2][at % 2];
      vst1_s32(sums + row * sums_stride + quarter * 4 + at * 2,
               vadd_s32(vget_low_s32(total), vshl_n_s32(vget_high_s32(total), 8)));
    }
  }
}

void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel, int64_t panel_count,
         int32_t* sums) {
  const int64_t sums_stride = panel_count * kPanelOutputs;
  for (int64_t at = 0; at < panel_count; at++) {
    int32_t* target = sums + at * kPanelOutputs;
    int64_t row = 0;
    for (; row + 4 <= row_count; row += 4) {
      for (int quarter = 0; quarter < kQuarters; quarter += 2) {
        sum_quarters<4, 2>(rows + row * stride, stride, matrix, panel + at, quarter, target + row * sums_stride, sums_stride);
      }
    }
    for (; row + 2 <= row_count; row += 2) {
      sum_quarters<2, kQuarters>(rows + row * stride, stride, matrix, panel + at, 0, target + row * sums_stride, sums_stride);
    }
    if (row < row_count) {
      sum_quarters<1, kQuarters>(rows + row * stride, stride, matrix, panel + at, 0, target + row * sums_stride, sums_stride);
    }
  }
}

}  // namespace

const Kernel kI8mmKernel{kIsaI8mm, &is_supported, &prepare, &sum, &sum_int4_dotprod};

}  // namespace utter
