// Sums of products, one implementation per instruction set. All give equal bits.
#pragma once

#include <cstdint>
#include <type_traits>

#include "constants.h"
#include "packed.h"

namespace utter {

// Rows that a kernel multiplies at a time.
constexpr int64_t kMaxKernelRows = 16;
// Panels that a kernel multiplies at a time.
constexpr int64_t kMaxKernelPanels = 4;

using SumInt4 = void (*)(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                         int64_t panel_count, float* sums);

// One instruction set.
struct Kernel {
  // kIsaNone for the plain one.
  int64_t isa;
  // Whether this processor has it.
  bool (*is_supported)();
  // Changes a row of quantized numbers, in place, to the form that `sum` reads. The width is a multiple of kGroupInputs.
  void (*prepare)(int16_t* row, int64_t width);
  // Sums of up to kMaxKernelRows prepared rows, `stride` numbers after one another, and of up to kMaxKernelPanels panels from
  // this one on: sums (rows, panels kPanelOutputs), exact.
  void (*sum)(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
              int64_t panel_count, int32_t* sums);
  // The same for a 4-bit matrix, in steps: the exact sum of each group of kInt4GroupInputs inputs times its scale, rounded to
  // 32 bit, added from the first group to the last. Rows are as they were quantized, kInt16Max at most, padded with zeros to
  // the matrix's width.
  SumInt4 sum_int4;
  // Products of fewer rows than this use the kernel `fewer`.
  int64_t min_rows = 1;
  const Kernel* fewer = nullptr;
};

// The obvious one, for any processor.
extern const Kernel kPlainKernel;
extern const Kernel kAvx2Kernel;
extern const Kernel kAvxVnniKernel;
extern const Kernel kAvx512VnniKernel;
extern const Kernel kAmxKernel;
extern const Kernel kNeonKernel;
extern const Kernel kDotprodKernel;
extern const Kernel kI8mmKernel;

// Kernel::sum_int4 of the instruction sets that have one of their own.
void sum_int4_avx2(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                   int64_t panel_count, float* sums);
void sum_int4_avxvnni(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                      int64_t panel_count, float* sums);
void sum_int4_avx512vnni(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                         int64_t panel_count, float* sums);
void sum_int4_neon(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                   int64_t panel_count, float* sums);
void sum_int4_dotprod(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                      int64_t panel_count, float* sums);

// Sums as those of Kernel, tile by tile: of each panel kLargestTile rows at a time (4 or 2), then two, then one.
// sum_tile(count, rows, panel, target, target_stride) sums as many rows of one panel as the std::integral_constant count says.
template <int kLargestTile, typename Number, typename SumTile>
void sum_in_tiles(const int16_t* rows, int64_t stride, int64_t row_count, int64_t panel, int64_t panel_count, Number* sums,
                  SumTile sum_tile) {
  const int64_t sums_stride = panel_count * kPanelOutputs;
  for (int64_t at = 0; at < panel_count; at++) {
    int64_t row = 0;
    const auto sum_rows = [&](auto count) {
      for (; row + count <= row_count; row += count) {
        sum_tile(count, rows + row * stride, panel + at, sums + at * kPanelOutputs + row * sums_stride, sums_stride);
      }
    };
    if constexpr (kLargestTile == 4) {
      sum_rows(std::integral_constant<int, 4>());
    }
    sum_rows(std::integral_constant<int, 2>());
    sum_rows(std::integral_constant<int, 1>());
  }
}

// The instruction set in use.
int64_t kernel_isa();

// The kernel in use for this number of rows. This processor has its instructions, and it gives the same sums as the plain one
// on random matrices.
const Kernel& kernel(int64_t rows);

// Chooses the kernel of this instruction set, or for kIsaAny the fastest one. Returns false if there is no such kernel, this
// processor lacks its instructions, or its sums are wrong; then the kernel stays.
bool choose_kernel(int64_t isa);

}  // namespace utter
