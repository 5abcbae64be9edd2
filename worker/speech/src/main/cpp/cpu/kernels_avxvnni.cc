// The two bytes of a 16-bit input times 8-bit weights, 32 products at a time: processors with VNNI and without AVX-512. Sums
// wrap around at 32 bit on the way; their total fits.
#include <cpuid.h>

#include "kernels.h"
#include "split.h"
#include "vectors.h"

#define AVXVNNI __attribute__((target("avx2,avxvnni")))

namespace utter {

namespace {

bool is_supported() {
  unsigned int a;
  unsigned int b;
  unsigned int c;
  unsigned int d;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 &&
         (a & bit_AVXVNNI) != 0;
}

// Half a panel is a vector.
constexpr int kHalves = 2;

template <int kRows>
AVXVNNI void sum_panel(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int32_t* sums,
                       int64_t sums_stride) {
  __m256i low[kRows][kHalves];
  __m256i high[kRows][kHalves];
  for (int half = 0; half < kHalves; half++) {
    const auto* sums_of_weights = reinterpret_cast<const __m256i*>(matrix.head(panel).sums + half * 8);
    // The high bytes are 128 too large.
    const __m256i surplus = _mm256_slli_epi32(_mm256_loadu_si256(sums_of_weights), 7);
    for (int row = 0; row < kRows; row++) {
      low[row][half] = _mm256_setzero_si256();
      high[row][half] = _mm256_sub_epi32(_mm256_setzero_si256(), surplus);
    }
  }
  const int8_t* numbers = matrix.numbers(panel);
  const int64_t groups = matrix.groups();
  for (int64_t group = 0; group < groups; group++) {
    _mm_prefetch(reinterpret_cast<const char*>(numbers + kAhead), _MM_HINT_T0);
    const __m256i weights[kHalves] = {_mm256_load_si256(reinterpret_cast<const __m256i*>(numbers)),
                                      _mm256_load_si256(reinterpret_cast<const __m256i*>(numbers + 32))};
    for (int row = 0; row < kRows; row++) {
      const int16_t* bytes = rows + row * stride + group * kGroupInputs;
      const __m256i low_bytes = _mm256_set1_epi32(load<int32_t>(bytes));
      const __m256i high_bytes = _mm256_set1_epi32(load<int32_t>(bytes + 2));
      for (int half = 0; half < kHalves; half++) {
        low[row][half] = _mm256_dpbusd_avx_epi32(low[row][half], low_bytes, weights[half]);
        high[row][half] = _mm256_dpbusd_avx_epi32(high[row][half], high_bytes, weights[half]);
      }
    }
    numbers += kGroupBytes;
  }
  for (int row = 0; row < kRows; row++) {
    for (int half = 0; half < kHalves; half++) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + row * sums_stride + half * 8),
                          _mm256_add_epi32(_mm256_slli_epi32(high[row][half], 8), low[row][half]));
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

const Kernel kAvxVnniKernel{kIsaAvxVnni, &is_supported, &split_bytes, &sum, &sum_int4_avxvnni};

}  // namespace utter
