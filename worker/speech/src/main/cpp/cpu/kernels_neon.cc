// 16-bit inputs times 8-bit weights, which are widened: all 64-bit processors of Arm.
#include "kernels.h"
#include "vectors.h"

namespace utter {

namespace {

bool always() { return true; }

void keep(int16_t*, int64_t) {}

// Vectors of four sums in a panel.
constexpr int kQuarters = 4;

// Adds the products of one input of a group, which has this place in it. weights: of all outputs.
template <int kPlace, int kRows>
INLINED void add_input(const int16x4_t* inputs, int8x16_t weights, int32x4_t (*totals)[kQuarters]) {
  const int16x8_t first = vmovl_s8(vget_low_s8(weights));
  const int16x8_t second = vmovl_high_s8(weights);
#pragma GCC unroll 4
  for (int row = 0; row < kRows; row++) {
    totals[row][0] = vmlal_lane_s16(totals[row][0], vget_low_s16(first), inputs[row], kPlace);
    totals[row][1] = vmlal_high_lane_s16(totals[row][1], first, inputs[row], kPlace);
    totals[row][2] = vmlal_lane_s16(totals[row][2], vget_low_s16(second), inputs[row], kPlace);
    totals[row][3] = vmlal_high_lane_s16(totals[row][3], second, inputs[row], kPlace);
  }
}

template <int kRows>
void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int32_t* sums,
               int64_t sums_stride) {
  int32x4_t totals[kRows][kQuarters];
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      totals[row][quarter] = vdupq_n_s32(0);
    }
  }
  const int8_t* numbers = matrix.numbers(panel);
  const int64_t groups = matrix.groups();
  for (int64_t group = 0; group < groups; group++) {
    __builtin_prefetch(numbers + kAhead);
    // The weights of the group's inputs, one after the other.
    const int8x16x4_t weights = vld4q_s8(numbers);
    int16x4_t inputs[kRows];
    for (int row = 0; row < kRows; row++) {
      inputs[row] = vld1_s16(rows + row * stride + group * kGroupInputs);
    }
    add_input<0, kRows>(inputs, weights.val[0], totals);
    add_input<1, kRows>(inputs, weights.val[1], totals);
    add_input<2, kRows>(inputs, weights.val[2], totals);
    add_input<3, kRows>(inputs, weights.val[3], totals);
    numbers += kGroupBytes;
  }
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      vst1q_s32(sums + row * sums_stride + quarter * 4, totals[row][quarter]);
    }
  }
}

void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel, int64_t panel_count,
         int32_t* sums) {
  sum_in_tiles<4>(rows, stride, row_count, panel, panel_count, sums,
                  [&](auto count, const int16_t* from, int64_t at, int32_t* target, int64_t target_stride) {
                    sum_panel<decltype(count)::value>(from, stride, matrix, at, target, target_stride);
                  });
}

}  // namespace

const Kernel kNeonKernel{kIsaNeon, &always, &keep, &sum, &sum_int4_neon};

}  // namespace utter
