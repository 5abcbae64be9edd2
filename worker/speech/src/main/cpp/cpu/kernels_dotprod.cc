// The two bytes of a 16-bit input times 8-bit weights, 16 products at a time, with the dot products of Arm (sdot). Sums wrap
// around at 32 bit on the way; their total fits.
#include <sys/auxv.h>

#include "kernels.h"
#include "vectors.h"

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

namespace utter {

namespace {

bool is_supported() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

// Vectors of four sums in a panel.
constexpr int kQuarters = 4;

// Changes each group of four numbers to its low bytes and its high bytes, in place: x = 256 high + low + 128, both signed.
void prepare(int16_t* row, int64_t width) {
  for (int64_t i = 0; i < width; i += kGroupInputs) {
    const uint8x8_t bytes = vreinterpret_u8_s16(vld1_s16(row + i));
    const uint8x8_t split = vuzp1_u8(bytes, bytes);
    const uint8x8_t high = vuzp2_u8(bytes, bytes);
    const uint8x8_t low = veor_u8(split, vdup_n_u8(0x80));
    vst1_s16(row + i, vreinterpret_s16_u32(vzip1_u32(vreinterpret_u32_u8(low), vreinterpret_u32_u8(high))));
  }
}

// Adds the products of a group. inputs: its low and its high bytes, in these lanes of the vectors.
template <int kLow, int kRows>
DOTPROD __attribute__((always_inline)) inline void add_group(const int8x16_t* inputs, const int8_t* numbers,
                                                             int32x4_t (*low)[kQuarters], int32x4_t (*high)[kQuarters]) {
#pragma GCC unroll 4
  for (int quarter = 0; quarter < kQuarters; quarter++) {
    const int8x16_t weights = vld1q_s8(numbers + quarter * 16);
    for (int row = 0; row < kRows; row++) {
      low[row][quarter] = vdotq_laneq_s32(low[row][quarter], weights, inputs[row], kLow);
      high[row][quarter] = vdotq_laneq_s32(high[row][quarter], weights, inputs[row], kLow + 1);
    }
  }
}

template <int kRows>
DOTPROD void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int32_t* sums,
                       int64_t sums_stride) {
  int32x4_t low[kRows][kQuarters];
  int32x4_t high[kRows][kQuarters];
  for (int quarter = 0; quarter < kQuarters; quarter++) {
    // The low bytes are 128 too small.
    const int32x4_t missing = vshlq_n_s32(vld1q_s32(matrix.head(panel).sums + quarter * 4), 7);
    for (int row = 0; row < kRows; row++) {
      low[row][quarter] = missing;
      high[row][quarter] = vdupq_n_s32(0);
    }
  }
  const int8_t* numbers = matrix.numbers(panel);
  const int64_t groups = matrix.groups();
  int8x16_t inputs[kRows];
  int64_t group = 0;
  for (; group + 2 <= groups; group += 2) {
    __builtin_prefetch(numbers + kAhead);
    __builtin_prefetch(numbers + kAhead + kGroupBytes);
    for (int row = 0; row < kRows; row++) {
      inputs[row] = vreinterpretq_s8_s16(vld1q_s16(rows + row * stride + group * kGroupInputs));
    }
    add_group<0, kRows>(inputs, numbers, low, high);
    add_group<2, kRows>(inputs, numbers + kGroupBytes, low, high);
    numbers += 2 * kGroupBytes;
  }
  if (group < groups) {
    for (int row = 0; row < kRows; row++) {
      const int16x4_t last = vld1_s16(rows + row * stride + group * kGroupInputs);
      inputs[row] = vreinterpretq_s8_s16(vcombine_s16(last, last));
    }
    add_group<0, kRows>(inputs, numbers, low, high);
  }
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      vst1q_s32(sums + row * sums_stride + quarter * 4, vaddq_s32(low[row][quarter], vshlq_n_s32(high[row][quarter], 8)));
    }
  }
}

void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel, int64_t panel_count,
         int32_t* sums) {
  sum_in_tiles<2>(rows, stride, row_count, panel, panel_count, sums,
                  [&](auto count, const int16_t* from, int64_t at, int32_t* target, int64_t target_stride) {
                    sum_panel<decltype(count)::value>(from, stride, matrix, at, target, target_stride);
                  });
}

}  // namespace

const Kernel kDotprodKernel{kIsaDotprod, &is_supported, &prepare, &sum, &sum_int4_dotprod};

}  // namespace utter
