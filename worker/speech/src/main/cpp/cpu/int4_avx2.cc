// 16-bit inputs times 4-bit weights, which are widened.
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))

namespace {

TARGET __attribute__((always_inline)) inline __m256i multiply_add(__m256i sums, __m256i weights, __m256i inputs) {
  sums = _mm256_add_epi32(sums, _mm256_madd_epi16(weights, inputs));
  // In this order: GCC would compute many products first, and keep them in memory.
  asm("" : "+x"(sums));
  return sums;
}

}  // namespace

#include "int4_256.h"

namespace utter {

void sum_int4_avx2(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                   int64_t panel_count, float* sums) {
  sum_int4(rows, stride, row_count, matrix, panel, panel_count, sums);
}

}  // namespace utter
