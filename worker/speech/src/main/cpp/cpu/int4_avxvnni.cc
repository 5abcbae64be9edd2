// 16-bit inputs times 4-bit weights, which are widened, and their sums with one instruction.
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,avxvnni")))

namespace {

TARGET __attribute__((always_inline)) inline __m256i multiply_add(__m256i sums, __m256i weights, __m256i inputs) {
  return _mm256_dpwssd_avx_epi32(sums, weights, inputs);
}

}  // namespace

#include "int4_256.h"

namespace utter {

void sum_int4_avxvnni(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                      int64_t panel_count, float* sums) {
  sum_int4(rows, stride, row_count, matrix, panel, panel_count, sums);
}

}  // namespace utter
